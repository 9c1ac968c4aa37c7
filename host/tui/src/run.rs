//! A run as the screen knows it: a fold over what the run tells, and nothing else. Live and replay
//! are the same fold.

mod lanes;
mod past;
mod spoken;
mod timeline;

pub use lanes::{LaneView, Ring};
pub(crate) use past::push_played;
pub use spoken::{Level, LogLine};
pub use timeline::{Axis, Timeline};

use crate::bench::About;
use crate::doctor::{Diagnosis, Doctor};
use crate::series::Series;
use plugin_api::params::Values;
use plugin_api::scene::Scene;
use std::collections::VecDeque;
use thorndike_engine::buffer::{BufferStats, Peek};
use thorndike_engine::drive::{Delivery, Notice, Phase};
use thorndike_engine::event::{Alert, Done, Eval, Event, Report};
use thorndike_session::model::Played;

/// What stands at a place of the x axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Params were edited.
    Edit,
    /// The run was saved.
    Save,
    /// Somebody should look.
    Alert,
    /// A round of evaluation.
    Eval,
    /// It was branched off what lies before.
    Branch,
}

/// A change of live params.
#[derive(Clone, Debug, PartialEq)]
pub struct EditMade {
    /// What they were.
    pub before: Values,
    /// What they became.
    pub after: Values,
}

/// How a change of params that was asked for is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A new edit.
    Edit,
    /// The latest one is taken back.
    Undo,
    /// The one that was taken back is made again.
    Redo,
}

const LOG_MAX: usize = 2000;

/// Leaves of a metric, of which there may be dozens: with five reports a second an hour goes by
/// before neighbours are merged.
const METRIC_LEAVES: usize = 1 << 14;

/// A run as the screen knows it.
#[derive(Debug, Default)]
pub struct RunView {
    /// What is known of it beside what it tells.
    pub about: About,
    /// Whether it goes on.
    pub phase: Phase,
    /// Environment steps.
    pub steps: u64,
    /// Episodes ended.
    pub episodes: u64,
    /// Calls of learn.
    pub updates: u64,
    /// Seconds of work.
    pub seconds: f64,
    /// Threads it was started with.
    pub threads: usize,
    /// Bytes of its buffers.
    pub memory_bytes: u64,
    /// Root seed.
    pub seed: u64,
    /// Lanes of the run, of which only the first are watched.
    pub lanes_count: usize,
    /// Steps at which this part of the run began.
    pub begin: (u64, f64),
    /// Params as they are now.
    pub params: Values,
    /// Return of each episode.
    pub returns: Series,
    /// Everything else that has a curve, by name.
    pub metrics: Vec<(String, Series)>,
    /// What else the x axis can show.
    pub timeline: Timeline,
    /// Steps a second, report by report.
    pub rates: Ring,
    /// The first lanes.
    pub lanes: Vec<LaneView>,
    /// The latest report.
    pub report: Report,
    /// The latest and the best evaluation.
    pub eval: Option<Eval>,
    /// The best mean return of an evaluation.
    pub eval_best: Option<f64>,
    /// Marks on the x axis: where and what.
    pub marks: Vec<(u64, MarkKind)>,
    /// What was said, the newest last.
    pub log: VecDeque<LogLine>,
    /// What needs a look, the newest last.
    pub alerts: Vec<(Alert, Option<Diagnosis>)>,
    /// Edits that can be taken back, and those that were.
    pub edits: (Vec<EditMade>, Vec<EditMade>),
    /// What the next change of params is.
    pub asked: VecDeque<Asked>,
    /// What the memory of past steps looks like; nothing where the agent has none.
    pub buffer: Option<BufferStats>,
    /// Steps drawn from it.
    pub peek: Option<Box<Peek>>,
    /// The latest picture and its lane.
    pub picture: Option<(usize, Option<Box<Scene>>)>,
    /// The lane that is watched.
    pub lane: usize,
    /// What was asked for and did not come yet: a picture, numbers of the buffer, steps of it.
    pub awaited: (bool, bool, bool),
    /// Where it was saved last.
    pub saved: Option<(u64, String)>,
    /// What it came to.
    pub end: Option<Done>,
    /// What failed.
    pub failed: Option<String>,
    /// Points left out because the screen did not fetch them in time.
    pub left_out: u64,
    /// Looks for what goes wrong.
    pub doctor: Doctor,
}

