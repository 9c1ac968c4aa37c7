//! Lanes: one environment many times over, cut into shards that threads step independently.
//!
//! What a lane does depends on its seed, its actions and nothing else, so neither the cut nor the number
//! of threads changes any result.

pub mod scan;
pub mod segment;
pub mod shard;
pub mod tally;

pub use segment::{Record, Segment};
use shard::Carry;
pub use shard::{Acting, Actor, Keys, Shard, Situation};
pub use tally::Ended;

use crate::clock::Stopwatch;
use plugin_api::abi::handle::PluginHandle;
use plugin_api::archive::{Archive, Scalar};
use plugin_api::needs::Explore;
use plugin_api::params::Values;
use plugin_api::rng::SeedTree;
use plugin_api::{Result, Task};
use rayon::prelude::*;
use std::sync::Arc;

/// What lanes are made from.
#[derive(Clone, Debug)]
pub struct LaneSetup {
    /// The plugin with the environment.
    pub plugin: PluginHandle,
    /// The environment's name in its plugin.
    pub env: String,
    /// Its params.
    pub params: Values,
    /// How many lanes.
    pub lanes: usize,
    /// How heads are used.
    pub acting: Acting,
    /// Root of all seeds.
    pub seed: u64,
    /// What is drawn for: training and evaluation never share random numbers.
    pub purpose: &'static str,
}

/// All lanes of a run.
#[derive(Debug)]
pub struct Lanes {
    shards: Vec<Shard>,
    task: Arc<Task>,
    count: usize,
    /// Nanoseconds that a step of one lane took when it was tried.
    cost_ns: f64,
}

impl Lanes {
    /// Makes the lanes and starts an episode in each.
    pub fn new(setup: &LaneSetup) -> Result<Self> {
        let cost_ns = cost_ns(setup)?;
        let length = shard_length(cost_ns).min(setup.lanes).max(1);
        let seeds = SeedTree::new(setup.seed);
        let purpose = seeds.child(setup.purpose, 0);
        let keys = Keys {
            draw: purpose.seed("draw", 0),
            aside: purpose.seed("aside", 0),
            noise: purpose.seed("noise", 0),
        };
        let firsts: Vec<usize> = (0..setup.lanes).step_by(length).collect();
        let shards: Result<Vec<Shard>> = firsts
            .into_iter()
            .map(|first| {
                let count = length.min(setup.lanes - first);
                let env = setup.plugin.env(&setup.env, &setup.params, count)?;
                let mut shard = Shard::new(env, first, &setup.acting, keys)?;
                let lane_seeds: Vec<u64> =
                    (first..first + count).map(|lane| purpose.seed("lane", lane as u64)).collect();
                shard.reset(&lane_seeds)?;
                Ok(shard)
            })
            .collect();
        let shards = shards?;
        let task = shards[0].task().clone();
        Ok(Self { shards, task, count: setup.lanes, cost_ns })
    }

