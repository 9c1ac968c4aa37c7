//! Measures the parts of the engine: stepping worlds, and crossing the border to a plugin.

use crate::clock::{Stopwatch, process_seconds};
use crate::lanes::{Acting, LaneSetup, Lanes, Situation};
use crate::memory::{RawRows, numbers, numbers_mut};
use plugin_api::abi::handle::{PluginHandle, ResetFrame, StepFrame};
use plugin_api::abi::types::reset;
use plugin_api::idle::Idle;
use plugin_api::lanes::StepRows;
use plugin_api::params::Values;
use plugin_api::{BatchEnv, Dtype, Result, Rows, RowsMut};
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
    /// In a second of all processors together, over all rounds: what else the machine does hardly
    /// shows in it.
    pub steps_per_cpu_s: f64,
}

/// Rounds a measurement is cut into: a busy machine spoils some of them, not all.
const ROUNDS: usize = 9;
/// Most steps of a lane between two meetings of all threads, as rollouts of long runs have them;
/// slow worlds take fewer, so that a round is not far longer than it should be.
const SEGMENT: usize = 512;

/// Steps a world with random actions, resets and episode statistics included, for about this long.
/// `setup.acting` says how actions are drawn; heads are zeros.
pub fn stepping(setup: &LaneSetup, seconds: f64) -> Result<Stepping> {
    let mut lanes = Lanes::new(setup)?;
    let steps_of_round = seconds / ROUNDS as f64 * 1e9 / lanes.cost_ns();
    let segment = ((steps_of_round / setup.lanes as f64) as usize).clamp(1, SEGMENT);
    let mut situation = Situation { run_steps: 0, run_lanes: setup.lanes as u64, evaluate: false };
    let (mut speeds, mut ended) = (Vec::new(), Vec::new());
    let (mut episodes, mut total) = (0, 0.0);
    let (mut warmed_up, mut cpu) = (0, 0.0);
    // The first round warms caches up and does not count.
    for round in 0..=ROUNDS {
        let watch = Stopwatch::start();
        let mut steps = 0;
        while watch.seconds() < seconds / ROUNDS as f64 {
            lanes.roll_free(situation, segment)?;
            steps += (segment * setup.lanes) as u64;
            lanes.take_ended(&mut ended);
            episodes += ended.len() as u64;
            total += ended.drain(..).map(|episode| episode.total).sum::<f64>();
        }
        situation.run_steps += steps;
        if round > 0 {
            speeds.push(steps as f64 / watch.seconds());
        } else {
            (warmed_up, cpu) = (steps, process_seconds());
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
        steps_per_cpu_s: (situation.run_steps - warmed_up) as f64 / (process_seconds() - cpu),
    })
}

/// Settings under which stepping is usually measured.
pub const FREE: Acting = Acting::FREE;

/// What a call into a plugin costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Crossing {
    /// Lanes of the call.
    pub lanes: usize,
    /// Nanoseconds of a call that stays in this program.
    pub direct_ns: f64,
    /// Nanoseconds of the same call through the plugin's guarded table.
    pub plugin_ns: f64,
}

/// Measures steps of a world in which nothing happens, called directly and in the plugin that
/// offers it.
pub fn crossing(plugin: &PluginHandle, lanes: usize) -> Result<Crossing> {
    let mut handle = plugin.env(Idle::NAME, &Values::new(), lanes)?;
    let mut direct = plugin_api::lanes::Lanes::<Idle>::new(&Values::new(), lanes)?;
    let mut room = Room::new(lanes);
    handle.reset(ResetFrame {
        which: &vec![reset::SEED; lanes],
        seeds: &vec![0; lanes],
        obs: room.obs.bytes_mut(),
        masks: &mut [],
        infos: &mut [],
    })?;
    let (mut direct_ns, mut plugin_ns) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..CROSSING_ROUNDS {
        let watch = Stopwatch::start();
        for _ in 0..CROSSING_CALLS {
            direct.step(std::hint::black_box(&mut room).rows());
        }
        direct_ns = direct_ns.min(watch.seconds());
        let watch = Stopwatch::start();
        for _ in 0..CROSSING_CALLS {
            handle.step(std::hint::black_box(&mut room).frame())?;
        }
        plugin_ns = plugin_ns.min(watch.seconds());
    }
    let each = 1e9 / CROSSING_CALLS as f64;
    Ok(Crossing { lanes, direct_ns: direct_ns * each, plugin_ns: plugin_ns * each })
}

const CROSSING_ROUNDS: usize = 25;
const CROSSING_CALLS: usize = 20_000;

/// Rows for steps of the world in which nothing happens.
struct Room {
    actions: RawRows,
    obs: RawRows,
    final_obs: RawRows,
    rewards: Vec<f64>,
    flags: Vec<u8>,
}

impl Room {
    fn new(lanes: usize) -> Self {
        Self {
            actions: RawRows::new(lanes, 1, Dtype::I64),
            obs: RawRows::new(lanes, 1, Dtype::F32),
            final_obs: RawRows::new(lanes, 1, Dtype::F32),
            rewards: vec![0.0; lanes],
            flags: vec![0; lanes],
        }
    }

    fn rows(&mut self) -> StepRows<'_, f32, i64> {
        StepRows {
            actions: Rows::new(numbers(self.actions.bytes()), 1),
            obs: RowsMut::new(numbers_mut(self.obs.bytes_mut()), 1),
            final_obs: RowsMut::new(numbers_mut(self.final_obs.bytes_mut()), 1),
            rewards: &mut self.rewards,
            flags: &mut self.flags,
            masks: &mut [],
            final_masks: &mut [],
            infos: &mut [],
        }
    }

    fn frame(&mut self) -> StepFrame<'_> {
        StepFrame {
            actions: self.actions.bytes(),
            obs: self.obs.bytes_mut(),
            final_obs: self.final_obs.bytes_mut(),
            rewards: &mut self.rewards,
            flags: &mut self.flags,
            masks: &mut [],
            final_masks: &mut [],
            infos: &mut [],
        }
    }
}
