//! `bench parity`: a world beside Gymnasium's, the same seeds and actions, number by number.

use super::super::env::World;
use super::super::json_line;
use super::super::plugins::told_registry;
use crate::chosen::{self, Source};
use crate::cli::ParityFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::stage::Stage;
use plugin_api::params::Value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use thorndike_engine::memory::{RawRows, put, to_f64};
use thorndike_session::error::shown;

const SCRIPT: &str = include_str!("parity.py");

/// The variable that names the Python to compare with.
const PYTHON: &str = "THORNDIKE_PYTHON";

/// Observations may differ by this much where bits cannot be had: numpy computes velocities and
/// angles of the Fetch worlds in another way on each processor.
const TOLERANCE: f64 = 1e-15;

/// What the script is asked to play.
#[derive(Serialize)]
struct Asked<'a> {
    env: &'a str,
    options: serde_json::Map<String, serde_json::Value>,
    /// Infos that are told after each step.
    infos: &'a [String],
    /// The first seed.
    seed: u64,
    episodes: Option<u64>,
    steps: Option<u64>,
    /// Whether each episode has an environment of its own.
    is_fresh: bool,
}

/// A line of the script.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Told {
    Version { gymnasium: String },
    Reset { obs: Numbers },
    Step { action: Numbers, obs: Numbers, reward: Numbers, flags: u8, infos: Numbers },
}

/// Numbers to the bit: sixteen hexadecimal digits each.
struct Numbers(Vec<f64>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = |digits: &[u8]| {
            let bits = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
            (digits.len() == 16).then_some(f64::from_bits(bits))
        };
        let numbers: Option<_> = text.as_bytes().chunks(16).map(number).collect();
        numbers.map(Self).ok_or_else(|| D::Error::custom("no numbers"))
    }
}

/// What the comparison came to.
#[derive(Debug, Default, Serialize)]
struct Parity {
    bench: &'static str,
    env: String,
    gymnasium: String,
    episodes: u64,
    steps: u64,
    /// Steps whose reward, flags or infos differ.
    outcomes_differ: u64,
    /// Observations that differ in any bit.
    observations_differ: u64,
    /// By how much at most.
    largest_difference: f64,
    /// Where the first difference is.
    first: Option<String>,
}

/// Plays both and tells how far they agree; fails when they do not.
pub(super) fn run(flags: &ParityFlags, settings: &Settings) -> Outcome {
    let mut stage = Stage::open(1)?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, &flags.env, Source::Words(&flags.env_set))?;
    let given = flags.env_set.iter().filter_map(|word| {
        let value = json(env.params.get(&word.key)?);
        match word.key.as_str() {
            // It is ours: there a world is fresh when it belongs to a new environment.
            "world" => None,
            "max_steps" => Some(("max_episode_steps".to_owned(), value)),
            key => Some((key.to_owned(), value)),
        }
    });
    let mut world = World::new(env.handle.env(&env.name, &env.params, 1)?);
    let asked = Asked {
        env: &env.name,
        options: given.collect(),
        infos: &world.task().infos.clone(),
        seed: flags.seed,
        // A number of steps alone is enough.
        episodes: flags.steps.is_none().then(|| u64::from(flags.episodes)),
        steps: flags.steps.map(u64::from),
        is_fresh: matches!(env.params.get("world"), Some(Value::Text(text)) if text == "fresh"),
    };
    let mut parity = Parity { bench: "parity", env: env.full.clone(), ..Parity::default() };
    compare(&mut world, &asked, &mut parity)?;
    let is_good = parity.outcomes_differ == 0 && parity.largest_difference <= TOLERANCE;
    let mut out = stage.out()?;
    if settings.json {
        json_line(&mut out, &parity)?;
    } else {
        writeln!(out, "{}", in_words(&parity))?;
    }
    Ok(if is_good { Exit::Success } else { Exit::Failed })
}

impl Parity {
    /// Remembers where the first difference is.
    fn note(&mut self) {
        let Self { episodes, steps, .. } = *self;
        self.first.get_or_insert_with(|| format!("episode {episodes}, step {steps}"));
    }
}

fn in_words(parity: &Parity) -> String {
    let Parity { env, gymnasium, episodes, steps, .. } = parity;
    let head = format!("{env} beside Gymnasium {gymnasium}: {episodes} episodes, {steps} steps");
    match &parity.first {
        None => format!("{head}, equal to the last bit"),
        Some(first) => format!(
            "{head}; {} outcomes and {} observations differ, by at most {:e}; first at {first}",
            parity.outcomes_differ, parity.observations_differ, parity.largest_difference
        ),
    }
}

