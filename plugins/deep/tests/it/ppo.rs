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

/// The unit is 1 at first: rewards beyond 10 count as 10.
#[test]
fn rewards_are_cut_at_so_many_deviations() {
    let loss = |clip: &str, reward: f64| {
        let own = [("normalise_rewards", "true"), ("reward_clip", clip), ("lambda", "0")];
        let mut ppo: Ppo = agent(&[&ONE_STEP[..], &own].concat(), &task());
        let mut rows = rows(&ppo);
        // What a host says of one-step returns.
        rows.rewards[1] = reward;
        let pairs = rows.rewards.iter().zip(&rows.values);
        rows.advantages = pairs.map(|(reward, value)| *reward as f32 - value).collect();
        rows.returns = rows.rewards.iter().map(|reward| *reward as f32).collect();
        logged(&learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns"), "value_loss")
    };
    assert!((loss("10", 500.0) - loss("0", 10.0)).abs() < 1e-4);
    assert!((loss("10", -70.0) - loss("0", -10.0)).abs() < 1e-4);
    assert!((loss("10", 9.0) - loss("0", 9.0)).abs() < 1e-9);
    assert!(loss("0", 500.0) > 1e4, "without a clip all of it counts");
}

/// The tensors of an agent's state.
fn tensors(ppo: &mut Ppo) -> impl Fn(&str) -> Vec<f32> + use<> {
    let mut archive = Archive::saving();
    ppo.state(&mut archive);
    let state = archive.finish().expect("it saves");
    move |name| {
        let entry = state.get(name).unwrap_or_else(|| panic!("there is no {name}"));
        entry.bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }
}

/// Orthogonal with gain √2, 0.01 for the policy's head and 1 for the value's; biases are 0. A core
/// is orthogonal with gain 1.
#[test]
fn weights_begin_as_they_should_and_nets_are_separate() {
    let mut ppo: Ppo = agent(&[("hidden", "16"), ("core", "lstm"), ("core_size", "4")], &task());
    let of = tensors(&mut ppo);
    for (name, rows, gain) in [
        ("actor/layer0", 4, 2.0_f32.sqrt()),
        ("actor/layer1", 16, 0.01),
        ("critic/layer0", 4, 2.0_f32.sqrt()),
        ("critic/layer1", 16, 1.0),
        ("actor/core/input", 2, 1.0),
        ("critic/core/state", 4, 1.0),
    ] {
        let is_core = name.contains("core");
        let (weight, bias) = if is_core { ("_weight", "_bias") } else { ("/weight", "/bias") };
        assert!(of(&format!("{name}{bias}")).iter().all(|x| *x == 0.0), "{name}");
        let numbers = of(&format!("{name}{weight}"));
        let columns = numbers.len() / rows;
        let at = |row: usize, column: usize| numbers[row * columns + column];
        let short = rows.min(columns);
        for (i, j) in (0..short).flat_map(|i| (0..short).map(move |j| (i, j))) {
            let along = |k: usize| {
                if rows <= columns { at(i, k) * at(j, k) } else { at(k, i) * at(k, j) }
            };
            let dot: f32 = (0..rows.max(columns)).map(along).sum();
            let right = if i == j { gain * gain } else { 0.0 };
            assert!((dot - right).abs() < 1e-5, "{name} {i} {j}: {dot}");
        }
    }
    assert_ne!(of("actor/layer0/weight"), of("critic/layer0/weight"));
}

/// One net for both: the value's end begins with gain 1, and what is learned about values moves the
/// policy; two nets leave each other alone.
#[test]
fn policy_and_value_may_share_all_but_the_last_layer() {
    for (shared, moves) in [("true", true), ("false", false)] {
        let own = [("shared", shared), ("value_weight", "1"), ("learning_rate", "0.01")];
        let mut ppo: Ppo = agent(&[&ONE_STEP[..4], &ONE_STEP[5..], &own].concat(), &task());
        let mut rows = rows(&ppo);
        rows.advantages.fill(0.0);
        let before = act(&ppo, &rows.obs, 2, 3);
        let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
        assert!(logged(&log, "approx_kl").abs() < 1e-7 && logged(&log, "entropy") > 1.0);
        assert!((logged(&log, "value_loss") - 1.0).abs() < 1e-5, "targets lie 1 above");
        let after = act(&ppo, &rows.obs, 2, 3);
        assert!(before.1.iter().zip(&after.1).all(|(before, after)| after > before));
        assert_eq!(before.0 != after.0, moves, "shared={shared}");
    }
    let mut ppo: Ppo = agent(&[("hidden", "16"), ("shared", "true")], &task());
    let of = tensors(&mut ppo);
    let last = of("both/layer1/weight");
    let norm = |column: usize| last.chunks(4).map(|row| row[column].powi(2)).sum::<f32>().sqrt();
    for (column, gain) in [(0, 0.01), (1, 0.01), (2, 0.01), (3, 1.0)] {
        assert!((norm(column) / gain - 1.0).abs() < 1e-4, "{column}: {}", norm(column));
    }
    let both = [("shared", "true"), ("core", "gru")];
    let params = <Ppo as Agent>::Params::with(&crate::contract::values::<Ppo>(&both));
    let error = <Ppo as Agent>::new(&params.expect("they fit"), &task(), &mut Rng::seeded(1));
    assert!(error.expect_err("a core each").to_string().contains("shared=false"));
}

/// The frames of a stack go through filters that policy and value share.
#[test]
fn images_are_seen_by_filters_that_both_share() {
    let images = Space::range::<u8>(0.0, 255.0, &[16, 16, 4]);
    let task = Task::new(images, Space::discrete(3), 10);
    let mut ppo: Ppo = agent(&[("hidden", "16"), ("shared", "true")], &task);
    let of = tensors(&mut ppo);
    let sizes = [(0, 6 * 6 * 4 * 16), (1, 4 * 4 * 16 * 32), (2, 32 * 16), (3, 16 * 4)];
    for (layer, numbers) in sizes {
        assert_eq!(of(&format!("both/layer{layer}/weight")).len(), numbers, "layer {layer}");
    }
    let mut obs = vec![0.0; 16 * 16 * 4];
    obs[500] = 255.0;
    let (heads, values) = act(&ppo, &obs, obs.len(), 3);
    assert!(heads.iter().chain(&values).all(|number| number.abs() < 2.0), "bytes are scaled");
}

/// Statistics count each observation once, and what followed an end not at all.
#[test]
fn observations_are_counted_once_and_final_ones_not_at_all() {
    let settings = [&ONE_STEP[..], &[("normalise_observations", "true")]].concat();
    let mut ppo: Ppo = agent(&settings, &task());
    let mut rows = rows(&ppo);
    rows.next_obs.fill(1e6);
    learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    let mut archive = Archive::saving();
    ppo.state(&mut archive);
    let state = archive.finish().expect("it saves");
    let number = |name: &str, idx: usize| {
        let entry = state.get(name).unwrap_or_else(|| panic!("there is no {name}"));
        f64::from_le_bytes(entry.bytes.as_chunks::<8>().0[idx])
    };
    assert!((number("observations/count", 0) - 4.0001).abs() < 1e-9);
    let mean = rows.obs.iter().step_by(2).map(|x| f64::from(*x)).sum::<f64>() / 4.0;
    assert!((number("observations/mean", 0) - mean).abs() < 1e-4);
}

/// A first step of Adam is `η g / (|g| + ε)`: half of η where the gradient is as small as ε.
#[test]
fn the_epsilon_of_adam_is_that_of_the_paper_s_code() {
    let own = [("value_weight", "5e-6"), ("hidden", ""), ("learning_rate", "0.001")];
    let mut ppo: Ppo = agent(&[&ONE_STEP[..4], &ONE_STEP[5..], &own].concat(), &task());
    let rows = rows(&ppo);
    let before = tensors(&mut ppo)("critic/layer0/bias")[0];
    learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    let moved = tensors(&mut ppo)("critic/layer0/bias")[0] - before;
    assert!((moved - 0.0005).abs() < 2e-6, "targets lie 1 above: {moved}");
}

#[test]
fn advantages_are_normalised_in_every_part() {
    let settings = [("steps", "4"), ("epochs", "1"), ("hidden", "8"), ("gradient_norm", "0")];
    let step = |factor: f32, shift: f32| {
        let mut ppo: Ppo = agent(&settings, &task());
        let mut rows = rows(&ppo);
        rows.advantages = [1.0, -1.0, 0.5, 3.0].map(|x| x * factor + shift).to_vec();
        let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
        assert!(logged(&log, "policy_loss").abs() < 1e-6, "their mean is 0");
        act(&ppo, &rows.obs, 2, 3).0
    };
    let (one, other) = (step(1.0, 0.0), step(8.0, -5.0));
    assert!(one.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-5), "{one:?} {other:?}");
}

