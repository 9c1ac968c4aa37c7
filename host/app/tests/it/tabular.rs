//! Tabular agents reach the best policies with the settings they come with, judged exactly on the
//! known model.

use crate::desk::{Desk, json};
use std::fmt::Write;

/// What a greedy policy must be worth to count.
const BARS: [(&str, f64); 4] = [
    ("FrozenLake-v1", 0.735),
    ("FrozenLake8x8-v1", 0.85),
    ("CliffWalking-v1", -13.0),
    ("Taxi-v4", 7.90),
];

/// The path that is best for those who explore and know it.
const SAFE_PATH: f64 = -17.0;

const AGENTS: [&str; 9] = [
    "q-learning",
    "sarsa",
    "expected-sarsa",
    "double-q",
    "n-step-q",
    "q-lambda",
    "monte-carlo",
    "dyna-q",
    "sweeping",
];

fn bar(agent: &str, world: &str, best: f64) -> f64 {
    let explores = matches!(agent, "sarsa" | "expected-sarsa");
    if explores && world == "CliffWalking-v1" { SAFE_PATH } else { best }
}

/// How many of so many seeds learn a policy that is worth `bar`.
fn reached(agent: &str, world: &str, bar: f64, seeds: usize) -> usize {
    let desk = Desk::new();
    let learns = |seed: &usize| {
        let name = format!("seed-{seed}");
        desk.prints(&format!("train {agent} {world} --seed {seed} --session {name} --quiet"));
        let told = json(&desk.prints(&format!("test {name} --episodes 1 --json")));
        let value = told[told.len() - 2]["expected_return"].as_f64();
        value.is_some_and(|value| value >= bar - 1e-9)
    };
    (0..seeds).filter(learns).count()
}

#[test]
fn every_agent_learns_the_cliff() {
    for agent in AGENTS {
        let bar = bar(agent, "CliffWalking-v1", -13.0);
        assert_eq!(reached(agent, "CliffWalking-v1", bar, 1), 1, "{agent}");
    }
}

#[test]
#[ignore = "long: thirty seeds of nine agents in four worlds"]
fn thirty_seeds_reach_the_best_policies() {
    let (mut table, mut short) = (String::new(), Vec::new());
    for agent in AGENTS {
        for (world, best) in BARS {
            let count = reached(agent, world, bar(agent, world, best), 30);
            writeln!(table, "{agent} {world}: {count} of 30").expect("texts grow");
            if count < 27 {
                short.push(format!("{agent} {world}: {count}"));
            }
        }
    }
    assert!(short.is_empty(), "{short:?}\n{table}");
}
