//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use std::fmt::Write;

use classic_control::acrobot::Acrobot;
use classic_control::cart_pole::CartPole;
use classic_control::mountain_car::MountainCar;
use classic_control::mountain_car_continuous::MountainCarContinuous;
use classic_control::pendulum::Pendulum;
use classic_control::single::Single;
use plugin_api::Element;
use plugin_api::params::{Params, find};
use plugin_api::prelude::*;

#[test]
fn cart_pole() {
    check::<Single<CartPole, 4, 4>>(include_str!("../golden/CartPole-v1.txt"), &[2, 3]);
}

#[test]
fn mountain_car() {
    check::<Single<MountainCar, 2, 2>>(include_str!("../golden/MountainCar-v0.txt"), &[1]);
}

#[test]
fn mountain_car_continuous() {
    let golden = include_str!("../golden/MountainCarContinuous-v0.txt");
    check::<Single<MountainCarContinuous, 3, 2>>(golden, &[1]);
}

#[test]
fn acrobot() {
    check::<Single<Acrobot, 4, 6>>(include_str!("../golden/Acrobot-v1.txt"), &[5]);
}

#[test]
fn pendulum() {
    check::<Single<Pendulum, 4, 3>>(include_str!("../golden/Pendulum-v1.txt"), &[2]);
}

/// Repeats a file line by line; `steering` names what is added up to steer.
#[track_caller]
fn check<E: Env<Obs = f32>>(golden: &str, steering: &[usize]) {
    let mut world = Player::<E>::new("");
    let mut spelled = Vec::new();
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let numbers = || rest.split(' ').map(|part| part.parse().expect("a whole number"));
        match word {
            "options" => world = Player::new(rest),
            "seed" => spelled = world.spelled_out(numbers().next().expect("a seed")),
            "episodes" => assert_eq!(world.digest("episodes", rest, &[]), line),
            "steered" => assert_eq!(world.digest("steered", rest, steering), line),
            _ => assert_eq!(spelled.remove(0), line),
        }
    }
}

/// A world with its random numbers and those of the actions.
struct Player<E> {
    env: E,
    task: Task,
    rng: Rng,
    action_rng: Rng,
    obs: Vec<f32>,
}

/// FNV-1a over whole integers.
struct Digest(u64);

impl Digest {
    fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x100_0000_01b3);
    }
}

impl<E: Env<Obs = f32>> Player<E> {
    fn new(options: &str) -> Self {
        let mut params = E::Params::default();
        let specs = E::Params::specs();
        for (name, value) in options.split(' ').filter_map(|option| option.split_once('=')) {
            let value = find(&specs, name).and_then(|spec| spec.parse(value));
            params.set(name, &value.expect("a param of the world")).expect("an allowed value");
        }
        let env = E::new(&params).expect("the params fit together");
        let task = env.task();
        let obs = vec![0.0; task.observations.width()];
        Self { env, task, rng: Rng::seeded(0), action_rng: Rng::seeded(0), obs }
    }

    fn reset(&mut self, seed: u64) {
        self.rng = Rng::seeded(seed);
        self.action_rng = Rng::seeded(seed);
        self.env.reset(&mut self.rng, &mut self.obs);
    }

    fn step(&mut self, action: f64, elapsed: u32) -> Step {
        let action = [E::Action::from_f64(action)];
        let mut step = self.env.step(&action, &mut self.rng, &mut self.obs);
        step.truncated = elapsed == self.task.max_steps;
        step
    }

    fn sample(&mut self) -> f64 {
        match &self.task.actions {
            Space::Discrete { n, .. } => self.action_rng.integers(0, *n as i64) as f64,
            Space::Box { low, high, .. } => {
                let action = self.action_rng.uniform(low.at(0), high.at(0)) as f32;
                f64::from(1.25 * action)
            }
            other => panic!("no world here has actions of {other}"),
        }
    }

    fn steer(&self, steering: &[usize]) -> f64 {
        let up = steering.iter().map(|place| self.obs[*place]).sum::<f32>() > 0.0;
        match &self.task.actions {
            Space::Discrete { n, .. } => {
                if up {
                    *n as f64 - 1.0
                } else {
                    0.0
                }
            }
            Space::Box { low, high, .. } => {
                if up {
                    high.at(0)
                } else {
                    low.at(0)
                }
            }
            other => panic!("no world here has actions of {other}"),
        }
    }

    /// Plays the episodes of a line, and writes the line anew.
    fn digest(&mut self, word: &str, line: &str, steering: &[usize]) -> String {
        let mut numbers = line.split(' ').map(str::parse::<u64>);
        let mut number = || numbers.next().expect("four numbers").expect("a whole number");
        let (first, count) = (number(), number());
        let (mut digest, mut steps) = (Digest(0xcbf2_9ce4_8422_2325), 0);
        for seed in (0..count).map(|idx| first + idx) {
            self.reset(seed);
            self.add(&mut digest, Step::default());
            for elapsed in 1.. {
                let action = if steering.is_empty() { self.sample() } else { self.steer(steering) };
                let step = self.step(action, elapsed);
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
        format!("{word} {first} {count} {steps} {:016x}", digest.0)
    }

    fn add(&self, digest: &mut Digest, step: Step) {
        self.obs.iter().for_each(|number| digest.add(number.to_bits().into()));
        digest.add(step.reward.to_bits());
        digest.add(step.flags().into());
    }

    /// The lines of the first steps of an episode.
    fn spelled_out(&mut self, seed: u64) -> Vec<String> {
        self.reset(seed);
        let mut lines = vec![self.bits("reset".to_owned(), Step::default())];
        for elapsed in 1..=25 {
            let action = self.sample();
            let step = self.step(action, elapsed);
            lines.push(self.bits(format!("step {}", action as f32), step));
        }
        lines
    }

    fn bits(&self, mut line: String, step: Step) -> String {
        for number in &self.obs {
            write!(line, " {:x}", number.to_bits()).expect("a text takes all");
        }
        format!("{line} {:x} {:x}", step.reward.to_bits(), step.flags())
    }
}
