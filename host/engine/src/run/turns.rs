//! How acting and learning take turns: one after the other, or side by side with a lag of one.

use super::Run;
use crate::clock::Stopwatch;
use crate::feed::Progress;
use crate::lanes::{Lanes, Situation};
use plugin_api::Result;
use plugin_api::abi::handle::PolicyHandle;

/// Steps from which on a copy of the policy for every thread pays.
const STEPS_WORTH_COPIES: usize = 8;

impl Run {
    /// Act and step, then learn from it.
    pub(super) fn in_turn(&mut self, timed: bool) -> Result<()> {
        let steps = self.supply.round_steps();
        let mut watch = Stopwatch::start();
        let rolled = self.roll(steps);
        self.counters.steps += (steps * self.lanes.fresh_lanes()) as u64;
        if timed {
            self.reports.add_time("act and step", watch.lap());
        }
        let learned = self.learn();
        if timed {
            self.reports.add_time("learn", watch.lap());
        }
        // What an agent that failed while it acted says to learning is no news.
        rolled.and(learned)
    }

    /// Learn from what was collected in the round before, and collect with a copy of the policy
    /// meanwhile. Which threads do it and how fast changes nothing: each half is a function of what
    /// the round began with.
    pub(super) fn side_by_side(&mut self, timed: bool) -> Result<()> {
        let steps = self.supply.round_steps();
        let spread = self.lanes.worth_threads(steps) && steps >= STEPS_WORTH_COPIES;
        self.refresh_policies(if spread { self.lanes.shards().len() } else { 1 })?;
        let (progress, situation) = (self.progress(), self.situation());
        let version = self.counters.updates;
        let Self { supply, agent, lanes, policies, .. } = self;
        let (learned, rolled) = rayon::join(
            || clocked(|| supply.learn(agent, progress)),
            || clocked(|| roll(lanes, policies, situation, steps)),
        );
        if timed {
            self.reports.add_time("act and step", rolled.1);
            self.reports.add_time("learn", learned.1);
        }
        self.counters.steps += (steps * self.lanes.fresh_lanes()) as u64;
        self.counters.updates += learned.0.as_ref().copied().unwrap_or_default();
        if self.lanes.fresh_lanes() > 0 {
            self.supply.take(&mut self.lanes, Some(version));
        }
        rolled.0.and(learned.0.map(|_| ()))
    }

    fn roll(&mut self, steps: usize) -> Result<()> {
        let situation = self.situation();
        if let Some(patience) = self.setup.patience {
            self.refresh_policies(self.lanes.shards().len())?;
            let rolled = self.lanes.roll_patiently(patience, &mut self.policies, situation, steps);
            // A policy that was late knows nothing of the updates since.
            self.policies_at = None;
            return rolled;
        }
        if steps >= STEPS_WORTH_COPIES && self.lanes.worth_threads(steps) {
            self.refresh_policies(self.lanes.shards().len())?;
            return self.lanes.roll_parallel(&mut self.policies, situation, steps);
        }
        self.lanes.roll_with(&mut self.agent, situation, steps)
    }

    /// Sees to it that there are so many policies that know what the agent knows.
    fn refresh_policies(&mut self, count: usize) -> Result<()> {
        self.make_policies(count)?;
        if self.policies_at != Some(self.counters.updates) {
            let acting = self.agent.acting()?;
            self.policies.iter_mut().try_for_each(|policy| policy.load(&acting))?;
            self.policies_at = Some(self.counters.updates);
        }
        Ok(())
    }

    /// Sees to it that there are so many policies, whatever they know.
    pub(super) fn make_policies(&mut self, count: usize) -> Result<()> {
        let setup = &self.setup;
        while self.policies.len() < count {
            let made = setup.agent_plugin.policy(&setup.agent, &setup.params, &self.task)?;
            self.policies.push(made);
            self.policies_at = None;
        }
        Ok(())
    }

    pub(super) fn progress(&self) -> Progress {
        let goal = self.setup.goal.share(self.setup.mode.copies());
        Progress {
            steps: self.counters.steps,
            updates: self.counters.updates,
            part: goal.part(self.counters.steps, self.episodes.count),
        }
    }

    /// Learns from what the lanes have just lived through.
    pub(super) fn learn(&mut self) -> Result<()> {
        if self.lanes.fresh_lanes() == 0 {
            return Ok(());
        }
        self.supply.take(&mut self.lanes, None);
        let progress = self.progress();
        self.counters.updates += self.supply.learn(&mut self.agent, progress)?;
        Ok(())
    }
}

fn roll(
    lanes: &mut Lanes,
    policies: &mut [PolicyHandle],
    situation: Situation,
    steps: usize,
) -> Result<()> {
    match policies {
        [only] => lanes.roll_with(only, situation, steps),
        all => lanes.roll_parallel(all, situation, steps),
    }
}

/// Does something and takes the time.
fn clocked<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let watch = Stopwatch::start();
    (work(), watch.seconds())
}
