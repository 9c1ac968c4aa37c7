//! `env`: what is printed of a world is what Gymnasium says of it.

use crate::desk::{Desk, json};
use serde_json::Value;
use std::io::Write;

/// The numbers of a printed line, read in the type of their column.
fn numbers(line: &str, key: &str, is_narrow: bool) -> Vec<f64> {
    let start = line.find(&format!("\"{key}\":")).expect("the key is there") + key.len() + 3;
    let rest = line[start..].trim_start();
    let end = if rest.starts_with('[') { rest.find(']') } else { rest.find([',', '}']) };
    let list = rest[..end.expect("the value ends")].trim_start_matches('[');
    let read = |word: &str| {
        let narrow = || word.trim().parse::<f32>().map(f64::from);
        if is_narrow { narrow() } else { word.trim().parse() }.expect("a number")
    };
    list.split(',').filter(|word| !word.is_empty()).map(read).collect()
}

#[test]
fn random_episodes_are_those_of_gymnasium() {
    let desk = Desk::new();
    let golden = include_str!("../golden/env.jsonl");
    let mut rest = golden.lines().peekable();
    let mut parts = 0;
    while let Some(head) = rest.next() {
        let part: Value = serde_json::from_str(head).expect("a part begins");
        let (env, seed, steps) =
            (part["env"].as_str().expect("a name"), &part["seed"], &part["steps"]);
        let masked = if part["masked"] == true { " --env-set action_mask=true" } else { "" };
        let words =
            format!("env {env}{masked} --seed {seed} --actions random --steps {steps} --json");
        let printed = desk.prints(&words);
        let mut printed = printed.lines();
        while let Some(theirs) = rest.next_if(|line| line.contains("\"event\"")) {
            let ours = printed.next().expect("as many lines");
            let golden = theirs;
            let theirs: Value = serde_json::from_str(theirs).expect("a line of the file");
            let parsed: Value = serde_json::from_str(ours).expect("a line of JSON");
            let keys = |value: &Value| -> Vec<String> {
                value.as_object().expect("an object").keys().cloned().collect()
            };
            assert_eq!(keys(&parsed), keys(&theirs), "{env}");
            for key in ["event", "seed", "terminated", "truncated"] {
                assert_eq!(parsed[key], theirs[key], "{env}: {key}");
            }
            let is_narrow = !["FrozenLake-v1", "Taxi-v4", "Blackjack-v1"].contains(&env);
            for key in ["action", "obs", "reward"] {
                if theirs.get(key).is_some() {
                    // The numbers of serde_json may be off by a bit, so digits are read here.
                    let bits = |numbers: Vec<f64>| -> Vec<u64> {
                        numbers.into_iter().map(f64::to_bits).collect()
                    };
                    let found = bits(numbers(ours, key, is_narrow && key != "reward"));
                    assert_eq!(found, bits(numbers(golden, key, false)), "{env}: {key} in {ours}");
                }
            }
        }
        assert_eq!(printed.next(), None, "{env}");
        parts += 1;
    }
    assert_eq!(parts, 7);
}

#[test]
fn actions_come_from_a_file() {
    let desk = Desk::new();
    desk.write("walk", "2\n2\n\n 1 \n1\n");
    let lines = json(&desk.prints("env FrozenLake-v1 --seed 42 --actions walk --json"));
    let seen: Vec<i64> = lines.iter().filter_map(|line| line["obs"][0].as_i64()).collect();
    assert_eq!(seen, [0, 1, 1, 2, 1]);
    let two = json(&desk.prints("env FrozenLake-v1 --seed 42 --actions walk --steps 2 --json"));
    assert_eq!(two[..], lines[..3]);

    let wrong = [
        ("0\nx\n", "walk:2: `x` is not i64"),
        ("0\n\n4\n", "walk:3: element 0 is 4, which is outside of Discrete(4)"),
        ("0 1\n", "walk:1: 2 numbers, and an action of Discrete(4) has 1"),
    ];
    for (text, part) in wrong {
        desk.write("walk", text);
        desk.refuses("env FrozenLake-v1 --actions walk", 2, &[part]);
    }
    let mut file = std::fs::File::create(desk.0.join("walk")).expect("the desk is writable");
    file.write_all(b"0\n\xff\n").expect("it is writable");
    desk.refuses("env FrozenLake-v1 --actions walk", 2, &["walk:2: "]);
    desk.refuses("env FrozenLake-v1 --actions nothing", 2, &["cannot read the actions nothing"]);
}

