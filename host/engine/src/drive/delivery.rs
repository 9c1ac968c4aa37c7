//! What a run hands over to those who look on: bounded, and fetched whole.

use super::Ring;
use crate::buffer::{BufferStats, Peek};
use crate::event::{Episode, Event};
use crate::run::{LaneNow, Run};
use plugin_api::params::Values;
use plugin_api::scene::Scene;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use thorndike_session::journal::Episodes;

/// Whether a run goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It does.
    #[default]
    Running,
    /// It stands still.
    Paused,
    /// It stands still because something failed.
    Failed,
    /// It came to its end.
    Ended,
}

/// An episode of training that ended, as far as charts need it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Environment steps of the run.
    pub steps: u64,
    /// The lane.
    pub lane: u32,
    /// Its steps.
    pub length: u32,
    /// Sum of its rewards.
    pub total: f64,
}

/// Something that happened, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// An event other than an episode.
    Event(Event),
    /// The run goes on, stands still or ended.
    Phase(Phase),
    /// Live params were changed at once; each change is also an event.
    Edited {
        /// What they are now.
        params: Values,
        /// What they were before.
        before: Values,
    },
    /// Something could not be done, and why.
    Refused(String),
    /// The run was saved.
    Saved {
        /// Environment steps of the run.
        steps: u64,
        /// Where to.
        place: String,
    },
    /// Something failed; the run stands still.
    Failed(String),
    /// What the memory of past steps looks like.
    Buffer(Option<BufferStats>),
    /// Steps drawn from it; nothing where the agent keeps none.
    Peek(Option<Box<Peek>>),
    /// What a lane looks like; nothing where it draws nothing.
    Picture(usize, Option<Box<Scene>>),
}

/// Where lanes stood at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LanesRow {
    /// The first lanes.
    pub now: Vec<LaneNow>,
    /// Mean reward of a step of each lane since the row before.
    pub rewards: Vec<f64>,
}

/// What happened since the last delivery.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delivery {
    /// What happened.
    pub notices: Vec<Notice>,
    /// Episodes that ended.
    pub points: Vec<Point>,
    /// Episodes that were told together, as journals do where there are too many to be told apart.
    pub sums: Vec<Episodes>,
    /// Where lanes stood, the newest last.
    pub lanes: Vec<LanesRow>,
    /// Environment steps of the run.
    pub steps: u64,
    /// Episodes ended.
    pub episodes: u64,
    /// Calls of learn.
    pub updates: u64,
    /// Seconds of work.
    pub seconds: f64,
    /// Points and notices left out because nobody fetched them in time.
    pub left_out: u64,
}

/// Lanes of which rows are kept.
pub(super) const LANES_MAX: usize = 64;
const POINTS_MAX: usize = 1 << 17;
const NOTICES_MAX: usize = 4096;
const ROWS_MAX: usize = 256;

impl Delivery {
    /// Forgets everything but the room it takes.
    pub fn clear(&mut self) {
        self.notices.clear();
        self.points.clear();
        self.sums.clear();
        self.lanes.clear();
        self.left_out = 0;
    }

    /// Adds what came later.
    fn extend(&mut self, later: &mut Self) {
        let room = NOTICES_MAX.saturating_sub(self.notices.len());
        self.left_out += later.notices.len().saturating_sub(room) as u64 + later.left_out;
        self.notices.extend(later.notices.drain(..).take(room));
        if self.points.is_empty() && later.points.len() <= POINTS_MAX {
            // Whoever is quick enough finds them where they were gathered.
            std::mem::swap(&mut self.points, &mut later.points);
        }
        let room = POINTS_MAX.saturating_sub(self.points.len());
        self.left_out += later.points.len().saturating_sub(room) as u64;
        self.points.extend(later.points.drain(..).take(room));
        self.lanes.append(&mut later.lanes);
        let surplus = self.lanes.len().saturating_sub(ROWS_MAX);
        self.lanes.drain(..surplus);
        (self.steps, self.episodes) = (later.steps, later.episodes);
        (self.updates, self.seconds) = (later.updates, later.seconds);
        later.clear();
    }
}

impl From<&Episode> for Point {
    fn from(episode: &Episode) -> Self {
        Self {
            steps: episode.steps,
            lane: episode.lane as u32,
            length: u32::try_from(episode.length).unwrap_or(u32::MAX),
            total: episode.total,
        }
    }
}

/// What both sides hold.
pub(super) struct Shared {
    waiting: Mutex<Delivery>,
    /// Whether the other side was rung for and has not fetched since.
    rung: AtomicBool,
    /// Whether a command may lie in the inbox.
    attention: AtomicBool,
    ring: Mutex<Ring>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(run: &Run, ring: Ring) -> Self {
        let waiting = Delivery { steps: run.counters().steps, ..Delivery::default() };
        Self {
            waiting: Mutex::new(waiting),
            rung: AtomicBool::new(false),
            attention: AtomicBool::new(true),
            ring: Mutex::new(ring),
        }
    }

    /// Hands over what the run has gathered.
    pub(super) fn deliver(&self, gathered: &mut Delivery) {
        self.waiting().extend(gathered);
        if !self.rung.swap(true, Ordering::AcqRel) {
            let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring();
        }
    }

    pub(super) fn fetch(&self, delivery: &mut Delivery) {
        delivery.clear();
        self.rung.store(false, Ordering::Release);
        let mut waiting = self.waiting();
        std::mem::swap(&mut *waiting, delivery);
        (waiting.steps, waiting.episodes) = (delivery.steps, delivery.episodes);
        (waiting.updates, waiting.seconds) = (delivery.updates, delivery.seconds);
    }

    pub(super) fn draw_attention(&self) {
        self.attention.store(true, Ordering::Release);
    }

    /// Whether a command may lie in the inbox; asked once for each round of a run.
    #[inline]
    pub(super) fn is_wanted(&self) -> bool {
        self.attention.load(Ordering::Relaxed) && self.attention.swap(false, Ordering::AcqRel)
    }

    fn waiting(&self) -> MutexGuard<'_, Delivery> {
        // A delivery is sound between any two of its steps.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_fetched_in_time_is_left_out_and_counted() {
        let mut waiting = Delivery::default();
        for round in 1..=3 {
            let mut later = Delivery {
                points: vec![Point::default(); POINTS_MAX / 2 + 1],
                lanes: vec![LanesRow::default(); ROWS_MAX],
                notices: vec![Notice::Phase(Phase::Running); 10],
                steps: round,
                ..Delivery::default()
            };
            waiting.extend(&mut later);
            assert!(later.points.is_empty() && later.notices.is_empty());
        }
        assert_eq!((waiting.points.len(), waiting.lanes.len()), (POINTS_MAX, ROWS_MAX));
        assert_eq!(waiting.left_out, 3 * (POINTS_MAX as u64 / 2 + 1) - POINTS_MAX as u64);
        assert_eq!((waiting.notices.len(), waiting.steps), (30, 3));
    }
}
