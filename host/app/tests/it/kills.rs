//! Runs that are killed at any moment, again and again: each ends as if nothing had happened, and
//! loses no more than a second of what it told. Agents, modes and numbers of threads take turns.

use crate::desk::{Desk, json};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::Session;
use thorndike_session::model::Played;

/// A world that each agent fits, and what keeps the run small. Agents that are not named here are
/// tried in a world that most fit.
const FITS: [(&str, &str); 21] = [
    ("q-learning", "FrozenLake-v1 --steps 300000"),
    ("sarsa", "CliffWalking-v1 --steps 200000"),
    ("expected-sarsa", "Taxi-v4 --steps 200000"),
    ("double-q", "FrozenLake-v1 --steps 300000"),
    ("n-step-q", "Taxi-v4 --steps 200000"),
    ("q-lambda", "CliffWalking-v1 --steps 100000"),
    ("monte-carlo", "Blackjack-v1 --steps 60000"),
    ("dyna-q", "FrozenLake-v1 --steps 60000"),
    ("sweeping", "CliffWalking-v1 --steps 100000"),
    ("random", "CartPole-v1 --steps 200000"),
    ("constant", "CartPole-v1 --steps 200000"),
    ("tabular-q", "Taxi-v4 --steps 300000"),
    ("ppo", "CartPole-v1 --steps 12000 --set hidden=[8] --set epochs=2"),
    ("bc", "CartPole-v1 --steps 6000 --set hidden=[8] --demonstrations shown"),
    ("a2c", "CartPole-v1 --steps 20000 --set hidden=[8]"),
    (
        "dqn",
        "CartPole-v1 --steps 8000 --set hidden=[8] --set warmup=200 --set prioritised=true \
         --set n_step=3 --set capacity=3000",
    ),
    ("ddpg", "Pendulum-v1 --steps 8000 --set hidden=[8] --set warmup=200 --set capacity=3000"),
    ("td3", "Pendulum-v1 --steps 8000 --set hidden=[8] --set warmup=200 --set capacity=3000"),
    ("sac", "Pendulum-v1 --steps 2500 --set hidden=[8] --set warmup=200 --set capacity=1000"),
    ("tqc", "Pendulum-v1 --steps 2500 --set hidden=[8] --set warmup=200 --set capacity=1000"),
    (
        "sac-discrete",
        "BitFlip-v0 --steps 2500 --set hidden=[8] --set warmup=200 --set hindsight=future",
    ),
];

/// Agents that learn from what workers bring.
const CREWED: [&str; 4] = ["ppo", "a2c", "async-ppo", "impala"];

/// How acting and learning share the time while a run is killed.
const MODES: [&str; 3] =
    ["--mode lockstep", "--mode pipelined", "--mode async --workers 2 --lag 2"];

/// What a kill left, beside what it should have.
#[derive(Debug, Default)]
struct Losses {
    kills: usize,
    /// Kills before the run had begun, and after it had ended.
    idle: usize,
    /// The most seconds of a run that were told and are not in its journal.
    told_s: f64,
    /// The most steps between the newest generation and what was told, over those of an interval.
    intervals: f64,
}

/// All agents of the shipped plugins, with the words that train them. Agent after agent takes the
/// next of the modes it can take, and the next one in the next round.
fn cases(desk: &Desk, round: usize) -> Vec<String> {
    if !desk.0.join("sessions/shown").exists() {
        // For who learns from what was recorded.
        desk.prints("train ppo CartPole-v1 --steps 3000 --set hidden=[8] --session shown --quiet");
    }
    let plugins = json(&desk.prints("plugins list --json"));
    let agents = plugins.iter().filter_map(|plugin| plugin["agents"].as_array()).flatten();
    let names: Vec<String> = agents
        .filter_map(|agent| agent["name"].as_str().or(agent.as_str()))
        .map(str::to_owned)
        .collect();
    assert!(names.len() >= FITS.len(), "{names:?}");
    let words = |(case, name): (usize, &String)| {
        let fits = FITS.iter().find(|(agent, _)| agent == name);
        let fits = fits.map_or("CartPole-v1 --steps 12000 --set hidden=8", |(_, words)| words);
        let modes = if CREWED.contains(&name.as_str()) { 3 } else { 2 };
        let mode = MODES[(case + round) % modes];
        format!("{name} {fits} {mode} --lanes 6 --seed {} --json", 5 + round)
    };
    names.iter().enumerate().map(words).collect()
}

/// A number from 0 to 1 that nobody knows before.
fn chance() -> f64 {
    RandomState::new().hash_one(()) as f64 / u64::MAX as f64
}

fn digest(text: &str) -> (String, u64) {
    let last = json(text).pop().expect("there is a last line");
    let digest = last["digest"].as_str().expect("it has a digest");
    (digest.to_owned(), last["steps"].as_u64().expect("a number"))
}

