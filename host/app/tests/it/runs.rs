//! Training, judging and what is saved: the contract of `train`, `test`, `sessions` and `digest`.

use crate::desk::{Desk, json};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;

const RESULTS: [&str; 8] = [
    "steps",
    "episodes",
    "updates",
    "seconds",
    "steps_per_s",
    "return_mean",
    "return_last100",
    "digest",
];

fn kinds(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().expect("each line has its kind")).collect()
}

fn digest(text: &str) -> String {
    let last = json(text).pop().expect("there is a last line");
    last["digest"].as_str().expect("it has a digest").to_owned()
}

#[test]
fn a_run_is_told_in_json() {
    let desk = Desk::new();
    let lines = json(&desk.prints(
        "train tabular-q FrozenLake-v1 --seed 4 --set discount=0.9 --env-set is_slippery=false \
         --steps 5000 --lanes 4 --json",
    ));
    let kinds = kinds(&lines);
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("start", "done"));
    for kind in ["episode", "report"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let start = &lines[0];
    assert_eq!(start["agent"], "tabular-q:tabular-q");
    assert_eq!(start["env"], "toy-text:FrozenLake-v1");
    assert_eq!(start["params"]["discount"], 0.9);
    assert_eq!(start["params"]["step_size"], 0.5, "defaults are told, too");
    assert_eq!(start["env_params"]["is_slippery"], false);
    let end = lines.last().expect("there is a last line");
    for key in RESULTS {
        assert!(!end[key].is_null(), "{key}: {end}");
    }
    assert_eq!((&end["steps"], &end["reason"]), (&Value::from(5000), &Value::from("steps")));
    let episodes = kinds.iter().filter(|kind| **kind == "episode").count();
    assert_eq!(end["episodes"], episodes, "each episode is told");
}

#[test]
fn plain_lines_are_stable_and_quiet_is_one_line() {
    let desk = Desk::new();
    let words = "train tabular-q FrozenLake-v1 --steps 2000";
    for more in ["", " --plain"] {
        let out = desk.prints(&format!("{words}{more}"));
        assert!(!out.contains('\u{1b}') && !out.contains('\r'), "{out:?}");
        let firsts: Vec<_> = out.lines().filter_map(|line| line.split(' ').next()).collect();
        // A report each 2 % of the way, the last of them at the end.
        let reports = [&["report"; 50][..], &["done"]].concat();
        assert_eq!(firsts, [&["start"], &reports[..]].concat());
        assert_eq!(out.matches("report steps=2000 episodes=").count(), 1, "{out}");
        assert!(out.contains("report steps=40 episodes="), "{out}");
    }
    let out = desk.prints(&format!("{words} --quiet"));
    assert!(out.lines().count() == 1 && out.starts_with("done steps=2000 "), "{out}");
}

#[test]
fn results_depend_on_seed_and_params_and_not_on_threads() {
    let desk = Desk::new();
    let run = |more: &str| {
        let words = "train tabular-q Taxi-v4 --lanes 64 --steps 64000 --json";
        digest(&desk.prints(&format!("{words} {more}")))
    };
    let first = run("--seed 1 --threads 1");
    for threads in [1, 2, 3, 8] {
        assert_eq!(run(&format!("--seed 1 --threads {threads}")), first, "{threads} threads");
    }
    assert_ne!(run("--seed 2 --threads 1"), first);
    assert_ne!(run("--seed 1 --set discount=0.9"), first);
    assert_ne!(run("--seed 1 --env-set is_rainy=true"), first);
}

#[test]
fn what_is_saved_is_listed_shown_and_judged() {
    let desk = Desk::new();
    let out = desk.prints("train tabular-q CliffWalking-v1 --seed 2 --steps 60000 --json");
    let end = json(&out).pop().expect("there is a last line");
    let name = "tabular-q-CliffWalking-v1-s2-1";
    assert!(desk.prints("sessions list").contains(name));
    let listed = json(&desk.prints("sessions list --json"));
    assert_eq!((listed.len(), &listed[0]["name"]), (1, &Value::from(name)));
    let shown = &json(&desk.prints(&format!("sessions show {name} --json")))[0];
    for key in RESULTS {
        assert_eq!(shown[key], end[key], "{key}");
    }
    assert_eq!(shown["params"]["discount"], 0.99);
    assert_eq!(shown["plugins"].as_array().map(Vec::len), Some(2));
    let digest = end["digest"].as_str().expect("it has a digest");
    assert_eq!(desk.prints(&format!("digest {name}")).trim(), digest);
    assert_eq!(desk.prints(&format!("digest sessions/{name}")).trim(), digest);
    assert!(desk.prints(&format!("sessions show {name}")).contains(digest));

    let told = json(&desk.prints(&format!("test {name} --episodes 3 --json")));
    assert_eq!(kinds(&told), ["episode", "episode", "episode", "eval", "done"]);
    assert!(told[..3].iter().all(|line| line["return"] == -13.0 && line["seconds"].is_number()));
    assert_eq!((&told[3]["regret"], &told[3]["optimum"]), (&Value::from(0.0), &Value::from(-13.0)));
    for key in RESULTS {
        assert!(!told[4][key].is_null(), "{key}");
    }
    let plain = desk.prints(&format!("test {name} --episodes 2"));
    assert!(plain.contains("episode 1 return=-13 length=13 seconds="), "{plain}");
    assert!(plain.contains("exact expected_return=-13 optimum=-13 regret=0"), "{plain}");
    assert_eq!(
        json(&desk.prints(&format!("test {name} --seed 5 --json")))[0]["return"],
        json(&desk.prints(&format!("test {name} --seed 5 --json")))[0]["return"],
        "the same seed plays the same game"
    );
}

