//! Reports of a run: how it stands, how fast it goes, and where the time went.

use super::Counters;
use crate::clock::Stopwatch;
use crate::event::{Event, Report};
use crate::stats::Episodes;

/// Ticks of which one is timed: looking at the clock costs as much as a few steps.
const TIMED_EVERY: u64 = 16;

/// What is needed to report.
#[derive(Debug)]
pub(super) struct Reports {
    whole: Stopwatch,
    since: Stopwatch,
    /// Seconds of earlier parts of the run, when it was resumed.
    before: f64,
    /// Seconds since the last report, while the run stands still.
    resting: Option<f64>,
    steps_at: u64,
    ticks: u64,
    times: Vec<(&'static str, f64)>,
}

impl Reports {
    pub(super) fn start() -> Self {
        let now = Stopwatch::start();
        Self {
            whole: now,
            since: now,
            before: 0.0,
            resting: None,
            steps_at: 0,
            ticks: 0,
            times: Vec::new(),
        }
    }

    /// Seconds of work so far.
    pub(super) fn seconds(&self) -> f64 {
        if self.resting.is_some() { self.before } else { self.before + self.whole.seconds() }
    }

    /// Stops the watches.
    pub(super) fn rest(&mut self) {
        if self.resting.is_none() {
            self.before = self.seconds();
            self.resting = Some(self.since.seconds());
        }
    }

    /// Lets the watches go on.
    pub(super) fn wake(&mut self) {
        if let Some(seconds) = self.resting.take() {
            self.whole = Stopwatch::start();
            self.since = Stopwatch::started_before(seconds);
        }
    }

    pub(super) fn resume_at(&mut self, seconds: f64, steps: u64) {
        self.before = seconds;
        self.steps_at = steps;
    }

    /// Whether the parts of this tick are to be timed.
    pub(super) fn time_this_tick(&mut self) -> bool {
        self.ticks += 1;
        self.ticks.is_multiple_of(TIMED_EVERY)
    }

    pub(super) fn add_time(&mut self, part: &'static str, seconds: f64) {
        match self.times.iter_mut().find(|(known, _)| *known == part) {
            Some((_, sum)) => *sum += seconds,
            None => self.times.push((part, seconds)),
        }
    }

    pub(super) fn due(&self, every: f64) -> bool {
        self.since.seconds() >= every
    }

    pub(super) fn make(
        &mut self,
        counters: Counters,
        episodes: &mut Episodes,
        (logged, more): (plugin_api::log::Report, Vec<(String, f64)>),
        buffer_fill: f64,
    ) -> Event {
        let elapsed = match &mut self.resting {
            Some(seconds) => std::mem::take(seconds),
            None => self.since.lap(),
        };
        let steps = counters.steps - self.steps_at;
        self.steps_at = counters.steps;
        let all: f64 = self.times.iter().map(|(_, seconds)| seconds).sum();
        let share = |(part, seconds): (&'static str, f64)| (part.to_owned(), seconds / all);
        let scalars = logged.scalars.into_iter().map(|(name, summary)| (name, summary.mean()));
        Event::Report(Report {
            steps: counters.steps,
            episodes: episodes.count,
            updates: counters.updates,
            seconds: self.seconds(),
            steps_per_s: steps as f64 / elapsed.max(1e-9),
            return_mean: episodes.take_mean(),
            return_last100: episodes.return_latest(),
            length_last100: episodes.length_latest(),
            success_last100: episodes.success_latest(),
            metrics: scalars.chain(more).collect(),
            buffer_fill,
            time: self.times.drain(..).map(share).collect(),
        })
    }
}
