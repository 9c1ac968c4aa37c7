//! What can go wrong with sessions, in one sentence each.

use crate::FORMAT;
use std::io;
use std::path::{Path, PathBuf};

/// Result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: what, where and the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No session of this name.
    #[error("there is no session `{}` in {}", shown(name), place(store))]
    Missing {
        /// The name that was asked for.
        name: String,
        /// The folder of the store.
        store: PathBuf,
    },
    /// The folder holds no session.
    #[error("{} is not a session, it has no session.ron", place(.0))]
    NotASession(PathBuf),
    /// The session was never saved.
    #[error("session `{}` holds no snapshot: its run ended before the first one", shown(.0))]
    NoSnapshot(String),
    /// The session has no generation like this.
    #[error("session `{}` has no snapshot {wanted}; it has {there}", shown(session))]
    NoGeneration {
        /// The session.
        session: String,
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// Somebody else writes it.
    #[error(
        "session `{}` is being written by another process; wait until it ends, or branch from it",
        shown(.0)
    )]
    Locked(String),
    /// A session of this name is there already.
    #[error("there is a session `{}` already; choose another name", shown(.0))]
    Taken(String),
    /// The name cannot be one.
    #[error("`{}` cannot name a session: {reason}", shown(name))]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A file does not hold what was written to it.
    #[error("{} is damaged: {what}", place(path))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file is larger than any file of its kind.
    #[error("{} has {bytes} bytes, and a file of its kind has at most {most}", place(path))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
        /// The longest that is read.
        most: u64,
    },
    /// A file was written by a build that is too new.
    #[error(
        "{} has format {}.{}, this build reads {}.x; open it with a newer build",
        place(path), found.0, found.1, FORMAT.0
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: (u16, u16),
    },
    /// A session was written by a build that is newer, though one that it can be read with.
    #[error(
        "session `{}` was written by a newer build, in format {}.{}, and this one writes {}.{}: it \
         can be shown, exported and replayed here; go on with a newer build",
        shown(session), found.0, found.1, FORMAT.0, FORMAT.1
    )]
    Newer {
        /// The session.
        session: String,
        /// Its format.
        found: (u16, u16),
    },
    /// The system said no.
    #[error("cannot {doing} {}: {source}{}", place(path), way_out(doing, source))]
    System {
        /// What was being tried, such as `read`.
        doing: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What to do where the system said no, as the end of a sentence.
fn way_out(doing: &str, source: &io::Error) -> &'static str {
    use io::ErrorKind::{
        FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    match (source.kind(), doing) {
        (PermissionDenied, "read") => "; change who may read it",
        (PermissionDenied, _) => {
            "; change who may write there, or choose another folder with --sessions; what is there \
             can still be shown, exported and replayed"
        }
        (ReadOnlyFilesystem, _) => {
            "; choose another folder with --sessions; what is there can still be shown, exported \
             and replayed"
        }
        (StorageFull | QuotaExceeded | FileTooLarge, _) => "; make room on that disk",
        _ => "",
    }
}

impl Error {
    pub(crate) fn damaged(path: &Path, what: impl std::fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), what: shown(&what.to_string()) }
    }

    /// For `map_err`: the system refused this with this path.
    pub(crate) fn system(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::System { doing, path, source }
    }
}

/// Text as it may be printed: control characters escaped, and not endlessly long.
pub fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let mut out: String = text
        .chars()
        .take(MOST)
        .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
        .collect();
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

fn place(path: &Path) -> String {
    shown(&path.to_string_lossy())
}
