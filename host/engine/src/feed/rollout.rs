//! Rollouts: the latest steps of all lanes, laid side by side, with the returns the agent asked
//! for.

use super::{Extra, Progress, learn};
use crate::lanes::Lanes;
use crate::lanes::segment::{Record, Segment, Widths};
use crate::returns;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::Returns;
use plugin_api::{Archive, Result};
use std::iter::repeat_n;

/// Gathers the segments of all shards and hands them to the agent.
#[derive(Clone, Debug)]
pub struct RolloutFeed {
    /// Steps of a rollout.
    pub steps: usize,
    record: Record,
    widths: Widths,
    wanted: Option<Returns>,
    /// All lanes side by side.
    all: Segment,
    /// Whether nobody has learned from it.
    waiting: bool,
    /// The lane of each row, when not every lane takes part once.
    lane_ids: Vec<u32>,
    /// Updates that the policy of each row knew of; left out where that is all there were.
    versions: Vec<u64>,
    returns: Vec<f32>,
    advantages: Vec<f32>,
}

/// A rollout of some lanes.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Number of the first lane.
    pub first: usize,
    /// Updates that the policy knew of.
    pub version: u64,
    /// What they lived through.
    pub segment: &'a Segment,
}

impl RolloutFeed {
    /// Room for rollouts of `steps` steps.
    pub fn new(lanes: &Lanes, record: &Record, wanted: Option<Returns>, steps: usize) -> Self {
        let widths = lanes.shards()[0].widths();
        let rows = if wanted.is_some() { steps * lanes.len() } else { 0 };
        Self {
            steps,
            record: record.clone(),
            widths,
            wanted,
            all: Segment::new(record, widths, steps, lanes.len()),
            waiting: false,
            lane_ids: Vec::new(),
            versions: Vec::new(),
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

    /// An empty segment of so many lanes, as these rollouts need them.
    pub fn segment(&self, lanes: usize) -> Segment {
        Segment::new(&self.record, self.widths, self.steps, lanes)
    }

    /// Takes in what the lanes have just lived through, as far as they came to the end of it.
    /// `version` says what the policy knew, where it did not know all.
    pub fn take(&mut self, lanes: &mut Lanes, version: Option<u64>) {
        let all = lanes.len();
        if let [only] = lanes.shards_mut()
            && only.len() == all
        {
            only.swap_segment(&mut self.all);
            self.lane_ids.clear();
            self.stamp(version.map(|version| (version, self.all.lanes)).into_iter());
            self.waiting = true;
            return;
        }
        let whole = lanes.fresh_lanes() == lanes.len();
        let parts = lanes.fresh().map(|shard| Part {
            first: shard.first(),
            version: version.unwrap_or_default(),
            segment: shard.segment(),
        });
        self.gather(parts, whole);
        let stamps = lanes.fresh().filter_map(|shard| Some((version?, shard.len())));
        self.stamp(stamps);
    }

    /// Takes in rollouts one beside the other, in this order. A lane may come more than once, or
    /// not at all.
    pub fn take_parts<'a>(&mut self, parts: impl Iterator<Item = Part<'a>> + Clone, lanes: usize) {
        let mut next = 0;
        let in_order = parts.clone().all(|part| {
            let follows = part.first == next;
            next += part.segment.lanes;
            follows
        });
        self.gather(parts.clone(), in_order && next == lanes);
        self.stamp(parts.map(|part| (part.version, part.segment.lanes)));
    }

    fn gather<'a>(&mut self, parts: impl Iterator<Item = Part<'a>> + Clone, whole: bool) {
        let lanes = parts.clone().map(|part| part.segment.lanes).sum();
        self.all.set_lanes(lanes, &self.record, self.widths);
        let mut place = 0;
        for part in parts.clone() {
            copy(&mut self.all, part.segment, place, self.widths);
            place += part.segment.lanes;
        }
        self.lane_ids.clear();
        if !whole {
            let ids = parts.flat_map(|part| part.first..part.first + part.segment.lanes);
            self.lane_ids.extend(ids.map(|lane| lane as u32));
            repeat(&mut self.lane_ids, self.steps);
        }
        self.waiting = true;
    }

    /// Notes versions: each counts for so many lanes.
    fn stamp(&mut self, versions: impl Iterator<Item = (u64, usize)>) {
        self.versions.clear();
        self.versions.extend(versions.flat_map(|(version, lanes)| repeat_n(version, lanes)));
        repeat(&mut self.versions, self.steps);
    }

    /// Has the agent learn from what was taken in. Says whether there was anything.
    pub fn learn(&mut self, agent: &mut AgentHandle, progress: Progress) -> Result<bool> {
        if !std::mem::take(&mut self.waiting) {
            return Ok(false);
        }
        let segment = &self.all;
        let rows = if self.wanted.is_some() { self.steps * segment.lanes } else { 0 };
        self.returns.resize(rows, 0.0);
        self.advantages.resize(rows, 0.0);
        if let Some(wanted) = self.wanted {
            returns::compute(wanted, segment, &mut self.returns, &mut self.advantages);
        }
        let extra = Extra {
            returns: &self.returns,
            advantages: &self.advantages,
            lane_ids: &self.lane_ids,
            versions: &self.versions,
            ..Extra::default()
        };
        learn(agent, segment, self.widths, extra, &mut [], progress)?;
        Ok(true)
    }

    /// Names the rollout that waits to be learned from, for saving and loading.
    pub fn waiting(&mut self, archive: &mut Archive) {
        archive.value("waiting", &mut self.waiting);
        if self.waiting {
            archive.value("lanes", &mut self.all.lanes);
            self.all.state(archive);
            archive.list("lane_ids", &mut self.lane_ids);
            archive.list("versions", &mut self.versions);
        }
    }
}

/// Repeats what a list holds until it holds it so many times.
fn repeat<T: Copy>(list: &mut Vec<T>, times: usize) {
    let length = list.len();
    for _ in 1..times {
        list.extend_from_within(..length);
    }
}

/// Copies the rows of some lanes to their place among all lanes, from lane `first` on.
fn copy(all: &mut Segment, part: &Segment, first: usize, widths: Widths) {
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
