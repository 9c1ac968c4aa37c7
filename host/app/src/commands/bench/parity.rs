//! `bench parity`: a world beside Gymnasium's, the same seeds and actions, number by number.

use super::super::env::World;
use super::super::json_line;
use super::super::plugins::told_registry;
use crate::chosen::{self, Source};
use crate::cli::Assignment;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::stage::Stage;
use plugin_api::params::{Value, Values};
use serde::{Deserialize, Serialize};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use thorndike_engine::memory::{RawRows, put, to_f64};
use thorndike_session::error::shown;

const SCRIPT: &str = include_str!("parity.py");

/// The variable that names the Python to compare with.
const PYTHON: &str = "THORNDIKE_PYTHON";

/// Observations may differ by this much where bits cannot be had.
const TOLERANCE: f64 = 1e-6;

/// A line of the script.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Told {
    Version { gymnasium: String },
    Reset { obs: Vec<u64> },
    Step { action: Vec<u64>, obs: Vec<u64>, reward: u64, flags: u8 },
}

/// What the comparison came to.
#[derive(Debug, Default, Serialize)]
struct Parity {
    bench: &'static str,
    env: String,
    gymnasium: String,
    episodes: u64,
    steps: u64,
    /// Steps whose reward or flags differ.
    outcomes_differ: u64,
    /// Observations that differ in any bit.
    observations_differ: u64,
    /// By how much at most.
    largest_difference: f64,
    /// Where the first difference is.
    first: Option<String>,
}

/// Plays both and tells how far they agree; fails when they do not.
pub(super) fn run(
    (name, set): (&str, &[Assignment]),
    episodes: u64,
    settings: &Settings,
) -> Outcome {
    let mut stage = Stage::open(1)?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, name, Source::Words(set))?;
    let given: Values = set
        .iter()
        .filter_map(|word| Some((word.key.clone(), env.params.get(&word.key)?.clone())))
        .collect();
    let mut world = World::new(env.handle.env(&env.name, &env.params, 1)?);
    let mut parity = Parity { bench: "parity", env: env.full.clone(), ..Parity::default() };
    compare(&mut world, &env.name, &given, episodes, &mut parity)?;
    let is_good = parity.outcomes_differ == 0 && parity.largest_difference <= TOLERANCE;
    let mut out = stage.out()?;
    if settings.json {
        json_line(&mut out, &parity)?;
    } else {
        writeln!(out, "{}", in_words(&parity))?;
    }
    Ok(if is_good { Exit::Success } else { Exit::Failed })
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

fn compare(
    world: &mut World,
    name: &str,
    given: &Values,
    episodes: u64,
    parity: &mut Parity,
) -> Result<(), Failure> {
    let python = env::var(PYTHON).unwrap_or_else(|_| "python3".to_owned());
    let options: serde_json::Map<_, _> =
        given.iter().map(|(key, value)| (key.clone(), json(value))).collect();
    let options = serde_json::Value::Object(options).to_string();
    let mut child = Command::new(&python)
        // gymnasium-robotics 1.4.2 trips over an assertion of its own with a MuJoCo after 3.11.
        .args(["-O", "-W", "ignore", "-c", SCRIPT, name, &options, &episodes.to_string()])
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
        take(world, told, parity)?;
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
        shown(name),
        shown(last)
    )))
}

/// Does here what was done there, and compares.
fn take(world: &mut World, told: Told, parity: &mut Parity) -> Result<(), Failure> {
    let (action, obs, outcome) = match told {
        Told::Version { gymnasium } => {
            parity.gymnasium = gymnasium;
            return Ok(());
        }
        Told::Reset { obs } => (None, obs, None),
        Told::Step { action, obs, reward, flags } => (Some(action), obs, Some((reward, flags))),
    };
    let task = world.task();
    let (dtype, place) = (task.observations.dtype(), |parity: &Parity| {
        format!("episode {}, step {}", parity.episodes, parity.steps)
    });
    match action {
        None => {
            world.reset(parity.episodes)?;
            parity.episodes += 1;
        }
        Some(action) => {
            let kind = task.actions.dtype();
            let mut row = RawRows::new(1, task.actions.width(), kind);
            if action.len() != task.actions.width() {
                return Err(misfit("actions"));
            }
            for (idx, bits) in action.into_iter().enumerate() {
                put(kind, row.bytes_mut(), idx, f64::from_bits(bits));
            }
            world.step(row.bytes())?;
            parity.steps += 1;
        }
    }
    let ours = to_f64(dtype, world.obs());
    if ours.len() != obs.len() {
        return Err(misfit("observations"));
    }
    let theirs: Vec<f64> = obs.into_iter().map(f64::from_bits).collect();
    if let Some((reward, flags)) = outcome
        && world.outcome() != (f64::from_bits(reward), flags)
    {
        parity.outcomes_differ += 1;
        let first = place(parity);
        parity.first.get_or_insert(first);
    }
    let pairs = || ours.iter().zip(&theirs);
    if pairs().any(|(a, b)| a.to_bits() != b.to_bits()) {
        parity.observations_differ += 1;
        let largest = pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        parity.largest_difference = parity.largest_difference.max(largest);
        let first = place(parity);
        parity.first.get_or_insert(first);
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
