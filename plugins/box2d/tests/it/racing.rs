//! `CarRacing` against what Gymnasium did: `tests/golden/racing.py` wrote it down.

use box2d::car_racing::{CarRacing, CarRacingParams, Driving, Keys, Pedals, SIZE};
use plugin_api::Element;
use plugin_api::params::{Params, find};
use plugin_api::prelude::*;
use plugin_api::space::SpaceSampler;

const GOLDEN: &str = include_str!("../golden/CarRacing-v3.txt");

/// By how much the means of squares of eight by eight pixels may differ: on the whole, and one of
/// them, of 255.
const CLOSE: (f64, u8) = (0.5, 8);

#[test]
fn the_car_drives_as_gymnasiums() {
    // Of each kind one line every day.
    check(GOLDEN, 1);
}

#[test]
#[ignore = "long: some ten thousand steps with pixels"]
fn the_car_drives_as_gymnasiums_all_the_way() {
    check(GOLDEN, usize::MAX);
}

/// The file that `racing.py --long` wrote into the folder that `THORNDIKE_LONG_GOLDEN` names.
#[test]
#[ignore = "long: a million steps, where they were generated"]
fn a_million_steps_of_the_car() {
    let folder = std::env::var_os("THORNDIKE_LONG_GOLDEN").map(std::path::PathBuf::from);
    let golden = folder.map(|folder| std::fs::read_to_string(folder.join("CarRacing-v3.txt")));
    let Some(Ok(golden)) = golden else {
        return println!("skipped: the long recording is not installed");
    };
    check(&golden, usize::MAX);
}

#[test]
fn pixels_are_close_to_gymnasiums() {
    let mut apart = Vec::new();
    for line in GOLDEN.lines().filter(|line| line.starts_with("frame")) {
        let words: Vec<&str> = line.split(' ').collect();
        let mut race = Race::<Pedals>::new("");
        race.reset(words[1].parse().expect("a seed"));
        for _ in 0..words[2].parse().expect("a number of steps") {
            let action = race.pilot();
            race.step(&action);
        }
        let theirs = (0..words[3].len() / 2)
            .map(|at| u8::from_str_radix(&words[3][2 * at..2 * at + 2], 16).expect("hex"));
        let apart_here: Vec<u8> =
            race.means().into_iter().zip(theirs).map(|(a, b)| a.abs_diff(b)).collect();
        let mean = apart_here.iter().map(|part| f64::from(*part)).sum::<f64>();
        let most = apart_here.iter().max().copied().expect("some");
        apart.push((mean / apart_here.len() as f64, most));
    }
    let is_close = |(mean, most): &(f64, u8)| *mean <= CLOSE.0 && *most <= CLOSE.1;
    assert!(apart.iter().all(is_close), "{apart:?}");
}

/// Repeats a file line by line, of each kind no more than `most` after each `options`.
fn check(golden: &str, most: usize) {
    let (mut pedals, mut keys) = (None, None);
    let mut played = [0; 2];
    for line in golden.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words[0] {
            "options" if words.contains(&"continuous=false") => {
                (pedals, keys) = (None, Some(Race::<Keys>::new("")));
            }
            "options" => {
                (pedals, keys) = (Some(Race::<Pedals>::new(&words[1..].join(" "))), None);
            }
            "random" | "laps" => {
                let count = &mut played[usize::from(words[0] == "laps")];
                *count += 1;
                if *count <= most {
                    let played = pedals.as_mut().map(|race| race.play(&words));
                    let played = played.or_else(|| keys.as_mut().map(|race| race.play(&words)));
                    assert_eq!(played.as_deref(), Some(line));
                }
            }
            _ => {}
        }
        if words[0] == "options" {
            played = [0; 2];
        }
    }
}

/// A car with its random numbers and those of the actions.
struct Race<D: Driving> {
    env: CarRacing<D>,
    actions: Space,
    rng: Rng,
    obs: Vec<u8>,
}

impl<D: Driving> Race<D> {
    fn new(options: &str) -> Self {
        let mut params = CarRacingParams::default();
        let specs = CarRacingParams::specs();
        for (name, value) in options.split(' ').filter_map(|option| option.split_once('=')) {
            let value = find(&specs, name).and_then(|spec| spec.parse(value));
            params.set(name, &value.expect("a param of the world")).expect("an allowed value");
        }
        let env = CarRacing::<D>::new(&params).expect("the params fit together");
        let actions = env.task().actions;
        Self { env, actions, rng: Rng::seeded(0), obs: vec![0; 3 * SIZE * SIZE] }
    }

