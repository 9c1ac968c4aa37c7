//! The one error type of plugins: what kind of thing went wrong, and a sentence for the user.

use serde::{Deserialize, Serialize};

/// Result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u32)]
pub enum ErrorKind {
    /// The plugin itself said no.
    Plugin = 1,
    /// The plugin panicked; its instance is unusable from now on.
    Panic = 2,
    /// An earlier panic made this instance unusable.
    Poisoned = 3,
    /// The plugin does not offer what was asked for.
    Unsupported = 4,
    /// A value from outside (parameter, state, row) does not fit.
    Argument = 5,
    /// The host asked to stop.
    Cancelled = 6,
    /// It took too long.
    Deadline = 7,
    /// Memory ran out.
    Memory = 8,
}

/// What went wrong, in words a user can act on.
///
/// Messages are lower-case fragments without a full stop: what, where and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}{at}", if at.is_empty() { "" } else { " at " })]
pub struct Error {
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// The sentence.
    pub message: String,
    /// File and line of a panic; empty otherwise.
    pub at: String,
}

impl Error {
    /// The plugin says no.
    pub fn new(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Plugin, message)
    }

    /// A value from outside does not fit.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Argument, message)
    }

    /// The plugin does not offer what was asked for.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::of(ErrorKind::Unsupported, message)
    }

    /// An error of the given kind.
    pub fn of(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), at: String::new() }
    }

    /// The same error with what was being done in front.
    #[must_use]
    pub fn context(mut self, doing: impl std::fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }
}

impl ErrorKind {
    /// The kind behind a code that crossed the ABI; unknown codes are the plugin's own.
    pub fn from_code(code: u32) -> Self {
        match code {
            2 => Self::Panic,
            3 => Self::Poisoned,
            4 => Self::Unsupported,
            5 => Self::Argument,
            6 => Self::Cancelled,
            7 => Self::Deadline,
            8 => Self::Memory,
            _ => Self::Plugin,
        }
    }
}
