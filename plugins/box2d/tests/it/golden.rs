//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use box2d::bipedal_walker::BipedalWalker;
use box2d::lunar_lander::{Continuous, Discrete, LunarLander};
use plugin_api::prelude::*;
use plugin_api::testing::golden::{self, Pilot, Reading};

/// How many lines of each kind are repeated every day; all of them are more than a million steps.
const EVERYDAY: usize = 3;

#[test]
fn lunar_lander() {
    check::<LunarLander<Discrete>>(EVERYDAY, LANDER, lander_pilot);
}

#[test]
fn lunar_lander_continuous() {
    check::<LunarLander<Continuous>>(EVERYDAY, LANDER_CONTINUOUS, lander_pilot_continuous);
}

#[test]
#[ignore = "long: a million steps of each world"]
fn a_million_steps_of_the_landers() {
    check::<LunarLander<Discrete>>(usize::MAX, LANDER, lander_pilot);
    check::<LunarLander<Continuous>>(usize::MAX, LANDER_CONTINUOUS, lander_pilot_continuous);
}

#[test]
fn bipedal_walker() {
    check::<BipedalWalker>(EVERYDAY, WALKER, walker_pilot);
    check::<BipedalWalker>(EVERYDAY, WALKER_HARDCORE, walker_pilot);
}

#[test]
#[ignore = "long: a million steps of each world"]
fn a_million_steps_of_the_walkers() {
    check::<BipedalWalker>(usize::MAX, WALKER, walker_pilot);
    check::<BipedalWalker>(usize::MAX, WALKER_HARDCORE, walker_pilot);
}

const LANDER: &str = include_str!("../golden/LunarLander-v3.txt");
const LANDER_CONTINUOUS: &str = include_str!("../golden/LunarLanderContinuous-v3.txt");

const WALKER: &str = include_str!("../golden/BipedalWalker-v3.txt");
const WALKER_HARDCORE: &str = include_str!("../golden/BipedalWalkerHardcore-v3.txt");

fn lander_pilot(obs: &[f32], _step: usize) -> Vec<f64> {
    let (angle, height) = lander_targets(obs);
    let action = if height > angle.abs() && height > 0.05 {
        2.0
    } else if angle < -0.05 {
        3.0
    } else if angle > 0.05 {
        1.0
    } else {
        0.0
    };
    vec![action]
}

fn lander_pilot_continuous(obs: &[f32], _step: usize) -> Vec<f64> {
    let (angle, height) = lander_targets(obs);
    vec![(height * 20.0 - 1.0).clamp(-1.0, 1.0), (angle * -20.0).clamp(-1.0, 1.0)]
}

fn lander_targets(obs: &[f32]) -> (f64, f64) {
    let seen: Vec<f64> = obs.iter().copied().map(f64::from).collect();
    let &[x, y, vx, vy, angle, spin, left, right] = &seen[..] else { panic!("eight numbers") };
    let lean = (x * 0.5 + vx).clamp(-0.4, 0.4);
    if left + right > 0.0 {
        return (0.0, vy * -0.5);
    }
    ((lean - angle) * 0.5 - spin, (0.55 * x.abs() - y) * 0.5 - vy * 0.5)
}

/// Angles of hips and knees between which the walker changes.
const POSES: [[f64; 4]; 4] =
    [[0.9, -0.9, -0.3, 0.0], [0.2, 0.0, 0.9, -0.9], [-0.4, -0.2, 0.6, -0.6], [0.5, 0.1, 0.5, 0.1]];

/// Lurches from pose to pose; falls late and in many ways.
fn walker_pilot(obs: &[f32], step: usize) -> Vec<f64> {
    let pull = |(want, place): (f64, usize)| {
        let [angle, speed] = [place, place + 1].map(|place| f64::from(obs[place]));
        ((want - angle) * 1.5 - speed * 0.25).clamp(-1.0, 1.0)
    };
    POSES[step / 20 % POSES.len()].into_iter().zip([4, 6, 9, 11]).map(pull).collect()
}

/// Repeats a file line by line, of each kind no more than `most` after each `options`.
#[track_caller]
fn check<E: Env<Obs = f32>>(most: usize, golden: &str, pilot: fn(&[f32], usize) -> Vec<f64>) {
    let name = golden.split(' ').nth(1).expect("the name of the world");
    let pilot: Pilot<'_, f32> = &|obs, step, _| pilot(obs, step);
    golden::check::<E>(golden, Reading { name, pilot, lines_max: most, ..Reading::ALL });
}
