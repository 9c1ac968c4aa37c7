//! What learners from a memory of past steps aim at: ends, copies, delays and temperatures.

use crate::rows::{Columns, agent, learn, logged};
use deep::dqn::Dqn;
use deep::sac::Sac;
use deep::sac_discrete::SacDiscrete;
use deep::td3::Td3;
use deep::td3::ddpg::Ddpg;
use plugin_api::prelude::*;
use plugin_api::{State, TERMINATED, TRUNCATED};

const SMALL: [(&str, &str); 2] = [("hidden", "16"), ("batch", "8")];

fn task(actions: Space) -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), actions, 10)
}

fn choices() -> Task {
    task(Space::discrete(3))
}

fn numbers() -> Task {
    task(Space::range::<f32>(-1.0, 1.0, &[1]))
}

fn rows(flag: u8) -> Columns {
    let number = |i: usize| (i as f32 * 0.37).sin();
    Columns {
        obs: (0..16).map(number).collect(),
        next_obs: (3..19).map(number).collect(),
        actions: (0..8).map(|i| if i % 2 == 0 { 0.0 } else { 1.0 }).collect(),
        rewards: (0..8).map(|i| f64::from(number(i))).collect(),
        flags: vec![flag; 8],
        discounts: vec![0.9; 8],
        ..Columns::default()
    }
}

fn state<A: Agent>(agent: &mut A) -> State {
    let mut archive = Archive::saving();
    agent.state(&mut archive);
    archive.finish().expect("it saves")
}

/// The bytes of all tensors whose names begin so.
fn part<A: Agent>(agent: &mut A, prefix: &str) -> Vec<u8> {
    let state = state(agent);
    let entries = state.entries.iter().filter(|entry| entry.name.starts_with(prefix));
    let bytes: Vec<u8> = entries.flat_map(|entry| entry.bytes.clone()).collect();
    assert!(!bytes.is_empty(), "{} has no {prefix}", A::NAME);
    bytes
}

/// What follows the end of the world is worth nothing; behind a cut it is worth what it is.
#[track_caller]
fn only_ends_of_the_world_end<A: Agent>(task: &Task, loss: &str) {
    let lost = |flag: u8, far: f32| {
        let mut agent: A = agent(&SMALL, task);
        let mut rows = rows(flag);
        rows.next_obs.iter_mut().for_each(|x| *x += far);
        logged(&learn(&mut agent, &rows.batch(8), 0.0).expect("it learns"), loss)
    };
    for (flag, ends) in [(0, false), (TRUNCATED, false), (TERMINATED, true)] {
        let same = lost(flag, 0.0).to_bits() == lost(flag, 0.7).to_bits();
        assert_eq!(same, ends, "{} with flags {flag}", A::NAME);
    }
    let both = TERMINATED | TRUNCATED;
    assert_eq!(lost(both, 0.0).to_bits(), lost(TERMINATED, 0.0).to_bits(), "{}", A::NAME);
}

#[test]
fn only_what_terminated_has_no_next_value() {
    only_ends_of_the_world_end::<Dqn>(&choices(), "loss");
    only_ends_of_the_world_end::<SacDiscrete>(&choices(), "critic_loss");
    only_ends_of_the_world_end::<Sac>(&numbers(), "critic_loss");
    only_ends_of_the_world_end::<Td3>(&numbers(), "critic_loss");
    only_ends_of_the_world_end::<Ddpg>(&numbers(), "critic_loss");
}

/// Policy and copies of TD3 move with every other update, those of DDPG with each.
#[test]
fn policies_wait_for_their_critics() {
    fn moved<A: Agent>(prefix: &str) -> Vec<bool> {
        let mut agent: A = agent(&SMALL, &numbers());
        let mut before = part(&mut agent, prefix);
        let step = |_| {
            learn(&mut agent, &rows(0).batch(8), 0.0).expect("it learns");
            let now = part(&mut agent, prefix);
            std::mem::replace(&mut before, now.clone()) != now
        };
        (0..4).map(step).collect()
    }
    for prefix in ["actor/", "copy/", "critics/copies/"] {
        assert_eq!(moved::<Td3>(prefix), [false, true, false, true], "{prefix}");
        assert_eq!(moved::<Ddpg>(prefix), [true; 4], "{prefix}");
    }
    assert_eq!(moved::<Td3>("critics/critic0/"), [true; 4]);
}

