//! Lanes as the screen knows them, and short histories of numbers.

use std::collections::VecDeque;
use thorndike_engine::drive::LaneNow;

/// A lane.
#[derive(Clone, Debug, Default)]
pub struct LaneView {
    /// Where it stands.
    pub now: LaneNow,
    /// Return of its latest episode.
    pub returned: Option<f64>,
    /// Mean rewards of its steps, one for each look.
    pub rewards: Ring,
}

/// The latest numbers of something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    numbers: VecDeque<f64>,
}

/// As many as a wide line shows.
const KEPT: usize = 256;

impl Ring {
    /// Adds a number and forgets the oldest.
    pub fn push(&mut self, number: f64) {
        if self.numbers.len() == KEPT {
            self.numbers.pop_front();
        }
        self.numbers.push_back(number);
    }

    /// The latest numbers, the oldest first.
    pub fn latest(&self, count: usize) -> impl Iterator<Item = f64> {
        self.numbers.iter().skip(self.numbers.len().saturating_sub(count)).copied()
    }

    /// The latest number.
    pub fn last(&self) -> Option<f64> {
        self.numbers.back().copied()
    }
}
