//! What a run tells the world: plain records that become lines, charts and journal entries.

use serde::Serialize;

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The run begins or goes on.
    Start(Start),
    /// How it stands.
    Report(Report),
    /// An episode of training ended.
    Episode(Episode),
    /// A round of evaluation ended.
    Eval(Eval),
    /// A param of the agent was changed while the run went on.
    Edit(Edit),
    /// Something the user should know.
    Alert(Alert),
    /// The run came to its end.
    Done(Done),
}

/// The run begins or goes on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Start {
    /// The agent's full name.
    pub agent: String,
    /// The environment's full name.
    pub env: String,
    /// The root seed.
    pub seed: u64,
    /// Lanes side by side, those of all copies.
    pub lanes: usize,
    /// Copies of the agent that share what they learn; 1 where it learns alone.
    pub copies: usize,
    /// How acting and learning share the time.
    pub mode: &'static str,
    /// Threads that step them.
    pub threads: usize,
    /// Steps already taken.
    pub steps: u64,
    /// Steps to reach; `None` when something else ends the run.
    pub budget: Option<u64>,
    /// The agent's params.
    pub params: plugin_api::params::Values,
    /// The environment's params.
    pub env_params: plugin_api::params::Values,
    /// Bytes that buffers take.
    pub memory_bytes: u64,
}

/// How a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Environment steps so far.
    pub steps: u64,
    /// Episodes ended so far.
    pub episodes: u64,
    /// Calls of learn so far.
    pub updates: u64,
    /// Seconds of work so far.
    pub seconds: f64,
    /// Steps a second since the last report.
    pub steps_per_s: f64,
    /// Mean return of the episodes since the last report; `None` when none ended.
    pub return_mean: Option<f64>,
    /// Mean return of the last 100 episodes.
    pub return_last100: Option<f64>,
    /// Mean length of the last 100 episodes.
    pub length_last100: Option<f64>,
    /// Part of the last 100 episodes that succeeded, in worlds that say so.
    pub success_last100: Option<f64>,
    /// What the agent logged: name and mean since the last report.
    pub metrics: Vec<(String, f64)>,
    /// How full the buffer is, 0 to 1.
    pub buffer_fill: f64,
    /// Where the time went since the last report: name and share.
    pub time: Vec<(String, f64)>,
}

/// An episode that ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Episode {
    /// Number of the episode in its run, from 1.
    pub episode: u64,
    /// The lane it ran in.
    pub lane: usize,
    /// Environment steps of the run when it ended.
    pub steps: u64,
    /// Sum of its rewards.
    #[serde(rename = "return")]
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

/// A round of evaluation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Eval {
    /// Environment steps of the run.
    pub steps: u64,
    /// Episodes played.
    pub episodes: usize,
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

/// A param that was changed while the run went on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Edit {
    /// Environment steps of the run when it was changed.
    pub steps: u64,
    /// Who did it.
    pub author: String,
    /// The param.
    pub name: String,
    /// Its value before.
    pub old: plugin_api::params::Value,
    /// Its value since.
    pub new: plugin_api::params::Value,
}

/// Something the user should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    /// Environment steps of the run.
    pub steps: u64,
    /// What it is about, such as `nan` or `slow-lane`.
    pub topic: String,
    /// The sentence.
    pub message: String,
}

/// The end of a run, and what it came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Done {
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
    /// Why it ended: `steps`, `episodes`, `until`, or `stopped`.
    pub reason: String,
}
