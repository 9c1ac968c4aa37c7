//! Where a run stood when it was saved: counters in words, states as the hashes of what holds them.

use crate::identity::Goal;
use crate::objects::Kept;
use crate::setting::Settings;
use serde::{Deserialize, Serialize};

/// Where a run stood: one generation of a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of the format.
    pub format: (u16, u16),
    /// Id of the session it belongs to.
    pub session: String,
    /// Its number; every later one has a higher one.
    pub number: u64,
    /// The generation that the run had gone on from, if any.
    #[serde(default)]
    pub parent: Option<u64>,
    /// When it was taken, in seconds since 1970.
    pub saved: u64,
    /// Why it was taken, in one word: `every`, `hand`, `signal`, `end`.
    pub cause: String,
    /// Name and version of the program that took it.
    #[serde(default)]
    pub tool: String,
    /// What the processor can do, as far as results may depend on it.
    #[serde(default)]
    pub cpu: String,
    /// Mean return of the evaluation for which it was taken, if that was why.
    #[serde(default)]
    pub eval: Option<f64>,
    /// Counters and results.
    pub summary: Summary,
    /// Where the run was to end.
    #[serde(default)]
    pub goal: Goal,
    /// The agent's params at that time: edits have changed them.
    #[serde(default)]
    pub params: Settings,
    /// Where the journal stood when it was written.
    pub journal: Position,
    /// Number of the last frame of the journal with what happened before it was taken; 0 where that
    /// is all of it.
    #[serde(default)]
    pub frame: u64,
    /// Whether the journal says so once it is on the disk, as it did not always do.
    #[serde(default)]
    pub marked: bool,
    /// The states, by name.
    pub states: Vec<Kept>,
}

impl Snapshot {
    /// Number of the last frame with what happened before it was taken.
    pub fn told(&self) -> u64 {
        if self.frame == 0 { self.journal.frame } else { self.frame }
    }
}

/// A place in a journal: everything before it was on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// Number of the file.
    pub segment: u32,
    /// Bytes of that file.
    pub bytes: u64,
    /// Number of the last frame.
    pub frame: u64,
}

/// Counters and results of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Environment steps.
    pub steps: u64,
    /// Episodes ended.
    pub episodes: u64,
    /// Calls of learn.
    pub updates: u64,
    /// Seconds of work.
    pub seconds: f64,
    /// Steps a second.
    pub steps_per_s: f64,
    /// Mean return of all episodes.
    pub return_mean: Option<f64>,
    /// Mean return of the last 100 episodes.
    pub return_last100: Option<f64>,
    /// Hash of parameters and counters: equal digests mean equal runs.
    pub digest: String,
    /// Why the run ended, in one word; `running` when it had not.
    pub reason: String,
}
