//! Words of commands that train: how a run begins, and how it goes on.

use super::mode::ModeFlags;
use super::values::{
    Assignment, Cadence, Count, Row, lanes, megabytes, recording, row, seconds, threads, whole,
};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use thorndike_engine::keep::Replays;
use thorndike_engine::run::{Until, until};

#[derive(Debug, Args)]
pub(crate) struct TrainFlags {
    /// The agent, such as `q-learning`
    pub(crate) agent: String,
    /// The environment, such as `FrozenLake-v1`
    pub(crate) env: String,
    /// Set a param of the agent (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<Assignment>,
    /// Set a param of the environment (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) env_set: Vec<Assignment>,
    /// The number from which all chance of the run follows
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole)]
    pub(crate) seed: u64,
    /// Train this many seeds side by side, from --seed on, and tell what they come to together
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) seeds: Option<Count>,
    /// Worlds that step side by side
    #[arg(long, value_name = "N", value_parser = lanes)]
    pub(crate) lanes: Option<Count>,
    #[command(flatten)]
    pub(crate) mode: ModeFlags,
    /// Learn from episodes that this session recorded, beside the run's own steps
    #[arg(long, value_name = "SESSION")]
    pub(crate) demonstrations: Option<String>,
    /// How many of them, the newest first [default: 20]
    #[arg(long, value_name = "N", requires = "demonstrations")]
    pub(crate) demonstration_episodes: Option<Count>,
    /// Name of the session; otherwise `<agent>-<env>-s<seed>-<n>`
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) course: Course,
}

/// How a run goes on, however it began.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Course {
    /// Threads that step; the result does not depend on it
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<Count>,
    /// Stop after this many steps of all lanes together, those of the past included
    #[arg(long, value_name = "N", conflicts_with = "episodes")]
    pub(crate) steps: Option<Count>,
    /// Stop after this many episodes
    #[arg(long, value_name = "N")]
    pub(crate) episodes: Option<Count>,
    /// Stop when this holds, such as `return>=475`: the mean of the last 100 episodes counts
    #[arg(long, value_name = "CONDITION", value_parser = until::parse)]
    pub(crate) until: Option<Until>,
    /// Steps over which schedules run that follow the budget, such as annealed learning rates
    /// [default: the steps to reach when the run first began]
    #[arg(long, value_name = "N")]
    pub(crate) budget: Option<Count>,
    /// Lanes that must be back from a round before --time-out counts [default: a tenth]; what the
    /// others bring counts when they are back. Such a run cannot be repeated to the bit
    #[arg(long, value_name = "LANES", requires = "time_out")]
    pub(crate) min_returns: Option<Count>,
    /// Seconds after which a round goes on without slow lanes
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time_out: Option<f64>,
    /// Go on in the new build when a plugin's file changes; what was learned is carried over
    #[arg(long)]
    pub(crate) watch: bool,
    /// Save where the run stands so often: steps such as `1e5`, seconds such as `30s`, or `never`
    #[arg(long, value_name = "EVERY", default_value = "60s")]
    pub(crate) snapshot_every: Cadence,
    /// Judge the agent without exploration whenever this many steps were taken, and save it when it
    /// was never better
    #[arg(long, value_name = "N")]
    pub(crate) eval_every: Option<Count>,
    /// Episodes it is then judged by [default: 10]
    #[arg(long, value_name = "N", requires = "eval_every")]
    pub(crate) eval_episodes: Option<Count>,
    /// Tell with every report what the agent thinks of this observation: its value, and values or
    /// chances of the choices; numbers separated by commas (repeatable)
    #[arg(long, value_name = "OBS", value_parser = row, allow_hyphen_values = true)]
    pub(crate) trace: Vec<Row>,
    /// Watch and steer the run on a screen
    #[arg(long, conflicts_with_all = ["plain", "quiet"])]
    pub(crate) tui: bool,
    /// Leave the screen as soon as the run is over
    #[arg(long, requires = "tui")]
    pub(crate) quit_when_done: bool,
    /// Record the screen to a .cast, which terminals play, or to a .gif (repeatable)
    #[arg(long, value_name = "FILE", requires = "tui", value_parser = recording)]
    pub(crate) record: Vec<PathBuf>,
    /// Write event files that TensorBoard reads, while it trains
    #[arg(long, value_name = "DIR")]
    pub(crate) tensorboard: Option<PathBuf>,
    /// Which episodes are recorded, to be played again later [default: most in small worlds, some
    /// in others]
    #[arg(long, value_name = "WHICH")]
    pub(crate) replays: Option<ReplaysWord>,
    /// Mebibytes that recorded episodes may take, 0 for none [default: 64]
    #[arg(long, value_name = "MB", value_parser = megabytes)]
    pub(crate) replay_mb: Option<u32>,
    /// Print one line per report, also on a terminal
    #[arg(long, conflicts_with = "quiet")]
    pub(crate) plain: bool,
    /// Print the last line only
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplaysWord {
    /// All of all lanes while they take less than half of --replay-mb, then some
    All,
    /// The same, as long as that is less than a mebibyte a second; some while it is more
    Most,
    /// The best and the worst one so far, every k-th, and those of evaluations
    Some,
    /// None
    None,
}

impl From<ReplaysWord> for Replays {
    fn from(word: ReplaysWord) -> Self {
        match word {
            ReplaysWord::All => Self::All,
            ReplaysWord::Most => Self::Most,
            ReplaysWord::Some => Self::Some,
            ReplaysWord::None => Self::None,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ResumeFlags {
    /// Name of the session, or a path to it; `NAME@STEP` goes back to that step first
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) course: Course,
}

#[derive(Debug, Args)]
pub(crate) struct BranchFlags {
    /// Name of the session, or a path to it; `NAME@STEP` branches off at that step
    pub(crate) origin: String,
    /// Set a param of the agent (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) mode: ModeFlags,
    /// Name of the new session; otherwise `<agent>-<env>-s<seed>-<n>`
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) course: Course,
}
