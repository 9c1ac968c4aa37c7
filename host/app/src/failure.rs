//! How the program ends when something is wrong: a code and one sentence.

use std::io;
use std::process::ExitCode;

/// The codes with which the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Success = 0,
    /// It could not.
    Failed = 1,
    /// What was asked makes no sense.
    Usage = 2,
    /// A run ended before its goal.
    Short = 3,
    /// A run was interrupted, and saved.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What is wrong.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Empty when there is nobody to read it.
    pub(crate) message: String,
}

/// What a command comes to.
pub(crate) type Outcome = Result<Exit, Failure>;

impl Failure {
    /// Something that was asked for could not be had.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into() }
    }

    /// What was asked for makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }
}

impl From<io::Error> for Failure {
    /// Errors of files are worded where they happen; what arrives here comes from standard output.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Whoever read the output has read enough.
            io::ErrorKind::BrokenPipe => Self { exit: Exit::Success, message: String::new() },
            _ => Self::failed(format!("cannot write to standard output: {error}")),
        }
    }
}

impl From<thorndike_session::Error> for Failure {
    fn from(error: thorndike_session::Error) -> Self {
        use thorndike_session::Error::{Missing, Name, NotASession, Taken};
        let exit = match error {
            Missing { .. } | Name { .. } | NotASession(_) | Taken(_) => Exit::Usage,
            _ => Exit::Failed,
        };
        let meant = match &error {
            Missing { name, store } => crate::saved::meant(name, store),
            _ => String::new(),
        };
        Self { exit, message: format!("{error}{meant}") }
    }
}

impl From<plugin_api::Error> for Failure {
    fn from(error: plugin_api::Error) -> Self {
        let exit = match error.kind {
            plugin_api::ErrorKind::Argument | plugin_api::ErrorKind::Unsupported => Exit::Usage,
            _ => Exit::Failed,
        };
        Self { exit, message: error.to_string() }
    }
}
