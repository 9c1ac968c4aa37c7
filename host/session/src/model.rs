//! What a journal comes to: one picture of a run, built entry by entry, for whoever looks at it.
//!
//! Watching a run is following its journal into a model, replaying is folding a part of it, and
//! exporting is reading a model out.

mod curves;

pub use curves::Curves;

use crate::error::{Error, Result};
use crate::identity::{Goal, PluginUsed};
use crate::journal::{
    Alert, Commit, Edit, Entry, Episode, Episodes, Eval, Line, Metrics, Reader, Recorded, Saved,
    Start, Whole,
};
use crate::snapshot::Summary;

/// What happened in a run so far.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Every time it began or went on.
    pub starts: Vec<Start>,
    /// The moments at which metrics were told.
    pub moments: Vec<Moment>,
    /// What was measured, by name: points at some of the moments.
    pub series: Curves,
    /// Episodes in their order.
    pub episodes: Vec<Played>,
    /// Rounds of evaluation.
    pub evals: Vec<Eval>,
    /// Changes of params, each with the number of its frame.
    pub edits: Vec<(u64, Edit)>,
    /// What every update of an asynchronous run learned from, in order.
    pub commits: Vec<Commit>,
    /// What the user should know.
    pub alerts: Vec<Alert>,
    /// Snapshots that were taken; pruning may have removed some since.
    pub saved: Vec<Saved>,
    /// Numbers of snapshots that were on the disk, all of them; pruning may have removed some
    /// since.
    pub whole: Vec<u64>,
    /// Numbers of those that the run had to go on without.
    pub given_up: Vec<u64>,
    /// What was printed.
    pub log: Vec<Line>,
    /// Plugins that were loaded.
    pub plugins: Vec<PluginUsed>,
    /// Episodes that were recorded.
    pub recorded: Vec<Recorded>,
    /// What it came to, if it came to an end.
    pub end: Option<Summary>,
    /// Number of the last frame.
    pub frame: u64,
    /// Points and episodes that became void when the run went on from before them.
    pub void: u64,
    /// Entries that this build does not know.
    pub unknown: u64,
    /// What is damaged in the journal.
    pub damage: Vec<String>,
}

/// A moment of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment {
    /// Environment steps.
    pub steps: u64,
    /// Episodes.
    pub episodes: u64,
    /// Calls of learn.
    pub updates: u64,
    /// Seconds of work.
    pub seconds: f64,
}

/// Values of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// For each value, which of the model's moments it belongs to.
    pub moments: Vec<u32>,
    /// The values.
    pub values: Vec<f64>,
}

/// One episode, or many that were too many to be told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Played {
    /// One.
    One(Episode),
    /// Many.
    Many(Episodes),
}

impl Played {
    /// Environment steps of the run when it ended.
    pub fn steps(&self) -> u64 {
        match self {
            Self::One(episode) => episode.steps,
            Self::Many(episodes) => episodes.steps,
        }
    }

    /// How many episodes these are.
    pub fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Many(episodes) => episodes.count,
        }
    }

    /// Their mean return.
    pub fn mean(&self) -> f64 {
        match self {
            Self::One(episode) => episode.total,
            Self::Many(episodes) => episodes.mean,
        }
    }
}

impl Model {
    /// Takes in what a reader has to say by now.
    pub fn take(&mut self, reader: &mut Reader) {
        while let Some(read) = reader.next() {
            self.take_one(read);
        }
    }

    /// Takes in one thing that a reader said.
    pub fn take_one(&mut self, read: Result<(u64, Entry)>) {
        match read {
            Ok((number, entry)) => self.apply(number, entry),
            Err(Error::Damaged { path, what }) => {
                self.damage.push(format!("{}: {what}", path.display()));
            }
            Err(error) => self.damage.push(error.to_string()),
        }
    }

    /// Takes in one entry.
    pub fn apply(&mut self, number: u64, entry: Entry) {
        self.frame = number;
        match entry {
            Entry::Start(start) => {
                if !start.rewound {
                    let later = |number: &&u64| Some(**number) > start.generation;
                    self.given_up.extend(self.whole.iter().filter(later));
                }
                self.go_back(&start);
                self.starts.push(start);
            }
            Entry::Metrics(metrics) => self.add(&metrics),
            Entry::Episode(episode) => self.episodes.push(Played::One(episode)),
            Entry::Episodes(episodes) => self.episodes.push(Played::Many(episodes)),
            Entry::Commits(commits) => self.commit(commits),
            Entry::Eval(eval) => self.evals.push(eval),
            Entry::Edit(edit) => self.edits.push((number, edit)),
            Entry::Alert(alert) => self.alerts.push(alert),
            Entry::Saved(saved) => self.saved.push(saved),
            Entry::Whole(Whole { generation }) => self.whole.push(generation),
            Entry::Log(line) => self.log.push(line),
            Entry::Plugin(plugin) => self.plugins.push(plugin),
            Entry::Recorded(recorded) => self.recorded.push(recorded),
            Entry::Done(summary) => self.end = Some(summary),
            Entry::Other { .. } => self.unknown += 1,
        }
    }