fn compare(world: &mut World, asked: &Asked<'_>, parity: &mut Parity) -> Result<(), Failure> {
    let python = env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let wish = serde_json::to_string(asked)
        .map_err(|error| Failure::failed(format!("cannot ask for {}: {error}", asked.env)))?;
    let mut child = Command::new(&python)
        // gymnasium-robotics 1.4.2 trips over an assertion of its own with a MuJoCo after 3.11.
        .args(["-O", "-W", "ignore", "-c", SCRIPT, &wish])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Failure::failed(format!(
                "cannot start {}: {error}; {PYTHON} names another Python",
                shown(&python)
            ))
        })?;
    let output = child.stdout.take().expect("it was asked for");
    let mut complaints = child.stderr.take().expect("it was asked for");
    // Read on the side: a full pipe would stop the script.
    let complaints = std::thread::spawn(move || {
        let mut text = Vec::new();
        // What cannot be read is only missing in a message.
        let _ = std::io::Read::read_to_end(&mut complaints, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| Failure::failed(format!("cannot read: {error}")))?;
        let told = serde_json::from_str(&line).map_err(|_| {
            Failure::failed(format!("the script said something else: {}", shown(&line)))
        })?;
        take(world, told, asked.seed, parity)?;
    }
    let status = child.wait().map_err(|error| Failure::failed(format!("cannot wait: {error}")))?;
    let complaints = complaints.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    let last = complaints.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no reason");
    Err(Failure::failed(format!(
        "{} cannot play {}: {}; {PYTHON} names a Python that has gymnasium",
        shown(&python),
        shown(asked.env),
        shown(last)
    )))
}

/// Does here what was done there, and compares.
fn take(world: &mut World, told: Told, seed: u64, parity: &mut Parity) -> Result<(), Failure> {
    match told {
        Told::Version { gymnasium } => {
            parity.gymnasium = gymnasium;
            Ok(())
        }
        Told::Reset { obs } => {
            world.reset(seed.wrapping_add(parity.episodes))?;
            parity.episodes += 1;
            compare_seen(world, &obs.0, parity)
        }
        Told::Step { action, obs, reward, flags, infos } => {
            let kind = world.task().actions.dtype();
            let mut row = RawRows::new(1, world.task().actions.width(), kind);
            if action.0.len() != world.task().actions.width() {
                return Err(misfit("actions"));
            }
            for (idx, number) in action.0.into_iter().enumerate() {
                put(kind, row.bytes_mut(), idx, number);
            }
            world.step(row.bytes())?;
            parity.steps += 1;
            let (our_reward, our_flags) = world.outcome();
            // What Gymnasium does not tell is no number.
            let mut infos = world.beside().1.iter().zip(&infos.0);
            let infos_agree = infos.all(|(a, b)| a.to_bits() == b.to_bits() || b.is_nan());
            let reward_agrees = reward.0.iter().any(|told| told.to_bits() == our_reward.to_bits());
            if !(reward_agrees && flags == our_flags && infos_agree) {
                parity.outcomes_differ += 1;
                parity.note();
            }
            compare_seen(world, &obs.0, parity)
        }
    }
}

/// Compares what is seen now.
fn compare_seen(world: &World, theirs: &[f64], parity: &mut Parity) -> Result<(), Failure> {
    let ours = to_f64(world.task().observations.dtype(), world.obs());
    if ours.len() != theirs.len() {
        return Err(misfit("observations"));
    }
    let pairs = || ours.iter().zip(theirs);
    if pairs().any(|(a, b)| a.to_bits() != b.to_bits()) {
        parity.observations_differ += 1;
        // What is no number on one side alone is as far apart as can be.
        let apart = |(a, b): (&f64, &f64)| {
            if a.to_bits() == b.to_bits() { 0.0 } else { (a - b).abs() }
        };
        let largest = pairs().map(apart).fold(0.0, |most: f64, apart| {
            most.max(if apart.is_nan() { f64::INFINITY } else { apart })
        });
        parity.largest_difference = parity.largest_difference.max(largest);
        parity.note();
    }
    Ok(())
}

fn misfit(what: &str) -> Failure {
    Failure::failed(format!("Gymnasium's {what} have another number of elements than ours"))
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(value) => value.as_str().into(),
        Value::List(values) => values.iter().map(json).collect(),
    }
}
