//! The only place where time enters: everything else is told what time it is, or asks here.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Measures how long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "this is the clock module")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Seconds since the start.
    pub fn seconds(self) -> f64 {
        self.elapsed().as_secs_f64()
    }

    /// Seconds since the start or the last lap, and starts again.
    pub fn lap(&mut self) -> f64 {
        let now = Self::start();
        let seconds = now.0.duration_since(self.0).as_secs_f64();
        *self = now;
        seconds
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