impl RunView {
    /// A run of which nothing was told yet.
    pub fn new(about: About) -> Self {
        let (params, lanes_count) = (about.params.clone(), about.lanes);
        Self { about, lanes_count, params, ..Self::default() }
    }

    /// Takes in what happened. Says what the user should notice at once.
    pub fn fold(&mut self, delivery: &mut Delivery) -> Vec<String> {
        let mut news = Vec::new();
        (self.steps, self.episodes) = (delivery.steps, delivery.episodes);
        (self.updates, self.seconds) = (delivery.updates, delivery.seconds);
        self.left_out += delivery.left_out;
        for point in &delivery.points {
            self.returns.push(point.steps as f64, point.total);
            if let Some(lane) = self.lanes.get_mut(point.lane as usize) {
                lane.returned = Some(point.total);
            }
        }
        for sum in &delivery.sums {
            past::push_played(&mut self.returns, &Played::Many(*sum));
        }
        for row in &delivery.lanes {
            self.lanes.resize_with(row.now.len(), LaneView::default);
            for (lane, (now, reward)) in self.lanes.iter_mut().zip(row.now.iter().zip(&row.rewards))
            {
                lane.now = *now;
                lane.rewards.push(*reward);
            }
        }
        for notice in delivery.notices.drain(..) {
            self.take(notice, &mut news);
        }
        news
    }

    fn take(&mut self, notice: Notice, news: &mut Vec<String>) {
        match notice {
            Notice::Event(event) => self.event(event, news),
            Notice::Phase(phase) => self.phase = phase,
            Notice::Edited { params, before } => self.edited(params, before),
            Notice::Refused(why) => {
                self.asked.pop_front();
                self.say(Level::Warn, why.clone());
                news.push(why);
            }
            Notice::Saved { steps, place } => {
                self.marks.push((steps, MarkKind::Save));
                self.say(Level::Info, format!("saved as {place}"));
                news.push(format!("saved as {place}"));
                self.saved = Some((steps, place));
            }
            Notice::Failed(error) => {
                self.say(Level::Error, error.clone());
                self.failed = Some(error);
            }
            Notice::Buffer(stats) => {
                self.awaited.1 = false;
                self.buffer = stats;
            }
            Notice::Peek(peek) => {
                self.awaited.2 = false;
                self.peek = peek;
            }
            Notice::Picture(lane, scene) => {
                self.awaited.0 = false;
                self.picture = Some((lane, scene));
            }
        }
    }

    fn event(&mut self, event: Event, news: &mut Vec<String>) {
        match event {
            Event::Start(start) => {
                self.seed = start.seed;
                (self.threads, self.memory_bytes) = (start.threads, start.memory_bytes);
                self.begin = (start.steps, self.seconds);
                self.lanes_count = start.lanes;
                self.params.extend(start.params);
                self.say(Level::Info, format!("the run begins at step {}", start.steps));
            }
            Event::Report(report) => self.reported(report, news),
            Event::Episode(episode) => self.returns.push(episode.steps as f64, episode.total),
            Event::Eval(eval) => {
                self.curve("eval/return").push(eval.steps as f64, eval.return_mean);
                self.marks.push((eval.steps, MarkKind::Eval));
                self.say(
                    Level::Info,
                    format!(
                        "evaluation: return {} ± {} over {} episodes",
                        crate::plot::short(eval.return_mean),
                        crate::plot::short(eval.return_std),
                        eval.episodes
                    ),
                );
                let best = self.eval_best.unwrap_or(f64::NEG_INFINITY).max(eval.return_mean);
                self.eval_best = Some(best);
                self.eval = Some(eval);
            }
            Event::Edit(edit) => {
                let text =
                    format!("{} {} -> {} at step {}", edit.name, edit.old, edit.new, edit.steps);
                self.say(Level::Edit, text.clone());
                news.push(text);
                self.params.insert(edit.name, edit.new);
                self.marks.push((edit.steps, MarkKind::Edit));
            }
            Event::Alert(alert) => self.alert(alert, None, news),
            Event::Done(end) => {
                self.say(Level::Info, format!("the run is over: {}", end.reason));
                // Of a run that was not watched nothing else may be known.
                let report = &mut self.report;
                report.return_last100 = report.return_last100.or(end.return_last100);
                report.return_mean = report.return_mean.or(end.return_mean);
                self.end = Some(end);
            }
        }
    }

