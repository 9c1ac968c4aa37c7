//! Lanes: one environment many times over, cut into shards that threads step independently.
//!
//! What a lane does depends on its seed, its actions and nothing else, so neither the cut nor the
//! number of threads changes any result.

pub mod acting;
pub(crate) mod forecast;
mod patience;
mod recording;
mod saved;
pub mod scan;
pub mod segment;
pub mod shard;
pub mod tally;

pub use acting::{Acting, Actor, Keys, Situation};
pub use patience::Patience;
pub use saved::Pace;
pub use segment::{Record, Segment};
pub use shard::Shard;
pub use tally::Ended;

use crate::clock::Stopwatch;
use patience::Away;
use plugin_api::abi::handle::{EnvHandle, PluginHandle};
use plugin_api::needs::Explore;
use plugin_api::params::Values;
use plugin_api::rng::SeedTree;
use plugin_api::{Error, Result, Task};
use rayon::prelude::*;
use std::ops::Range;
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
    /// Lanes of a shard; `None` leaves the choice to a measurement.
    pub shard_lanes: Option<usize>,
}

/// Lanes that were put back to work after a failure, in new episodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Their numbers.
    pub lanes: Range<usize>,
    /// What had happened to them.
    pub error: Error,
}

/// All lanes of a run.
#[derive(Debug)]
pub struct Lanes {
    setup: LaneSetup,
    shards: Vec<Shard>,
    task: Arc<Task>,
    /// Nanoseconds that a step of one lane took when it was tried.
    cost_ns: f64,
    /// Shards that are late, once there was patience with them.
    away: Option<Away>,
    /// Room to count, for each shard, the ended episodes that were taken.
    taken: Vec<usize>,
}