/// Kills a run at random moments until it has been killed so often, then has it end.
#[track_caller]
fn ends_the_same(desk: &Desk, (case, words): (usize, &str), kills: usize, losses: &mut Losses) {
    let begun = Stopwatch::start();
    let (whole, steps) = digest(&desk.prints(&format!("train {words} --session whole-{case}")));
    let seconds = begun.seconds();
    let every = steps / 8;
    let name = format!("killed-{case}");
    let folder = desk.0.join("sessions").join(&name);
    let mut moments = Vec::new();
    for kill in 0..kills {
        let threads = [1, 2, 8][(case + kill) % 3];
        let course = format!("--snapshot-every {every} --threads {threads}");
        let words = if folder.join("session.ron").exists() {
            format!("resume {name} {course} --json")
        } else {
            format!("train {words} {course} --session {name}")
        };
        let mut child = desk.command(&words).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut out = child.stdout.take().expect("it is a pipe");
        let told = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).map(|_| text)
        });
        moments.push(seconds * chance());
        std::thread::sleep(Duration::from_secs_f64(moments[kill]));
        child.kill().expect("it was started");
        child.wait().expect("it ends");
        let told = told.join().expect("it only reads").expect("only text is printed");
        losses.count(&folder, &told, every);
    }
    let said = format!("{words}, killed after {moments:?} s");
    // Whoever is killed before there is a session has nothing to go on from.
    let begun = folder.join("session.ron").exists();
    let last = if begun {
        format!("resume {name} --threads 2 --json")
    } else {
        format!("train {words} --session {name} --threads 2")
    };
    let out = desk.prints(&last);
    if words.contains("--mode async") {
        // Its workers take turns otherwise every time; what counts is what its journal says.
        desk.prints(&format!("sessions verify {name} --rerun"));
    } else {
        assert_eq!(digest(&out).0, whole, "{said}");
        desk.prints(&format!("sessions verify {name}"));
    }
}

impl Losses {
    /// Compares what a run told before it was killed with what its session knows.
    fn count(&mut self, folder: &std::path::Path, told: &str, every: u64) {
        self.kills += 1;
        let Ok(session) = Session::open(folder) else { return self.idle += 1 };
        let checked = session.verify(&mut |_| {});
        let is_cut = |error: &thorndike_session::Error| {
            let error = error.to_string();
            ["middle of a frame", "the run was cut off just then"]
                .iter()
                .any(|at| error.contains(at))
        };
        let found: Vec<_> = checked.found.iter().filter(|error| !is_cut(error)).collect();
        assert!(found.is_empty(), "{found:?}");
        let saved = session.load().map_or(0, |loaded| loaded.snapshot.summary.steps);
        // The last line may have been cut.
        let lines = told.rsplit_once('\n').map_or("", |(lines, _)| lines);
        let lines: Vec<serde_json::Value> =
            lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if lines.iter().any(|line| line["event"] == "done") {
            return self.idle += 1;
        }
        let steps = |line: &serde_json::Value| line["steps"].as_u64();
        let episodes = lines.iter().filter(|line| line["event"] == "episode");
        let (Some(first), Some(last)) =
            (lines.first().and_then(steps), episodes.filter_map(steps).next_back())
        else {
            return self.idle += 1;
        };
        let model = session.model();
        let known = model.episodes.last().map_or(0, Played::steps).max(first);
        let report = lines.iter().rev().find(|line| line["event"] == "report");
        let rate = report.and_then(|line| line["steps_per_s"].as_f64()).unwrap_or(0.0);
        if rate > 0.0 {
            self.told_s = self.told_s.max(last.saturating_sub(known) as f64 / rate);
        }
        let behind = last.saturating_sub(saved) as f64 / every as f64;
        self.intervals = self.intervals.max(behind);
    }
}

#[test]
fn every_agent_ends_the_same_whenever_it_is_killed() {
    let desk = Desk::new();
    let mut losses = Losses::default();
    for (case, words) in cases(&desk, 0).iter().enumerate() {
        ends_the_same(&desk, (case, words), 3, &mut losses);
    }
}

#[test]
#[ignore = "long: every agent is killed twenty times"]
fn every_agent_ends_the_same_however_often_it_is_killed() {
    let desk = Desk::new();
    let mut losses = Losses::default();
    for (case, words) in cases(&desk, 1).iter().enumerate() {
        ends_the_same(&desk, (case, words), 20, &mut losses);
    }
    println!("{losses:?}");
}

/// `THORNDIKE_KILLS=1000` says how many; nobody waits an hour for it by accident.
#[test]
#[ignore = "long: a thousand kills, and a look at every byte after each"]
fn a_thousand_kills_lose_no_session_and_no_second() {
    let kills = std::env::var("THORNDIKE_KILLS").ok().and_then(|text| text.parse().ok());
    let Some(kills) = kills else {
        return println!("skipped: THORNDIKE_KILLS does not say how many");
    };
    let desk = Desk::new();
    let mut losses = Losses::default();
    let mut round = 0;
    while losses.kills < kills {
        let cases = cases(&desk, round);
        for (case, words) in cases.iter().enumerate() {
            let case = round * cases.len() + case;
            ends_the_same(&desk, (case, words), 5, &mut losses);
            for name in [format!("whole-{case}"), format!("killed-{case}")] {
                // Only room on the disk.
                let _ = std::fs::remove_dir_all(desk.0.join("sessions").join(name));
            }
            println!("{words}: {losses:?}");
            if losses.kills >= kills {
                break;
            }
        }
        round += 1;
    }
    assert!(losses.told_s <= 1.0, "{losses:?}");
}
