//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use std::fmt::Write;

use box2d::bipedal_walker::BipedalWalker;
use box2d::lunar_lander::{Continuous, Discrete, LunarLander};
use plugin_api::Element;
use plugin_api::params::{Params, find};
use plugin_api::prelude::*;

/// What acts in steered episodes, from what is seen and the number of steps so far.
type Pilot = fn(&[f32], usize) -> Vec<f64>;

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
fn check<E: Env<Obs = f32>>(most: usize, golden: &str, pilot: Pilot) {
    let name = golden.split(' ').nth(1).expect("the name of the world");
    let mut world = Player::<E>::new(name, "", pilot);
    let mut spelled = Vec::new();
    let (mut played, mut is_reused) = ([0; 2], false);
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "options" => {
                world = Player::new(name, rest, pilot);
                is_reused = rest.contains("world=reuse");
                played = [0; 2];
            }
            "seed" => spelled = world.spelled_out(rest.parse().expect("a seed")),
            "random" | "steered" => {
                let count = &mut played[usize::from(word == "steered")];
                *count += 1;
                if *count > most && is_reused {
                    // What follows depends on what is left out here.
                    played = [usize::MAX / 2; 2];
                } else if *count <= most {
                    assert_eq!(world.digest(word, rest), line);
                }
            }
            _ => assert_eq!(spelled.remove(0), line),
        }
    }
}

/// A world with its random numbers and those of the actions.
struct Player<E> {
    env: E,
    task: Task,
    pilot: Pilot,
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
    /// The world or variant of this name, with further options.
    fn new(name: &str, options: &str, pilot: Pilot) -> Self {
        let (mut params, mut max_steps) = (E::Params::default(), None);
        let specs = E::Params::specs();
        let variant = E::VARIANTS.iter().find(|variant| variant.name == name);
        let given = variant.map_or(&[][..], |variant| variant.params).iter().copied();
        let options = options.split(' ').filter_map(|option| option.split_once('='));
        for (name, value) in given.chain(options) {
            if name == "max_steps" {
                max_steps = Some(value.parse().expect("a number of steps"));
                continue;
            }
            let value = find(&specs, name).and_then(|spec| spec.parse(value));
            params.set(name, &value.expect("a param of the world")).expect("an allowed value");
        }
        let env = E::new(&params).expect("the params fit together");
        let mut task = env.task();
        task.max_steps = max_steps.unwrap_or(task.max_steps);
        let obs = vec![0.0; task.observations.width()];
        Self { env, task, pilot, rng: Rng::seeded(0), action_rng: Rng::seeded(0), obs }
    }

    fn reset(&mut self, seed: u64) {
        self.rng = Rng::seeded(seed);
        self.action_rng = Rng::seeded(seed);
        self.env.reset(&mut self.rng, &mut self.obs);
    }

    fn step(&mut self, action: &[f64], elapsed: usize) -> Step {
        let action: Vec<_> = action.iter().copied().map(E::Action::from_f64).collect();
        let mut step = self.env.step(&action, &mut self.rng, &mut self.obs);
        step.truncated = elapsed == self.task.max_steps as usize;
        step
    }

    fn sample(&mut self) -> Vec<f64> {
        match &self.task.actions {
            Space::Discrete { n, .. } => vec![self.action_rng.integers(0, *n as i64) as f64],
            Space::Box { low, high, .. } => {
                let mut draw = |idx| {
                    let action = self.action_rng.uniform(low.at(idx), high.at(idx)) as f32;
                    f64::from(1.25 * action)
                };
                (0..self.task.actions.width()).map(&mut draw).collect()
            }
            other => panic!("no world here has actions of {other}"),
        }
    }

    /// Plays the episodes of a line, and writes the line anew.
    fn digest(&mut self, word: &str, line: &str) -> String {
        let mut numbers = line.split(' ').map(str::parse::<u64>);
        let mut number = || numbers.next().expect("four numbers").expect("a whole number");
        let (first, count) = (number(), number());
        let (mut digest, mut steps) = (Digest(0xcbf2_9ce4_8422_2325), 0);
        for seed in (0..count).map(|idx| first + idx) {
            self.reset(seed);
            self.add(&mut digest, Step::default());
            for elapsed in 1.. {
                let action = match word {
                    "steered" => (self.pilot)(&self.obs, elapsed - 1),
                    _ => self.sample(),
                };
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
            let step = self.step(&action, elapsed);
            let words: Vec<_> = action.iter().map(|&part| (part as f32).to_string()).collect();
            lines.push(self.bits(format!("step {}", words.join(",")), step));
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
