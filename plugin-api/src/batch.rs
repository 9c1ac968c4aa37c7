//! A batch of experience, as an agent sees it: columns side by side, or one transition after
//! another.

use crate::env::{TERMINATED, TRUNCATED};
use crate::rows::Rows;

/// Experience to learn from. Columns an agent did not ask for are empty.
///
/// Rows of a rollout lie lane by lane within each step: row `t * lanes + lane`. No row spans the
/// end of an episode: `next_obs` of a last step is the episode's own final observation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch<'a> {
    /// Steps of a rollout; 1 for samples; all rows for episodes.
    pub steps: usize,
    /// Lanes of a rollout; all rows for samples; 1 for episodes.
    pub lanes: usize,
    /// What was seen.
    pub obs: Rows<'a>,
    /// What was done: choices counted from 0, numbers before any clipping to bounds.
    pub actions: Rows<'a>,
    /// What it brought: over n steps, where asked for.
    pub rewards: &'a [f64],
    /// [`TERMINATED`] and [`TRUNCATED`] of each row.
    pub flags: &'a [u8],
    /// What was seen next.
    pub next_obs: Rows<'a>,
    /// What was done next.
    pub next_actions: Rows<'a>,
    /// Which actions were allowed.
    pub masks: Rows<'a, u8>,
    /// Which actions were allowed next.
    pub next_masks: Rows<'a, u8>,
    /// True log-probability with which each action was drawn.
    pub log_probs: &'a [f32],
    /// Value estimates when acting.
    pub values: &'a [f32],
    /// Returns, as asked for.
    pub returns: &'a [f32],
    /// Advantages, as asked for.
    pub advantages: &'a [f32],
    /// Importance weights of prioritised samples.
    pub weights: &'a [f32],
    /// Discount of what follows each row: γ to the number of steps it spans.
    pub discounts: &'a [f32],
    /// What the policy remembered before each row.
    pub memory: Rows<'a>,
    /// Version of the policy that acted.
    pub versions: &'a [u64],
    /// The lane of each row of an episode or sample.
    pub lane_ids: &'a [u32],
    /// 1 for rows that come from demonstrations; empty where a run has none.
    pub demonstrations: &'a [u8],
}

/// One row of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a> {
    /// Its place in the batch.
    pub row: usize,
    /// The lane it comes from.
    pub lane: usize,
    /// What was seen.
    pub obs: &'a [f32],
    /// What was done.
    pub action: &'a [f32],
    /// What it brought.
    pub reward: f64,
    /// What was seen next.
    pub next_obs: &'a [f32],
    /// Whether the world came to an end.
    pub terminated: bool,
    /// Whether the episode was cut off.
    pub truncated: bool,
    /// Which actions were allowed; empty when all were.
    pub mask: &'a [u8],
    /// Which actions are allowed next; empty when all are.
    pub next_mask: &'a [u8],
}

impl<'a> Batch<'a> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rewards.is_empty()
    }

    /// One row.
    #[inline]
    pub fn transition(&self, row: usize) -> Transition<'a> {
        let flags = self.flags[row];
        Transition {
            row,
            lane: self.lane_ids.get(row).map_or(row % self.lanes, |&lane| lane as usize),
            obs: self.obs.row(row),
            action: self.actions.row(row),
            reward: self.rewards[row],
            next_obs: self.next_obs.row(row),
            terminated: flags & TERMINATED != 0,
            truncated: flags & TRUNCATED != 0,
            mask: if self.masks.is_empty() { &[] } else { self.masks.row(row) },
            next_mask: if self.next_masks.is_empty() { &[] } else { self.next_masks.row(row) },
        }
    }

    /// All rows in order.
    #[inline]
    pub fn transitions(&self) -> impl ExactSizeIterator<Item = Transition<'a>> + use<'a> {
        let batch = *self;
        (0..batch.len()).map(move |row| batch.transition(row))
    }
}

impl Transition<'_> {
    /// Whether this row is the last one of its episode.
    pub fn ends(&self) -> bool {
        self.terminated || self.truncated
    }

    /// The state of a Discrete observation.
    #[inline]
    pub fn state(&self) -> usize {
        self.obs[0] as usize
    }

    /// The state that follows, of a Discrete observation.
    #[inline]
    pub fn next_state(&self) -> usize {
        self.next_obs[0] as usize
    }

    /// The choice of a Discrete action.
    #[inline]
    pub fn choice(&self) -> usize {
        self.action[0] as usize
    }
}