    /// The task.
    pub fn task(&self) -> &Arc<Task> {
        &self.task
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Never: there is at least one lane.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The shards, lane after lane.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// The shards, to be changed.
    pub fn shards_mut(&mut self) -> &mut [Shard] {
        &mut self.shards
    }

    /// Prepares room for what `record` asks for, for `steps` steps of every lane.
    pub fn record(&mut self, record: &Record, steps: usize) {
        for shard in &mut self.shards {
            shard.record(record, steps);
        }
    }

    /// Draws actions in another way from now on.
    pub fn set_explore(&mut self, explore: Explore) -> Result<()> {
        self.shards.iter_mut().try_for_each(|shard| shard.set_explore(explore))
    }

    /// Whether threads make this many steps faster than one thread alone.
    pub fn worth_threads(&self, steps: usize) -> bool {
        let work_ns = self.cost_ns * self.count as f64 * steps as f64;
        self.shards.len() > 1 && work_ns > 100_000.0 && rayon::current_num_threads() > 1
    }

    /// Takes steps in every lane with actions drawn without a policy, all threads at work.
    pub fn roll_free(&mut self, situation: Situation, steps: usize) -> Result<()> {
        let roll = |shard: &mut Shard| shard.roll(None, situation, steps);
        if self.worth_threads(steps) {
            self.shards.par_iter_mut().try_for_each(roll)
        } else {
            self.shards.iter_mut().try_for_each(roll)
        }
    }

    /// Takes steps in every lane with one actor. The actor works on this thread; the environments use
    /// all of them where that is worth it.
    pub fn roll_with(
        &mut self,
        actor: &mut dyn Actor,
        mut situation: Situation,
        steps: usize,
    ) -> Result<()> {
        if !self.worth_threads(1) {
            let roll = |shard: &mut Shard| shard.roll(Some(&mut *actor), situation, steps);
            return self.shards.iter_mut().try_for_each(roll);
        }
        for t in 0..steps {
            for shard in &mut self.shards {
                shard.before(Some(&mut *actor), situation, t)?;
            }
            self.shards.par_iter_mut().try_for_each(|shard| shard.advance(t))?;
            situation.run_steps += situation.run_lanes;
            for shard in &mut self.shards {
                shard.after(Some(&mut *actor), situation, t)?;
            }
        }
        let finish = |shard: &mut Shard| shard.finish(Some(&mut *actor), situation, steps);
        self.shards.iter_mut().try_for_each(finish)
    }

    /// Takes steps in every lane with an actor for each shard, all threads at work.
    pub fn roll_parallel<A: Actor + Send>(
        &mut self,
        actors: &mut [A],
        situation: Situation,
        steps: usize,
    ) -> Result<()> {
        assert_eq!(actors.len(), self.shards.len(), "an actor for each shard");
        self.shards
            .par_iter_mut()
            .zip(actors)
            .try_for_each(|(shard, actor)| shard.roll(Some(actor), situation, steps))
    }

    /// Names what changes from step to step apart from the environments, for saving and loading. The cut
    /// into shards may differ between the two.
    pub fn state(&mut self, archive: &mut Archive) {
        let mut carry: Vec<Carry<'_>> = self.shards.iter_mut().map(Shard::carry).collect();
        archive.value("step", carry[0].step);
        archive.value("drawn", carry[0].drawn);
        let (step, drawn) = (*carry[0].step, *carry[0].drawn);
        for part in &mut carry {
            (*part.step, *part.drawn) = (step, drawn);
        }
        side_by_side(archive, "obs", carry.iter_mut().map(|part| &mut *part.obs));
        side_by_side(archive, "env_actions", carry.iter_mut().map(|part| &mut *part.env_actions));
        side_by_side(archive, "masks", carry.iter_mut().map(|part| &mut *part.masks));
        side_by_side(archive, "totals", carry.iter_mut().map(|part| &mut *part.totals));
        side_by_side(archive, "lengths", carry.iter_mut().map(|part| &mut *part.lengths));
        side_by_side(archive, "noise", carry.iter_mut().map(|part| &mut *part.noise));
        for idx in 0..carry[0].heads.len() {
            let name = carry[0].heads[idx].0;
            side_by_side(archive, name, carry.iter_mut().map(|part| &mut *part.heads[idx].1));
        }
    }

    /// Episodes that ended since the last call, by step and then by lane.
    pub fn take_ended(&mut self, into: &mut Vec<Ended>) {
        let first = into.len();
        for shard in &mut self.shards {
            into.append(shard.ended_mut());
        }
        into[first..].sort_unstable_by_key(|ended| (ended.step, ended.lane));
    }
}

/// Saves the rows of all shards as one column, or spreads a column over them.
fn side_by_side<'a, T: Scalar + 'a>(
    archive: &mut Archive,
    name: &str,
    parts: impl Iterator<Item = &'a mut [T]>,
) {
    let mut parts: Vec<&mut [T]> = parts.collect();
    let mut all: Vec<T> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    archive.slice(name, &mut all);
    let mut from = &all[..];
    for part in &mut parts {
        let (here, rest) = from.split_at(part.len());
        part.copy_from_slice(here);
        from = rest;
    }
}

/// Tries a few lanes for some steps and takes the time.
fn cost_ns(setup: &LaneSetup) -> Result<f64> {
    const STEPS: usize = 8;
    let lanes = setup.lanes.min(8);
    let env = setup.plugin.env(&setup.env, &setup.params, lanes)?;
    let mut shard = Shard::new(env, 0, &Acting::FREE, Keys::default())?;
    shard.reset(&vec![0; lanes])?;
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let watch = Stopwatch::start();
        shard.roll(None, Situation::default(), STEPS)?;
        best = best.min(watch.seconds() * 1e9 / (STEPS * lanes) as f64);
    }
    Ok(best)
}

/// Lanes of a shard: enough work for a thread to be worth waking, few enough to stay in its cache.
fn shard_length(cost_ns: f64) -> usize {
    let length = (20_000.0 / cost_ns.max(1.0)) as usize;
    match length {
        0..8 => length.max(1),
        8..256 => length.next_multiple_of(8),
        _ => 256,
    }
}