#[test]
fn a_run_ends_at_the_first_goal_it_reaches() {
    let desk = Desk::new();
    let words = "train tabular-q CliffWalking-v1 --quiet --lanes 1";
    let out = desk.prints(&format!("{words} --until return>=-50 --steps 1e6"));
    assert!(out.contains("reason=until"), "{out}");
    let ran = desk.run(&format!("{words} --until return>=-1 --steps 20_000"));
    assert!(ran.code == 3 && ran.out.contains("reason=steps"), "{} {}", ran.code, ran.out);
    let out = desk.prints(&format!("{words} --episodes 7"));
    assert!(out.contains(" episodes=7 ") && out.contains("reason=episodes"), "{out}");
    let again = desk.run(&format!("{words} --session mine --steps 10"));
    assert_eq!(again.code, 0);
    desk.refuses(&format!("{words} --session mine --steps 10"), 2, &["session `mine` already"]);
}

#[test]
fn an_interrupted_run_is_saved() {
    let desk = Desk::new();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let name = format!("stopped-{}", signal.as_raw());
        let words = format!("train tabular-q Taxi-v4 --steps 1e12 --session {name}");
        let mut child = desk.command(&words).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut out = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it begins");
        assert!(line.starts_with("start "), "{line}");
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("only text is printed");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{rest}");
        let last = rest.lines().last().expect("it tells its end");
        assert!(last.starts_with("done ") && last.ends_with("reason=stopped"), "{rest}");
        let digest = desk.prints(&format!("digest {name}"));
        assert!(last.contains(&format!("digest={}", digest.trim())), "{last}");
    }
}

#[test]
fn a_reader_that_leaves_stops_the_run_and_it_is_saved() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --steps 1e12 --session left --json";
    let mut command = desk.command(words);
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let status = child.wait().expect("it ends");
    let mut err = String::new();
    child.stderr.take().expect("it was asked for").read_to_string(&mut err).expect("text");
    assert_eq!(status.code(), Some(1), "{err}");
    assert!(err.contains("stopped and saved as left"), "{err}");
    desk.prints("digest left");
}

#[test]
fn a_damaged_session_costs_one_sentence() {
    let desk = Desk::new();
    desk.prints("train tabular-q FrozenLake-v1 --steps 100 --session good");
    desk.prints("train tabular-q FrozenLake-v1 --steps 100 --session bad");
    let file = desk.0.join("sessions/bad/generations/000001.ron");
    let mut bytes = std::fs::read(&file).expect("it was saved");
    bytes[20] ^= 1;
    std::fs::write(&file, bytes).expect("it is writable");
    let listed = desk.prints("sessions list");
    assert!(
        listed.contains("good")
            && listed.contains("bad: sessions/bad/generations/000001.ron is damaged")
    );
    for words in ["sessions show bad", "test bad", "digest bad"] {
        desk.refuses(
            words,
            1,
            &["error: sessions/bad/generations/000001.ron is damaged: its bytes"],
        );
    }
}

#[test]
fn a_plugin_that_fails_ends_the_run_with_its_place() {
    let desk = Desk::new();
    let faults = [
        ("panic_step", "probes:Fault-v0 at step 5: panic in step, as asked for at "),
        ("error_new", "this world refuses to be made"),
        ("nan_obs", "NaN"),
        ("nan_reward", "NaN"),
        ("wrong_flag", "flag"),
    ];
    for (fault, part) in faults {
        let words = format!("env Fault-v0 --env-set fault={fault} --steps 20");
        desk.refuses(&words, 1, &[part]);
    }
    let printed = desk.run("env Fault-v0 --env-set fault=escape_codes --steps 20");
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(!printed.out.contains('\u{1b}') && !printed.err.contains('\u{1b}'));
    assert!(printed.err.contains("plugin: "), "{}", printed.err);
}

/// Puts a file in the place of another at once, as linkers do.
fn replace(file: &Path, bytes: &[u8]) {
    let beside = file.with_extension("new");
    fs::write(&beside, bytes).expect("the desk is writable");
    fs::rename(beside, file).expect("the desk is writable");
}

#[test]
fn a_run_goes_on_in_the_new_build_of_a_plugin() {
    let desk = Desk::new();
    let folder = desk.0.join("plugins");
    fs::create_dir(&folder).expect("the desk is writable");
    desk.prints("plugins list");
    let program = Path::new(env!("CARGO_BIN_EXE_thorndike"));
    let built = program.with_file_name("libtabular_q.so");
    let file = folder.join("libtabular_q.so");
    fs::copy(&built, &file).expect("the plugin was built");
    let words = "train tabular-q FrozenLake-v1 --set step_size=0.05 --watch --plain --steps 4e7 \
                 --session watched";
    let mut command = desk.command(&format!("{words} --plugins {}", folder.display()));
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut wait = |part: &str| {
        let said = |line: String| {
            assert!(!line.ends_with("new build of "), "the same build is no news: {line}");
            line.contains(part).then_some(line)
        };
        lines.find_map(|line| line.ok().and_then(said)).expect("it comes")
    };
    wait("steps=");
    // What is appended to a library changes the file and nothing in it.
    let mut bytes = fs::read(&built).expect("the plugin was built");
    bytes.extend_from_slice(b"a later build");
    replace(&file, &bytes);
    assert!(wait("new build").contains("tabular-q"));
    replace(&file, &bytes);
    wait("report ");
    wait("report ");
    replace(&file, &bytes[..bytes.len() / 2]);
    wait("goes on in the old build");
    wait("steps=");
    kill_process(Pid::from_child(&child), Signal::INT).expect("it runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let told = json(&desk.prints("test watched --json"));
    assert!(told[told.len() - 2]["expected_return"].as_f64() > Some(0.5), "it has learned");
}
