//! Demonstrations: agents learn from what another session recorded, and the run keeps it.

use crate::desk::{Desk, json};
use crate::resume::{digest, killed};

/// Mean return of greedy episodes of a session.
fn judged(desk: &Desk, session: &str, episodes: u32) -> f64 {
    let out = desk.prints(&format!("test {session} --episodes {episodes} --json"));
    let last = json(&out).pop().expect("there is a last line");
    last["return_mean"].as_f64().expect("episodes were played")
}

#[test]
fn a_clone_of_an_expert_reaches_its_score() {
    let desk = Desk::new();
    desk.prints("train ppo CartPole-v1 --seed 1 --session pole --quiet");
    desk.prints("train sac Pendulum-v1 --seed 1 --steps 12000 --session swing --quiet");
    for (world, expert, slack) in [("CartPole-v1", "pole", 10.0), ("Pendulum-v1", "swing", 40.0)] {
        let best = judged(&desk, expert, 50);
        for seed in 0..2 {
            let name = format!("clone-{expert}-{seed}");
            let words = format!("--demonstrations {expert} --seed {seed} --session {name}");
            let out = desk.prints(&format!("train bc {world} {words} --json"));
            assert!(json(&out)[0]["memory_bytes"].as_u64() > Some(100_000), "{out}");
            let score = judged(&desk, &name, 50);
            assert!(score >= best - slack, "{world}, seed {seed}: {score}, the expert {best}");
        }
    }
}

#[test]
fn demonstrations_belong_to_the_run_whatever_becomes_of_their_session() {
    let desk = Desk::new();
    desk.prints("train sac Pendulum-v1 --seed 1 --steps 6000 --session expert --quiet");
    let settings = "--set hidden=16,16 --set warmup=200 --lanes 2 --steps 3000 --seed 2 --json";
    for agent in ["ddpg", "td3", "sac"] {
        let words = format!("{agent} Pendulum-v1 {settings} --demonstrations expert");
        let out = desk.prints(&format!("train {words} --session {agent}-whole"));
        let report = json(&out);
        let report = report.iter().rfind(|line| line["event"] == "report").expect("a report");
        let cloned = report["metrics"]["cloned"].as_f64().expect("rows were demonstrated");
        assert!((0.0..=1.0).contains(&cloned), "{cloned}");
        killed(&desk, &format!("{words} --snapshot-every 1000"), &format!("{agent}-killed"), 2);
    }
    desk.prints("sessions rm expert");
    for agent in ["ddpg", "td3", "sac"] {
        let whole = desk.prints(&format!("digest {agent}-whole"));
        let out = desk.prints(&format!("resume {agent}-killed --json"));
        assert_eq!(digest(&out), whole.trim(), "{agent}");
        desk.prints(&format!("sessions verify {agent}-whole --rerun"));
        let branch = format!("branch {agent}-whole@1500 --session {agent}-branch --json");
        assert_eq!(digest(&desk.prints(&branch)), whole.trim(), "{agent}");
    }
    // Without demonstrations it is another run.
    let without = digest(&desk.prints(&format!("train ddpg Pendulum-v1 {settings}")));
    assert_ne!(without, desk.prints("digest ddpg-whole").trim());
}

#[test]
fn what_cannot_be_shown_is_said() {
    let desk = Desk::new();
    desk.prints("train ppo CartPole-v1 --steps 2048 --session pole --quiet");
    desk.prints("train ppo CartPole-v1 --steps 2048 --session bare --replays none --quiet");
    let train = |words: &str, parts: &[&str]| desk.refuses(&format!("train {words}"), 2, parts);
    train("bc CartPole-v1", &["from demonstrations alone", "--demonstrations SESSION"]);
    train("bc CartPole-v1 --demonstrations bare", &["no episode", "without --replays none"]);
    train("bc Acrobot-v1 --demonstrations pole", &["recorded in", "CartPole-v1"]);
    train("ppo CartPole-v1 --demonstrations pole", &["nothing but its own steps", "bc, ddpg"]);
    train("bc CartPole-v1 --demonstration-episodes 3", &["--demonstrations"]);
}
