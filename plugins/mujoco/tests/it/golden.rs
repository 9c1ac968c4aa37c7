//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use mujoco::ant::Ant;
use mujoco::half_cheetah::HalfCheetah;
use mujoco::hopper::Hopper;
use mujoco::humanoid::Humanoid;
use mujoco::inverted_double_pendulum::InvertedDoublePendulum;
use mujoco::inverted_pendulum::InvertedPendulum;
use mujoco::pusher::Pusher;
use mujoco::reacher::Reacher;
use mujoco::simulated::{Simulated, World};
use mujoco::standup::HumanoidStandup;
use mujoco::swimmer::Swimmer;
use mujoco::walker2d::Walker2d;
use plugin_api::params::{Params, find};
use plugin_api::prelude::*;

use crate::is_here;

#[test]
fn ant() {
    check::<Ant>(include_str!("../golden/Ant-v5.txt"));
}

#[test]
fn half_cheetah() {
    check::<HalfCheetah>(include_str!("../golden/HalfCheetah-v5.txt"));
}

#[test]
fn hopper() {
    check::<Hopper>(include_str!("../golden/Hopper-v5.txt"));
}

#[test]
fn humanoid() {
    check::<Humanoid>(include_str!("../golden/Humanoid-v5.txt"));
}

#[test]
fn humanoid_standup() {
    check::<HumanoidStandup>(include_str!("../golden/HumanoidStandup-v5.txt"));
}

#[test]
fn inverted_double_pendulum() {
    check::<InvertedDoublePendulum>(include_str!("../golden/InvertedDoublePendulum-v5.txt"));
}

#[test]
fn inverted_pendulum() {
    check::<InvertedPendulum>(include_str!("../golden/InvertedPendulum-v5.txt"));
}

#[test]
fn pusher() {
    check::<Pusher>(include_str!("../golden/Pusher-v5.txt"));
}

#[test]
fn reacher() {
    check::<Reacher>(include_str!("../golden/Reacher-v5.txt"));
}

#[test]
fn swimmer() {
    check::<Swimmer>(include_str!("../golden/Swimmer-v5.txt"));
}

#[test]
fn walker2d() {
    check::<Walker2d>(include_str!("../golden/Walker2d-v5.txt"));
}

/// The files that `generate.py --long` wrote into the folder that `THORNDIKE_LONG_GOLDEN` names.
#[test]
#[ignore = "long: a million steps of each world, where they were generated"]
fn a_million_steps() {
    let Some(folder) = std::env::var_os("THORNDIKE_LONG_GOLDEN") else {
        return println!("skipped: the long recording is not installed");
    };
    let folder = std::path::PathBuf::from(folder);
    let play = |name: &str, check: fn(&str)| {
        if let Ok(golden) = std::fs::read_to_string(folder.join(format!("{name}.txt"))) {
            check(&golden);
            println!("{name} is equal");
        }
    };
    play(Ant::NAME, check::<Ant>);
    play(HalfCheetah::NAME, check::<HalfCheetah>);
    play(Hopper::NAME, check::<Hopper>);
    play(Humanoid::NAME, check::<Humanoid>);
    play(HumanoidStandup::NAME, check::<HumanoidStandup>);
    play(InvertedDoublePendulum::NAME, check::<InvertedDoublePendulum>);
    play(InvertedPendulum::NAME, check::<InvertedPendulum>);
    play(Pusher::NAME, check::<Pusher>);
    play(Reacher::NAME, check::<Reacher>);
    play(Swimmer::NAME, check::<Swimmer>);
    play(Walker2d::NAME, check::<Walker2d>);
}

/// Repeats a file line by line.
fn check<W: World>(golden: &str) {
    if !is_here() {
        return;
    }
    let mut world = Player::<W>::new("");
    let mut spelled = Vec::new();
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "options" => world = Player::new(rest),
            "seed" => spelled = world.spelled_out(rest.parse().expect("a seed")),
            "random" => assert_eq!(world.digest(rest), line, "{}", W::NAME),
            _ => assert_eq!(spelled.remove(0), line, "{}", W::NAME),
        }
    }
}

