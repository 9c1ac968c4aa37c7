//! Runs that are killed, resumed, rewound and branched: the contract of `resume` and `branch`.

use crate::desk::{Desk, json};
use std::process::Stdio;
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::Session;

/// Digest in the last line.
pub(crate) fn digest(text: &str) -> String {
    let last = json(text).pop().expect("there is a last line");
    last["digest"].as_str().expect("it has a digest").to_owned()
}

/// Trains as told, and dies without warning when so many generations were saved; 0 asks for a death
/// before the first one.
pub(crate) fn killed(desk: &Desk, words: &str, session: &str, generations: u64) {
    let words = format!("train {words} --session {session}");
    let folder = desk.0.join("sessions").join(session);
    let wanted = folder.join(match generations {
        0 => "session.ron".to_owned(),
        number => format!("generations/{number:06}.ron"),
    });
    // On a busy machine a run may be over before anybody has seen its first snapshot.
    for _ in 0..50 {
        let mut child = desk.command(&words).stdout(Stdio::null()).spawn().expect("it starts");
        let begun = Stopwatch::start();
        while !wanted.exists() {
            assert!(begun.seconds() < 60.0, "{} appears", wanted.display());
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().expect("it was started");
        if child.wait().expect("it ends").code().is_none() {
            return;
        }
        std::fs::remove_dir_all(&folder).expect("nobody writes there");
    }
    panic!("it ends before it can be killed: {words}");
}

#[test]
fn a_killed_run_ends_as_if_nothing_had_happened() {
    let desk = Desk::new();
    let words = "tabular-q Taxi-v4 --seed 3 --lanes 32 --steps 600000 --json";
    let whole = digest(&desk.prints(&format!("train {words} --session whole")));
    for (kill, threads) in [(0, 1), (1, 2), (3, 8)] {
        let name = format!("killed-{kill}");
        killed(&desk, &format!("{words} --snapshot-every 50000 --threads 2"), &name, kill);
        let out = desk.prints(&format!("resume {name} --threads {threads} --json"));
        assert_eq!(digest(&out), whole, "killed after {kill} generations");
        let start = &json(&out)[0];
        assert_eq!(start["event"], "start");
        assert!(start["steps"].as_u64().expect("a number") >= 50_000 * kill, "{start}");
        assert_eq!(desk.prints(&format!("digest {name}")).trim(), whole);
        desk.prints(&format!("sessions verify {name}"));
    }
}

#[test]
fn a_finished_run_tells_its_end_again_and_goes_on_when_asked_for_more() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --seed 3 --json";
    let end = desk.prints(&format!("{words} --steps 20000 --session half"));
    let again = desk.prints("resume half --json");
    assert_eq!(again.lines().collect::<Vec<_>>(), [end.lines().last().expect("an end")]);
    let whole = digest(&desk.prints(&format!("{words} --steps 40000 --session whole")));
    assert_eq!(digest(&desk.prints("resume half --steps 40000 --json")), whole);
    let shown = &json(&desk.prints("sessions show half --json"))[0];
    assert_eq!((&shown["steps"], &shown["goal"]["steps"]), (&40_000.into(), &20_000.into()));
}

#[test]
fn a_run_is_rewound_and_branched_off() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --seed 3 --lanes 8 --json --snapshot-every 10000";
    let whole = digest(&desk.prints(&format!("{words} --steps 40000 --session run")));
    desk.refuses("test run@50", 1, &["session `run` has no snapshot of step 50"]);
    // Back to a snapshot, and forward again: the same end.
    assert_eq!(digest(&desk.prints("resume run@25000 --json")), whole);
    let told = |words: &str| desk.run(words).err;
    let beyond = told("resume run@90000 --json");
    assert!(beyond.contains("the run came to step 40000 and not to 90000"), "{beyond}");
    let between = told("resume run@25000 --json");
    let parts =
        ["there is no snapshot of step 25000; going on from step ", "simulating from there"];
    assert!(parts.iter().all(|part| between.contains(part)), "{between}");
    let branched = desk.prints("branch run@15000 --session same --json");
    assert_eq!(json(&branched)[0]["steps"], 15_000, "a branch begins at the very step");
    assert_eq!(digest(&branched), whole, "nothing was changed");
    let other = desk.prints("branch run@15000 --set step_size=0.9 --session other --json");
    assert_ne!(digest(&other), whole);
    let shown = &json(&desk.prints("sessions show other --json"))[0];
    assert_eq!((&shown["params"]["step_size"], &shown["steps"]), (&0.9.into(), &40_000.into()));
    assert_eq!(
        (&shown["parent"]["name"], &shown["parent"]["steps"]),
        (&"run".into(), &15_000.into())
    );
    desk.refuses("resume run@x", 2, &["it takes NAME@STEP, such as `run@10000`"]);
    desk.refuses("branch run --set speed=1", 2, &["`tabular-q` has no param `speed`"]);
}

