//! Lines of the log, and what they are about.

/// What a line of the log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What plugins print.
    Print,
    /// What happened.
    Info,
    /// What somebody changed.
    Edit,
    /// What needs a look.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    /// Its word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Print => "PRINT",
            Self::Info => "INFO",
            Self::Edit => "EDIT",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// Seconds of work when it was said.
    pub seconds: f64,
    /// Environment steps when it was said.
    pub steps: u64,
    /// What it is about.
    pub level: Level,
    /// What it says.
    pub text: String,
}
