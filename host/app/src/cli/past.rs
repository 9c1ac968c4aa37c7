//! Words of commands about what sessions have kept.

use super::mark::Mark;
use super::values;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ReplayFlags {
    /// Name of the session, or a path to it; `NAME@EPISODE` plays that one and shows its steps
    pub(crate) session: String,
    /// List what was recorded and play nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Play an episode of the latest round of evaluation
    #[arg(long)]
    pub(crate) trial: bool,
    /// Play the episode at a mark of the run: best, worst or last, or the first that ended after
    /// an edit, alert, eval or saved; `edit:2` is the second one
    #[arg(long, value_name = "MARK")]
    pub(crate) mark: Option<Mark>,
    /// Begin after so many steps
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = values::whole)]
    pub(crate) step: u64,
    /// Draw every step
    #[arg(long)]
    pub(crate) render: bool,
    /// Wait between steps: 1 takes 20 a second; 0.25 to 64
    #[arg(long, value_name = "X", value_parser = values::speed)]
    pub(crate) speed: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportFlags {
    /// Name of the session, or a path to it; `NAME@EPISODE` for a gif, cast or mp4
    pub(crate) session: String,
    /// What is written
    #[arg(long, value_enum)]
    pub(crate) to: Form,
    /// Where to: a folder for tensorboard, a file for all else
    pub(crate) path: PathBuf,
    /// The number that svg and png draw: `return` of all episodes, or one that was reported
    #[arg(long, value_name = "NAME", default_value = "return")]
    pub(crate) metric: String,
    /// Smooth curves, 0 to 1: how much of the past stays
    #[arg(long, value_name = "X", default_value_t = 0.0, value_parser = values::part)]
    pub(crate) smooth: f64,
    /// Draw the mean of these sessions, too, with a band of one standard deviation (repeatable)
    #[arg(long, value_name = "SESSION")]
    pub(crate) with: Vec<String>,
}

/// What a session is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// Event files that TensorBoard reads
    Tensorboard,
    /// A table of all numbers
    Csv,
    /// Everything that happened, an object a line
    Jsonl,
    /// A learning curve
    Svg,
    /// A learning curve
    Png,
    /// A recorded episode
    Gif,
    /// A recorded episode, for asciinema
    Cast,
    /// A recorded episode; needs ffmpeg
    Mp4,
    /// What the agent has learned
    Safetensors,
    /// What it does: observations in, actions out, for agents that act with a dense net
    Onnx,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Scalars of TensorBoard's event files
    Tensorboard {
        /// An event file, or a folder with some
        path: PathBuf,
        /// Name of the session; otherwise that of the folder
        #[arg(long, value_name = "NAME")]
        session: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// List all sessions
    List,
    /// Show all there is to know about a session
    Show {
        /// Name of the session, or a path to it
        session: String,
    },
    /// Read every byte of a session and say what is damaged; nothing is executed
    Verify {
        /// Names of sessions, or paths to them; all of them where none is named
        names: Vec<String>,
        /// Take every step again, and compare with each snapshot
        #[arg(long)]
        rerun: bool,
    },
    /// Compare two sessions: params, where they part, how far their tensors are from each other
    Diff {
        /// The one
        first: String,
        /// The other one
        second: String,
    },
    /// Show, add (`fast`) or take off (`-fast`) words to find a session by
    Tag {
        /// Name of the session, or a path to it
        session: String,
        /// The words; all are shown where none is given
        #[arg(allow_hyphen_values = true)]
        tags: Vec<String>,
    },
    /// Show or write the note of a session
    Note {
        /// Name of the session, or a path to it
        session: String,
        /// The note; it is shown where none is given
        text: Option<String>,
    },
    /// Remove snapshots that nobody will miss: all but the newest 3, every 10th and the best
    Prune {
        /// Names of sessions, or paths to them; all of them where none is named
        names: Vec<String>,
    },
    /// Bring back sessions that were put out of sight
    Restore {
        /// Names of sessions
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Put sessions out of sight; `sessions restore` brings them back
    Rm {
        /// Names of sessions
        #[arg(required = true)]
        names: Vec<String>,
    },
}
