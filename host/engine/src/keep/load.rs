//! Finds out where a session's run goes on: from which snapshot, with which params and edits.

use super::Replays;
use super::convert::from_states;
use crate::run::Snapshot;
use plugin_api::{Error, Result};
use thorndike_session::journal::{Commit, Edit, Recorded};
use thorndike_session::{Error as Lost, Goal, Model, Session, Settings, Summary};

/// Where a run goes on.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The snapshot, with its number; none at the very beginning.
    pub snapshot: Option<(u64, Snapshot)>,
    /// What the run had come to there.
    pub summary: Summary,
    /// The agent's params there.
    pub params: Settings,
    /// Where the run is to end.
    pub goal: Goal,
    /// Edits that were made in steps that will be taken again, in their order.
    pub edits: Vec<Edit>,
    /// What was learned from when in steps that will be taken again, in asynchronous runs.
    pub commits: Vec<Commit>,
    /// Numbers of files with episodes that will be played again.
    pub void: Vec<u64>,
    /// Files with episodes that will not.
    pub recorded: Vec<Recorded>,
    /// Which episodes were recorded so far, and the bytes that they might take.
    pub replays: Option<(Replays, u64)>,
    /// Whether this lies before where the run had come to.
    pub rewound: bool,
    /// The best mean return of an evaluation up to there.
    pub best_eval: Option<f64>,
    /// Why later snapshots could not be used: their file, in a sentence.
    pub lost: Vec<String>,
}

impl Origin {
    /// Number of the snapshot.
    pub fn generation(&self) -> Option<u64> {
        self.snapshot.as_ref().map(|(number, _)| *number)
    }
}

/// Where the run of a session goes on: from its newest sound snapshot, or from the newest one that
/// was taken at step `before` or earlier. `model` is what its journal came to.
pub fn origin(session: &Session, model: &Model, before: Option<u64>) -> Result<Origin> {
    let identity = session.identity();
    let start = Origin {
        params: identity.params.clone(),
        goal: model.goal().unwrap_or(&identity.goal).clone(),
        edits: edits(model, 0, before),
        commits: commits(model, 0, before),
        void: void(model, 0),
        recorded: Vec::new(),
        rewound: before.is_some(),
        replays: model
            .starts
            .last()
            .and_then(|start| Some((Replays::of(&start.replays)?, start.replay_bytes))),
        ..Origin::default()
    };
    let loaded = match session.load_before(before.unwrap_or(u64::MAX)) {
        Ok(loaded) => loaded,
        Err(Lost::NoSnapshot(_) | Lost::NoGeneration { .. }) => return Ok(start),
        // Nothing is lost that cannot be computed again.
        Err(error) if is_lost(&error) => {
            return Ok(Origin { lost: vec![error.to_string()], ..start });
        }
        Err(error) => return Err(Error::new(error.to_string())),
    };
    let snapshot = loaded.snapshot;
    let run = from_states(loaded.states, &snapshot.summary)?;
    Ok(Origin {
        edits: edits(model, snapshot.told(), before),
        commits: commits(model, snapshot.summary.updates, before),
        best_eval: best_eval(model, snapshot.summary.steps),
        void: void(model, snapshot.summary.steps),
        recorded: recorded(model, snapshot.summary.steps),
        snapshot: Some((snapshot.number, run)),
        summary: snapshot.summary,
        params: snapshot.params,
        goal: if model.goal().is_some() { start.goal } else { snapshot.goal },
        rewound: start.rewound,
        replays: start.replays,
        lost: loaded.lost.iter().map(ToString::to_string).collect(),
    })
}

/// What was learned from in updates from this one on.
fn commits(model: &Model, update: u64, before: Option<u64>) -> Vec<Commit> {
    let later = model.commits.iter().filter(|commit| commit.update >= update);
    let wanted = later.filter(|commit| before.is_none_or(|before| commit.steps <= before));
    wanted.cloned().collect()
}

fn best_eval(model: &Model, steps: u64) -> Option<f64> {
    let before = model.evals.iter().filter(|eval| eval.steps <= steps);
    before.map(|eval| eval.return_mean).max_by(f64::total_cmp)
}

fn void(model: &Model, steps: u64) -> Vec<u64> {
    let later = model.recorded.iter().filter(|recorded| recorded.steps > steps);
    later.map(|recorded| recorded.file).collect()
}

fn recorded(model: &Model, steps: u64) -> Vec<Recorded> {
    model.recorded.iter().filter(|recorded| recorded.steps <= steps).cloned().collect()
}

/// Whether a file will not come back: it is damaged or gone, and not just unreadable for now.
fn is_lost(error: &Lost) -> bool {
    match error {
        Lost::Damaged { .. } => true,
        Lost::System { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// Edits that stand behind a frame of the journal; of those after a step that the run goes back to
/// on purpose, none.
fn edits(model: &Model, frame: u64, before: Option<u64>) -> Vec<Edit> {
    let behind = model.edits.iter().filter(|(number, _)| *number > frame);
    let wanted = behind.filter(|(_, edit)| before.is_none_or(|before| edit.steps <= before));
    wanted.map(|(_, edit)| edit.clone()).collect()
}
