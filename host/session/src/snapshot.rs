//! Where a run stood when it was saved: counters and random numbers in words, states as bytes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a run stood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of the format.
    pub format: (u16, u16),
    /// When it was taken, in seconds since 1970.
    pub saved: u64,
    /// Counters and results.
    pub summary: Summary,
    /// Words of random number generators by the name of their user.
    pub rngs: BTreeMap<String, Vec<u64>>,
    /// States that lie beside it.
    pub objects: Vec<Object>,
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
    /// Why the run ended, in one word.
    pub reason: String,
}

/// A state that lies beside a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is, such as `agent`.
    pub name: String,
    /// Where it lies in the folder of the session.
    pub path: String,
    /// Its bytes, without the checksum behind them.
    pub bytes: u64,
    /// Hash of these bytes, in hex.
    pub blake3: String,
}
