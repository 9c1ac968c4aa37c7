//! Counts snapshots that were passed over, and finds words for it now and then.

use crate::clock::Stopwatch;

/// Seconds between two words about it.
const SECONDS: f64 = 10.0;

/// Snapshots that were due while another one still waited to be taken, and take its place.
#[derive(Debug)]
pub(super) struct Passed {
    count: u64,
    told: Stopwatch,
}

impl Passed {
    pub(super) fn new() -> Self {
        Self { count: 0, told: Stopwatch::started_before(SECONDS) }
    }

    pub(super) fn add(&mut self, count: u64) {
        self.count += count;
    }

    /// What the log should say, now and then, or the rest of it at the end.
    pub(super) fn word(&mut self, is_end: bool) -> Option<String> {
        if self.count == 0 || !is_end && self.told.seconds() < SECONDS {
            return None;
        }
        let count = std::mem::take(&mut self.count);
        self.told = Stopwatch::start();
        Some(format!(
            "snapshots are due faster than they can be written: {count} were passed over, and the \
             next one is taken as soon as the one before it is on the disk"
        ))
    }
}
