//! Brings experience from the lanes to the agent, in the form the agent asked for.

#[cfg(test)]
mod counter;
mod episodes;
mod replay;
mod rollout;

pub use episodes::EpisodeFeed;
pub use replay::ReplayFeed;
pub use rollout::RolloutFeed;

use crate::lanes::segment::{Segment, Widths};
use plugin_api::Result;
use plugin_api::abi::handle::{AgentHandle, LearnFrame, column};
use plugin_api::abi::types::{Column, column as id};

/// Where a run stands when the agent learns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Environment steps so far.
    pub steps: u64,
    /// Calls of learn so far.
    pub updates: u64,
    /// Part of the budget used up.
    pub part: f64,
}

/// Columns beside those of a segment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extra<'a> {
    /// Returns.
    pub returns: &'a [f32],
    /// Advantages.
    pub advantages: &'a [f32],
    /// Importance weights.
    pub weights: &'a [f32],
    /// Discounts of what follows.
    pub discounts: &'a [f32],
    /// Lanes.
    pub lane_ids: &'a [u32],
}

/// Has the agent learn from the first `rows` rows of a segment.
pub fn learn(
    agent: &mut AgentHandle,
    segment: &Segment,
    widths: Widths,
    extra: Extra<'_>,
    priorities: &mut [f32],
    progress: Progress,
) -> Result<()> {
    let mut columns: Vec<Column<'_>> = Vec::with_capacity(17);
    let floats = [
        (id::OBS, widths.obs, &segment.obs[..]),
        (id::ACTIONS, widths.action, &segment.actions),
        (id::NEXT_OBS, widths.obs, &segment.next_obs),
        (id::NEXT_ACTIONS, widths.action, &segment.next_actions),
        (id::LOG_PROBS, 1, &segment.log_probs),
        (id::VALUES, 1, &segment.values),
        (id::MEMORY, widths.memory, &segment.memory),
        (id::RETURNS, 1, extra.returns),
        (id::ADVANTAGES, 1, extra.advantages),
        (id::WEIGHTS, 1, extra.weights),
        (id::DISCOUNTS, 1, extra.discounts),
    ];
    let floats = floats.into_iter().filter(|(_, _, numbers)| !numbers.is_empty());
    columns.extend(floats.map(|(id, width, numbers)| column(id, width, numbers)));
    columns.push(column(id::REWARDS, 1, &segment.rewards));
    columns.push(column(id::FLAGS, 1, &segment.flags));
    if !segment.masks.is_empty() {
        columns.push(column(id::MASKS, widths.mask, &segment.masks));
        columns.push(column(id::NEXT_MASKS, widths.mask, &segment.next_masks));
    }
    if !extra.lane_ids.is_empty() {
        columns.push(column(id::LANE_IDS, 1, extra.lane_ids));
    }
    agent.learn(LearnFrame {
        columns: &columns,
        batch_steps: segment.steps,
        batch_lanes: segment.lanes,
        priorities,
        steps: progress.steps,
        updates: progress.updates,
        progress: progress.part,
    })
}
