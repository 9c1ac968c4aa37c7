//! Copies from the command line: averaged agents are kept, killed, branched and taken again like
//! all others.

use crate::desk::{Desk, json};
use crate::resume::{digest, killed};

#[test]
fn averaged_runs_are_the_same_on_every_number_of_threads_and_after_every_death() {
    let desk = Desk::new();
    for (case, words) in [
        "ddpg Pendulum-v1 --set warmup=200 --set hidden=16,16 --copies 3 --round 150 --steps 2400",
        "ppo CartPole-v1 --copies 2 --round 1024 --steps 12288 --optimiser average",
    ]
    .into_iter()
    .enumerate()
    {
        let words = format!("{words} --lanes 2 --json --seed 2");
        let out = desk.prints(&format!("train {words} --session whole{case} --threads 1"));
        let whole = digest(&out);
        for threads in [2, 8] {
            let name = format!("again{case}-{threads}");
            let out = desk.prints(&format!("train {words} --session {name} --threads {threads}"));
            assert_eq!(digest(&out), whole, "{threads} threads");
        }
        let name = format!("killed{case}");
        killed(&desk, &format!("{words} --snapshot-every 500 --threads 2"), &name, 2);
        assert_eq!(digest(&desk.prints(&format!("resume {name} --json --threads 1"))), whole);
        desk.prints(&format!("sessions verify {name} --rerun"));
        let branch = format!("branch {name}@1200 --session branch{case} --json");
        assert_eq!(digest(&desk.prints(&branch)), whole, "a branch in which nothing was changed");
        desk.prints(&format!("test {name} --episodes 2"));
        desk.prints(&format!("replay {name} --json"));
    }
}

#[test]
fn lines_tell_of_copies_their_rounds_and_how_far_they_were_apart() {
    let desk = Desk::new();
    let words = "train td3 Pendulum-v1 --set hidden=16,16 --set warmup=100 --lanes 1 --seed 1";
    let words = format!("{words} --copies 4 --round 200 --steps 2000");
    let told = json(&desk.prints(&format!("{words} --json --session a")));
    let start = &told[0];
    assert_eq!((&start["mode"], &start["copies"]), (&"copies".into(), &4.into()));
    assert_eq!(start["lanes"], 4, "a lane for each");
    let reports: Vec<_> = told.iter().filter(|line| line["event"] == "report").collect();
    let last = reports.last().expect("there is one at the end");
    assert_eq!(last["metrics"]["rounds"], 2.0, "500 steps of each copy");
    let apart = reports.iter().find_map(|report| report["metrics"]["copies_apart"].as_f64());
    let apart = apart.expect("they were averaged");
    assert!(apart > 0.0 && apart < 1.0, "{apart}");
    let plain = desk.prints(&format!("{words} --plain --session b"));
    assert!(plain.contains(" lanes=4 mode=copies ") && plain.contains(" copies=4"), "{plain}");
}

#[test]
fn agents_that_count_cannot_be_averaged_and_say_so() {
    let desk = Desk::new();
    let words = "train dyna-q FrozenLake-v1 --copies 2";
    desk.refuses(words, 2, &["cannot be averaged", "whole numbers", "--seeds"]);
    desk.refuses("train ppo CartPole-v1 --round 5", 2, &["--copies"]);
    desk.refuses("train ppo CartPole-v1 --copies 2 --mode async", 2, &["lockstep"]);
}

#[test]
fn threads_that_share_products_change_no_bit() {
    let desk = Desk::new();
    let words = "train sac Pendulum-v1 --set hidden=256,256 --set batch=256 --set warmup=100";
    let words = format!("{words} --lanes 1 --steps 160 --json --seed 3");
    let alone = digest(&desk.prints(&words));
    for threads in [2, 8] {
        let out = desk.prints(&format!("{words} --set net_threads={threads}"));
        assert_eq!(digest(&out), alone, "{threads} threads");
    }
}
