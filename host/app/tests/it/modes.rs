//! Modes from the command line: sessions of pipelined and asynchronous runs are resumed, branched
//! and taken again like all others.

use crate::desk::{Desk, json};
use crate::resume::{digest, killed};

/// Takes every step of a session again.
#[track_caller]
fn verify(desk: &Desk, session: &str) {
    desk.prints(&format!("sessions verify {session} --rerun"));
}

#[test]
fn pipelined_runs_are_the_same_on_every_number_of_threads_and_after_every_death() {
    let desk = Desk::new();
    for (case, words) in [
        "ppo CartPole-v1 --steps 20480",
        "dqn CartPole-v1 --steps 6000 --set warmup=200 --lanes 2",
        "monte-carlo Blackjack-v1 --steps 20000",
    ]
    .into_iter()
    .enumerate()
    {
        let words = format!("{words} --mode pipelined --json --seed 2");
        let whole = digest(&desk.prints(&format!("train {words} --session whole{case}")));
        let name = format!("killed{case}");
        killed(&desk, &format!("{words} --snapshot-every 1000 --threads 2"), &name, 2);
        assert_eq!(digest(&desk.prints(&format!("resume {name} --json --threads 1"))), whole);
        verify(&desk, &name);
        let out = desk.prints(&format!("branch {name}@3000 --session branch{case} --json"));
        assert_eq!(digest(&out), whole, "a branch in which nothing was changed");
    }
}

#[test]
fn asynchronous_runs_go_on_after_a_death_and_can_be_taken_again() {
    let desk = Desk::new();
    let words = "async-ppo CartPole-v1 --steps 40000 --mode async --workers 2 --lag 2 --json";
    for kill in [0, 2] {
        let name = format!("killed{kill}");
        killed(&desk, &format!("{words} --snapshot-every 5000"), &name, kill);
        let out = desk.prints(&format!("resume {name} --json"));
        assert_eq!(json(&out)[0]["mode"], "async");
        verify(&desk, &name);
    }
    let out = desk.prints("branch killed2@12000 --mode lockstep --session calm --json");
    assert_eq!(json(&out)[0]["mode"], "lockstep");
    verify(&desk, "calm");
    let again = desk.prints("resume killed2@20000 --json");
    assert!(json(&again).last().is_some_and(|end| end["event"] == "done"));
    verify(&desk, "killed2");
}

#[test]
fn one_worker_without_a_lag_is_synchronous_ppo() {
    let desk = Desk::new();
    let words = "CartPole-v1 --steps 8192 --json --seed 1";
    let expected = digest(&desk.prints(&format!("train ppo {words}")));
    for (agent, workers) in [("ppo", 1), ("async-ppo", 1), ("async-ppo", 4)] {
        let mode = format!("--mode async --workers {workers} --lag 0");
        let out = desk.prints(&format!("train {agent} {words} {mode}"));
        assert_eq!(digest(&out), expected, "{agent} with {workers}");
    }
    assert_eq!(digest(&desk.prints(&format!("train async-ppo {words}"))), expected);
}

#[test]
fn schedules_follow_the_budget_of_the_first_start() {
    let desk = Desk::new();
    let words = "train ppo CartPole-v1 --json";
    let whole = digest(&desk.prints(&format!("{words} --steps 8192 --session whole")));
    desk.prints(&format!("{words} --steps 4096 --budget 8192 --session half"));
    assert_eq!(digest(&desk.prints("resume half --steps 8192 --json")), whole);
    verify(&desk, "half");
    desk.prints(&format!("{words} --steps 4096 --session short"));
    let ran = desk.run("resume short --steps 8192 --json");
    assert!(ran.err.contains("end at step 4096"), "{}", ran.err);
    assert_ne!(digest(&ran.out), whole);
    verify(&desk, "short");
}

#[test]
fn what_does_not_go_together_is_said() {
    let desk = Desk::new();
    let words = "train dqn CartPole-v1 --mode async";
    desk.refuses(words, 2, &["`dqn` does not", "lockstep or pipelined"]);
    desk.refuses("train ppo CartPole-v1 --mode swift", 2, &["lockstep, pipelined, async"]);
}

#[test]
fn seeds_are_judged_and_written_for_tensorboard_like_runs_alone() {
    let desk = Desk::new();
    let words = "train ppo CartPole-v1 --steps 4096 --seeds 2 --session s --watch";
    desk.prints(&format!("{words} --eval-every 2000 --eval-episodes 2 --tensorboard board"));
    for seed in 0..2 {
        let lines = desk.prints(&format!("export s-s{seed} --to jsonl s{seed}.jsonl"));
        drop(lines);
        let text = std::fs::read_to_string(desk.0.join(format!("s{seed}.jsonl")));
        let text = text.expect("it was written");
        assert_eq!(
            text.lines().filter(|line| line.contains("\"event\":\"eval\"")).count(),
            2,
            "{text}"
        );
    }
    let files = std::fs::read_dir(desk.0.join("board")).expect("it was made").count();
    assert!(files >= 1);
}
