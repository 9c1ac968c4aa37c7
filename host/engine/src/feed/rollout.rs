//! Rollouts: the latest steps of all lanes, laid side by side, with the returns the agent asked for.

use super::{Extra, Progress, learn};
use crate::lanes::segment::{Record, Segment, Widths};
use crate::lanes::{Lanes, Shard};
use crate::returns;
use plugin_api::Result;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::Returns;

/// Gathers the segments of all shards and hands them to the agent.
#[derive(Clone, Debug)]
pub struct RolloutFeed {
    /// Steps of a rollout.
    pub steps: usize,
    widths: Widths,
    wanted: Option<Returns>,
    /// All lanes side by side; empty when one shard holds them all already.
    all: Segment,
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
            widths,
            wanted,
            all: Segment::new(record, widths, steps, gathered),
            returns: vec![0.0; rows],
            advantages: vec![0.0; rows],
        }
    }

    /// Bytes of its columns.
    pub fn bytes(&self) -> u64 {
        self.all.bytes() + 4 * (self.returns.len() + self.advantages.len()) as u64
    }

    /// Has the agent learn from what the lanes have just lived through.
    pub fn learn(
        &mut self,
        lanes: &Lanes,
        agent: &mut AgentHandle,
        progress: Progress,
    ) -> Result<()> {
        if let [_, _, ..] = lanes.shards() {
            for shard in lanes.shards() {
                gather(&mut self.all, shard, self.widths);
            }
        }
        let segment = match lanes.shards() {
            [only] => only.segment(),
            _ => &self.all,
        };
        if let Some(wanted) = self.wanted {
            returns::compute(wanted, segment, &mut self.returns, &mut self.advantages);
        }
        let extra =
            Extra { returns: &self.returns, advantages: &self.advantages, ..Extra::default() };
        learn(agent, segment, self.widths, extra, &mut [], progress)
    }
}

/// Copies a shard's rows to their place among all lanes.
fn gather(all: &mut Segment, shard: &Shard, widths: Widths) {
    let part = shard.segment();
    let place = Place { first: shard.first(), lanes: all.lanes };
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
