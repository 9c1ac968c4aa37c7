//! Who ran what, with which seed: everything that makes a run the run it is. Written once.

use crate::setting::Settings;
use serde::{Deserialize, Serialize};

/// What makes a run the run it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// Version of the format of the whole session.
    pub format: (u16, u16),
    /// A word no other session has.
    pub id: String,
    /// When it was created, in seconds since 1970.
    pub created: u64,
    /// The agent's full name.
    pub agent: String,
    /// The environment's full name.
    pub env: String,
    /// The agent's params, all of them.
    pub params: Settings,
    /// The environment's params, all of them.
    pub env_params: Settings,
    /// The root seed.
    pub seed: u64,
    /// Lanes side by side.
    pub lanes: usize,
    /// Where it was to end when it began.
    #[serde(default)]
    pub goal: Goal,
    /// How acting and learning share the time.
    #[serde(default)]
    pub mode: Mode,
    /// Whose recorded episodes it learns from, beside its own steps.
    #[serde(default)]
    pub shown: Option<Shown>,
    /// Name and version of the program that ran it.
    pub tool: String,
    /// The plugins it ran on.
    pub plugins: Vec<PluginUsed>,
    /// The session it was branched from.
    #[serde(default)]
    pub parent: Option<Parent>,
}

/// Where a run ends: at whatever is reached first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Environment steps.
    #[serde(default)]
    pub steps: Option<u64>,
    /// Episodes.
    #[serde(default)]
    pub episodes: Option<u64>,
    /// A condition such as `return>=475`.
    #[serde(default)]
    pub until: Option<String>,
    /// Steps over which schedules run that follow the budget; up to the goal where none is said.
    #[serde(default)]
    pub budget: Option<u64>,
}

/// How acting and learning share the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Act, step and learn in turn.
    #[default]
    Lockstep,
    /// Learn from the latest segment while the next one is collected with a copy of the policy.
    Pipelined,
    /// Workers collect, each at its own pace, with the newest policy that was published.
    Async {
        /// Workers, each with lanes of its own.
        workers: usize,
        /// Updates that a policy may be behind when its steps are learned from.
        lag: u64,
    },
    /// Copies of the agent learn in turn with lanes of their own, side by side, and share the mean
    /// of what they know every so often.
    Copies {
        /// How many there are.
        copies: usize,
        /// Steps of each copy from one mean to the next.
        round: u64,
        /// What becomes of what their optimisers remember.
        moments: Moments,
    },
}

/// What becomes of what optimisers remember when copies of an agent are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moments {
    /// Each copy keeps its own.
    #[default]
    Keep,
    /// They are averaged like everything else.
    Average,
}

impl Mode {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lockstep => "lockstep",
            Self::Pipelined => "pipelined",
            Self::Async { .. } => "async",
            Self::Copies { .. } => "copies",
        }
    }

    /// How many copies of the agent learn.
    pub fn copies(self) -> usize {
        if let Self::Copies { copies, .. } = self { copies } else { 1 }
    }
}

/// Episodes of another session that a run learns from. They are in its own snapshots, too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Id of the other session.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// How many episodes.
    pub episodes: u64,
    /// Their steps.
    pub steps: u64,
    /// Mean of their returns.
    pub return_mean: f64,
}

/// Where a session was branched off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// Id of the other session.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// The step at which this one left it.
    pub steps: u64,
}

/// A plugin that a run was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginUsed {
    /// Name of its crate.
    pub name: String,
    /// Version of its crate.
    pub version: String,
    /// Hash of its file, in hex.
    pub hash: String,
}

impl Identity {
    /// The same with format and id filled in, for a session of this name.
    pub(crate) fn stamped(mut self, name: &str) -> Self {
        self.format = crate::FORMAT;
        let text = format!("{name} {} {self:?}", std::process::id());
        let hash = blake3::hash(text.as_bytes()).to_hex();
        Self { id: hash[..16].to_owned(), ..self }
    }
}
