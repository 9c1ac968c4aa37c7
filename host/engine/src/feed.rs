//! Brings experience from the lanes to the agent, in the form the agent asked for.

#[cfg(test)]
mod counter;
mod episodes;
mod replay;
mod rollout;

pub use episodes::EpisodeFeed;
pub use replay::ReplayFeed;
pub(crate) use replay::SHOWN;
pub use rollout::{Part, RolloutFeed};

use crate::lanes::segment::{Segment, Widths};
use plugin_api::Result;
use plugin_api::abi::handle::{AgentHandle, LearnFrame, column};
use plugin_api::abi::types::column as id;

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
    /// Updates that the policy knew of which acted.
    pub versions: &'a [u64],
    /// Which rows come from demonstrations.
    pub demonstrations: &'a [u8],
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
    let columns = [
        column(id::OBS, widths.obs, &segment.obs[..]),
        column(id::ACTIONS, widths.action, &segment.actions),
        column(id::NEXT_OBS, widths.obs, &segment.next_obs),
        column(id::NEXT_ACTIONS, widths.action, &segment.next_actions),
        column(id::LOG_PROBS, 1, &segment.log_probs),
        column(id::VALUES, 1, &segment.values),
        column(id::MEMORY, widths.memory, &segment.memory),
        column(id::RETURNS, 1, extra.returns),
        column(id::ADVANTAGES, 1, extra.advantages),
        column(id::WEIGHTS, 1, extra.weights),
        column(id::DISCOUNTS, 1, extra.discounts),
        column(id::REWARDS, 1, &segment.rewards),
        column(id::FLAGS, 1, &segment.flags),
        column(id::MASKS, widths.mask, &segment.masks),
        column(id::NEXT_MASKS, widths.mask, &segment.next_masks),
        column(id::LANE_IDS, 1, extra.lane_ids),
        column(id::VERSIONS, 1, extra.versions),
        column(id::DEMONSTRATIONS, 1, extra.demonstrations),
    ];
    // Those that are there come first; nothing is allocated for it.
    let mut there = columns;
    let mut count = 0;
    for column in columns.into_iter().filter(|column| !column.bytes.is_empty()) {
        there[count] = column;
        count += 1;
    }
    agent.learn(LearnFrame {
        columns: &there[..count],
        batch_steps: segment.steps,
        batch_lanes: segment.lanes,
        priorities,
        steps: progress.steps,
        updates: progress.updates,
        progress: progress.part,
    })
}
