//! Episodes: steps are held back until the episode they belong to has ended.

use super::{Extra, Progress, learn};
use crate::lanes::Lanes;
use crate::lanes::segment::{Record, Segment, Widths};
use crate::returns;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::Returns;
use plugin_api::{Archive, Result};
use std::ops::Range;

/// Collects the episode every lane is in, and hands over those that have ended.
#[derive(Clone, Debug)]
pub struct EpisodeFeed {
    widths: Widths,
    wanted: Option<Returns>,
    /// The episode each lane is in, a row for each step.
    open: Vec<Segment>,
    /// Episodes that ended in the latest step, one after another.
    ended: Segment,
    lane_ids: Vec<u32>,
    returns: Vec<f32>,
    advantages: Vec<f32>,
}

impl EpisodeFeed {
    /// Nothing collected yet.
    pub fn new(lanes: &Lanes, record: &Record, wanted: Option<Returns>) -> Self {
        let widths = lanes.shards()[0].widths();
        let empty = Segment::new(record, widths, 0, 1);
        Self {
            widths,
            wanted,
            open: vec![empty.clone(); lanes.len()],
            ended: empty,
            lane_ids: Vec::new(),
            returns: Vec::new(),
            advantages: Vec::new(),
        }
    }

    /// Takes in the latest step of all lanes.
    pub fn take(&mut self, lanes: &Lanes) {
        self.ended.clear();
        self.lane_ids.clear();
        for shard in lanes.fresh() {
            let step = shard.segment();
            for lane in 0..step.lanes {
                let open = &mut self.open[shard.first() + lane];
                open.push_row(step, lane, self.widths);
                if step.flags[lane] != 0 {
                    self.lane_ids
                        .resize(self.lane_ids.len() + open.steps, (shard.first() + lane) as u32);
                    self.ended.append(open);
                }
            }
        }
    }

    /// Has the agent learn from the episodes that ended in the step taken in last. Says whether
    /// there were any.
    pub fn learn(&mut self, agent: &mut AgentHandle, progress: Progress) -> Result<bool> {
        if self.ended.steps == 0 {
            return Ok(false);
        }
        if let Some(wanted) = self.wanted {
            self.returns.resize(self.ended.steps, 0.0);
            self.advantages.resize(self.ended.steps, 0.0);
            returns::compute(wanted, &self.ended, &mut self.returns, &mut self.advantages);
        }
        let extra = Extra {
            returns: &self.returns,
            advantages: &self.advantages,
            lane_ids: &self.lane_ids,
            ..Extra::default()
        };
        let learned = learn(agent, &self.ended, self.widths, extra, &mut [], progress);
        self.ended.clear();
        learned.map(|()| true)
    }

    /// Computes returns in another way from now on; whether it computes any does not change.
    pub fn set_returns(&mut self, wanted: Option<Returns>) {
        self.wanted = self.wanted.and(wanted);
    }

    /// Forgets the episodes that these lanes were in.
    pub fn forget(&mut self, lanes: Range<usize>) {
        self.open[lanes].iter_mut().for_each(Segment::clear);
    }

    /// Names the episodes that go on, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        for (lane, open) in self.open.iter_mut().enumerate() {
            archive.scope(&format!("lane{lane}"), |archive| open.state(archive));
        }
    }

    /// Names the episodes that wait to be learned from, for saving and loading.
    pub fn waiting(&mut self, archive: &mut Archive) {
        self.ended.state(archive);
        archive.list("lane_ids", &mut self.lane_ids);
    }
}

#[cfg(test)]
mod tests;