#[test]
fn the_policy_that_was_judged_best_is_kept_and_remembered() {
    let desk = Desk::new();
    let words = "q-learning FrozenLake-v1 --steps 8000 --eval-every 400 --eval-episodes 20";
    let words = format!("train {words} --snapshot-every 100 --session run --json");
    let told = json(&desk.prints(&words));
    let evals = |told: &[serde_json::Value]| -> Vec<(u64, f64)> {
        let evals = told.iter().filter(|line| line["event"] == "eval");
        let eval = |line: &serde_json::Value| {
            Some((line["steps"].as_u64()?, line["return_mean"].as_f64()?))
        };
        evals.filter_map(eval).collect()
    };
    let best = |evals: &[(u64, f64)]| {
        let better = |a: (u64, f64), b: &(u64, f64)| if b.1 > a.1 { *b } else { a };
        evals.iter().fold(evals[0], better)
    };
    let kept = || {
        let session = Session::open(&desk.0.join("sessions/run")).expect("it is sound");
        let generations = session.generations().expect("readable");
        let snapshots = generations.iter().map(|number| session.snapshot(*number).expect("sound"));
        let judged = snapshots.filter_map(|one| Some((one.summary.steps, one.eval?)));
        best(&judged.collect::<Vec<_>>())
    };
    let mut all = evals(&told);
    assert!(all.len() == 20, "{all:?}");
    assert_eq!(kept(), best(&all), "of {all:?}");
    let more = "resume run --steps 12000 --eval-every 400 --eval-episodes 20 --json";
    all.extend(evals(&json(&desk.prints(more))));
    assert_eq!(kept(), best(&all), "of {all:?}");
}

#[test]
fn two_writers_do_not_meet() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --steps 1e12 --session run --quiet";
    let mut child = desk.command(words).stdout(Stdio::null()).spawn().expect("it starts");
    let journal = desk.0.join("sessions/run/journal/000001.log");
    while !journal.exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    desk.refuses("resume run", 1, &["session `run` is being written by another process; wait"]);
    desk.prints("sessions show run");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    desk.prints("resume run --steps 1000 --quiet");
}

/// Each agent in a world it fits, with whatever makes it small and quick.
const CASES: [&str; 10] = [
    "tabular:q-learning FrozenLake-v1",
    "sarsa CliffWalking-v1",
    "expected-sarsa Taxi-v4",
    "double-q FrozenLake-v1",
    "n-step-q Taxi-v4",
    "q-lambda CliffWalking-v1",
    "monte-carlo Blackjack-v1",
    "dyna-q FrozenLake-v1",
    "sweeping CliffWalking-v1",
    "random CartPole-v1",
];

#[test]
fn every_agent_goes_on_as_if_it_had_never_stopped() {
    let desk = Desk::new();
    for (case, words) in CASES.into_iter().enumerate() {
        let words = format!("{words} --seed {case} --lanes 6 --json");
        let whole = digest(&desk.prints(&format!("train {words} --steps 6000 --session w{case}")));
        let threads = [1, 2, 8][case % 3];
        let name = format!("h{case}");
        // Stopped at a step that is no multiple of anything, and once more on the way.
        desk.prints(&format!("train {words} --steps 2_345 --session {name} --threads {threads}"));
        desk.prints(&format!("resume {name} --steps 2_346 --quiet"));
        let out = desk.prints(&format!("resume {name} --steps 6000 --json --threads 2"));
        assert_eq!(digest(&out), whole, "{words}");
    }
}