/// A world with its random numbers and those of the actions.
struct Player<W: World> {
    env: Simulated<W>,
    task: Task,
    rng: Rng,
    action_rng: Rng,
    obs: Vec<f64>,
}

/// FNV-1a over whole integers.
pub(crate) struct Digest(u64);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x100_0000_01b3);
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

impl<W: World> Player<W> {
    fn new(options: &str) -> Self {
        let mut params = W::Params::default();
        let specs = W::Params::specs();
        for (name, value) in options.split(' ').filter_map(|option| option.split_once('=')) {
            let value = find(&specs, name).and_then(|spec| spec.parse(value));
            params.set(name, &value.expect("a param of the world")).expect("an allowed value");
        }
        let env = Simulated::<W>::new(&params).expect("the params fit together");
        let task = env.task();
        let obs = vec![0.0; task.observations.width()];
        Self { env, task, rng: Rng::seeded(0), action_rng: Rng::seeded(0), obs }
    }

    fn reset(&mut self, seed: u64) {
        self.rng = Rng::seeded(seed);
        self.action_rng = Rng::seeded(seed);
        self.env.reset(&mut self.rng, &mut self.obs);
    }

    fn sample(&mut self) -> Vec<f32> {
        let Space::Box { low, high, .. } = &self.task.actions else {
            panic!("no world here has actions of {}", self.task.actions)
        };
        let mut draw = |idx| 1.25 * self.action_rng.uniform(low.at(idx), high.at(idx)) as f32;
        (0..self.task.actions.width()).map(&mut draw).collect()
    }

    fn step(&mut self, action: &[f32], elapsed: u32) -> Step {
        let mut step = self.env.step(action, &mut self.rng, &mut self.obs);
        step.truncated = elapsed == self.task.max_steps;
        step
    }

    /// Plays the episodes of a line, and writes the line anew.
    fn digest(&mut self, line: &str) -> String {
        let mut numbers = line.split(' ').map(str::parse::<u64>);
        let mut number = || numbers.next().expect("four numbers").expect("a whole number");
        let (first, count) = (number(), number());
        let (mut digest, mut steps) = (Digest::new(), 0);
        for seed in (0..count).map(|idx| first + idx) {
            self.reset(seed);
            self.add(&mut digest, Step::default());
            for elapsed in 1.. {
                let action = self.sample();
                let step = self.step(&action, elapsed);
                self.add(&mut digest, step);
                steps += 1;
                if step.flags() != 0 {
                    break;
                }
            }
            // The random numbers go on in the next episode.
            self.env.reset(&mut self.rng, &mut self.obs);
            self.add(&mut digest, Step::default());
        }
        format!("random {first} {count} {steps} {digest}")
    }

    fn add(&self, digest: &mut Digest, step: Step) {
        self.obs.iter().for_each(|number| digest.add(number.to_bits()));
        digest.add(step.reward.to_bits());
        digest.add(step.flags().into());
    }

    /// The lines of the first steps of an episode.
    fn spelled_out(&mut self, seed: u64) -> Vec<String> {
        self.reset(seed);
        let mut lines = vec![self.line("reset", Step::default())];
        for elapsed in 1..=10 {
            let action = self.sample();
            let step = self.step(&action, elapsed);
            let words: Vec<_> = action.iter().map(f32::to_string).collect();
            lines.push(self.line(&format!("step {}", words.join(",")), step));
        }
        lines
    }

    fn line(&self, word: &str, step: Step) -> String {
        let mut digest = Digest::new();
        self.obs.iter().for_each(|number| digest.add(number.to_bits()));
        format!("{word} {digest} {:x} {:x}", step.reward.to_bits(), step.flags())
    }
}
