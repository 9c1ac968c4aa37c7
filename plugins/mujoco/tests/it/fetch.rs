//! The Fetch worlds against gymnasium-robotics: `tests/golden/fetch.py` wrote down what they do.
//!
//! Velocities and angles are compared with a tolerance: numpy computes them in another way on each
//! processor. All else, rewards and successes among it, is equal to the last bit.

use mujoco::fetch::errands::{PickAndPlace, Push, Reach, Slide};
use mujoco::fetch::{Errand, Fetch, FetchParams};
use plugin_api::prelude::*;
use plugin_api::testing::golden::Digest;

use crate::{is_here, long_ones};

/// By how much a number may differ that is not exact.
const NEAR: f64 = 1e-15;

#[test]
fn reach() {
    check::<Reach>(include_str!("../golden/FetchReach-v4.txt"));
}

#[test]
fn push() {
    check::<Push>(include_str!("../golden/FetchPush-v4.txt"));
}

#[test]
fn slide() {
    check::<Slide>(include_str!("../golden/FetchSlide-v4.txt"));
}

#[test]
fn pick_and_place() {
    check::<PickAndPlace>(include_str!("../golden/FetchPickAndPlace-v4.txt"));
}

/// The files that `fetch.py --long` wrote into the folder that `THORNDIKE_LONG_GOLDEN` names.
#[test]
#[ignore = "long: a million steps of each world, where they were generated"]
fn a_million_steps_of_fetch() {
    long_ones(&[
        (Reach::NAME, check::<Reach>),
        (Push::NAME, check::<Push>),
        (Slide::NAME, check::<Slide>),
        (PickAndPlace::NAME, check::<PickAndPlace>),
    ]);
}

/// Repeats a file line by line.
fn check<E: Errand>(golden: &str) {
    if !is_here() {
        return;
    }
    let mut world = Player::<E>::new(E::NAME);
    let mut elapsed = 0;
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "world" => world = Player::new(words[1]),
            "seed" => {
                world.reset(words[1].parse().expect("a seed"));
                elapsed = 0;
            }
            "reset" => world.compare(&words[2..], Step::default(), elapsed),
            "step" => {
                let action: Vec<f32> = numbers(words[1]);
                let step = world.step(&action);
                elapsed += 1;
                world.compare(&words[2..], step, elapsed);
            }
            _ => world.play(&words),
        }
    }
}

fn numbers<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> Vec<T> {
    text.split(',').map(|number| number.parse().expect("a number")).collect()
}

/// A world with its random numbers and those of the actions.
struct Player<E: Errand> {
    env: Fetch<E>,
    actions: Space,
    rng: Rng,
    action_rng: Rng,
    obs: Vec<f64>,
    /// Columns that are not exact.
    near: std::ops::Range<usize>,
}

impl<E: Errand> Player<E> {
    fn new(name: &str) -> Self {
        let is_dense = name != E::NAME;
        let reward_type = if is_dense { "dense" } else { "sparse" }.to_owned();
        let env = Fetch::<E>::new(&FetchParams { reward_type }).expect("the model is here");
        let task = env.task();
        task.validate().expect("the task makes sense");
        let width = task.observations.width();
        let near = if width == 31 { 17..29 } else { 11..14 };
        let (rng, action_rng) = (Rng::seeded(0), Rng::seeded(0));
        Self { env, actions: task.actions, rng, action_rng, obs: vec![0.0; width], near }
    }

    fn reset(&mut self, seed: u64) {
        self.rng = Rng::seeded(seed);
        self.action_rng = Rng::seeded(seed);
        self.env.reset(&mut self.rng, &mut self.obs);
    }

    fn step(&mut self, action: &[f32]) -> Step {
        let step = self.env.step(action, &mut self.rng, &mut self.obs);
        let again = self.env.goal_step(&self.obs[..3], &self.obs[3..6]);
        assert_eq!(again.reward.to_bits(), step.reward.to_bits(), "{}", E::NAME);
        step
    }

    fn action(&mut self, plays: &str) -> Vec<f32> {
        let Space::Box { low, high, .. } = &self.actions else { panic!("it is a box") };
        let drawn: Vec<f32> =
            (0..4).map(|idx| self.action_rng.uniform(low.at(idx), high.at(idx)) as f32).collect();
        if plays == "random" {
            return drawn.iter().map(|part| 1.25 * part).collect();
        }
        let obs = &self.obs;
        let way = |part: usize| match obs.len() {
            31 => obs[12 + part],
            _ => obs[3 + part] - obs[6 + part],
        };
        let chase = |part: usize| (10.0 * way(part) + 0.5 * f64::from(drawn[part])) as f32;
        vec![chase(0), chase(1), chase(2), drawn[3]]
    }

    /// Whether the goal is near, and whether the episode is cut off.
    fn flags(&self, elapsed: u32) -> u64 {
        let mut success = [0.0];
        self.env.infos(&mut success);
        success[0] as u64 | u64::from(elapsed == 50) << 1
    }

    fn add(&self, digest: &mut Digest) {
        let exact = (0..self.obs.len()).filter(|column| !self.near.contains(column));
        exact.for_each(|column| digest.add(self.obs[column].to_bits()));
    }

    /// Plays the episodes of a line and compares.
    fn play(&mut self, words: &[&str]) {
        let number = |idx: usize| words[idx].parse::<u64>().expect("a whole number");
        let (first, count) = (number(1), number(2));
        let (mut digest, mut steps, mut successes) = (Digest::EMPTY, 0, 0);
        let mut sums = vec![0.0; self.near.len()];
        for seed in first..first + count {
            self.reset(seed);
            for elapsed in 0..=50 {
                let mut step = Step::default();
                if elapsed > 0 {
                    let action = self.action(words[0]);
                    step = self.step(&action);
                    steps += 1;
                }
                let flags = if elapsed > 0 { self.flags(elapsed) } else { 0 };
                self.add(&mut digest);
                digest.add(step.reward.to_bits());
                digest.add(flags);
                successes += flags & 1;
                let near = &self.obs[self.near.clone()];
                sums.iter_mut().zip(near).for_each(|(sum, number)| *sum += number);
            }
        }
        let ours = format!("{steps} {successes} {digest}");
        assert_eq!(ours, words[3..6].join(" "), "{} {}", E::NAME, words[..3].join(" "));
        for (ours, theirs) in sums.iter().zip(numbers::<f64>(words[6])) {
            let apart = (ours - theirs).abs();
            assert!(apart <= NEAR * f64::from(steps), "{} apart by {apart:e}", E::NAME);
        }
    }

    /// Compares one moment: digest, reward, flags, and the columns that are not exact.
    fn compare(&self, words: &[&str], step: Step, elapsed: u32) {
        let mut digest = Digest::EMPTY;
        self.add(&mut digest);
        let flags = if elapsed > 0 { self.flags(elapsed) } else { 0 };
        let ours = format!("{digest} {:x} {flags:x}", step.reward.to_bits());
        assert_eq!(ours, words[..3].join(" "), "{} after {elapsed} steps", E::NAME);
        for (ours, theirs) in self.obs[self.near.clone()].iter().zip(numbers::<f64>(words[3])) {
            let apart = (ours - theirs).abs();
            assert!(apart <= NEAR, "{}: {ours} and {theirs} are {apart:e} apart", E::NAME);
        }
    }
}
