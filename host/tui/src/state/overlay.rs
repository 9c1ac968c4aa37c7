//! What can be open in front of a screen.

use super::Guide;
use crate::line::Line;

/// What a line that is being written is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// The new value of a param.
    Param(String),
    /// A condition to run until.
    Until,
    /// A tag for the session.
    Tag,
    /// A note for the session.
    Note,
    /// What rows must hold.
    Filter,
    /// Kind and name of a new plugin.
    NewPlugin,
}

/// What is to become of runs when the screen is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// They go on without a terminal.
    Detach,
    /// They end now and are saved.
    Stop,
    /// They go on, and the screen stays.
    Stay,
}

/// What is open in front of a screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// All actions by name.
    Palette {
        /// What was written.
        line: Line,
        /// The chosen row.
        at: usize,
    },
    /// What the keys do.
    Help {
        /// What was written to search.
        line: Line,
        /// Rows scrolled down.
        top: usize,
    },
    /// A line is being written.
    Prompt {
        /// What for.
        prompt: Prompt,
        /// The line.
        line: Line,
        /// What is wrong with it.
        error: Option<String>,
    },
    /// What is to become of runs.
    Quit {
        /// The chosen answer.
        choice: QuitChoice,
    },
    /// A text to read.
    Text {
        /// Its title.
        title: String,
        /// Its lines.
        lines: Vec<String>,
        /// Rows scrolled down.
        top: usize,
    },
    /// The guided start.
    Guide(Box<Guide>),
}
