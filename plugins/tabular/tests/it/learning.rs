//! Each learner finds the values it should: those of the best policy, or of its own with its
//! exploration. The two differ by far, so that one who learns the wrong ones is found out.

use crate::host::Host;
use crate::worlds::{Lab, solve, world};
use plugin_api::params::{Value, Values};
use plugin_api::prelude::*;
use tabular::double_q::DoubleQ;
use tabular::dyna_q::DynaQ;
use tabular::expected_sarsa::ExpectedSarsa;
use tabular::monte_carlo::MonteCarlo;
use tabular::n_step_q::NStepQ;
use tabular::q_lambda::QLambda;
use tabular::q_learning::QLearning;
use tabular::sarsa::Sarsa;
use tabular::sweeping::Sweeping;

/// Whose values are to be found.
#[derive(Clone, Copy)]
enum Of {
    TheBest,
    ItsOwn,
}

const EPSILON: f64 = 0.4;
const DISCOUNT: f64 = 0.9;
const EXPLORE: [(&str, &str); 3] =
    [("discount", "0.9"), ("exploration", "0.4"), ("exploration_decay", "none")];
/// Step sizes for targets that nothing random goes into, and for the others.
const STEADY: [(&str, &str); 1] = [("step_size", "0.2")];
const FALLING: [(&str, &str); 2] = [("step_size", "1"), ("step_decay", "0.7")];

pub(crate) fn lab(name: &str) -> Values {
    Values::from([("name".to_owned(), Value::Text(name.to_owned()))])
}

fn learn<A: Agent>(name: &str, settings: &[(&str, &str)], steps: u64) -> Host<Lab, A> {
    let mut host = Host::new(&lab(name), settings, 4, 7);
    host.run(steps);
    host
}

/// Largest distance of what was learned from the right values, over all that is allowed.
fn distance<A: Agent>(host: &Host<Lab, A>, name: &str, epsilon: f64) -> f64 {
    let (model, _) = world(name);
    let right = solve(&model, DISCOUNT, epsilon);
    let states: Vec<i64> = (0..model.states as i64).collect();
    let learned = host.heads(&states);
    let pairs = (0..model.states).flat_map(|s| (0..model.actions).map(move |a| (s, a)));
    let off =
        |(s, a): (usize, usize)| (f64::from(learned[s * model.actions + a]) - right[s][a]).abs();
    pairs.filter(|&(s, a)| model.allows(s, a)).map(off).fold(0.0, f64::max)
}

#[track_caller]
fn check<A: Agent>(of: Of, own: &[(&str, &str)]) {
    let corridor = if matches!(of, Of::TheBest) { &STEADY[..] } else { &FALLING };
    let knows_step_sizes = A::Params::default().get("step_size").is_some();
    // The forbidden action keeps its first value, which is above all others: no target may see it.
    let mask: &[_] = &[("initial", "20")];
    let cases = [
        ("fork", &FALLING[..], &[][..], 200_000, 0.12),
        ("masked fork", &FALLING, mask, 200_000, 0.12),
        ("corridor", corridor, &[], 200_000, 0.05),
        ("treadmill", &STEADY, &[], 10_000, 0.02),
    ];
    for (name, step_sizes, more, steps, tolerance) in cases {
        let step_sizes = if knows_step_sizes { step_sizes } else { &[] };
        let settings = [&EXPLORE[..], step_sizes, more, own].concat();
        let host = learn::<A>(name, &settings, steps);
        let (best, own) = (distance(&host, name, 0.0), distance(&host, name, EPSILON));
        let off = if matches!(of, Of::TheBest) { best } else { own };
        assert!(off < tolerance, "{}: off by {off} in {name}; {best}, {own}", A::NAME);
    }
}

