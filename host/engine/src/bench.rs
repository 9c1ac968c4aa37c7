//! Measures the parts of the engine: stepping worlds, and crossing the border to a plugin.

use crate::clock::Stopwatch;
use crate::lanes::{Acting, LaneSetup, Lanes, Situation};
use plugin_api::Result;
use serde::Serialize;

/// How fast a world steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stepping {
    /// Lanes side by side.
    pub lanes: usize,
    /// Threads.
    pub threads: usize,
    /// Steps taken.
    pub steps: u64,
    /// Episodes that ended.
    pub episodes: u64,
    /// Mean return of these episodes.
    pub return_mean: f64,
    /// Median over the rounds.
    pub steps_per_s: f64,
    /// Best of the rounds.
    pub steps_per_s_best: f64,
}

/// Rounds a measurement is cut into: a busy machine spoils some of them, not all.
const ROUNDS: usize = 9;
/// Steps of a lane between two looks at the clock.
const SEGMENT: usize = 128;

/// Steps a world with random actions, resets and episode statistics included, for about this long.
/// `setup.acting` says how actions are drawn; heads are zeros.
pub fn stepping(setup: &LaneSetup, seconds: f64) -> Result<Stepping> {
    let mut lanes = Lanes::new(setup)?;
    let mut situation = Situation { run_steps: 0, run_lanes: setup.lanes as u64, evaluate: false };
    let (mut speeds, mut ended) = (Vec::new(), Vec::new());
    let (mut episodes, mut total) = (0, 0.0);
    // The first round warms caches up and does not count.
    for round in 0..=ROUNDS {
        let watch = Stopwatch::start();
        let mut steps = 0;
        while watch.seconds() < seconds / ROUNDS as f64 {
            lanes.roll_free(situation, SEGMENT)?;
            steps += (SEGMENT * setup.lanes) as u64;
            lanes.take_ended(&mut ended);
            episodes += ended.len() as u64;
            total += ended.drain(..).map(|episode| episode.total).sum::<f64>();
        }
        situation.run_steps += steps;
        if round > 0 {
            speeds.push(steps as f64 / watch.seconds());
        }
    }
    speeds.sort_unstable_by(f64::total_cmp);
    Ok(Stepping {
        lanes: setup.lanes,
        threads: rayon::current_num_threads(),
        steps: situation.run_steps,
        episodes,
        return_mean: total / episodes.max(1) as f64,
        steps_per_s: speeds[ROUNDS / 2],
        steps_per_s_best: speeds[ROUNDS - 1],
    })
}

/// Settings under which stepping is usually measured.
pub const FREE: Acting = Acting::FREE;