    fn reset(&mut self, seed: u64) {
        self.rng = Rng::seeded(seed);
        self.env.reset(&mut self.rng, &mut self.obs);
    }

    fn step(&mut self, action: &[D::Action]) -> Step {
        self.env.step(action, &mut self.rng, &mut self.obs)
    }

    /// Steers towards a place some tiles ahead of the nearest one.
    fn pilot(&self) -> Vec<D::Action> {
        let numbers = self.env.numbers();
        let (x, y, angle) = (numbers[0], numbers[1], numbers[2]);
        let track: Vec<(f64, f64)> = self.env.way().collect();
        let away = |(px, py): &(f64, f64)| (px - x) * (px - x) + (py - y) * (py - y);
        let mut nearest = 0;
        for (idx, place) in track.iter().enumerate() {
            if away(place) < away(&track[nearest]) {
                nearest = idx;
            }
        }
        let (to_x, to_y) = track[(nearest + 5) % track.len()];
        let aside = (to_x - x) * angle.cos() + (to_y - y) * angle.sin();
        let speed = (numbers[3] * numbers[3] + numbers[4] * numbers[4]).sqrt();
        let steer = (0.1 * aside).clamp(-1.0, 1.0);
        if let Space::Discrete { .. } = self.actions {
            let key = if steer > 0.3 {
                1.0
            } else if steer < -0.3 {
                2.0
            } else if speed < 30.0 {
                3.0
            } else {
                0.0
            };
            return vec![D::Action::from_f64(key)];
        }
        let gas = if speed < 40.0 { 0.5 } else { 0.0 };
        let brake = if speed > 50.0 { 0.1 } else { 0.0 };
        [steer, gas, brake].map(D::Action::from_f64).to_vec()
    }

    /// Plays the episodes of a line, and writes the line anew.
    fn play(&mut self, words: &[&str]) -> String {
        let number = |idx: usize| words[idx].parse::<u64>().expect("a whole number");
        let (first, count) = (number(1), number(2));
        let (mut digest, mut steps, mut ends) = (Digest::new(), 0, 0);
        for seed in first..first + count {
            self.reset(seed);
            let mut sampler = SpaceSampler::new(&self.actions, seed).expect("actions can be drawn");
            let mut action = vec![D::Action::default(); self.actions.width()];
            self.add(&mut digest, Step::default());
            for elapsed in 0..2500 {
                if words[0] == "laps" {
                    action = self.pilot();
                } else if elapsed % 10 == 0 {
                    sampler.sample(None, &mut action);
                }
                let mut step = self.step(&action);
                step.truncated = elapsed == 2499;
                self.add(&mut digest, step);
                steps += 1;
                ends += u64::from(step.terminated);
                if step.flags() != 0 {
                    break;
                }
            }
            // The random numbers go on in the next episode.
            self.env.reset(&mut self.rng, &mut self.obs);
            self.add(&mut digest, Step::default());
        }
        format!("{} {first} {count} {steps} {ends} {:016x}", words[0], digest.0)
    }

    fn add(&self, digest: &mut Digest, step: Step) {
        self.env.numbers().into_iter().for_each(|number| digest.add(number.to_bits()));
        digest.add(step.reward.to_bits());
        digest.add(step.flags().into());
    }

    /// Means of squares of eight by eight pixels.
    fn means(&self) -> Vec<u8> {
        let mean = |row: usize, column: usize, part: usize| {
            let pixel = |y: usize, x: usize| self.obs[3 * (SIZE * y + x) + part];
            let square = |idx: usize| f64::from(pixel(8 * row + idx / 8, 8 * column + idx % 8));
            ((0..64).map(square).sum::<f64>() / 64.0).round() as u8
        };
        let places = (0..12).flat_map(|row| (0..12).map(move |column| (row, column)));
        places.flat_map(|(row, column)| [0, 1, 2].map(|part| mean(row, column, part))).collect()
    }
}

/// FNV-1a over whole integers.
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x100_0000_01b3);
    }
}
