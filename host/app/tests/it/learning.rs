//! Agents with nets learn what they are said to learn, and several seeds are told together.

use crate::desk::{Desk, json};
use serde_json::Value;

fn last(text: &str) -> Value {
    json(text).pop().expect("there is a last line")
}

/// Mean returns of the last 100 episodes of these seeds.
#[track_caller]
fn returns(words: &str, seeds: u64) -> Vec<f64> {
    let out = Desk::new().prints(&format!("train {words} --seeds {seeds} --json"));
    let last = last(&out);
    assert_eq!(last["event"], "seeds");
    let returns = last["returns"].as_array().expect("a return for each seed");
    returns.iter().map(|number| number.as_f64().expect("episodes ended")).collect()
}

#[track_caller]
fn reach(words: &str, seeds: u64, least: f64) {
    let returns = returns(words, seeds);
    assert_eq!(returns.len() as u64, seeds);
    assert!(returns.iter().all(|mean| *mean >= least), "{words}: {returns:?}, at least {least}");
}

/// Mean return of evaluation episodes of one seed after training.
#[track_caller]
fn judged(words: &str, seed: u64, episodes: u32) -> f64 {
    let desk = Desk::new();
    desk.prints(&format!("train {words} --seed {seed} --session it --quiet"));
    let out = desk.prints(&format!("test it --episodes {episodes} --json"));
    last(&out)["return_mean"].as_f64().expect("episodes were played")
}

#[track_caller]
fn reach_judged(words: &str, seeds: u64, least: f64) {
    for seed in 0..seeds {
        let mean = judged(words, seed, 100);
        assert!(mean >= least, "{words}, seed {seed}: {mean}, at least {least}");
    }
}

#[test]
fn seeds_side_by_side_are_those_of_runs_alone() {
    let desk = Desk::new();
    let words = "train ppo CartPole-v1 --steps 2048 --json";
    let lines = json(&desk.prints(&format!("{words} --seed 3 --seeds 3 --session many")));
    assert_eq!(lines.len(), 4, "an end for each seed, and one line for all");
    for line in &lines[..3] {
        let seed = line["seed"].as_u64().expect("it says which seed");
        let alone = last(&desk.prints(&format!("{words} --seed {seed}")));
        assert_eq!(alone["digest"], line["digest"], "seed {seed}");
        desk.prints(&format!("sessions show many-s{seed}"));
    }
    let all = &lines[3];
    let number = |key: &str| all[key].as_f64().expect("a number");
    assert_eq!((all["event"].as_str(), all["seeds"].as_u64()), (Some("seeds"), Some(3)));
    assert!(number("low") <= number("iqm") && number("iqm") <= number("high"), "{all}");
    let quiet = desk.prints("train ppo CartPole-v1 --steps 512 --seeds 2 --quiet");
    assert!(quiet.lines().count() == 1 && quiet.starts_with("seeds n=2 "), "{quiet}");
}

#[test]
fn trials_leave_no_trace_in_the_run() {
    let desk = Desk::new();
    let words = "train ppo CartPole-v1 --steps 4096 --json";
    let lines = json(&desk.prints(&format!("{words} --eval-every 1000 --eval-episodes 3")));
    let trials: Vec<&Value> = lines.iter().filter(|line| line["event"] == "eval").collect();
    let steps: Vec<u64> = trials.iter().filter_map(|line| line["steps"].as_u64()).collect();
    assert_eq!(steps, [1024, 2048, 3072, 4096], "at the end of the rollout in which it fell due");
    assert!(trials.iter().all(|line| line["episodes"] == 3));
    let without = last(&desk.prints(words));
    assert_eq!(lines.last().expect("an end")["digest"], without["digest"]);
}

#[test]
fn ppo_balances_the_pole() {
    reach("ppo CartPole-v1 --until return>=475", 2, 475.0);
}

/// Policies are up to eight updates old when their steps are learned from, which V-trace makes up
/// for.
#[test]
fn asynchronous_ppo_balances_the_pole_with_a_long_lag() {
    let desk = Desk::new();
    let words = "train async-ppo CartPole-v1 --mode async --workers 2 --lag 8 --steps 150000";
    let end = last(&desk.prints(&format!("{words} --until return>=400 --json")));
    assert_eq!(end["reason"], "until", "{end}");
}

#[test]
#[ignore = "long: three seeds of two agents that look at pixels"]
fn three_seeds_catch_what_they_see() {
    reach_judged("dqn Catch-v0", 3, 17.0);
    reach_judged("ppo Catch-v0", 3, 17.0);
}

#[test]
fn dqn_flips_bits_in_hindsight_and_not_without() {
    let words = "dqn BitFlip-v0 --steps 60000 --set exploration_steps=20000";
    reach(words, 1, -8.5);
    let without = returns(&format!("{words} --set hindsight=none"), 1);
    assert!(without[0] < -14.5, "{without:?}");
}

#[test]
fn sac_swings_the_pendulum_up() {
    let mean = judged("sac Pendulum-v1 --steps 8000", 0, 20);
    assert!(mean >= -250.0, "{mean}");
}

#[test]
#[ignore = "long: ten seeds of every agent that balances the pole"]
fn ten_seeds_balance_the_pole() {
    reach("ppo CartPole-v1 --until return>=475", 10, 475.0);
    reach_judged("dqn CartPole-v1", 10, 475.0);
}

#[test]
#[ignore = "long: ten seeds of every agent that swings the pendulum up"]
fn ten_seeds_swing_the_pendulum_up() {
    for agent in ["sac", "td3", "ddpg", "tqc"] {
        reach_judged(&format!("{agent} Pendulum-v1"), 10, -170.0);
    }
}

#[test]
#[ignore = "long: ten seeds with fifteen bits"]
fn ten_seeds_flip_fifteen_bits() {
    reach("dqn BitFlip-v0", 10, -8.0);
    let without = returns("dqn BitFlip-v0 --set hindsight=none", 10);
    assert!(without.iter().all(|mean| *mean < -14.5), "{without:?}");
}
