//! Rollouts: the latest steps of all lanes, laid side by side, with the returns the agent asked
//! for.

use super::{Extra, Progress, learn};
use crate::lanes::Lanes;
use crate::lanes::segment::{Record, Segment, Widths};
use crate::returns;
use plugin_api::Result;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::Returns;

/// Gathers the segments of all shards and hands them to the agent.
#[derive(Clone, Debug)]
pub struct RolloutFeed {
    /// Steps of a rollout.
    pub steps: usize,
    record: Record,
    widths: Widths,
    wanted: Option<Returns>,
    /// All lanes side by side; empty when one shard holds them all already.
    all: Segment,
    /// The lane of each row, when not every lane takes part.
    lane_ids: Vec<u32>,
    returns: Vec<f32>,
    advantages: Vec<f32>,
}

impl RolloutFeed {
    /// Room for rollouts of `steps` steps.
    pub fn new(lanes: &Lanes, record: &Record, wanted: Option<Returns>, steps: usize) -> Self {
        let widths = lanes.shards()[0].widths();
        let gathered = if lanes.shards().len() > 1 { lanes.len() } else { 0 };
        let rows = if wanted.is_some() { steps * lanes.len() } else { 0 };
        Self {
            steps,
            record: record.clone(),
            widths,
            wanted,
            lane_ids: Vec::new(),
            all: Segment::new(record, widths, steps, gathered),
            returns: vec![0.0; rows],
            advantages: vec![0.0; rows],
        }
    }

    /// Computes returns in another way from now on; whether it computes any does not change.
    pub fn set_returns(&mut self, wanted: Option<Returns>) {
        self.wanted = self.wanted.and(wanted);
    }

    /// Bytes of its columns.
    pub fn bytes(&self) -> u64 {
        self.all.bytes() + 4 * (self.returns.len() + self.advantages.len()) as u64
    }

    /// Has the agent learn from what the lanes have just lived through, as far as they all came to
    /// the end of it.
    pub fn learn(
        &mut self,
        lanes: &Lanes,
        agent: &mut AgentHandle,
        progress: Progress,
    ) -> Result<()> {
        let part = lanes.fresh_lanes();
        self.lane_ids.clear();
        if part < lanes.len() {
            let ids = lanes.fresh().flat_map(|shard| shard.first()..shard.first() + shard.len());
            let ids: Vec<u32> = ids.map(|lane| lane as u32).collect();
            self.lane_ids.extend(ids.iter().cycle().take(self.steps * part));
        }
        let segment = if let [only] = lanes.shards() {
            only.segment()
        } else {
            self.all.set_lanes(part, &self.record, self.widths);
            let mut first = 0;
            for shard in lanes.fresh() {
                gather(&mut self.all, shard.segment(), first, self.widths);
                first += shard.len();
            }
            &self.all
        };
        let rows = if self.wanted.is_some() { self.steps * part } else { 0 };
        let (returns, advantages) = (&mut self.returns[..rows], &mut self.advantages[..rows]);
        if let Some(wanted) = self.wanted {
            returns::compute(wanted, segment, returns, advantages);
        }
        let extra = Extra { returns, advantages, lane_ids: &self.lane_ids, ..Extra::default() };
        learn(agent, segment, self.widths, extra, &mut [], progress)
    }
}

/// Copies the rows of some lanes to their place among all lanes, from lane `first` on.
fn gather(all: &mut Segment, part: &Segment, first: usize, widths: Widths) {
    let place = Place { first, lanes: all.lanes };
    place.copy(&mut all.obs, &part.obs, part.lanes, widths.obs);
    place.copy(&mut all.actions, &part.actions, part.lanes, widths.action);
    place.copy(&mut all.rewards, &part.rewards, part.lanes, 1);
    place.copy(&mut all.flags, &part.flags, part.lanes, 1);
    place.copy(&mut all.next_obs, &part.next_obs, part.lanes, widths.obs);
    place.copy(&mut all.next_actions, &part.next_actions, part.lanes, widths.action);
    place.copy(&mut all.masks, &part.masks, part.lanes, widths.mask);
    place.copy(&mut all.next_masks, &part.next_masks, part.lanes, widths.mask);
    place.copy(&mut all.log_probs, &part.log_probs, part.lanes, 1);
    place.copy(&mut all.values, &part.values, part.lanes, 1);
    place.copy(&mut all.next_values, &part.next_values, part.lanes, 1);
    place.copy(&mut all.memory, &part.memory, part.lanes, widths.memory);
}

struct Place {
    first: usize,
    lanes: usize,
}

impl Place {
    fn copy<T: Copy>(&self, all: &mut [T], part: &[T], lanes: usize, width: usize) {
        if part.is_empty() {
            return;
        }
        let steps = part.chunks_exact(lanes * width);
        for (rows, all) in steps.zip(all.chunks_exact_mut(self.lanes * width)) {
            all[self.first * width..][..rows.len()].copy_from_slice(rows);
        }
    }
}