#[test]
fn copies_begin_as_what_they_copy() {
    let mut td3: Td3 = agent(&SMALL, &numbers());
    assert_eq!(part(&mut td3, "copy/actor/"), part(&mut td3, "actor/"));
    assert_eq!(part(&mut td3, "critics/copies/"), part(&mut td3, "critics/critic"));
    let mut dqn: Dqn = agent(&SMALL, &choices());
    assert_eq!(part(&mut dqn, "target/"), part(&mut dqn, "net/"));
}

/// Counted in environment steps, whatever the number of updates.
#[test]
fn the_copy_of_dqn_follows_by_environment_steps() {
    let settings = [&SMALL[..], &[("target_every", "100")]].concat();
    let mut dqn: Dqn = agent(&settings, &choices());
    let step = |dqn: &mut Dqn, steps: u64| {
        let (mut rng, mut log, priorities) = (Rng::seeded(2), Log::default(), &mut []);
        let (rng, log) = (&mut rng, &mut log);
        let mut learn = Learn { rng, log, priorities, steps, updates: 0, progress: 0.0 };
        dqn.learn(&rows(0).batch(8), &mut learn).expect("it learns");
    };
    let first = part(&mut dqn, "target/");
    for steps in [1, 2, 50, 98, 99] {
        step(&mut dqn, steps);
        assert_eq!(part(&mut dqn, "target/"), first, "at step {steps}");
    }
    let net = part(&mut dqn, "net/");
    step(&mut dqn, 100);
    assert_eq!(part(&mut dqn, "target/"), net, "as it was when the round began");
    step(&mut dqn, 199);
    assert_eq!(part(&mut dqn, "target/"), net);
}

/// The net chooses, the copy judges: other choices of the net are other targets.
#[test]
fn double_learning_takes_the_choice_of_the_net() {
    let loss = |double: &str| {
        let own = [("double", double), ("learning_rate", "0.05"), ("target_every", "1000")];
        let mut dqn: Dqn = agent(&[&SMALL[..], &own].concat(), &choices());
        let mut lost =
            |_| logged(&learn(&mut dqn, &rows(0).batch(8), 0.0).expect("it learns"), "loss");
        (0..20).map(&mut lost).collect::<Vec<f64>>()
    };
    let (with, without) = (loss("true"), loss("false"));
    assert_eq!(with[0].to_bits(), without[0].to_bits(), "at first net and copy choose alike");
    assert_ne!(with[19].to_bits(), without[19].to_bits());
}

#[test]
fn noise_of_a_noisy_net_is_new_at_every_look_and_gone_where_it_is_judged() {
    let dqn: Dqn = agent(&[&SMALL[..], &[("noisy", "true")]].concat(), &choices());
    let look = |mode, key| {
        let mut head = [0.0; 3];
        let mut out = Act {
            head: RowsMut::new(&mut head, 3),
            values: &mut [],
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(&mut [], 1),
            mode,
            step: 0,
            key,
            first_lane: 0,
        };
        dqn.act(Rows::new(&[0.3, -0.2], 2), &mut out);
        head
    };
    assert_eq!(look(Mode::Train, 1), look(Mode::Train, 1));
    assert_ne!(look(Mode::Train, 1), look(Mode::Train, 2));
    assert_eq!(look(Mode::Evaluate, 1), look(Mode::Evaluate, 2));
}

