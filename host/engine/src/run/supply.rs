//! How experience reaches the agent of a run.

use crate::feed::{EpisodeFeed, ReplayFeed, RolloutFeed};
use crate::lanes::{Lanes, Record};
use plugin_api::needs::{Feed, Needs};
use plugin_api::{Error, Result, Task};
use std::ops::Range;

/// Steps of a segment when nobody learns from it.
const FREE_STEPS: usize = 64;

/// How experience reaches the agent in this run.
#[derive(Debug)]
pub(super) enum Supply {
    /// Not at all; steps are taken in segments of this length.
    Nothing(usize),
    Rollout(Box<RolloutFeed>),
    Episodes(Box<EpisodeFeed>),
    Replay(Box<ReplayFeed>),
}

impl Supply {
    /// As the agent needs it, with room in the lanes to record what that takes.
    pub(super) fn new(needs: &Needs, task: &Task, lanes: &mut Lanes, seed: u64) -> Result<Self> {
        let record = Record::of(needs, task);
        Ok(match &needs.feed {
            Feed::Nothing => Self::Nothing(FREE_STEPS),
            Feed::Rollout { steps: 0 } => {
                return Err(Error::new("the agent asks for rollouts of no steps"));
            }
            Feed::Rollout { steps } => {
                lanes.record(&record, *steps);
                Self::Rollout(Box::new(RolloutFeed::new(lanes, &record, needs.returns, *steps)))
            }
            Feed::Episodes => {
                lanes.record(&record, 1);
                Self::Episodes(Box::new(EpisodeFeed::new(lanes, &record, needs.returns)))
            }
            Feed::Replay(_) => {
                lanes.record(&record, 1);
                Self::Replay(Box::new(ReplayFeed::new(lanes, needs, seed)?))
            }
        })
    }

    /// Steps of each lane between two learning points.
    pub(super) fn round_steps(&self) -> usize {
        match self {
            Self::Nothing(steps) => *steps,
            Self::Rollout(feed) => feed.steps,
            Self::Episodes(_) | Self::Replay(_) => 1,
        }
    }

    /// Lanes begin new episodes although theirs did not end.
    pub(super) fn forget(&mut self, lanes: Range<usize>) {
        match self {
            Self::Nothing(_) | Self::Rollout(_) => {}
            Self::Episodes(feed) => feed.forget(lanes),
            Self::Replay(feed) => feed.forget(lanes),
        }
    }
}