#[test]
fn the_best_policy_and_an_exploring_one_have_other_values() {
    for name in ["fork", "masked fork", "corridor"] {
        let (model, _) = world(name);
        let (best, exploring) = (solve(&model, DISCOUNT, 0.0), solve(&model, DISCOUNT, EPSILON));
        let distance = (best[0][0] - exploring[0][0]).abs();
        assert!(distance > 0.2, "{name}: {distance}");
    }
}

#[test]
fn q_learning_finds_the_best_values() {
    check::<QLearning>(Of::TheBest, &[]);
}

#[test]
fn double_q_finds_the_best_values() {
    check::<DoubleQ>(Of::TheBest, &[]);
}

#[test]
fn n_step_q_finds_the_best_values() {
    check::<NStepQ>(Of::TheBest, &[("steps", "1")]);
    check::<NStepQ>(Of::TheBest, &[("steps", "5")]);
}

#[test]
fn q_lambda_finds_the_best_values() {
    check::<QLambda>(Of::TheBest, &[("lambda", "0.5")]);
    check::<QLambda>(Of::TheBest, &[("lambda", "0.5"), ("traces", "accumulating")]);
}

#[test]
fn dyna_q_finds_the_best_values() {
    check::<DynaQ>(Of::TheBest, &[("planning", "3")]);
}

#[test]
fn sweeping_finds_the_best_values() {
    check::<Sweeping>(Of::TheBest, &[]);
}

#[test]
fn sarsa_finds_its_own_values() {
    check::<Sarsa>(Of::ItsOwn, &[]);
}

#[test]
fn expected_sarsa_finds_its_own_values() {
    check::<ExpectedSarsa>(Of::ItsOwn, &[]);
}

#[test]
fn monte_carlo_finds_its_own_values() {
    check::<MonteCarlo>(Of::ItsOwn, &[]);
    check::<MonteCarlo>(Of::ItsOwn, &[("visits", "every")]);
    check::<MonteCarlo>(Of::ItsOwn, &[("cut", "4")]);
}

/// Without the cut, what exploring cost is blamed on the steps before it.
#[test]
fn n_step_q_without_a_cut_is_too_low() {
    let settings = [&EXPLORE[..], &FALLING, &[("cut", "false"), ("steps", "5")]].concat();
    let host = learn::<NStepQ>("fork", &settings, 200_000);
    assert!(distance(&host, "fork", 0.0) > 0.5);
}

/// Steps along the cliff of the greedy policy after the preset's budget.
fn walk<A: Agent>() -> Vec<f64> {
    let (model, _) = world("cliff");
    let preset = A::PRESETS.iter().find(|preset| preset.env == "CliffWalking-v1");
    let preset = preset.expect("a preset for the cliff");
    let judged = (0..30).map(|seed| {
        let mut host = Host::<Lab, A>::new(&lab("cliff"), preset.params, preset.lanes, seed);
        host.run(preset.steps);
        let greedy = host.greedy(model.states);
        let mut policy = vec![0.0; model.states * model.actions];
        for (state, action) in greedy.into_iter().enumerate() {
            policy[state * model.actions + action] = 1.0;
        }
        model.value_of(&policy, 1000)
    });
    judged.collect()
}

#[track_caller]
fn check_walk<A: Agent>(expected: f64) {
    let walks = walk::<A>();
    let reached = walks.iter().filter(|&&walk| (walk - expected).abs() < 1e-6).count();
    assert!(reached >= 27, "{}: {reached} of 30 seeds reach {expected}: {walks:?}", A::NAME);
}

#[test]
fn who_learns_the_best_policy_walks_beside_the_cliff() {
    check_walk::<QLearning>(-13.0);
    check_walk::<DoubleQ>(-13.0);
    check_walk::<NStepQ>(-13.0);
    check_walk::<QLambda>(-13.0);
    check_walk::<DynaQ>(-13.0);
    check_walk::<Sweeping>(-13.0);
}

#[test]
fn who_counts_in_exploring_keeps_away_from_the_cliff() {
    check_walk::<Sarsa>(-17.0);
    check_walk::<ExpectedSarsa>(-17.0);
}