/// The temperature falls while the entropy is above what it aims at, and rises below.
#[test]
fn the_temperature_steers_the_entropy() {
    let temperature = |target: &str| {
        let settings = [&SMALL[..], &[("target_entropy", target)]].concat();
        let mut sac: Sac = agent(&settings, &numbers());
        let mut told = |_| {
            let log = learn(&mut sac, &rows(0).batch(8), 0.0).expect("it learns");
            logged(&log, "temperature")
        };
        (0..5).map(&mut told).last().expect("five updates")
    };
    assert!(temperature("-20") < 1.0 && temperature("20") > 1.0);
}

/// The agent after one update whose second critic said something else of every action.
fn with_another_critic<A: Agent>(settings: &[(&str, &str)], which: &str) -> Vec<u8> {
    let mut learner: A = agent(settings, &numbers());
    let mut state = state(&mut learner);
    for entry in &mut state.entries {
        if entry.name.starts_with(which) && entry.name.ends_with("weight") {
            let numbers = entry.bytes.as_chunks_mut::<4>().0;
            for one in numbers {
                *one = (-f32::from_le_bytes(*one)).to_le_bytes();
            }
        }
    }
    let mut archive = Archive::loading(state);
    learner.state(&mut archive);
    archive.finish().expect("it fits");
    learn(&mut learner, &rows(0).batch(8), 0.0).expect("it learns");
    part(&mut learner, "actor/")
}

/// The policy of TD3 follows its first critic, whatever the second one says of its actions; that of
/// SAC follows the smaller of both.
#[test]
fn td3_climbs_the_first_critic_alone_and_sac_the_smaller() {
    let own = [&SMALL[..], &[("delay", "1")]].concat();
    let td3 = |which: &str| with_another_critic::<Td3>(&own, which);
    assert_eq!(td3("critics/critic1/"), td3("nothing"), "the second one is not asked");
    assert_ne!(td3("critics/critic0/"), td3("nothing"), "the first one is");
    let sac = |which: &str| with_another_critic::<Sac>(&SMALL, which);
    assert_ne!(sac("critics/critic0/"), sac("nothing"));
    assert_ne!(sac("critics/critic1/"), sac("nothing"));
}

/// Temperature, critics, policy, copies: each is told by what the one before it has become.
#[test]
fn sac_takes_its_steps_in_order() {
    let after = |own: &[(&str, &str)], rewards: f64, shown: bool| {
        let mut sac: Sac = agent(&[&SMALL[..], own].concat(), &numbers());
        let mut rows = rows(0);
        rows.rewards.iter_mut().for_each(|reward| *reward += rewards);
        let flags = [u8::from(shown); 8];
        let batch = Batch { demonstrations: &flags, ..rows.batch(8) };
        let log = learn(&mut sac, &batch, 0.0).expect("it learns");
        let mut of = |prefix: &str| part(&mut sac, prefix);
        let parts = ["log_alpha", "critics/critic", "actor/", "critics/copies/"].map(&mut of);
        (parts, logged(&log, "temperature"))
    };
    // Steps so large that a gradient turns round where what it comes from has made one.
    let whole = [
        ("target_rate", "1"),
        ("learning_rate", "0.5"),
        ("q_filter", "false"),
        ("bc_weight", "100"),
    ];
    let (plain, temperature) = after(&whole, 0.0, false);
    assert_eq!(temperature, 1.0, "what the others used is the one before its step");
    assert_eq!(plain[3], plain[1], "copies follow critics that have made their step");
    let (other, _) = after(&whole, 5.0, false);
    assert_eq!(other[0], plain[0], "the temperature knows nothing of critics");
    assert_ne!(other[2], plain[2], "the policy climbs critics that have made their step");
    let (shown, _) = after(&whole, 0.0, true);
    assert_ne!(shown[2], plain[2], "demonstrations pull the policy");
    assert_eq!(shown[..2], plain[..2], "temperature and critics came before it");
    let (warmer, _) = after(&[&whole[..], &[("target_entropy", "9")]].concat(), 0.0, false);
    assert_ne!(warmer[0], plain[0]);
    assert_eq!(warmer[1..], plain[1..], "a step of the temperature counts from the next round on");
}
