//! One line at a terminal that shows how far a run is and when it will be over, redrawn in place.

use super::plain::{self, figure};
use std::io::{self, Write};
use thorndike_engine::event::{Event, Report};

/// What a run is to reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Goal {
    pub(crate) steps: Option<u64>,
    pub(crate) episodes: Option<u64>,
}

/// One line that is redrawn in place.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    goal: Goal,
    columns: usize,
    /// Steps and episodes when this part of the run began.
    begin: (u64, u64),
    is_drawn: bool,
}

impl Progress {
    /// A line on a terminal of so many columns.
    pub(crate) fn new(goal: Goal, columns: usize) -> Self {
        Self { goal, columns, begin: (0, 0), is_drawn: false }
    }

    /// The terminal has another width now.
    pub(super) fn resize(&mut self, columns: usize) {
        self.columns = columns;
    }

    /// Shows an event: reports in the one line, all else above it.
    pub(super) fn write(&mut self, out: &mut impl Write, event: &Event) -> io::Result<()> {
        match event {
            Event::Report(report) => self.draw(out, report),
            Event::Episode(_) => Ok(()),
            event => {
                if let Event::Start(start) = event {
                    self.goal.steps = self.goal.steps.or(start.budget);
                    self.begin.0 = start.steps;
                }
                self.clear(out)?;
                plain::write(out, event)
            }
        }
    }

    /// Leaves an empty line where the progress was.
    pub(super) fn clear(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::take(&mut self.is_drawn) {
            out.write_all(b"\r\x1b[K")?;
        }
        Ok(())
    }

    fn draw(&mut self, out: &mut impl Write, report: &Report) -> io::Result<()> {
        // The last column stays free: some terminals wrap as soon as it is written.
        let line: String = self.line(report).chars().take(self.columns.saturating_sub(1)).collect();
        self.is_drawn = true;
        write!(out, "\r{line}\x1b[K")
    }

    fn line(&self, report: &Report) -> String {
        let mut words = Vec::new();
        if let Some(part) = self.part(report) {
            words.push(format!("{:3.0}% [{}]", 100.0 * part, bar(part, 20)));
        }
        let goal = self.goal.steps.map(|steps| format!("/{}", rounded(steps as f64)));
        let steps = rounded(report.steps as f64);
        words.push(format!("{steps}{} steps", goal.unwrap_or_default()));
        words.push(format!("{}/s", rounded(report.steps_per_s)));
        if let Some(mean) = report.return_last100 {
            words.push(format!("return {}", figure(mean)));
        }
        if let Some(seconds) = self.seconds_left(report) {
            words.push(format!("eta {}", clock(seconds)));
        }
        words.join("  ")
    }

    /// Which part of the goal is reached, 0 to 1.
    fn part(&self, report: &Report) -> Option<f64> {
        let part = |now: u64, goal: Option<u64>| goal.map(|goal| now as f64 / goal.max(1) as f64);
        let part =
            part(report.steps, self.goal.steps).or(part(report.episodes, self.goal.episodes));
        part.map(|part| part.min(1.0))
    }

    /// How long the rest takes if it goes on like the last stretch, or as it did on the whole where
    /// only episodes are counted.
    fn seconds_left(&self, report: &Report) -> Option<f64> {
        let left = |goal: u64, now: u64| goal.saturating_sub(now) as f64;
        let seconds = match (self.goal.steps, self.goal.episodes) {
            (Some(goal), _) => left(goal, report.steps) / report.steps_per_s,
            (None, Some(goal)) => {
                let made = report.episodes.saturating_sub(self.begin.1) as f64;
                left(goal, report.episodes) * report.seconds / made
            }
            (None, None) => return None,
        };
        seconds.is_finite().then_some(seconds)
    }
}

pub(super) fn bar(part: f64, width: usize) -> String {
    let full = (part * width as f64) as usize;
    format!("{}{}", "#".repeat(full), ".".repeat(width - full))
}

/// A number in three digits and a letter: `1.25M`.
fn rounded(value: f64) -> String {
    let units = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    match units.iter().find(|(size, _)| value >= *size) {
        Some((size, unit)) => {
            let value = value / size;
            let decimals = usize::from(value < 100.0) + usize::from(value < 10.0);
            format!("{value:.decimals$}{unit}")
        }
        None => format!("{value:.0}"),
    }
}

/// Seconds as `0:07`, `12:34` or `1:02:03`.
fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil().min(3.6e6) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn draw(progress: &mut Progress, event: &Event) -> String {
        let mut out = Vec::new();
        progress.write(&mut out, event).expect("memory takes everything");
        String::from_utf8(out).expect("only text is written")
    }

    #[test]
    fn a_report_is_drawn_over_the_one_before() {
        let mut progress = Progress::new(Goal::default(), 100);
        let start = draw(&mut progress, &Event::Start(samples::start()));
        assert!(start.starts_with("start agent=") && !start.contains('\r'), "{start:?}");
        let line = draw(&mut progress, &Event::Report(samples::report(500)));
        assert_eq!(
            line,
            "\r 50% [##########..........]  500/1.00k steps  500/s  return -0.33333  eta 0:01\x1b[K"
        );
        let alert = draw(&mut progress, &samples::all()[4]);
        assert!(alert.starts_with("\r\x1b[Kalert "), "{alert:?}");
        let end = draw(&mut progress, &samples::all()[5]);
        assert!(end.starts_with("done "), "nothing was left to clear: {end:?}");
    }

    #[test]
    fn the_line_fits_every_terminal() {
        for columns in [0, 1, 10, 40, 80] {
            let mut progress = Progress::new(Goal { steps: Some(1000), episodes: None }, columns);
            let line = draw(&mut progress, &Event::Report(samples::report(500)));
            let shown = line.trim_start_matches('\r').trim_end_matches("\x1b[K");
            assert!(shown.chars().count() < columns.max(1), "{columns}: {line:?}");
        }
    }

    #[test]
    fn without_a_goal_there_is_no_estimate() {
        let mut progress = Progress::new(Goal::default(), 100);
        let line = draw(&mut progress, &Event::Report(samples::report(500)));
        assert_eq!(line, "\r500 steps  500/s  return -0.33333\x1b[K");
        progress.resize(9);
        let line = draw(&mut progress, &Event::Report(samples::report(500)));
        assert_eq!(line, "\r500 step\x1b[K");
    }

    #[test]
    fn episodes_can_be_the_goal() {
        let mut progress = Progress::new(Goal { steps: None, episodes: Some(200) }, 100);
        let line = draw(&mut progress, &Event::Report(samples::report(500)));
        assert!(line.starts_with("\r 25% [") && line.contains("eta 0:03"), "{line}");
    }

    #[test]
    fn numbers_and_times_are_short() {
        let cases = [(0.0, "0"), (999.0, "999"), (1234.0, "1.23k"), (45_678.0, "45.7k")];
        for (value, expected) in cases {
            assert_eq!(rounded(value), expected);
        }
        assert_eq!((rounded(8.25e8), rounded(1e9)), ("825M".to_owned(), "1.00G".to_owned()));
        assert_eq!((clock(0.2), clock(754.0)), ("0:01".to_owned(), "12:34".to_owned()));
        assert_eq!((clock(3723.0), clock(1e300)), ("1:02:03".to_owned(), "1000:00:00".to_owned()));
    }
}