    /// Where the run is to end, as far as the journal says.
    pub fn goal(&self) -> Option<&Goal> {
        self.starts.last().map(|start| &start.goal)
    }

    /// The points of a series: where the run stood, and the value.
    pub fn points(&self, name: &str) -> impl Iterator<Item = (Moment, f64)> {
        let series = self.series.get(name);
        series.into_iter().flat_map(|series| {
            let moments = series.moments.iter().map(|&moment| self.moments[moment as usize]);
            moments.zip(series.values.iter().copied())
        })
    }

    fn add(&mut self, metrics: &Metrics) {
        let Metrics { steps, episodes, updates, seconds, .. } = *metrics;
        let moment = self.moments.len() as u32;
        self.moments.push(Moment { steps, episodes, updates, seconds });
        for (at, (name, value)) in metrics.values.iter().enumerate() {
            let series = self.series.told(at, name);
            series.moments.push(moment);
            series.values.push(*value);
        }
    }

    /// An update that is told again was made again.
    fn commit(&mut self, commits: Vec<Commit>) {
        if let Some(first) = commits.first() {
            let kept = self.commits.partition_point(|commit| commit.update < first.update);
            self.commits.truncate(kept);
        }
        self.commits.extend(commits);
    }

    /// What was told of later steps never happened: the run goes on from before them.
    fn go_back(&mut self, start: &Start) {
        self.end = None;
        let steps = start.steps;
        let keep = self.moments.partition_point(|moment| moment.steps <= steps);
        self.void += (self.moments.len() - keep) as u64;
        self.moments.truncate(keep);
        for series in self.series.all_mut() {
            let kept = series.moments.partition_point(|&moment| (moment as usize) < keep);
            series.moments.truncate(kept);
            series.values.truncate(kept);
        }
        let before = self.episodes.len();
        while self.episodes.last().is_some_and(|played| played.steps() > steps) {
            self.episodes.pop();
        }
        self.void += (before - self.episodes.len()) as u64;
        self.evals.retain(|eval| eval.steps <= steps);
        self.alerts.retain(|alert| alert.steps <= steps);
        self.recorded.retain(|recorded| recorded.steps <= steps);
        if start.rewound {
            self.edits.retain(|(_, edit)| edit.steps <= steps);
            self.commits.retain(|commit| commit.steps <= steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Setting;

    fn metrics(steps: u64, value: f64) -> Entry {
        Entry::Metrics(Metrics { steps, values: vec![("a".into(), value)], ..Metrics::default() })
    }

    fn edit(steps: u64) -> Entry {
        let (old, new) = (Setting::Int(1), Setting::Int(2));
        Entry::Edit(Edit { steps, author: "me".into(), name: "k".into(), old, new })
    }

    #[test]
    fn what_was_told_of_steps_that_are_taken_again_is_void() {
        let start = |steps, rewound| Entry::Start(Start { steps, rewound, ..Start::default() });
        let episode = |steps| Entry::Episode(Episode { steps, ..Episode::default() });
        let entries = [
            start(0, false),
            metrics(10, 1.0),
            episode(12),
            edit(15),
            metrics(20, 2.0),
            episode(25),
            start(12, false),
        ];
        let mut model = Model::default();
        for (number, entry) in entries.into_iter().enumerate() {
            model.apply(number as u64 + 1, entry);
        }
        let point = |model: &Model| -> Vec<(u64, f64)> {
            model.points("a").map(|(moment, value)| (moment.steps, value)).collect()
        };
        assert_eq!(point(&model), [(10, 1.0)]);
        assert_eq!((model.episodes.len(), model.void, model.edits.len()), (1, 2, 1));
        model.apply(8, metrics(20, 3.0));
        assert_eq!(point(&model), [(10, 1.0), (20, 3.0)]);
        model.apply(9, start(12, true));
        assert_eq!((model.edits.len(), model.starts.len(), model.frame), (0, 3, 9));
        assert_eq!(model.points("b").count(), 0);
    }
}