#[test]
fn every_end_is_followed_by_a_reset() {
    let desk = Desk::new();
    let lines = json(&desk.prints("env FrozenLake-v1 --env-set max_steps=1 --steps 3 --json"));
    for pair in lines.windows(2) {
        let ended = pair[0]["terminated"] == true || pair[0]["truncated"] == true;
        assert_eq!(pair[1]["event"] == "reset", ended, "{pair:?}");
    }
    let last = lines.last().expect("there are lines");
    assert_eq!(last["event"], "reset", "that of the last action, too: {last}");
    assert_eq!(last["seed"], Value::Null);
}

#[test]
fn a_world_is_described_and_drawn() {
    let desk = Desk::new();
    let out = desk.prints("env Taxi-v4 --seed 1 --env-set action_mask=true");
    for part in ["Discrete(500)", "Discrete(6)", "truncated after  200", "masked           yes"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(out.contains("reset seed=1 obs=[") && out.contains(" mask="), "{out}");
    assert!(!out.contains("step action"), "no step without being asked: {out}");
    let out = desk.prints("env CartPole-v1 --seed 1 --steps 2 --render");
    assert!(out.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count() > 50, "{out}");
    assert!(!out.contains('\u{1b}'), "{out:?}");
    assert_eq!(desk.prints("env CartPole-v1 --steps 3").matches("step action").count(), 3);
    assert_eq!(desk.prints("env CartPole-v1 --actions random").matches("step action").count(), 10);
}

#[test]
fn a_world_whose_library_is_missing_says_how_to_get_it() {
    // The cache of a desk has no MuJoCo.
    let desk = Desk::new();
    for words in ["env Hopper-v5 --steps 1", "train sac FetchReach-v4"] {
        let ran = desk.run(words);
        assert_eq!((ran.code, ran.err.lines().count()), (1, 1), "{}", ran.err);
        assert!(ran.err.contains("`cargo lab fetch mujoco` gets it"), "{}", ran.err);
    }
}

/// Runs the program with the MuJoCo of whoever runs the tests.
fn with_mujoco(desk: &Desk, folder: &std::path::Path, words: &str) -> String {
    let mut command = desk.command(words);
    let ran = command.env("THORNDIKE_MUJOCO", folder).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ran.status.success(), "{words}: {}{}", text(&ran.stdout), text(&ran.stderr));
    assert!(!text(&ran.stderr).contains("MuJoCo"), "{}", text(&ran.stderr));
    text(&ran.stdout)
}

#[test]
fn fetch_is_learned_from_kept_judged_and_drawn() {
    let folder = std::env::home_dir().map(|home| home.join(".cache/thorndike/mujoco"));
    let Some(folder) = folder.filter(|folder| folder.join("robotics").is_dir()) else {
        return println!("skipped: libmujoco is not installed");
    };
    let desk = Desk::new();
    let seen = with_mujoco(&desk, &folder, "env FetchReach-v4 --seed 1 --steps 2 --render");
    assert!(seen.contains("is_success") && seen.contains("achieved_goal"), "{seen}");
    assert!(seen.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count() > 50, "{seen}");
    let train = "train sac FetchReach-v4 --steps 300 --set warmup=100 --session reach --quiet";
    with_mujoco(&desk, &folder, train);
    with_mujoco(&desk, &folder, "resume reach --steps 400 --quiet");
    let shown = json(&desk.prints("sessions show reach --json"));
    let plugins = shown[0]["plugins"].to_string();
    assert!(plugins.contains("mujoco-3.17.0"), "the version is kept: {plugins}");
    let judged = with_mujoco(&desk, &folder, "test reach --episodes 2");
    assert_eq!(judged.matches("success=").count(), 3, "{judged}");
    with_mujoco(&desk, &folder, "export reach --to gif reach.gif");
    assert!(desk.0.join("reach.gif").metadata().expect("a film").len() > 1000);
}
