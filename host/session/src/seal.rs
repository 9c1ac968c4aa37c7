//! RON files that carry a checksum of all their bytes, and come into being whole or not at all.
//!
//! The last line of such a file is `// blake3=<64 hex digits>` over all bytes before it, which is a
//! comment in RON.

use crate::disk::Disk;
use crate::error::{Error, Result, shown};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// The longest RON file that is read.
pub const RON_BYTES_MAX: u64 = 16 << 20;

/// How deep brackets may lie in each other.
const DEPTH_MAX: usize = 64;

const MARK: &[u8] = b"// blake3=";
const TRAILER: usize = MARK.len() + 64 + 1;

/// Writes a value under a name that may be taken: the file holds the old or the new one, never
/// both. When this returns it is on the disk.
pub fn write<T: Serialize>(disk: &dyn Disk, path: &Path, value: &T) -> Result<()> {
    let config = ron::ser::PrettyConfig::default().compact_arrays(true);
    let text = ron::ser::to_string_pretty(value, config).expect("plain data can be written");
    write_text(disk, path, &format!("{text}\n"))
}

/// Writes a text and its checksum.
pub fn write_text(disk: &dyn Disk, path: &Path, text: &str) -> Result<()> {
    let temporary = temporary(path);
    let folder = path.parent().unwrap_or(Path::new("."));
    let bytes = [text.as_bytes(), &trailer(text.as_bytes())].concat();
    // What a process of the same number left, long ago, would be in the way.
    let _ = disk.remove(&temporary);
    let written = disk
        .write_new(&temporary, &bytes)
        .and_then(|()| disk.sync(&temporary))
        .and_then(|()| disk.rename(&temporary, path));
    if written.is_err() {
        // What is left of it would only take room.
        let _ = disk.remove(&temporary);
    }
    written.and_then(|()| disk.sync_folder(folder)).map_err(Error::system("write", path))
}

/// The value behind a name, unless it was written in a format this build does not know.
pub fn read<T: DeserializeOwned>(disk: &dyn Disk, path: &Path) -> Result<T> {
    let text = read_text(disk, path)?;
    // The version is read on its own first: a file of another major version may well have other
    // fields, and the version is what the user must hear about then.
    let Version { format } = from_ron(path, &text)?;
    if format.0 != crate::FORMAT.0 {
        return Err(Error::Format { path: path.to_owned(), found: format });
    }
    from_ron(path, &text)
}

/// The text behind a name, if its bytes are those that were written.
pub fn read_text(disk: &dyn Disk, path: &Path) -> Result<String> {
    let bytes = read_capped(disk, path, RON_BYTES_MAX + TRAILER as u64)?;
    let body = bytes.len().checked_sub(TRAILER);
    let body = body.filter(|&body| bytes[body..].starts_with(MARK));
    let body = body.ok_or_else(|| {
        Error::damaged(path, "it does not end in its checksum, so its end is missing")
    })?;
    if bytes[body..] != trailer(&bytes[..body]) {
        return Err(Error::damaged(path, "its bytes do not match its checksum"));
    }
    let mut bytes = bytes;
    bytes.truncate(body);
    let text = String::from_utf8(bytes).map_err(|_| Error::damaged(path, "it is not text"))?;
    if depth(&text) > DEPTH_MAX {
        return Err(Error::damaged(path, "its brackets lie too deep in each other"));
    }
    Ok(text)
}

/// All bytes of a file that may have at most so many.
pub(crate) fn read_capped(disk: &dyn Disk, path: &Path, most: u64) -> Result<Vec<u8>> {
    let length = disk.length(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Error::damaged(path, "it is not a file"),
        _ => Error::system("read", path)(error),
    })?;
    if length > most {
        return Err(Error::TooLarge { path: path.to_owned(), bytes: length, most });
    }
    disk.read(path, 0, most).map_err(Error::system("read", path))
}

/// A value in RON that stands in a file or a frame of this path.
pub(crate) fn from_ron<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    ron::from_str(text).map_err(|error| Error::damaged(path, shown(&error.to_string())))
}

/// A name beside `path` that no other process uses.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

#[derive(serde::Deserialize)]
struct Version {
    format: (u16, u16),
}

/// How deep brackets lie in each other at most. Those in texts count, too: no file of ours has
/// many.
fn depth(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

fn trailer(bytes: &[u8]) -> [u8; TRAILER] {
    let mut trailer = [b'\n'; TRAILER];
    trailer[..MARK.len()].copy_from_slice(MARK);
    trailer[MARK.len()..TRAILER - 1].copy_from_slice(blake3::hash(bytes).to_hex().as_bytes());
    trailer
}
