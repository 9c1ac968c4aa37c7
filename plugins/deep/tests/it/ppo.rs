//! The details of PPO: first ratios are 1, clipped rows do not move, schedules do as they say.

use crate::rows::{Columns, act, agent, learn, logged};
use deep::ppo::Ppo;
use plugin_api::prelude::*;

const ONE_STEP: [(&str, &str); 6] = [
    ("steps", "4"),
    ("epochs", "1"),
    ("hidden", "8"),
    ("normalise_advantages", "false"),
    ("value_weight", "0"),
    ("gradient_norm", "0"),
];

fn task() -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), Space::discrete(3), 10)
}

/// Four rows as the agent itself would have lived through them.
fn rows(ppo: &Ppo) -> Columns {
    let obs = vec![0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8];
    let actions = vec![0.0, 1.0, 2.0, 1.0];
    let (heads, values) = act(ppo, &obs, 2, 3);
    let log_prob = |(head, action): (&[f32], &f32)| {
        let sum: f64 = head.iter().map(|&z| f64::from(z).exp()).sum();
        (f64::from(head[*action as usize]) - sum.ln()) as f32
    };
    Columns {
        log_probs: heads.chunks(3).zip(&actions).map(log_prob).collect(),
        next_obs: obs.clone(),
        obs,
        actions,
        rewards: vec![1.0; 4],
        flags: vec![0; 4],
        returns: values.iter().map(|value| value + 1.0).collect(),
        values,
        advantages: vec![1.0, -1.0, 0.5, -0.5],
        ..Columns::default()
    }
}

#[test]
fn the_first_part_of_the_first_epoch_has_ratio_one() {
    let mut ppo: Ppo = agent(&ONE_STEP, &task());
    let rows = rows(&ppo);
    let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    assert!(logged(&log, "approx_kl").abs() < 1e-7);
    assert_eq!(logged(&log, "clip_fraction"), 0.0);
    let surrogate: f32 = rows.advantages.iter().sum::<f32>() / 4.0;
    assert!((logged(&log, "policy_loss") + f64::from(surrogate)).abs() < 1e-6);
}

/// The ratio of each row is moved out of its reach on the side where the advantage wants it, and
/// then on the other side.
#[test]
fn beyond_the_clip_nothing_moves_and_before_it_something_does() {
    for (shift, moves) in [(-1.0_f32, false), (1.0, true)] {
        let mut ppo: Ppo = agent(&ONE_STEP, &task());
        let mut rows = rows(&ppo);
        for (log_prob, advantage) in rows.log_probs.iter_mut().zip(&rows.advantages) {
            *log_prob += shift * advantage.signum();
        }
        let before = act(&ppo, &rows.obs, 2, 3).0;
        let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
        assert_eq!(logged(&log, "clip_fraction"), 1.0);
        assert_eq!(logged(&log, "gradient_norm") > 0.0, moves, "shift {shift}");
        assert_eq!(act(&ppo, &rows.obs, 2, 3).0 != before, moves, "shift {shift}");
    }
}

#[test]
fn actions_with_advantage_become_likelier() {
    let settings = [&ONE_STEP[..], &[("epochs", "20"), ("learning_rate", "0.01")]].concat();
    let mut ppo: Ppo = agent(&settings, &task());
    let rows = rows(&ppo);
    let before = act(&ppo, &rows.obs[..2], 2, 3).0;
    learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    let after = act(&ppo, &rows.obs[..2], 2, 3).0;
    assert!(after[0] - after[1] > before[0] - before[1]);
}

#[test]
fn the_learning_rate_falls_to_nothing() {
    let settings = [&ONE_STEP[..], &[("anneal", "true")]].concat();
    let mut ppo: Ppo = agent(&settings, &task());
    let rows = rows(&ppo);
    let log = learn(&mut ppo, &rows.batch(1), 0.75).expect("it learns");
    assert!((logged(&log, "learning_rate") - 0.25 * 0.0003).abs() < 1e-12);
    let before = act(&ppo, &rows.obs, 2, 3);
    let log = learn(&mut ppo, &rows.batch(1), 1.0).expect("it learns");
    assert_eq!(logged(&log, "learning_rate"), 0.0);
    assert_eq!(act(&ppo, &rows.obs, 2, 3), before);
}

/// Forbidden choices get no probability, and no gradient reaches their logits: the bias of the last
/// layer stays what it is for them.
#[test]
fn what_is_forbidden_is_not_learned_about() {
    let settings = [&ONE_STEP[..], &[("hidden", ""), ("entropy_weight", "0.1")]].concat();
    let mut ppo: Ppo = agent(&settings, &task().masked());
    let mut rows = rows(&ppo);
    rows.masks = [1, 1, 0].repeat(4);
    rows.next_masks = rows.masks.clone();
    rows.actions = vec![0.0, 1.0, 1.0, 0.0];
    let before = act(&ppo, &rows.obs, 2, 3).0;
    learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    let after = act(&ppo, &rows.obs, 2, 3).0;
    for (before, after) in before.chunks(3).zip(after.chunks(3)) {
        assert_eq!(before[2].to_bits(), after[2].to_bits(), "forbidden");
        assert!(before[0] != after[0] && before[1] != after[1], "allowed");
    }
}

#[test]
fn what_is_not_a_number_is_named() {
    let mut ppo: Ppo = agent(&ONE_STEP, &task());
    let mut rows = rows(&ppo);
    rows.advantages[2] = f32::NAN;
    let error = learn(&mut ppo, &rows.batch(1), 0.0).expect_err("it must not go on").to_string();
    assert!(error.contains("the gradient of `actor/layer0/weight` holds NaN"), "{error}");
}

/// The critic's unit follows the returns; what it says of the rollout is in rewards all the same.
#[test]
fn normalised_rewards_leave_values_in_rewards() {
    let settings = [&ONE_STEP[..], &[("normalise_rewards", "true")]].concat();
    let mut ppo: Ppo = agent(&settings, &task());
    let mut rows = rows(&ppo);
    rows.rewards = vec![100.0, -50.0, 100.0, 20.0];
    let before = act(&ppo, &rows.obs, 2, 3).1;
    let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    let loss: f64 = rows.returns.iter().zip(&before).map(|(r, v)| f64::from(r - v).powi(2)).sum();
    assert!((logged(&log, "value_loss") - loss / 4.0).abs() < 1e-5, "the unit was 1");
    let after = act(&ppo, &rows.obs, 2, 3).1;
    let factor = after[0] / before[0];
    assert!(
        factor > 10.0
            && after.iter().zip(&before).all(|(a, b)| (a / b / factor - 1.0).abs() < 1e-4)
    );
}
