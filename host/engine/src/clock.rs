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

    /// A watch that already shows so many seconds.
    pub fn started_before(seconds: f64) -> Self {
        let now = Self::start().0;
        let before = Duration::try_from_secs_f64(seconds).ok();
        Self(before.and_then(|before| now.checked_sub(before)).unwrap_or(now))
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

/// Seconds of a processor that this thread has used so far.
pub fn thread_seconds() -> f64 {
    processor_seconds(rustix::time::ClockId::ThreadCPUTime)
}

/// Seconds of all processors that this process has used so far.
pub fn process_seconds() -> f64 {
    processor_seconds(rustix::time::ClockId::ProcessCPUTime)
}

fn processor_seconds(clock: rustix::time::ClockId) -> f64 {
    let now = rustix::time::clock_gettime(clock);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Tells when to look around: about every twentieth of a second, without a look at the clock in
/// between.
#[derive(Clone, Copy, Debug)]
pub struct Pulse {
    watch: Stopwatch,
    ticks: u32,
    left: u32,
}

impl Pulse {
    const SECONDS: f64 = 0.05;

    /// Beats first at once.
    pub fn start() -> Self {
        Self { watch: Stopwatch::start(), ticks: 1, left: 1 }
    }

    /// Counts a tick; true when it is time to look around.
    pub fn beats(&mut self) -> bool {
        self.left -= 1;
        if self.left > 0 {
            return false;
        }
        let ticks = f64::from(self.ticks) * Self::SECONDS / self.watch.lap().max(1e-9);
        // Ticks may become slower all of a sudden, so their number grows with care.
        self.ticks = (ticks as u32).clamp(1, 2 * self.ticks.min(1 << 20));
        self.left = self.ticks;
        true
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is the clock module")]
pub fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