/// Values are held at their reach from those of the rollout where that is worse.
#[test]
fn a_value_at_its_reach_does_not_move() {
    let own = [("value_weight", "1"), ("value_clip", "0.25"), ("gradient_norm", "0")];
    for (shift, moves) in [(0.5, false), (-0.5, true), (0.1, true)] {
        let mut ppo: Ppo = agent(&[&ONE_STEP[..4], &own].concat(), &task());
        let mut rows = rows(&ppo);
        rows.advantages.fill(0.0);
        // The net is `shift` above what the rollout says of it; targets lie far above both.
        rows.returns = rows.values.iter().map(|value| value + 2.0).collect();
        rows.values.iter_mut().for_each(|value| *value -= shift);
        let before = act(&ppo, &rows.obs, 2, 3).1;
        learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
        assert_eq!(act(&ppo, &rows.obs, 2, 3).1 != before, moves, "{shift}");
    }
}

/// A policy that is pulled towards one choice stays less sure of it.
#[test]
fn entropy_is_paid_for() {
    let entropy = |weight: &str| {
        let own = [("epochs", "20"), ("learning_rate", "0.01"), ("clip", "1000")];
        let own = [&own[..], &[("entropy_weight", weight)]].concat();
        let mut ppo: Ppo = agent(&[&ONE_STEP[..], &own].concat(), &task());
        let mut rows = rows(&ppo);
        (rows.actions, rows.advantages) = (vec![0.0; 4], vec![1.0; 4]);
        rows.log_probs = vec![1.0 / 3.0_f32; 4].into_iter().map(f32::ln).collect();
        learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
        logged(&learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns"), "entropy")
    };
    let (free, paid) = (entropy("0"), entropy("5"));
    assert!(paid > free + 0.05 && paid <= 3.0_f64.ln() + 1e-6, "{free} {paid}");
}

#[test]
fn explained_variance_is_its_definition() {
    let mut ppo: Ppo = agent(&ONE_STEP, &task());
    let mut rows = rows(&ppo);
    (rows.values, rows.returns) = (vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 2.0, 4.0, 8.0]);
    // Returns have variance 6, errors 1, 0, 1 and 4 one of 2.25.
    let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    assert!((logged(&log, "explained_variance") - (1.0 - 2.25 / 6.0)).abs() < 1e-6);
}

