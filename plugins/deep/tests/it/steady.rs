//! Noise that stays: that which follows the state, and that on a policy's weights.

use crate::rows::{Columns, agent, learn, logged};
use deep::a2c::A2c;
use deep::dqn::Dqn;
use deep::ppo::Ppo;
use deep::sac::Sac;
use deep::td3::Td3;
use plugin_api::prelude::*;

const OBS: [f32; 2] = [0.3, -0.8];

fn task() -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), Space::range::<f32>(-1.0, 1.0, &[2]), 10)
}

/// What a policy says of a row, of so many numbers.
fn look<A: Agent>(
    agent: &A,
    obs: &[f32],
    memory: &mut [f32],
    (mode, key, lane): (Mode, u64, u64),
) -> Vec<f32> {
    let width = agent.needs().head.width(&task().actions).expect("they fit");
    let (mut head, mut values) = (vec![0.0; width], [0.0]);
    let remembered = memory.len().max(1);
    let mut out = Act {
        head: RowsMut::new(&mut head, width),
        values: if agent.needs().values { &mut values } else { &mut [] },
        masks: Rows::new(&[], 1),
        memory: RowsMut::new(memory, remembered),
        mode,
        step: 0,
        key,
        first_lane: lane,
    };
    agent.act(Rows::new(obs, 2), &mut out);
    head
}

fn memory<A: Agent>(agent: &A) -> Vec<f32> {
    vec![0.0; agent.needs().memory]
}

#[track_caller]
fn stays_for_some_steps<A: Agent>(settings: &[(&str, &str)]) {
    let agent: A = agent(settings, &task());
    let mut memory = memory(&agent);
    let mut step = |key| look(&agent, &OBS, &mut memory, (Mode::Train, key, 0))[4..].to_vec();
    let drawn: Vec<Vec<f32>> = (0..6).map(&mut step).collect();
    assert!(drawn[0] == drawn[1] && drawn[1] == drawn[2], "{}: {drawn:?}", A::NAME);
    assert!(drawn[3] == drawn[5] && drawn[2] != drawn[3], "{}: {drawn:?}", A::NAME);
    let head = |mode, lane| look(&agent, &OBS, &mut self::memory(&agent), (mode, 0, lane));
    assert_ne!(head(Mode::Train, 1)[4..], drawn[0], "another lane has noise of its own");
    let judged = head(Mode::Evaluate, 0);
    assert_eq!(judged[4..], [0.0; 2]);
    assert_eq!(judged[..4], head(Mode::Train, 0)[..4], "its law is the same");
}

#[test]
fn noise_that_follows_the_state_stays_for_some_steps() {
    let small = [("hidden", "8"), ("sde", "true"), ("sde_every", "3")];
    stays_for_some_steps::<Ppo>(&small);
    stays_for_some_steps::<A2c>(&small);
    stays_for_some_steps::<Sac>(&small);
}

/// With one matrix the noise is a fixed linear function of what the last hidden layer puts out; at
/// the origin of a net whose biases are 0 there is hardly any.
#[test]
fn it_follows_the_state() {
    let settings = [("hidden", "8"), ("sde", "true"), ("sde_every", "100")];
    let ppo: Ppo = agent(&settings, &task());
    let mut memory = memory(&ppo);
    let mut noise = |obs: &[f32]| -> Vec<f64> {
        let head = look(&ppo, obs, &mut memory, (Mode::Train, 0, 0));
        (0..2).map(|j| f64::from(head[2 + j]).exp() * f64::from(head[4 + j])).collect()
    };
    let (there, opposite, again) = (noise(&OBS), noise(&[-0.3, 0.8]), noise(&OBS));
    let origin = noise(&[0.0, 0.0]);
    assert_eq!(there, again);
    for j in 0..2 {
        assert!((there[j] + opposite[j]).abs() < 1e-5, "{there:?} {opposite:?}");
        assert!(there[j].abs() > 1e-2 && origin[j].abs() < 1e-6, "{there:?} {origin:?}");
    }
}

