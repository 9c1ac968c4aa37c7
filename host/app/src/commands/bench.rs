//! `bench`: how fast worlds step, what it costs to call a plugin, whether a world is Gymnasium's.

mod parity;
mod recording;
mod saving;
mod screen;

use super::json_line;
use super::told_registry;
use crate::chosen::{self, Source};
use crate::cli::{Assignment, Bench};
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
use crate::output::figure;
use crate::stage::Stage;
use crate::table;
use plugin_api::BatchEnv;
use plugin_api::idle::Idle;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use thorndike_engine::bench::{self, Stepping};
use thorndike_engine::lanes::LaneSetup;

/// Lanes where nobody says how many: enough for every kernel, few enough for the cache.
const LANES: usize = 1024;

/// Seconds of a measurement.
const SECONDS: f64 = 2.0;

/// Measures what was asked.
pub(super) fn run(command: &Bench, settings: &Settings) -> Outcome {
    match command {
        Bench::Env { env, env_set, lanes, threads } => {
            let lanes = lanes.map_or(LANES, usize::from);
            stepping((env, env_set), lanes, usize::from(*threads), settings)
        }
        Bench::Abi => border(settings),
        Bench::Saving(flags) => saving::run(flags, settings),
        Bench::Recording(flags) => recording::run(flags, settings),
        Bench::Screen { points, seconds, check, program, key } => {
            let usual = ["j".to_owned(), "k".to_owned()];
            let keys = if key.is_empty() { &usual[..] } else { key };
            let seconds = u64::from(*seconds) as f64;
            let other = program.as_deref().map(|program| (program, keys));
            screen::run((*points).into(), seconds, (check, other), settings)
        }
        Bench::Parity(flags) => parity::run(flags, settings),
    }
}

/// What was measured, with the name of the world.
#[derive(Serialize)]
struct Line<'a> {
    bench: &'static str,
    env: &'a str,
    #[serde(flatten)]
    stepping: &'a Stepping,
}

fn stepping(
    (env, set): (&str, &[Assignment]),
    lanes: usize,
    threads: usize,
    settings: &Settings,
) -> Outcome {
    let mut stage = Stage::open(threads)?;
    let registry = told_registry(&mut stage, settings)?;
    let env = chosen::env(&registry, env, Source::Words(set))?;
    let setup = LaneSetup {
        plugin: env.handle.clone(),
        env: env.name.clone(),
        params: env.params.clone(),
        lanes,
        acting: bench::FREE,
        seed: 0,
        purpose: "bench",
        shard_lanes: None,
    };
    let stepping = bench::stepping(&setup, SECONDS)?;
    let mut out = stage.out()?;
    if settings.json {
        json_line(&mut out, &Line { bench: "env", env: &env.full, stepping: &stepping })?;
        return Ok(Exit::Success);
    }
    writeln!(
        out,
        "{}: {} million steps/s (best round {}), {} lanes, {} threads; \
         {} steps, {} episodes, mean return {}",
        env.full,
        figure(stepping.steps_per_s / 1e6),
        figure(stepping.steps_per_s_best / 1e6),
        stepping.lanes,
        stepping.threads,
        stepping.steps,
        stepping.episodes,
        figure(stepping.return_mean)
    )?;
    Ok(Exit::Success)
}

/// Lanes of a call, from one that is all border to one that is hardly any.
const CROSSINGS: [usize; 5] = [1, 8, 64, 256, 1024];

fn border(settings: &Settings) -> Outcome {
    let mut stage = Stage::open(1)?;
    let registry = told_registry(&mut stage, settings)?;
    let idle = chosen::env(&registry, Idle::NAME, Source::Words(&[]))?;
    let measure = |&lanes: &usize| bench::crossing(&idle.handle, lanes);
    let crossings = CROSSINGS.iter().map(measure).collect::<Result<Vec<_>, _>>()?;
    let mut out = stage.out()?;
    if settings.json {
        for crossing in &crossings {
            json_line(&mut out, crossing)?;
        }
        return Ok(Exit::Success);
    }
    let heads = ["lanes", "direct ns", "plugin ns", "border ns", "share of the call"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for crossing in crossings {
        let border = crossing.plugin_ns - crossing.direct_ns;
        rows.push(vec![
            crossing.lanes.to_string(),
            figure(crossing.direct_ns),
            figure(crossing.plugin_ns),
            figure(border),
            format!("{:.2} %", 100.0 * border / crossing.plugin_ns),
        ]);
    }
    for line in table::lines(&rows) {
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Success)
}

/// The value that this part of the values does not exceed.
fn part(values: &mut [f64], part: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let place = (part * values.len() as f64).ceil() as usize;
    values.get(place.clamp(1, values.len().max(1)) - 1).copied().unwrap_or(0.0)
}

/// A folder that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("thorndike-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies among the temporary files of the machine.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