#[test]
fn a_policy_that_has_moved_too_far_ends_the_round() {
    let far = |target: &str| {
        let own = [("epochs", "50"), ("learning_rate", "0.02"), ("target_kl", target)];
        let mut ppo: Ppo = agent(&[&ONE_STEP[..1], &ONE_STEP[2..], &own].concat(), &task());
        let rows = rows(&ppo);
        logged(&learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns"), "approx_kl")
    };
    let (free, held) = (far("0"), far("0.001"));
    assert!(held < 0.01 && free > 5.0 * held, "{free} {held}");
}

/// ln of the probability of several choices is the sum of theirs.
#[test]
fn several_choices_are_independent() {
    let actions = Space::multi_discrete(&[2, 3]);
    let task = Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), actions, 10);
    let mut ppo: Ppo = agent(&ONE_STEP, &task);
    let obs = vec![0.1, 0.2, -0.3, 0.4, 0.5, -0.6, 0.7, 0.8];
    let (heads, values) = act(&ppo, &obs, 2, 5);
    let actions = vec![0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0];
    let log_probs = heads.chunks(5).zip(actions.chunks(2)).map(|(head, action)| {
        let part = |logits: &[f32], choice: f32| {
            let sum: f64 = logits.iter().map(|&z| f64::from(z).exp()).sum();
            f64::from(logits[choice as usize]) - sum.ln()
        };
        (part(&head[..2], action[0]) + part(&head[2..], action[1])) as f32
    });
    let rows = Columns {
        log_probs: log_probs.collect(),
        next_obs: obs.clone(),
        obs,
        actions,
        rewards: vec![1.0; 4],
        flags: vec![0; 4],
        returns: values.clone(),
        values,
        advantages: vec![1.0, -1.0, 0.5, -0.5],
        ..Columns::default()
    };
    let log = learn(&mut ppo, &rows.batch(1), 0.0).expect("it learns");
    assert!(logged(&log, "approx_kl").abs() < 1e-7, "{log:?}");
    assert!((logged(&log, "entropy") - 6.0_f64.ln()).abs() < 1e-3, "hardly decided at first");
}