/// Densities are those of a normal law with the head's means and deviations, state by state.
#[test]
fn densities_are_those_of_the_law_in_the_head() {
    let settings = [
        ("hidden", "8"),
        ("sde", "true"),
        ("epochs", "1"),
        ("normalise_advantages", "false"),
        ("log_std", "-0.5"),
        ("steps", "6"),
    ];
    let mut ppo: Ppo = agent(&settings, &task());
    let mut columns = Columns::default();
    for row in 0..6_u8 {
        let obs: Vec<f32> = (0..2).map(|i| (f32::from(2 * row + i) * 0.9).sin()).collect();
        let action: Vec<f32> = (0..2).map(|i| (f32::from(2 * row + i) * 0.4).cos()).collect();
        let mut memory = memory(&ppo);
        columns.memory.extend_from_slice(&memory);
        let head = look(&ppo, &obs, &mut memory, (Mode::Train, u64::from(row), 0));
        let density = (0..2).map(|j| {
            let (mean, std) = (f64::from(head[j]), f64::from(head[2 + j]).exp());
            let z = (f64::from(action[j]) - mean) / std;
            -0.5 * z * z - std.ln() - 0.5 * std::f64::consts::TAU.ln()
        });
        columns.log_probs.push(density.sum::<f64>() as f32);
        columns.obs.extend(obs);
        columns.actions.extend(action);
    }
    columns.next_obs.clone_from(&columns.obs);
    (columns.rewards, columns.flags) = (vec![0.0; 6], vec![0; 6]);
    (columns.values, columns.returns) = (vec![0.0; 6], vec![0.5; 6]);
    columns.advantages = vec![1.0, -1.0, 0.5, 0.25, -0.5, 2.0];
    let log = learn(&mut ppo, &columns.batch(1), 0.0).expect("it learns");
    assert!(logged(&log, "approx_kl").abs() < 1e-6, "{log:?}");
    let mean = columns.advantages.iter().sum::<f32>() / 6.0;
    assert!((logged(&log, "policy_loss") + f64::from(mean)).abs() < 1e-5, "{log:?}");
}

#[test]
fn what_noise_cannot_follow_is_refused_with_the_way_out() {
    let refuse = |settings: &[(&str, &str)], actions: Space| {
        let task = Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), actions, 10);
        let params = <Ppo as Agent>::Params::with(&crate::contract::values::<Ppo>(settings));
        let params = params.expect("they fit");
        <Ppo as Agent>::new(&params, &task, &mut Rng::seeded(1)).expect_err("it cannot").to_string()
    };
    let error = refuse(&[("sde", "true")], Space::discrete(2));
    assert!(error.contains("Box of floats") && error.contains("sde=false"), "{error}");
    let error = refuse(&[("sde", "true"), ("hidden", "")], task().actions);
    assert!(error.contains("`hidden`"), "{error}");
}

const NOISY: [(&str, &str); 4] =
    [("hidden", "16"), ("param_noise", "0.2"), ("layer_norm", "true"), ("batch", "16")];

/// A lane's policy is moved for a whole episode; that which is judged is not.
#[test]
fn noise_on_weights_stays_for_an_episode() {
    let td3: Td3 = agent(&NOISY, &task());
    let calm = look(&td3, &OBS, &mut memory(&td3), (Mode::Evaluate, 0, 0));
    let mut memories = [memory(&td3), memory(&td3)];
    let mut step =
        |lane: usize, key| look(&td3, &OBS, &mut memories[lane], (Mode::Train, key, lane as u64));
    let (first, other) = (step(0, 0), step(1, 0));
    assert!(first != calm && other != calm && first != other, "{calm:?} {first:?} {other:?}");
    assert!((1..20).all(|key| step(0, key) == first && step(1, key) == other));
    memories[0].fill(0.0);
    let next = look(&td3, &OBS, &mut memories[0], (Mode::Train, 20, 0));
    assert!(next != first && next != calm, "another episode");
    let still: Td3 = agent(&[("hidden", "16")], &task());
    assert_eq!(still.needs().memory, 0);
}

/// The deviation goes up by 1.01 where actions move less than wanted, down where they move more,
/// and so comes to where they move as far as wanted.
#[test]
fn noise_on_weights_adapts_to_how_far_it_moves_actions() {
    for target in ["0.02", "0.6"] {
        let own = [("param_noise", target), ("learning_rate", "0")];
        let mut td3: Td3 = agent(&[&NOISY[..1], &NOISY[2..], &own].concat(), &task());
        let number = |i: usize| (i as f32 * 0.37).sin();
        let rows = Columns {
            obs: (0..32).map(number).collect(),
            next_obs: (2..34).map(number).collect(),
            actions: (5..37).map(number).collect(),
            rewards: vec![0.0; 16],
            flags: vec![0; 16],
            discounts: vec![0.9; 16],
            ..Columns::default()
        };
        let target: f64 = target.parse().expect("a number");
        let (mut deviation, mut up, mut down, mut late) = (target, 0, 0, Vec::new());
        for update in 1..=20_000 {
            let log = learn(&mut td3, &rows.batch(16), 0.0).expect("it learns");
            if update % 50 != 0 {
                assert!(log.iter().all(|(name, _)| name != "noise_distance"));
                continue;
            }
            let (distance, now) = (logged(&log, "noise_distance"), logged(&log, "noise_deviation"));
            let is_far = distance > target;
            let factor = if is_far { 1.0 / 1.01 } else { 1.01 };
            assert!((now / deviation / factor - 1.0).abs() < 1e-9, "{deviation} to {now}");
            (up, down) = (up + u32::from(!is_far), down + u32::from(is_far));
            deviation = now;
            if update > 16_000 {
                late.push(distance);
            }
        }
        let mean = late.iter().sum::<f64>() / late.len() as f64;
        assert!((mean / target - 1.0).abs() < 0.35, "it wants {target} and gets {mean}");
        assert!(up > 20 && down > 20, "{up} up, {down} down");
    }
}