    fn reported(&mut self, report: Report, news: &mut Vec<String>) {
        let x = report.steps as f64;
        self.timeline.add(report.steps, report.seconds, report.episodes, report.updates);
        for (name, value) in &report.metrics {
            self.curve(name).push(x, *value);
        }
        let more = [("length", report.length_last100), ("success", report.success_last100)];
        for (name, value) in more {
            if let Some(value) = value {
                self.curve(name).push(x, value);
            }
        }
        if report.steps_per_s > 0.0 {
            self.rates.push(report.steps_per_s);
        }
        let found = self.doctor.look(&report, &self.lanes);
        self.report = report;
        for (alert, diagnosis) in found {
            // Nobody waits for more once the task is solved.
            if alert.topic != "plateau" || !self.is_solved() {
                self.alert(alert, Some(diagnosis), news);
            }
        }
    }

    fn alert(&mut self, alert: Alert, diagnosis: Option<Diagnosis>, news: &mut Vec<String>) {
        self.marks.push((alert.steps, MarkKind::Alert));
        self.say(Level::Warn, format!("{}: {}", alert.topic, alert.message));
        news.push(format!("{}: {}", alert.topic, alert.message));
        self.alerts.push((alert, diagnosis));
    }

    /// Keeps what can be taken back.
    fn edited(&mut self, params: Values, before: Values) {
        match self.asked.pop_front().unwrap_or(Asked::Edit) {
            Asked::Edit => {
                self.edits.0.push(EditMade { before, after: params });
                self.edits.1.clear();
            }
            Asked::Undo => {
                self.edits.0.pop();
                self.edits.1.push(EditMade { before: params, after: before });
            }
            Asked::Redo => {
                self.edits.1.pop();
                self.edits.0.push(EditMade { before, after: params });
            }
        }
    }

    /// The curve of this name, a new one where there is none.
    pub fn curve(&mut self, name: &str) -> &mut Series {
        let known = self.metrics.iter().position(|(known, _)| known == name);
        let at = known.unwrap_or_else(|| {
            self.metrics.push((name.to_owned(), Series::of_leaves(METRIC_LEAVES)));
            self.metrics.len() - 1
        });
        &mut self.metrics[at].1
    }

    /// Writes a line to the log.
    pub fn say(&mut self, level: Level, text: String) {
        if self.log.len() == LOG_MAX {
            self.log.pop_front();
        }
        let (seconds, steps) = (self.seconds, self.steps);
        self.log.push_back(LogLine { seconds, steps, level, text });
    }

    /// Which part of the goal is reached, 0 to 1; nothing where only a condition ends the run.
    pub fn part(&self) -> Option<f64> {
        let part = |now: u64, goal: Option<u64>| goal.map(|goal| now as f64 / goal.max(1) as f64);
        let part = part(self.steps, self.about.budget);
        part.or(self.about.episodes.map(|goal| self.episodes as f64 / goal.max(1) as f64))
            .map(|part| part.min(1.0))
    }

