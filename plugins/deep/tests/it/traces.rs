//! Late rollouts: without a lag nothing differs from PPO; with one, advantages and values are those
//! of V-trace.

use crate::rows::{Columns, act, agent, learn, logged};
use deep::async_ppo::AsyncPpo;
use deep::impala::Impala;
use deep::ppo::Ppo;
use plugin_api::prelude::*;
use plugin_api::{State, TERMINATED, TRUNCATED};

const SETTINGS: [(&str, &str); 5] =
    [("steps", "4"), ("epochs", "3"), ("hidden", "8"), ("batch", "4"), ("lambda", "0.9")];

fn task() -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), Space::discrete(3), 10)
}

/// Steps of two lanes with both kinds of end, judged by the agent as it is.
fn rows<A: Agent>(agent: &A) -> Columns {
    let obs: Vec<f32> = (0..16).map(|i| (i as f32 * 0.37).sin()).collect();
    let next_obs: Vec<f32> = (0..16).map(|i| (i as f32 * 0.37 + 1.1).sin()).collect();
    let actions: Vec<f32> = (0..8).map(|i| (i % 3) as f32).collect();
    let heads = act(agent, &obs, 2, 3).0;
    let log_prob = |(head, action): (&[f32], &f32)| {
        let sum: f64 = head.iter().map(|&z| f64::from(z).exp()).sum();
        (f64::from(head[*action as usize]) - sum.ln()) as f32
    };
    Columns {
        log_probs: heads.chunks(3).zip(&actions).map(log_prob).collect(),
        obs,
        next_obs,
        actions,
        rewards: (0..8).map(|i| f64::from(i) * 0.25 - 0.5).collect(),
        flags: vec![0, 0, TERMINATED, 0, 0, TRUNCATED, 0, 0],
        values: vec![0.1; 8],
        returns: (0..8).map(|i| i as f32 * 0.1).collect(),
        advantages: (0..8).map(|i| 0.3 - i as f32 * 0.1).collect(),
        ..Columns::default()
    }
}

fn state<A: Agent>(agent: &mut A) -> State {
    let mut archive = Archive::saving();
    agent.state(&mut archive);
    archive.finish().expect("it saves")
}

#[test]
fn without_a_lag_asynchronous_ppo_is_ppo() {
    let (mut ppo, mut other) =
        (agent::<Ppo>(&SETTINGS, &task()), agent::<AsyncPpo>(&SETTINGS, &task()));
    let rows = rows(&ppo);
    learn(&mut ppo, &rows.batch(2), 0.5).expect("it learns");
    for versions in [&[][..], &[0; 8]] {
        let mut late = agent::<AsyncPpo>(&SETTINGS, &task());
        let batch = Batch { versions, ..rows.batch(2) };
        learn(&mut late, &batch, 0.5).expect("it learns");
        assert_eq!(state(&mut late), state(&mut ppo));
    }
    let mut shifted = rows;
    shifted.returns[3] += 1.0;
    learn(&mut other, &shifted.batch(2), 0.5).expect("it learns");
    assert_ne!(state(&mut other), state(&mut ppo), "the comparison can tell");
}

/// Of a policy that has not changed since, V-trace makes what GAE makes of its own values.
#[test]
fn a_late_rollout_of_the_same_policy_is_worth_what_gae_says() {
    let one = [("epochs", "1"), ("batch", "8"), ("learning_rate", "0"), ("discount", "0.9")];
    let settings = [&SETTINGS[..1], &SETTINGS[2..3], &SETTINGS[4..], &one].concat();
    let late = |versions: &[u64], gae: bool| {
        let mut agent = agent::<AsyncPpo>(&settings, &task());
        let mut rows = rows(&agent);
        if gae {
            let values = act(&agent, &rows.obs, 2, 3).1;
            let next = act(&agent, &rows.next_obs, 2, 3).1;
            (rows.advantages, rows.returns) = gae_of(&rows, &values, &next);
            rows.values = values;
        }
        let batch = Batch { versions, ..rows.batch(2) };
        let (mut rng, mut log) = (Rng::seeded(2), Log::default());
        let mut learn = Learn {
            rng: &mut rng,
            log: &mut log,
            priorities: &mut [],
            steps: 0,
            updates: 5,
            progress: 0.0,
        };
        agent.learn(&batch, &mut learn).expect("it learns");
        let scalars = log.take().scalars;
        let all: Vec<(String, f64)> =
            scalars.into_iter().map(|(name, summary)| (name, summary.mean())).collect();
        all
    };
    let (now, then) = (late(&[5; 8], true), late(&[3; 8], false));
    assert_eq!(logged(&then, "lag"), 2.0);
    assert!((logged(&then, "importance_weight") - 1.0).abs() < 1e-6);
    for name in ["value_loss", "policy_loss", "explained_variance", "gradient_norm"] {
        let (now, then) = (logged(&now, name), logged(&then, name));
        assert!((now - then).abs() < 1e-5 * now.abs().max(1.0), "{name}: {now} and {then}");
    }
}

/// GAE(0.9) with discount 0.9 by its definition.
fn gae_of(rows: &Columns, values: &[f32], next: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut advantages = vec![0.0_f32; 8];
    for row in (0..8).rev() {
        let flags = rows.flags[row];
        let goes_on = flags == 0 && row + 2 < 8;
        // Here the next observation of a row that goes on is not the next row's: V-trace reads the
        // latter, as rollouts have it.
        let after = match flags {
            TERMINATED => 0.0,
            0 if goes_on => values[row + 2],
            _ => next[row],
        };
        let error = rows.rewards[row] as f32 + 0.9 * after - values[row];
        let later = if goes_on { advantages[row + 2] } else { 0.0 };
        advantages[row] = error + 0.81 * later;
    }
    let returns = advantages.iter().zip(values).map(|(advantage, value)| advantage + value);
    (advantages.clone(), returns.collect())
}

#[test]
fn unlikely_steps_count_less_and_likely_ones_no_more_than_the_clip() {
    let settings = [("hidden", "8"), ("steps", "4")];
    let loss = |shift: f32| {
        let mut impala = agent::<Impala>(&settings, &task());
        let mut rows = rows(&impala);
        rows.log_probs.iter_mut().for_each(|log_prob| *log_prob += shift);
        let log = learn(&mut impala, &rows.batch(2), 0.0).expect("it learns");
        (logged(&log, "importance_weight"), logged(&log, "value_loss"), logged(&log, "policy_loss"))
    };
    let (same, likely, unlikely) = (loss(0.0), loss(-2.0), loss(30.0));
    assert!((same.0 - 1.0).abs() < 1e-6 && (likely.0 - 2.0_f64.exp()).abs() < 1e-4);
    assert!((likely.1 - same.1).abs() < 1e-6, "the clip is 1: {likely:?} {same:?}");
    assert!(unlikely.1 < 1e-9 && unlikely.2.abs() < 1e-9, "nothing is learned: {unlikely:?}");
}
