//! Agents whose nets libtorch computes: they run, stop and go on as all others do. Where it is
//! missing, that and the way out are said.

use crate::desk::{Desk, is_release, json};
use std::env;
use std::process::Command;
use std::sync::OnceLock;

/// A folder to run the program in, once the plugins that need libtorch are built with it; `None`
/// where `LIBTORCH` does not lead to it, as `cargo lab test` has it do.
fn desk() -> Option<Desk> {
    if env::var_os("LIBTORCH").is_none() {
        skipped("libtorch is not installed");
        return None;
    }
    build(&["--features", "torch/libtorch,reinforce/libtorch"]);
    Some(Desk::new())
}

#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn skipped(why: &str) {
    println!("skipped: {why}");
}

fn build(with: &[&str]) {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--quiet", "--offline", "--package", "torch"]);
        command.args(["--package", "reinforce"]).args(with);
        if is_release() {
            command.arg("--release");
        }
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(command.status().expect("cargo is there").success(), "the plugins build");
    });
}

fn digest(desk: &Desk, words: &str) -> String {
    let end = json(&desk.prints(&format!("{words} --json"))).pop().expect("there is a last line");
    end["digest"].as_str().expect("it has a digest").to_owned()
}

#[test]
fn runs_that_stop_go_on_to_the_bits_of_those_that_do_not() {
    let Some(desk) = desk() else { return };
    let small = "--set hidden=32 --set warmup=200";
    // A rate that falls with the budget would differ where a run is given less of it.
    let steady = "--set hidden=32 --set anneal=false";
    let dqn = format!("{small} --set anneal=false --set noisy=true --set dueling=true");
    let ppo = format!("{steady} --set anneal_clip=false");
    for (agent, env, set, half, whole) in [
        ("ppo", "CartPole-v1", ppo.as_str(), 2048, 4096),
        ("a2c", "Pendulum-v1", steady, 500, 1000),
        ("dqn", "CartPole-v1", &dqn, 300, 500),
        ("sac", "Pendulum-v1", small, 300, 400),
        ("td3", "Pendulum-v1", &format!("{small} --set layer_norm=true"), 300, 400),
    ] {
        let train = format!("train torch:{agent} {env} {set} --seed 3 --session");
        let right = digest(&desk, &format!("{train} {agent} --threads 1 --steps {whole}"));
        let other = digest(&desk, &format!("{train} {agent}-2 --threads 2 --steps {whole}"));
        assert_eq!(right, other, "{agent} with two threads");
        desk.prints(&format!("{train} {agent}-half --steps {half} --quiet"));
        let resumed = digest(&desk, &format!("resume {agent}-half --steps {whole}"));
        assert_eq!(right, resumed, "{agent} stopped at {half}");
    }
}

#[test]
fn a_bare_name_means_the_agent_that_needs_no_library() {
    let Some(desk) = desk() else { return };
    let start = desk.prints("train ppo CartPole-v1 --steps 64 --plain");
    assert!(start.contains("agent=deep:ppo"), "{start}");
    let start = desk.prints("train torch:ppo CartPole-v1 --steps 64 --plain");
    assert!(start.contains("agent=torch:ppo"), "{start}");
}

#[test]
fn the_example_of_reinforce_learns() {
    let Some(desk) = desk() else { return };
    let words = "train reinforce CartPole-v1 --lanes 1 --steps 60000 --seeds 2 --json";
    let end = json(&desk.prints(words)).pop().expect("there is a last line");
    let returns = end["returns"].as_array().expect("a return for each seed");
    assert!(returns.iter().all(|mean| mean.as_f64().is_some_and(|mean| mean > 150.0)), "{end}");
}

#[test]
fn without_libtorch_the_reason_and_the_way_out_are_told() {
    if env::var_os("LIBTORCH").is_some() {
        skipped("this build has libtorch");
        return;
    }
    build(&[]);
    let desk = Desk::new();
    let list = desk.prints("plugins list");
    let line = list.lines().find(|line| line.contains("libtorch 2.13.0")).expect("a line of needs");
    assert!(line.contains("cargo lab fetch torch"), "{line}");
    let ran = desk.run("train torch:ppo CartPole-v1 --steps 64");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("lacks libtorch; run `cargo lab fetch torch`"), "{}", ran.err);
}