    /// Seconds that the rest takes if it goes on as on the whole; pauses do not count.
    pub fn seconds_left(&self) -> Option<f64> {
        if self.phase == Phase::Ended {
            return None;
        }
        let (goal, now) = match (self.about.budget, self.about.episodes) {
            (Some(goal), _) => (goal, self.steps),
            (None, Some(goal)) => (goal, self.episodes),
            (None, None) => return None,
        };
        let begin = if self.about.budget.is_some() { self.begin.0 } else { 0 };
        let made = now.saturating_sub(begin) as f64;
        let seconds = (self.seconds - self.begin.1) * goal.saturating_sub(now) as f64 / made;
        seconds.is_finite().then_some(seconds)
    }

    /// Whether it would end with this process.
    pub fn is_under_way(&self) -> bool {
        self.phase != Phase::Ended && !self.about.is_followed
    }

    /// One word for how it stands.
    pub fn word(&self) -> &'static str {
        match self.phase {
            Phase::Running => "RUNNING",
            Phase::Paused => "PAUSED",
            Phase::Failed => "FAILED",
            Phase::Ended if self.failed.is_some() => "FAILED",
            Phase::Ended if self.is_solved() => "SOLVED",
            Phase::Ended => "FINISHED",
        }
    }

    /// Whether the task counts as solved.
    pub fn is_solved(&self) -> bool {
        let reached = |threshold: f64| self.report.return_last100.is_some_and(|r| r >= threshold);
        self.about.threshold.is_some_and(reached) && self.episodes >= 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::params::Value;
    use thorndike_engine::event::Edit;

    fn edited(steps: u64, from: f64, to: f64) -> Vec<Notice> {
        let values = |value| Values::from([("lr".to_owned(), Value::Float(value))]);
        let (name, author) = ("lr".to_owned(), "user".to_owned());
        let edit = Edit { steps, author, name, old: Value::Float(from), new: Value::Float(to) };
        let made = Notice::Edited { params: values(to), before: values(from) };
        vec![Notice::Event(Event::Edit(edit)), made]
    }

    fn fold(run: &mut RunView, notices: Vec<Notice>) {
        run.fold(&mut Delivery { notices, ..Delivery::default() });
    }

    #[test]
    fn edits_go_back_and_forth() {
        let mut run = RunView::default();
        let asked = |run: &mut RunView, what| run.asked.push_back(what);
        asked(&mut run, Asked::Edit);
        fold(&mut run, edited(10, 0.1, 0.2));
        asked(&mut run, Asked::Edit);
        fold(&mut run, edited(20, 0.2, 0.4));
        assert_eq!((run.edits.0.len(), run.edits.1.len()), (2, 0));
        asked(&mut run, Asked::Undo);
        fold(&mut run, edited(30, 0.4, 0.2));
        assert_eq!((run.edits.0.len(), run.edits.1.len()), (1, 1));
        assert_eq!(run.edits.1[0].after["lr"], Value::Float(0.4));
        asked(&mut run, Asked::Redo);
        fold(&mut run, edited(40, 0.2, 0.4));
        assert_eq!((run.edits.0.len(), run.edits.1.len()), (2, 0));
        assert_eq!(run.params["lr"], Value::Float(0.4));
        asked(&mut run, Asked::Edit);
        fold(&mut run, vec![Notice::Refused("lr lies in 0 to 1, not at 2".into())]);
        assert_eq!((run.edits.0.len(), run.asked.len()), (2, 0));
        assert_eq!(run.marks.iter().filter(|mark| mark.1 == MarkKind::Edit).count(), 4);
    }

    #[test]
    fn pauses_do_not_count_in_the_estimate() {
        let about = About { budget: Some(1000), ..About::default() };
        let mut run = RunView::new(about);
        run.fold(&mut Delivery { steps: 250, seconds: 5.0, ..Delivery::default() });
        assert_eq!(run.seconds_left(), Some(15.0));
        assert_eq!(run.part(), Some(0.25));
    }
}
