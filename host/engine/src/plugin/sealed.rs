//! Small RON files that are replaced as a whole and carry a checksum of all their bytes.
//!
//! A file that does not match its checksum reads as absent: a third party may write anything into
//! the cache, and about one in a hundred small edits of RON parses well to other values.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Serialize, de::DeserializeOwned};

const MARK: &str = "// blake3=";

/// Replaces the file by this value.
pub(super) fn write(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let mut text = ron::to_string(value).map_err(io::Error::other)?;
    text.push('\n');
    let seal = blake3::hash(text.as_bytes()).to_hex();
    text.push_str(MARK);
    text.push_str(&seal);
    text.push('\n');
    replace(path, 0o600, |file| file.write_all(text.as_bytes()))
}

/// The value in the file, if there is one of this type and not a byte of it has changed.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = fs::read_to_string(path).ok()?;
    let (body, seal) = text.rsplit_once(MARK)?;
    let sealed = blake3::Hash::from_hex(seal.strip_suffix('\n')?).ok()?;
    if blake3::hash(body.as_bytes()) == sealed { ron::from_str(body).ok() } else { None }
}

/// Writes a new file beside `path` and renames it over it, so that readers see the old content or
/// the new one and nothing between.
pub(super) fn replace<T, E: From<io::Error>>(
    path: &Path,
    mode: u32,
    fill: impl FnOnce(&mut fs::File) -> Result<T, E>,
) -> Result<T, E> {
    let temporary = temporary(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    let filled = fill(&mut file).and_then(|value| {
        fs::rename(&temporary, path)?;
        Ok(value)
    });
    if filled.is_err() {
        // Nothing more can be done about a file that cannot be removed either.
        let _ = fs::remove_file(&temporary);
    }
    filled
}

/// A name beside `path` that no other thread or process uses.
pub(super) fn temporary(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{count}.tmp", process::id()))
}
