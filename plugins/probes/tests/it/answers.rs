//! The known answers: best returns, values, and what those see who make the mistake a probe is for.

use crate::playing::{Play, mean_return};
use plugin_api::prelude::*;
use probes::action_reward::ActionReward;
use probes::bandit::Bandit;
use probes::chain::Chain;
use probes::constant_reward::ConstantReward;
use probes::delayed_reward::DelayedReward;
use probes::identity::Identity;
use probes::obs_reward::ObsReward;
use probes::slow_lane::SlowLane;
use probes::t_maze::TMaze;
use probes::time_limit::TimeLimit;

#[track_caller]
fn check(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value} is not {expected} +- {tolerance}");
}

/// The promised optimum is that of the model, and random play agrees with the model's value of it.
#[track_caller]
fn check_model<E: Env<Obs = i64, Action = i64>>(settings: &[(&str, &str)], random: f64) {
    let lanes = Play::<Each<E>>::new(settings, 1).lanes;
    let (task, model) = (lanes.task(), lanes.env().model().expect("a known table"));
    let promised = task.optimum.expect("a known optimum");
    check(model.optimum(task.max_steps), promised, 1e-12);
    let even = vec![1.0 / model.actions as f64; model.states * model.actions];
    check(model.value_of(&even, task.max_steps), random, 1e-12);
    let mut rng = Rng::seeded(1);
    let played = mean_return::<E>(settings, 4000, |_, _| rng.below(model.actions) as i64);
    check(played, random, 0.05 * promised.max(1.0));
}

#[test]
fn models_promises_and_play_agree() {
    check_model::<ConstantReward>(&[], 1.0);
    check_model::<ObsReward>(&[], 0.0);
    check_model::<DelayedReward>(&[], 1.0);
    check_model::<ActionReward>(&[], 0.0);
    check_model::<Identity>(&[("questions", "10")], 2.5);
    check_model::<Bandit>(&[], 0.625);
    check_model::<TimeLimit>(&[], 10.0);
    check_model::<Chain>(&[("states", "3")], 0.1 * 0.875 + 0.125);
}

/// V of one sweep after another with a discount; `conflated` takes every cut for an end.
fn value_after(model: &Model, discount: f64, ends: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut values = vec![0.0; model.states];
    for _ in 0..5000 {
        let next = |state: usize| {
            let after = |o: &Outcome| {
                let alive = if o.terminated { 0.0 } else { 1.0 - ends(state) };
                o.chance * (o.reward + discount * alive * values[o.next])
            };
            model.outcomes(state, 0).iter().map(after).sum::<f64>()
        };
        values = (0..model.states).map(next).collect();
    }
    values
}

#[test]
fn a_cut_is_not_an_end() {
    let model = Play::<Each<TimeLimit>>::new(&[], 1).lanes.env().model().expect("a known table");
    check(value_after(&model, 0.99, |_| 0.0)[0], 100.0, 1e-9);
    check(value_after(&model, 0.99, |_| 0.1)[0], 9.17, 5e-3);
    let mut play = Play::<Each<TimeLimit>>::new(&[], 1);
    play.reset(0, Some(0));
    for step in 1..=30 {
        play.step(&[0]);
        assert_eq!(play.flags[0], if step % 10 == 0 { TRUNCATED } else { 0 }, "step {step}");
    }
}

#[test]
fn a_late_reward_is_discounted_once() {
    let model = Play::<Each<DelayedReward>>::new(&[], 1).lanes.env().model().expect("a table");
    let values = value_after(&model, 0.9, |_| 0.0);
    check(values[0], 0.9, 1e-12);
    check(values[1], 1.0, 1e-12);
}

#[test]
fn the_masked_arm_betrays_who_pulls_it() {
    let masked = [("masked", "true")];
    let mut play = Play::<Each<Bandit>>::new(&masked, 1);
    play.reset(0, Some(0));
    assert_eq!(play.masks, [1, 1, 1, 0]);
    check(play.lanes.task().optimum.expect("known"), 0.75, 1e-12);
    check(play.lanes.env().model().expect("a table").optimum(0), 0.75, 1e-12);
    check(mean_return::<Bandit>(&masked, 4000, |_, _| 2), 0.75, 0.03);
    check(mean_return::<Bandit>(&masked, 100, |_, _| 3), 1.0, 1e-12);
}

#[test]
fn the_maze_needs_a_memory() {
    let mut sign = 0;
    let remembering = mean_return::<TMaze>(&[], 500, |obs, step| {
        sign = if step == 0 { obs[0] } else { sign };
        if obs[0] == 3 { sign } else { 0 }
    });
    check(remembering, 4.0, 1e-12);
    let forgetful = mean_return::<TMaze>(&[], 4000, |obs, _| i64::from(obs[0] == 3));
    check(forgetful, 1.95, 0.15);
    // Whoever never moves pays for each of the thirty steps.
    check(mean_return::<TMaze>(&[], 10, |_, _| 1), -3.0, 1e-9);
}

#[test]
fn patience_pays_in_the_chain() {
    check(mean_return::<Chain>(&[], 10, |_, _| 1), 1.0, 1e-12);
    check(mean_return::<Chain>(&[], 10, |_, _| 0), 0.1, 1e-12);
}

#[test]
fn identity_rewards_the_right_answer_only() {
    check(mean_return::<Identity>(&[], 10, |obs, _| obs[0]), 100.0, 1e-12);
    check(mean_return::<Identity>(&[], 10, |obs, _| (obs[0] + 1) % 4), 0.0, 1e-12);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test holds a stopwatch to a sleep")]
fn a_slow_episode_says_so_and_pays_the_same() {
    let settings = [("delay_ms", "2"), ("slow_share", "0.5")];
    let (mut slow, mut fast) = (0, 0);
    for seed in 0..20 {
        let mut play = Play::<Each<SlowLane>>::new(&settings, 1);
        play.reset(0, Some(seed));
        let marked = play.obs[0] == 1;
        let before = std::time::Instant::now();
        (0..5).for_each(|_| play.step(&[0]));
        let took_ms = before.elapsed().as_millis();
        assert!(!marked || took_ms >= 10, "seed {seed} took {took_ms} ms");
        if marked { slow += 1 } else { fast += 1 }
    }
    assert!(slow > 0 && fast > 0, "{slow} slow, {fast} fast");
    check(mean_return::<SlowLane>(&[("delay_ms", "0")], 10, |_, _| 0), 10.0, 1e-12);
}
