//! Lets a throw-away child open a plugin file first, and names what became of the child.
//!
//! The child has a deadline, limits on memory and processor time and a session of its own. What it
//! prints goes into a bounded buffer; its report comes back over a socket of its own, behind a
//! secret that was never in its environment, so that no print can be taken for a report.

mod child;
mod frame;
mod watch;

use std::{ffi::OsString, fmt, path::Path, path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

pub use child::child_main;

/// How a child is started that opens plugin files.
#[derive(Clone, Debug)]
pub struct Prober {
    /// The program; it calls [`child_main`].
    pub program: PathBuf,
    /// Its arguments; the plugin file is appended.
    pub arguments: Vec<OsString>,
}

impl Default for Prober {
    /// This very program, even if its file has been replaced since it started.
    fn default() -> Self {
        Self { program: "/proc/self/exe".into(), arguments: vec!["--probe".into()] }
    }
}

/// What one probe may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time until the child is killed.
    pub deadline: Duration,
    /// Address space of the child; `None` leaves it as it is.
    pub memory_bytes: Option<u64>,
}

impl Limits {
    /// For plugins that stand on their own.
    pub const LIGHT: Self = Self { deadline: Duration::from_secs(2), memory_bytes: Some(4 << 30) };

    /// For plugins that load a heavy library first, which maps far more than it uses.
    pub const HEAVY: Self = Self { deadline: Duration::from_secs(30), memory_bytes: None };
}

/// What came of one probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The end of what the child printed, made harmless, on one line.
    pub printed: String,
}

/// How a probe ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The plugin is sound; the bytes are what the child found out about it.
    Ready(#[serde(with = "bytes")] Vec<u8>),
    /// The child looked and declined, for this reason.
    Refused(String),
    /// The child was gone before it had reported.
    Died(Death),
}

/// How a child ended that never reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Death {
    /// A signal ended it.
    Signal(i32),
    /// It ended itself with this exit code.
    Exit(i32),
    /// It was killed after this long.
    Deadline(Duration),
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(number) => match signal_hook::low_level::signal_name(*number) {
                Some(name) => write!(f, "crashed with {name} when it was opened"),
                None => write!(f, "crashed with signal {number} when it was opened"),
            },
            Self::Exit(code) => write!(f, "ended the process with code {code} when it was opened"),
            Self::Deadline(time) => {
                write!(f, "was not done with being opened after {} s", time.as_secs_f32())
            }
        }
    }
}

impl Report {
    /// The descriptor of a sound plugin, or one line on what is wrong with it.
    pub fn into_descriptor(self) -> Result<Vec<u8>, String> {
        match self.outcome {
            Outcome::Ready(descriptor) => Ok(descriptor),
            Outcome::Refused(reason) => Err(reason),
            Outcome::Died(death) if self.printed.is_empty() => Err(death.to_string()),
            Outcome::Died(death) => Err(format!("{death}; it printed: {}", self.printed)),
        }
    }
}

impl Prober {
    /// Has a child open this file, and waits for it at most as long as `limits` say.
    pub fn probe(&self, file: &Path, limits: Limits) -> Report {
        match watch::run(self, file, limits) {
            Ok(report) => report,
            Err(error) => Report {
                outcome: Outcome::Refused(format!("could not be probed: {error}")),
                printed: String::new(),
            },
        }
    }
}

/// Bytes as a byte string, which is a tenth of the size of a list of numbers.
mod bytes {
    use serde::{Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a byte string")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}