fn choices() -> Task {
    Task::new(Space::range::<f32>(-1.0, 1.0, &[2]), Space::discrete(3), 10)
}

/// Noise takes the place of chance: as far as ε would part from the greedy choice, so far it parts.
#[test]
fn noise_on_the_weights_of_dqn_does_what_chance_would() {
    let number = |i: usize| (i as f32 * 0.37).sin();
    let rows = Columns {
        obs: (0..32).map(number).collect(),
        next_obs: (2..34).map(number).collect(),
        actions: (0..16).map(|i| (i % 3) as f32).collect(),
        rewards: vec![0.0; 16],
        flags: vec![0; 16],
        discounts: vec![0.9; 16],
        ..Columns::default()
    };
    for (epsilon, dueling) in [(0.9_f64, "false"), (0.05, "true")] {
        let text = epsilon.to_string();
        let own = [("exploration", &*text), ("exploration_end", &*text), ("dueling", dueling)];
        let fixed = [("param_noise", "true"), ("learning_rate", "0"), ("hidden", "16")];
        let mut dqn: Dqn = agent(&[&own[..], &fixed].concat(), &choices());
        let target = -(1.0 - epsilon + epsilon / 3.0).ln();
        let mut late = Vec::new();
        for round in 0..1500 {
            // Every round is one in which it looks.
            let log = learn(&mut dqn, &rows.batch(16), 0.0).expect("it learns");
            if round >= 1000 {
                late.push(logged(&log, "noise_distance"));
            }
        }
        let mean = late.iter().sum::<f64>() / late.len() as f64;
        assert!(mean / target > 0.4 && mean / target < 2.5, "it wants {target} and gets {mean}");
    }
}

#[test]
fn noise_on_the_weights_of_dqn_stays_for_an_episode_and_chance_has_gone() {
    let dqn: Dqn = agent(&[("hidden", "16"), ("param_noise", "true")], &choices());
    assert!(matches!(
        dqn.needs().explore,
        Explore::EpsilonGreedy { epsilon: Schedule::Constant(0.0) }
    ));
    let mut memory = memory(&dqn);
    let look = |memory: &mut [f32], mode, key| {
        let mut head = [0.0; 3];
        let remembered = memory.len();
        let mut out = Act {
            head: RowsMut::new(&mut head, 3),
            values: &mut [],
            masks: Rows::new(&[], 1),
            memory: RowsMut::new(memory, remembered),
            mode,
            step: 0,
            key,
            first_lane: 0,
        };
        dqn.act(Rows::new(&OBS, 2), &mut out);
        head
    };
    let first = look(&mut memory, Mode::Train, 1);
    assert_eq!(look(&mut memory, Mode::Train, 2), first, "the same episode");
    let judged = look(&mut memory, Mode::Evaluate, 3);
    memory.fill(0.0);
    let next = look(&mut memory, Mode::Train, 4);
    assert!(next != first && next != judged && first != judged);
    let both = [("noisy", "true"), ("param_noise", "true")];
    let params = <Dqn as Agent>::Params::with(&crate::contract::values::<Dqn>(&both));
    let error = <Dqn as Agent>::new(&params.expect("they fit"), &choices(), &mut Rng::seeded(1));
    assert!(error.expect_err("two ways").to_string().contains("choose one"));
}

#[test]
fn the_deviation_of_noise_on_weights_is_saved_for_learners_and_actors() {
    let mut td3: Td3 = agent(&NOISY, &task());
    let mut archive = Archive::saving();
    td3.acting(&mut archive);
    let state = archive.finish().expect("it saves");
    assert!(state.get("noise/deviation").is_some(), "{state:?}");
}
