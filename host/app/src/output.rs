//! Writes what a run tells, for a person at a terminal, for a log, or for another program.

mod json;
mod plain;
mod progress;
mod working;

use std::io::{self, Write};
use thorndike_engine::event::Event;

pub(crate) use plain::figure;
pub(crate) use progress::{Goal, Progress};
pub(crate) use working::Working;

/// How a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// An object a line.
    Json,
    /// A line a report.
    Plain,
    /// A line that is redrawn in place.
    Progress,
    /// The last line alone.
    Quiet,
}

/// Writes what a run tells.
#[derive(Debug)]
pub(crate) struct Output<W> {
    out: W,
    style: Style,
    progress: Progress,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(out: W, style: Style, progress: Progress) -> Self {
        Self { out, style, progress }
    }

    /// Writes one event, in as many lines as it deserves, and lets them go at once.
    pub(crate) fn event(&mut self, event: &Event) -> io::Result<()> {
        match self.style {
            Style::Json => json::write(&mut self.out, event)?,
            Style::Plain => plain::write(&mut self.out, event)?,
            Style::Progress => self.progress.write(&mut self.out, event)?,
            Style::Quiet if matches!(event, Event::Done(_)) => {
                plain::write(&mut self.out, event)?;
            }
            Style::Quiet => return Ok(()),
        }
        self.out.flush()
    }

    /// Writes a line that is no event, such as a picture; not among JSON and not when quiet.
    pub(crate) fn text(&mut self, text: &str) -> io::Result<()> {
        match self.style {
            Style::Json | Style::Quiet => return Ok(()),
            Style::Plain => {}
            Style::Progress => self.progress.clear(&mut self.out)?,
        }
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// Writes a last line that is no event, also when quiet.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// How the run is told.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// The file itself, for lines that have a form of their own.
    pub(crate) fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// The terminal has another width now.
    pub(crate) fn resize(&mut self, columns: usize) {
        self.progress.resize(columns);
    }

    /// Leaves the line clean on which the next program writes.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        if self.style == Style::Progress {
            self.progress.clear(&mut self.out)?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod samples {
    //! One event of every kind.

    use plugin_api::params::Value;
    use thorndike_engine::event::{Alert, Done, Episode, Eval, Event, Report, Start};

    pub(super) fn start() -> Start {
        Start {
            agent: "tabular:q-learning".into(),
            env: "toy-text:FrozenLake-v1".into(),
            seed: 7,
            lanes: 8,
            copies: 1,
            mode: "lockstep",
            threads: 2,
            steps: 0,
            budget: Some(1000),
            params: [("step_size".to_owned(), Value::Float(0.5))].into(),
            env_params: [
                ("map".to_owned(), Value::Text("4x4".into())),
                ("sizes".to_owned(), Value::List(vec![Value::Int(1), Value::Int(2)])),
                ("slippery".to_owned(), Value::Bool(true)),
            ]
            .into(),
            memory_bytes: 4096,
        }
    }

    pub(super) fn report(steps: u64) -> Report {
        Report {
            steps,
            episodes: steps / 10,
            updates: steps,
            seconds: steps as f64 / 500.0,
            steps_per_s: 500.0,
            return_mean: None,
            return_last100: Some(-1.0 / 3.0),
            length_last100: Some(9.5),
            success_last100: None,
            metrics: vec![("td_error".into(), 0.25)],
            buffer_fill: 0.5,
            time: vec![("act".into(), 0.75), ("learn".into(), 0.25)],
        }
    }

    pub(super) fn all() -> Vec<Event> {
        vec![
            Event::Start(start()),
            Event::Report(report(500)),
            Event::Episode(Episode {
                episode: 3,
                lane: 1,
                total: 1.0,
                length: 6,
                ..Episode::default()
            }),
            Event::Eval(Eval { steps: 500, episodes: 10, return_mean: 0.5, ..Eval::default() }),
            Event::Alert(Alert {
                steps: 500,
                topic: "nan".into(),
                message: "a \u{1b}[31mred\u{1b}[0m word\nand a line".into(),
            }),
            Event::Done(Done {
                steps: 1000,
                episodes: 100,
                updates: 1000,
                seconds: 2.0,
                steps_per_s: 500.0,
                return_mean: Some(0.5),
                return_last100: Some(0.75),
                digest: "abcd".into(),
                reason: "steps".into(),
            }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(style: Style) -> String {
        let mut output = Output::new(Vec::new(), style, Progress::default());
        for event in samples::all() {
            output.event(&event).expect("memory takes everything");
        }
        output.text("a picture").expect("memory takes everything");
        output.close().expect("memory takes everything");
        String::from_utf8(output.out).expect("only text is written")
    }

    #[test]
    fn json_is_an_object_a_line() {
        let text = written(Style::Json);
        let kinds: Vec<String> = text
            .lines()
            .map(|line| {
                let value: serde_json::Value =
                    serde_json::from_str(line).expect("each line is JSON");
                assert!(line.starts_with("{\"event\":\""), "{line}");
                value["event"].as_str().expect("a word").to_owned()
            })
            .collect();
        assert_eq!(kinds, ["start", "report", "episode", "eval", "alert", "done"]);
    }

    #[test]
    fn plain_lines_hold_no_escape_byte() {
        let text = written(Style::Plain);
        assert!(!text.contains('\u{1b}'), "{text:?}");
        assert_eq!(text.lines().count(), 7, "{text}");
    }

    #[test]
    fn quiet_is_the_last_line_alone() {
        let text = written(Style::Quiet);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with("done steps=1000 "), "{text}");
    }
}