impl Lanes {
    /// Makes the lanes and starts an episode in each.
    pub fn new(setup: &LaneSetup) -> Result<Self> {
        let few = setup.plugin.env(&setup.env, &setup.params, setup.lanes.min(8))?;
        forecast::check(few.task(), &setup.acting, setup.lanes, 0)?;
        let cost_ns = match setup.shard_lanes {
            // Whoever chooses the cut means it: all of it goes to threads.
            Some(_) => f64::INFINITY,
            // A world that fails here fails in the run, too, and is named there.
            None => tried_cost_ns(few).unwrap_or(COST_NS_UNKNOWN),
        };
        let each = setup.lanes.div_ceil(rayon::current_num_threads());
        let length = setup.shard_lanes.unwrap_or_else(|| shard_length(cost_ns, each));
        let length = length.min(setup.lanes).max(1);
        let purpose = purpose(setup);
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
                shard.reset(&lane_seeds(purpose, first, count))?;
                Ok(shard)
            })
            .collect();
        let shards = shards?;
        let task = shards[0].task().clone();
        let taken = Vec::with_capacity(shards.len());
        Ok(Self { setup: setup.clone(), shards, task, cost_ns, away: None, taken })
    }

    /// What they were made from.
    pub fn setup(&self) -> &LaneSetup {
        &self.setup
    }

    /// The task.
    pub fn task(&self) -> &Arc<Task> {
        &self.task
    }

    /// What a step of one lane took when that was tried, in nanoseconds.
    pub fn cost_ns(&self) -> f64 {
        self.cost_ns
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.setup.lanes
    }

    /// Never: there is at least one lane.
    pub fn is_empty(&self) -> bool {
        self.setup.lanes == 0
    }

    /// Shards whose segments hold a whole roll that nobody has taken in: all after a roll in
    /// which nothing failed.
    pub fn fresh(&self) -> impl Iterator<Item = &Shard> + Clone {
        self.shards.iter().filter(|shard| shard.is_fresh())
    }

    /// Lanes of the fresh shards.
    pub fn fresh_lanes(&self) -> usize {
        self.fresh().map(Shard::len).sum()
    }

    /// All segments have been taken in.
    pub fn set_taken(&mut self) {
        self.shards.iter_mut().for_each(Shard::set_taken);
    }

    /// The first failure that was not mended, if there is one.
    pub fn check(&self) -> Result<()> {
        match self.shards.iter().find_map(Shard::failure) {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Gives shards that failed a new instance of the environment and has their lanes begin new
    /// episodes; the others go on as if nothing had happened.
    pub fn mend(&mut self, actor: &mut dyn Actor, situation: Situation) -> Result<Vec<Mended>> {
        let step = self.shards.iter().map(Shard::steps_taken).max().unwrap_or(0);
        // Never the seeds of the beginning, nor those of an earlier failure.
        let seeds = purpose(&self.setup).child("mend", step);
        let mut mended = Vec::new();
        for shard in &mut self.shards {
            let Some(error) = shard.failure().cloned() else { continue };
            let (first, count) = (shard.first(), shard.len());
            let env = self.setup.plugin.env(&self.setup.env, &self.setup.params, count)?;
            shard.renew(env, &lane_seeds(seeds, first, count), step)?;
            shard.catch_up(actor, situation)?;
            mended.push(Mended { lanes: first..first + count, error });
        }
        Ok(mended)
    }

    /// The shards, lane after lane.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// The shards, to be changed.
    pub fn shards_mut(&mut self) -> &mut [Shard] {
        &mut self.shards
    }

    /// Gives shards that failed a new instance of the environment, for states to be loaded into.
    pub fn renew_failed(&mut self) -> Result<()> {
        for shard in self.shards.iter_mut().filter(|shard| shard.failure().is_some()) {
            let count = shard.len();
            let env = self.setup.plugin.env(&self.setup.env, &self.setup.params, count)?;
            shard.renew(env, &vec![0; count], shard.steps_taken())?;
        }
        Ok(())
    }

    /// Begins new episodes in the lanes that are marked.
    pub fn restart(
        &mut self,
        which: &[bool],
        actor: &mut dyn Actor,
        situation: Situation,
    ) -> Result<()> {
        let step = self.shards[0].steps_taken();
        let seeds = purpose(&self.setup).child("mend", step);
        for shard in &mut self.shards {
            let (first, count) = (shard.first(), shard.len());
            let which = &which[first..first + count];
            if which.contains(&true) {
                shard.restart(which, &lane_seeds(seeds, first, count))?;
                shard.catch_up(actor, situation)?;
            }
        }
        Ok(())
    }

    /// Gives all shards away, in their order.
    pub(crate) fn send_out(&mut self) -> Vec<Shard> {
        std::mem::take(&mut self.shards)
    }

    /// Takes a shard back that was given away.
    pub(crate) fn put_back(&mut self, shard: Shard) {
        self.shards.push(shard);
        self.shards.sort_unstable_by_key(Shard::first);
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
        let work_ns = self.cost_ns * self.setup.lanes as f64 * steps as f64;
        self.shards.len() > 1 && work_ns > 100_000.0 && rayon::current_num_threads() > 1
    }

    /// Takes steps in every lane with actions drawn without a policy, all threads at work.
    pub fn roll_free(&mut self, situation: Situation, steps: usize) -> Result<()> {
        let roll = |shard: &mut Shard| {
            let rolled = shard.roll(None, situation, steps);
            shard.note(rolled);
        };
        // Every shard is rolled to its end: threads must not decide which a failure holds up.
        if self.worth_threads(steps) {
            self.shards.par_iter_mut().for_each(roll);
        } else {
            self.shards.iter_mut().for_each(roll);
        }
        self.check()
    }

    /// Takes steps in every lane with one actor. The actor works on this thread; the environments
    /// use all of them where that is worth it.
    pub fn roll_with(
        &mut self,
        actor: &mut dyn Actor,
        mut situation: Situation,
        steps: usize,
    ) -> Result<()> {
        if !self.worth_threads(1) {
            for shard in &mut self.shards {
                let rolled = shard.roll(Some(&mut *actor), situation, steps);
                shard.note(rolled);
            }
            return self.check();
        }
        for t in 0..steps {
            for shard in sound(&mut self.shards) {
                let looked = shard.before(Some(&mut *actor), situation, t);
                shard.note(looked);
            }
            self.shards.par_iter_mut().filter(|shard| shard.failure().is_none()).for_each(
                |shard| {
                    let advanced = shard.advance(t);
                    shard.note(advanced);
                },
            );
            situation.run_steps += situation.run_lanes;
            for shard in sound(&mut self.shards) {
                let looked = shard.after(Some(&mut *actor), situation, t);
                shard.note(looked);
            }
        }
        for shard in sound(&mut self.shards) {
            let finished = shard.finish(Some(&mut *actor), situation, steps);
            shard.note(finished);
        }
        self.check()
    }

    /// Takes steps in every lane with an actor for each shard, all threads at work.
    pub fn roll_parallel<A: Actor + Send>(
        &mut self,
        actors: &mut [A],
        situation: Situation,
        steps: usize,
    ) -> Result<()> {
        assert_eq!(actors.len(), self.shards.len(), "an actor for each shard");
        self.shards.par_iter_mut().zip(actors).for_each(|(shard, actor)| {
            let rolled = shard.roll(Some(actor), situation, steps);
            shard.note(rolled);
        });
        self.check()
    }

    /// Episodes that ended since the last call, by step and then by lane.
    pub fn take_ended(&mut self, into: &mut Vec<Ended>) {
        // Each shard has its own in this order, so that merging them takes no sorting.
        into.reserve(self.shards.iter().map(Shard::ended_room).sum());
        self.taken.clear();
        self.taken.resize(self.shards.len(), 0);
        loop {
            let rests = self.shards.iter().zip(&self.taken);
            let heads = rests.filter_map(|(shard, &taken)| shard.ended().get(taken));
            let Some(step) = heads.map(|ended| ended.step).min() else { break };
            for (shard, taken) in self.shards.iter().zip(&mut self.taken) {
                let rest = &shard.ended()[*taken..];
                let now = rest.iter().take_while(|ended| ended.step == step).count();
                into.extend_from_slice(&rest[..now]);
                *taken += now;
            }
        }
        self.shards.iter_mut().for_each(Shard::forget_ended);
    }
}

/// Shards that can go on.
fn sound(shards: &mut [Shard]) -> impl Iterator<Item = &mut Shard> {
    shards.iter_mut().filter(|shard| shard.failure().is_none())
}

/// Where the random numbers of these lanes come from.
fn purpose(setup: &LaneSetup) -> SeedTree {
    SeedTree::new(setup.seed).child(setup.purpose, 0)
}

fn lane_seeds(seeds: SeedTree, first: usize, count: usize) -> Vec<u64> {
    (first..first + count).map(|lane| seeds.seed("lane", lane as u64)).collect()
}

/// What a step of one lane takes when that cannot be found out.
const COST_NS_UNKNOWN: f64 = 1000.0;

/// Tries a few lanes for some steps and takes the time.
fn tried_cost_ns(env: EnvHandle) -> Result<f64> {
    const ENOUGH_S: f64 = 0.002;
    let lanes = env.lanes();
    let mut shard = Shard::new(env, 0, &Acting::FREE, Keys::default())?;
    shard.reset(&vec![0; lanes])?;
    let mut best = f64::INFINITY;
    let whole = Stopwatch::start();
    for steps in [1, 8, 8, 8] {
        let watch = Stopwatch::start();
        shard.roll(None, Situation::default(), steps)?;
        best = best.min(watch.seconds() * 1e9 / (steps * lanes) as f64);
        if whole.seconds() > ENOUGH_S {
            break;
        }
    }
    Ok(best)
}

/// Lanes that are worth having side by side however long they take: worlds that solve several at
/// once and nets that act for several at once fill their registers.
const SIDE_BY_SIDE: usize = 16;

/// Lanes of a shard: enough work for a thread to be worth waking, few enough to stay in its cache.
/// `each` is how many a thread gets where all get as many.
fn shard_length(cost_ns: f64, each: usize) -> usize {
    let length = (20_000.0 / cost_ns.max(1.0)) as usize;
    match length {
        0..8 => length.max(each.min(SIDE_BY_SIDE)),
        8..256 => length.next_multiple_of(8).max(each.min(SIDE_BY_SIDE)),
        _ => 256,
    }
}

#[cfg(test)]
mod tests {
    use super::lane_seeds;
    use plugin_api::rng::SeedTree;

    /// Whoever steps a lane asks for it by its number in the run, so that workers share none.
    #[test]
    fn no_two_lanes_runs_or_purposes_share_a_seed() {
        let mut seeds = Vec::new();
        for (run, purpose) in [(0, "lanes"), (1, "lanes"), (0, "evaluate"), (1, "evaluate")] {
            let tree = || SeedTree::new(run).child(purpose, 0);
            let all = lane_seeds(tree(), 0, 256);
            assert_eq!(lane_seeds(tree(), 64, 32), all[64..96], "a part of the lanes");
            seeds.extend(all);
        }
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), 4 * 256);
    }
}
