//! A look at a run from outside: its lanes, its memory, a picture. Nothing here changes the run.

use super::{Run, Supply};
use crate::buffer::BufferStats;
use crate::lanes::Shard;
use plugin_api::Result;
use plugin_api::scene::Scene;

/// Where a lane stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LaneNow {
    /// Reward of its latest step.
    pub reward: f64,
    /// Sum of the rewards of the episode it is in.
    pub total: f64,
    /// Steps of the episode it is in.
    pub length: u64,
    /// Whether it stands still because something failed.
    pub failed: bool,
}

/// Where the lanes of a shard stand, as far as there is room.
pub(crate) fn shard_now<'a>(shard: &Shard, lanes: &mut impl Iterator<Item = &'a mut LaneNow>) {
    let failed = shard.failure().is_some();
    let tally = shard.tally();
    let sums = tally.totals.iter().zip(&tally.lengths);
    for (&reward, (&total, &length)) in shard.rewards().iter().zip(sums) {
        let Some(now) = lanes.next() else { return };
        *now = LaneNow { reward, total, length, failed };
    }
}

impl Run {
    /// Number of lanes, those of all copies.
    pub fn lanes_len(&self) -> usize {
        self.setup.lanes * self.setup.mode.copies()
    }

    /// Where the first lanes stand, as many as there is room for.
    pub fn lanes_now(&self, lanes: &mut [LaneNow]) {
        match &self.crewed {
            Some(crewed) if crewed.crew.is_out() => crewed.crew.lanes_now(lanes),
            _ => {
                let others = self.copies.iter().flat_map(|copies| &copies.others);
                let all = self.lanes.shards().iter();
                let all = all.chain(others.flat_map(|other| other.lanes.shards()));
                let mut lanes = lanes.iter_mut();
                all.for_each(|shard| shard_now(shard, &mut lanes));
            }
        }
    }

    /// What a lane looks like; `None` where there is no such lane or nothing to see. With a worker
    /// it is drawn at the end of a unit, so that nobody waits for it.
    pub fn picture(&mut self, lane: usize) -> Result<Option<Scene>> {
        if let Some(crewed) = self.crewed.as_ref().filter(|crewed| crewed.crew.is_out()) {
            return Ok(crewed.crew.picture(lane));
        }
        let own = self.setup.lanes;
        if let Some(copies) = self.copies.as_mut().filter(|_| lane >= own) {
            let other = copies.others.get_mut(lane / own - 1);
            return other.map_or(Ok(None), |other| other.picture(lane % own));
        }
        for shard in self.lanes.shards_mut() {
            let first = shard.first();
            if (first..first + shard.len()).contains(&lane) {
                return shard.env_mut().render(lane - first);
            }
        }
        Ok(None)
    }

    /// What the memory of past steps looks like; `None` where the agent has none.
    pub fn buffer_stats(&self) -> Option<BufferStats> {
        if let Supply::Replay(feed, _) = &self.supply { Some(feed.stats()) } else { None }
    }

    /// The run stands still from now on: time that passes is none of its work.
    pub fn rest(&mut self) {
        self.reports.rest();
    }

    /// It goes on.
    pub fn wake(&mut self) {
        self.reports.wake();
    }
}
