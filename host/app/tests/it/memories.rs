//! Agents that remember: what a lane's policy keeps from step to step goes through evaluation, all
//! modes, any number of threads, and deaths.

use crate::desk::{Desk, json};
use crate::resume::{digest, killed};

/// Mean return of episodes in which nothing is explored.
#[track_caller]
fn judged(desk: &Desk, words: &str, session: &str) -> f64 {
    desk.prints(&format!("train {words} --session {session} --quiet"));
    let out = desk.prints(&format!("test {session} --episodes 100 --json"));
    let last = json(&out).pop().expect("there is a last line");
    last["return_mean"].as_f64().expect("episodes were played")
}

/// The sign is seen in the first step alone and asked for in the last one.
#[test]
fn a_core_remembers_the_sign_and_without_one_nobody_does() {
    let desk = Desk::new();
    for seed in 0..2 {
        for core in ["gru", "lstm"] {
            let words = format!("ppo TMaze-v0 --seed {seed} --set core={core}");
            let mean = judged(&desk, &words, &format!("{core}{seed}"));
            assert!(mean > 3.5, "{core}, seed {seed}: {mean}");
        }
        let words = format!("ppo TMaze-v0 --seed {seed} --set core=none");
        let mean = judged(&desk, &words, &format!("none{seed}"));
        assert!(mean < 2.6, "without a core, seed {seed}: {mean}");
    }
}

#[test]
fn what_lanes_remember_goes_through_threads_modes_and_deaths() {
    let desk = Desk::new();
    let small = "--set hidden=8 --set warmup=200 --set capacity=3000";
    for (case, words) in [
        "ppo TMaze-v0 --steps 16384 --set core=lstm --set core_size=8 --set hidden=8".to_owned(),
        "ppo TMaze-v0 --steps 16384 --set core=gru --set core_size=8 --mode pipelined".to_owned(),
        "ppo Pendulum-v1 --steps 12288 --set sde=true --set hidden=8 --set core=gru".to_owned(),
        format!("sac Pendulum-v1 --steps 2500 --set sde=true --lanes 3 {small}"),
        format!("td3 Pendulum-v1 --steps 6000 --set param_noise=0.2 --lanes 3 {small}"),
        format!("ddpg Pendulum-v1 --steps 6000 --set param_noise=0.2 --mode pipelined {small}"),
    ]
    .into_iter()
    .enumerate()
    {
        let words = format!("{words} --seed {case} --json");
        let whole = digest(&desk.prints(&format!("train {words} --threads 1")));
        for threads in [2, 8] {
            let other = desk.prints(&format!("train {words} --threads {threads}"));
            assert_eq!(digest(&other), whole, "{words} on {threads} threads");
        }
        let name = format!("killed{case}");
        killed(&desk, &format!("{words} --snapshot-every 900 --threads 2"), &name, 2);
        let out = desk.prints(&format!("resume {name} --threads 1 --json"));
        assert_eq!(digest(&out), whole, "{words}");
        desk.prints(&format!("sessions verify {name} --rerun"));
    }
}

/// What a net alone computes can be written as ONNX; what it remembers cannot.
#[test]
fn a_policy_that_remembers_is_not_written_as_a_net() {
    let desk = Desk::new();
    desk.prints("train ppo TMaze-v0 --steps 2048 --session it --quiet");
    let ran = desk.run("export it --to onnx it.onnx");
    assert!(ran.code == 1 && ran.err.contains("more than its dense net"), "{}{}", ran.out, ran.err);
}
