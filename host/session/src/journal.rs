//! The journal: everything that happened in a run, in the order it happened, in checksummed frames.
//!
//! It only grows. Whoever reads it to its end knows the run; whoever reads on as it grows, watches
//! it. What is common is kept in few bytes, what is rare in RON.

mod encode;
mod frame;
mod pen;
mod reader;
mod shared;

pub(crate) use pen::Pen;
pub use reader::Reader;
pub(crate) use shared::SharedPen;

use crate::identity::{Goal, PluginUsed};
use crate::setting::Setting;
use crate::snapshot::Summary;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// The run began or went on.
    Start(Start),
    /// Numbers at one moment.
    Metrics(Metrics),
    /// An episode ended.
    Episode(Episode),
    /// Many episodes ended: too many to tell them apart.
    Episodes(Episodes),
    /// Units of workers were learned from, in asynchronous runs.
    Commits(Vec<Commit>),
    /// A round of evaluation ended.
    Eval(Eval),
    /// A param was changed.
    Edit(Edit),
    /// Something the user should know.
    Alert(Alert),
    /// A snapshot was taken and is about to be written.
    Saved(Saved),
    /// A snapshot is on the disk, all of it.
    Whole(Whole),
    /// A line that a plugin or the host printed.
    Log(Line),
    /// A plugin was loaded, or loaded again.
    Plugin(PluginUsed),
    /// Episodes were recorded.
    Recorded(Recorded),
    /// The run came to its end.
    Done(Summary),
    /// Something that this build does not know.
    Other {
        /// The kind of its frame.
        kind: u8,
        /// What stands in it.
        payload: Vec<u8>,
    },
}

/// The run began or went on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Start {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Steps already taken. What was told of later steps before is void.
    pub steps: u64,
    /// The snapshot it went on from; none at the very beginning.
    pub generation: Option<u64>,
    /// Whether it went back on purpose, so that later edits are void, too.
    pub rewound: bool,
    /// Where it is to end.
    pub goal: Goal,
    /// Which episodes are recorded, in one word: `all`, `some`, `none`; empty where nobody said.
    pub replays: String,
    /// Bytes that recorded episodes may take.
    pub replay_bytes: u64,
    /// Threads at work.
    pub threads: usize,
    /// Name and version of the program.
    pub tool: String,
    /// What the processor can do, as far as results may depend on it.
    pub cpu: String,
}

/// Numbers at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Environment steps so far.
    pub steps: u64,
    /// Episodes so far.
    pub episodes: u64,
    /// Calls of learn so far.
    pub updates: u64,
    /// Seconds of work so far.
    pub seconds: f64,
    /// Name and value.
    pub values: Vec<(Arc<str>, f64)>,
}

/// An episode that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Episode {
    /// Its number in the run, from 1.
    pub episode: u64,
    /// The lane it ran in.
    pub lane: u32,
    /// Environment steps of the run when it ended.
    pub steps: u64,
    /// Sum of its rewards.
    pub total: f64,
    /// Its steps.
    pub length: u64,
    /// Whether the world came to an end.
    pub terminated: bool,
    /// Whether it was cut off.
    pub truncated: bool,
    /// Whether it succeeded, in worlds that say so.
    pub success: Option<bool>,
}

/// Episodes that ended close to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Episodes {
    /// Number of the last of them.
    pub last: u64,
    /// How many they are.
    pub count: u64,
    /// Environment steps of the run when the last of them ended.
    pub steps: u64,
    /// Mean return.
    pub mean: f64,
    /// Lowest return.
    pub low: f64,
    /// Highest return.
    pub high: f64,
    /// Mean length.
    pub length: f64,
    /// How many terminated.
    pub terminated: u64,
    /// Part that succeeded, in worlds that say so.
    pub success: Option<f64>,
}

/// What one update of an asynchronous run learned from. With it every step can be taken again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Updates before this one.
    pub update: u64,
    /// Environment steps of the run with it.
    pub steps: u64,
    /// Units in the order in which they counted: each the next of a worker, made with the policy
    /// of this number.
    pub units: Vec<(u32, u64)>,
}

/// A round of evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Eval {
    /// Environment steps of the run.
    pub steps: u64,
    /// Episodes played.
    pub episodes: u64,
    /// Mean of their returns.
    pub return_mean: f64,
    /// Standard deviation of their returns.
    pub return_std: f64,
    /// Mean of their lengths.
    pub length_mean: f64,
    /// Part that succeeded, in worlds that say so.
    pub success: Option<f64>,
    /// How much better the best policy would be on average, where the world is known exactly.
    pub regret: Option<f64>,
}

/// A param that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Environment steps of the run when it was changed.
    pub steps: u64,
    /// Who did it.
    pub author: String,
    /// The param.
    pub name: String,
    /// Its value before.
    pub old: Setting,
    /// Its value since.
    pub new: Setting,
}

/// Something the user should know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alert {
    /// Environment steps of the run.
    pub steps: u64,
    /// What it is about.
    pub topic: String,
    /// The sentence.
    pub message: String,
}

/// A snapshot that was taken, whatever became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    /// Its number.
    pub generation: u64,
    /// Environment steps of the run.
    pub steps: u64,
    /// Why it was taken, in one word.
    pub cause: String,
}

/// A snapshot that is on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Whole {
    /// Its number.
    pub generation: u64,
}

/// A printed line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// Environment steps of the run.
    pub steps: u64,
    /// Who printed it.
    pub source: String,
    /// What it says.
    pub text: String,
}

/// A file with recorded episodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recorded {
    /// Number of the file, which is that of its first episode.
    pub file: u64,
    /// How many episodes it holds.
    pub count: u64,
    /// Its bytes; 0 where nobody said.
    pub bytes: u64,
    /// Number of its first episode in the run, or in its round of evaluation.
    pub episode: u64,
    /// Environment steps of the run when the first of them ended.
    pub steps: u64,
    /// Sum of rewards of its first episode.
    pub total: f64,
    /// Steps of all of them.
    pub length: u64,
    /// Why they are kept, in one word: `all`, `best`, `worst`, `every`, `eval`.
    pub cause: String,
}

impl Default for Recorded {
    fn default() -> Self {
        Self {
            file: 0,
            // Before there was a word for it there was one episode a file.
            count: 1,
            bytes: 0,
            episode: 0,
            steps: 0,
            total: 0.0,
            length: 0,
            cause: String::new(),
        }
    }
}
