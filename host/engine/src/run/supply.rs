//! How experience reaches the agent of a run.

use super::crewed::part;
use crate::crew::Unit;
use crate::feed::Progress;
use crate::feed::{EpisodeFeed, ReplayFeed, RolloutFeed};
use crate::lanes::{Lanes, Record};
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::{Feed, Needs};
use plugin_api::{Archive, Error, Result, Task};
use std::ops::Range;
use thorndike_session::Mode;

/// Steps of a segment when nobody learns from it.
const FREE_STEPS: usize = 64;

/// How experience reaches the agent in this run.
#[derive(Debug)]
pub(super) enum Supply {
    /// Not at all; steps are taken in segments of this length.
    Nothing(usize),
    Rollout(Box<RolloutFeed>),
    Episodes(Box<EpisodeFeed>),
    /// With the steps of a round.
    Replay(Box<ReplayFeed>, usize),
}

impl Supply {
    /// As the agent needs it, with room in the lanes to record what that takes.
    pub(super) fn new(
        (needs, mode): (&Needs, Mode),
        task: &Task,
        lanes: &mut Lanes,
        seed: u64,
    ) -> Result<Self> {
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
                let feed = ReplayFeed::new(lanes, needs, seed)?;
                let steps = match mode {
                    Mode::Lockstep | Mode::Copies { .. } => 1,
                    Mode::Pipelined | Mode::Async { .. } => feed.steps_between(lanes.len()),
                };
                lanes.record(&record, steps);
                Self::Replay(Box::new(feed), steps)
            }
        })
    }

    /// Steps of each lane between two learning points.
    pub(super) fn round_steps(&self) -> usize {
        match self {
            Self::Nothing(steps) | Self::Replay(_, steps) => *steps,
            Self::Rollout(feed) => feed.steps,
            Self::Episodes(_) => 1,
        }
    }

    /// Lanes begin new episodes although theirs did not end.
    pub(super) fn forget(&mut self, lanes: Range<usize>) {
        match self {
            Self::Nothing(_) | Self::Rollout(_) => {}
            Self::Episodes(feed) => feed.forget(lanes),
            Self::Replay(feed, _) => feed.forget(lanes),
        }
    }

    /// Takes in what the lanes have just lived through. `version` says how many updates the policy
    /// knew of that acted, where it did not know all.
    pub(super) fn take(&mut self, lanes: &mut Lanes, version: Option<u64>) {
        match self {
            Self::Nothing(_) => {}
            Self::Rollout(feed) => feed.take(lanes, version),
            Self::Episodes(feed) => feed.take(lanes),
            Self::Replay(feed, _) => feed.take(lanes),
        }
        lanes.set_taken();
    }

    /// Takes in units of workers, which only rollouts are made of.
    pub(super) fn take_units(&mut self, units: &[Unit], lanes: usize) {
        if let Self::Rollout(feed) = self {
            feed.take_parts(units.iter().map(part), lanes);
        }
    }

    /// Has the agent learn from what was taken in; returns how often it did.
    pub(super) fn learn(&mut self, agent: &mut AgentHandle, progress: Progress) -> Result<u64> {
        let learned = match self {
            Self::Nothing(_) => Ok(0),
            Self::Rollout(feed) => feed.learn(agent, progress).map(u64::from),
            Self::Episodes(feed) => feed.learn(agent, progress).map(u64::from),
            Self::Replay(feed, _) => feed.learn(agent, progress),
        };
        learned.map_err(|error| error.context(format!("learning at step {}", progress.steps)))
    }

    /// Names what it keeps from round to round, for saving and loading.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        match self {
            Self::Nothing(_) | Self::Rollout(_) => {}
            Self::Episodes(feed) => archive.scope("open", |archive| feed.state(archive)),
            Self::Replay(feed, _) => archive.scope("replay", |archive| feed.state(archive)),
        }
    }

    /// Names what was taken in and waits to be learned from, for saving and loading.
    pub(super) fn waiting(&mut self, archive: &mut Archive) {
        match self {
            Self::Nothing(_) => {}
            Self::Rollout(feed) => feed.waiting(archive),
            Self::Episodes(feed) => feed.waiting(archive),
            Self::Replay(feed, _) => feed.waiting(archive),
        }
    }
}
