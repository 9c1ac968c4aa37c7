//! A world against a recording of what another program's did: its file is played again line by
//! line, and every line must come out as it stands there.
//!
//! A line `options KEY=VALUE ..` names the params of what follows. A line `WORD FIRST COUNT STEPS
//! DIGEST` stands for so many seeded episodes: how many steps they took together, and a digest of
//! every bit that came back; `steered` ones have a pilot, others random actions. After each episode
//! the next one is reset without a seed, and its beginning counts, too. After `seed N` the lines
//! `reset` and `step ACTION` spell the beginning of an episode out: what is seen, reward, flags.

use crate::element::{Dtype, Element};
use crate::env::{Env, Step};
use crate::params::{Params, find};
use crate::rng::Rng;
use crate::space::Space;
use crate::task::Task;
use std::fmt;

/// What acts in steered episodes, from what is seen, the number of steps so far, and the actions
/// there are.
pub type Pilot<'a, T> = &'a dyn Fn(&[T], usize, &Space) -> Vec<f64>;

/// How a recording is read.
#[derive(Clone, Copy)]
pub struct Reading<'a, T> {
    /// The world or variant.
    pub name: &'a str,
    /// What acts in steered episodes.
    pub pilot: Pilot<'a, T>,
    /// How many lines of episodes of each kind are repeated after each `options`.
    pub lines_max: usize,
    /// Steps of an episode that is spelled out.
    pub spelled_steps: usize,
    /// Whether there it is a digest that stands for what is seen.
    pub is_digested: bool,
}

impl<T> Reading<'_, T> {
    /// All lines of a world whose episodes nobody steers.
    pub const ALL: Self = Self {
        name: "",
        pilot: &|_, _, _| unreachable!("nobody steers"),
        lines_max: usize::MAX,
        spelled_steps: 25,
        is_digested: false,
    };
}

impl<T> fmt::Debug for Reading<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Reading").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Repeats a recording.
///
/// # Panics
///
/// Where a line comes out otherwise.
#[track_caller]
pub fn check<E: Env>(golden: &str, reading: Reading<'_, E::Obs>) {
    let mut world = Player::<E>::new(reading, "");
    let mut spelled = Vec::new();
    let (mut played, mut is_reused) = ([0; 2], false);
    for line in golden.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "options" => {
                world = Player::new(reading, rest);
                is_reused = rest.contains("world=reuse");
                played = [0; 2];
            }
            "seed" => spelled = world.spelled_out(rest.parse().expect("a seed")),
            "reset" | "step" => assert_eq!(spelled.remove(0), line, "{}", E::NAME),
            _ => {
                let count = &mut played[usize::from(word == "steered")];
                *count += 1;
                if *count <= reading.lines_max {
                    assert_eq!(world.episodes(word, rest), line, "{}", E::NAME);
                } else if is_reused {
                    // What follows depends on what is left out here.
                    played = [usize::MAX / 2; 2];
                }
            }
        }
    }
}

/// FNV-1a over whole integers.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Digest {
    /// That of nothing.
    pub const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Goes on with a number.
    pub fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x100_0000_01b3);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

/// A world with its random numbers and those of the actions.
struct Player<'a, E: Env> {
    reading: Reading<'a, E::Obs>,
    env: E,
    task: Task,
    rng: Rng,
    action_rng: Rng,
    obs: Vec<E::Obs>,
}

/// The bits of a number, in its own type.
fn bits<T: Element>(number: T) -> u64 {
    match T::DTYPE {
        Dtype::F32 => number.to_f32().to_bits().into(),
        Dtype::F64 => number.to_f64().to_bits(),
        Dtype::I64 | Dtype::U8 => number.to_f64() as i64 as u64,
    }
}

impl<'a, E: Env> Player<'a, E> {
    fn new(reading: Reading<'a, E::Obs>, options: &str) -> Self {
        let (mut params, mut max_steps) = (E::Params::default(), None);
        let specs = E::Params::specs();
        let variant = E::VARIANTS.iter().find(|variant| variant.name == reading.name);
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
        let obs = vec![E::Obs::default(); task.observations.width()];
        Self { reading, env, task, rng: Rng::seeded(0), action_rng: Rng::seeded(0), obs }
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

    /// A random action; those of boxes go beyond the bounds, too, since worlds cut them.
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
            other => panic!("no recording has actions of {other}"),
        }
    }

    /// Plays the episodes of a line, and writes the line anew.
    fn episodes(&mut self, word: &str, line: &str) -> String {
        let mut numbers = line.split(' ').map(str::parse::<u64>);
        let mut number = || numbers.next().expect("two numbers").expect("a whole number");
        let (first, count) = (number(), number());
        let (mut digest, mut steps) = (Digest::EMPTY, 0);
        for seed in (0..count).map(|idx| first + idx) {
            self.reset(seed);
            self.add(&mut digest, Step::default());
            for elapsed in 1.. {
                let action = match word {
                    "steered" => (self.reading.pilot)(&self.obs, elapsed - 1, &self.task.actions),
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
        format!("{word} {first} {count} {steps} {digest}")
    }

    fn add(&self, digest: &mut Digest, step: Step) {
        self.obs.iter().for_each(|number| digest.add(bits(*number)));
        digest.add(step.reward.to_bits());
        digest.add(step.flags().into());
    }

    /// The lines of the first steps of an episode.
    fn spelled_out(&mut self, seed: u64) -> Vec<String> {
        self.reset(seed);
        let mut lines = vec![self.line("reset", Step::default())];
        for elapsed in 1..=self.reading.spelled_steps {
            let action = self.sample();
            let step = self.step(&action, elapsed);
            let words: Vec<_> = action.iter().map(|&part| (part as f32).to_string()).collect();
            lines.push(self.line(&format!("step {}", words.join(",")), step));
        }
        lines
    }

    fn line(&self, word: &str, step: Step) -> String {
        let numbers = self.obs.iter().map(|number| bits(*number));
        let seen = if self.reading.is_digested {
            let mut digest = Digest::EMPTY;
            numbers.for_each(|number| digest.add(number));
            digest.to_string()
        } else {
            numbers.map(|number| format!("{number:x}")).collect::<Vec<_>>().join(" ")
        };
        format!("{word} {seen} {:x} {:x}", step.reward.to_bits(), step.flags())
    }
}
