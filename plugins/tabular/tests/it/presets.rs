//! Presets name params that exist, with values that fit; baselines do what they say.

use crate::host::{Host, params};
use crate::learning::lab;
use crate::worlds::Lab;
use plugin_api::prelude::*;
use tabular::constant::Constant;
use tabular::random::Random;

fn check<A: Agent>() {
    let mut envs: Vec<_> = A::PRESETS.iter().map(|preset| preset.env).collect();
    assert!(!envs.is_empty());
    envs.sort_unstable();
    envs.dedup();
    assert_eq!(envs.len(), A::PRESETS.len(), "{}: one preset for each world", A::NAME);
    for preset in A::PRESETS {
        // Panics where a name or value is wrong.
        params::<A>(preset.params);
        assert!(preset.lanes > 0 && preset.steps >= preset.lanes as u64);
    }
}

#[test]
fn presets_fit_their_params() {
    check::<tabular::q_learning::QLearning>();
    check::<tabular::sarsa::Sarsa>();
    check::<tabular::expected_sarsa::ExpectedSarsa>();
    check::<tabular::double_q::DoubleQ>();
    check::<tabular::n_step_q::NStepQ>();
    check::<tabular::q_lambda::QLambda>();
    check::<tabular::monte_carlo::MonteCarlo>();
    check::<tabular::dyna_q::DynaQ>();
    check::<tabular::sweeping::Sweeping>();
}

fn actions<A: Policy>(agent: &A, width: usize, rows: usize, mask: &[u8], key: u64) -> Vec<f32> {
    actions_from(agent, 0, width, rows, mask, key)
}

fn actions_from<A: Policy>(
    agent: &A,
    first_lane: u64,
    width: usize,
    rows: usize,
    mask: &[u8],
    key: u64,
) -> Vec<f32> {
    let masks = mask.repeat(rows);
    let mut head = vec![0.0; rows * width];
    agent.act(
        Rows::new(&vec![0.0; rows], 1),
        &mut Act {
            head: RowsMut::new(&mut head, width),
            values: &mut [],
            masks: Rows::new(&masks, mask.len().max(1)),
            memory: RowsMut::new(&mut [], 1),
            mode: Mode::Evaluate,
            step: 0,
            key,
            first_lane,
        },
    );
    head
}

#[test]
fn random_draws_all_that_is_allowed_alike() {
    let task = Task::new(Space::discrete(1), Space::discrete(3), 0).masked();
    let agent = Random::new(&(), &task, &mut Rng::seeded(0)).expect("any space will do");
    let drawn = actions(&agent, 1, 3000, &[1, 0, 1], 5);
    let count = |action: f32| drawn.iter().filter(|drawn| (*drawn - action).abs() < 0.5).count();
    assert_eq!(count(1.0), 0);
    assert!((1400..1600).contains(&count(0.0)), "{}", count(0.0));
    assert_eq!(count(0.0) + count(2.0), 3000);
    assert_ne!(actions(&agent, 1, 100, &[], 5), actions(&agent, 1, 100, &[], 6));
}

/// Whichever lanes come in one call, each is told the same.
#[test]
fn random_draws_alike_however_lanes_are_cut() {
    let task = Task::new(Space::discrete(1), Space::discrete(7), 0);
    let agent = Random::new(&(), &task, &mut Rng::seeded(0)).expect("any space will do");
    let whole = actions(&agent, 1, 64, &[], 9);
    for cut in [1, 17, 63] {
        let mut parts = actions_from(&agent, 0, 1, cut, &[], 9);
        parts.extend(actions_from(&agent, cut as u64, 1, 64 - cut, &[], 9));
        assert_eq!(parts, whole, "cut at {cut}");
    }
}

#[test]
fn random_draws_from_any_space() {
    let space = Space::bounded(&[-2.0_f32, 0.0], &[2.0, f32::INFINITY]);
    let task = Task::new(Space::discrete(1), space.clone(), 0);
    let agent = Random::new(&(), &task, &mut Rng::seeded(0)).expect("any space will do");
    for row in actions(&agent, 2, 100, &[], 1).chunks_exact(2) {
        space.check(&[row[0].into(), row[1].into()]).expect("it fits");
    }
}

#[test]
fn constant_repeats_an_action_that_exists() {
    let task = Task::new(Space::discrete(1), Space::multi_discrete(&[3, 5]), 0);
    let agent = |action: &str| {
        let params = params::<Constant>(&[("action", action)]);
        Constant::new(&params, &task, &mut Rng::seeded(0))
    };
    assert_eq!(actions(&agent("2").expect("fits"), 2, 2, &[], 0), [2.0, 2.0, 2.0, 2.0]);
    assert_eq!(actions(&agent("2,4").expect("fits"), 2, 1, &[], 0), [2.0, 4.0]);
    let refusal = agent("4").expect_err("3 choices only").to_string();
    assert!(refusal.starts_with("`action`: "), "{refusal}");
    agent("1,2,3").expect_err("too many");
}

/// A live edit changes what the agent needs from then on.
#[test]
fn an_edit_of_exploration_is_heeded() {
    let mut host = Host::<Lab, tabular::q_learning::QLearning>::new(&lab("fork"), &[], 1, 1);
    host.agent
        .params()
        .set("exploration_decay", &plugin_api::params::Value::Text("none".into()))
        .expect("a param that may change");
    let needs = host.agent.needs();
    assert_eq!(needs.explore, Explore::EpsilonGreedy { epsilon: Schedule::Constant(1.0) });
}
