//! Files that carry a checksum of all their bytes, and come into being whole or not at all.
//!
//! The last line of every file is `// blake3=<64 hex digits>` over all bytes before it: a comment
//! where the file is RON, and 75 bytes to cut off where it is not.

use crate::error::{Error, Result, shown};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The longest RON file that is read.
pub const RON_BYTES_MAX: u64 = 16 << 20;

/// The longest file of bytes that is read.
pub const OBJECT_BYTES_MAX: u64 = 64 << 30;

const MARK: &[u8] = b"// blake3=";
const TRAILER: usize = MARK.len() + 64 + 1;

/// Writes bytes under a name that may be taken: the file holds the old or the new ones, never both.
///
/// When this returns they are on the disk.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = temporary(path);
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.write_all(&trailer(bytes))?;
        file.sync_all()
    });
    let named = written.and_then(|()| fs::rename(&temporary, path));
    if named.is_err() {
        // What is left of it would only take room.
        let _ = fs::remove_file(&temporary);
    }
    named.map_err(Error::system("write", path))?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// The bytes behind a name, if they are those that were written.
pub fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>> {
    let metadata = fs::metadata(path).map_err(Error::system("read", path))?;
    if !metadata.is_file() {
        return Err(Error::damaged(path, "it is not a file"));
    }
    let most = bytes_max + TRAILER as u64;
    let too_large = |bytes| Error::TooLarge { path: path.to_owned(), bytes, most };
    if metadata.len() > most {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    let file = File::open(path).map_err(Error::system("read", path))?;
    // It may grow while it is read.
    file.take(most + 1).read_to_end(&mut bytes).map_err(Error::system("read", path))?;
    if bytes.len() as u64 > most {
        return Err(too_large(bytes.len() as u64));
    }
    let body = bytes.len().checked_sub(TRAILER);
    let body = body.filter(|&body| bytes[body..].starts_with(MARK));
    let body = body.ok_or_else(|| {
        Error::damaged(path, "it does not end in its checksum, so its end is missing")
    })?;
    if bytes[body..] != trailer(&bytes[..body]) {
        return Err(Error::damaged(path, "its bytes do not match its checksum"));
    }
    bytes.truncate(body);
    Ok(bytes)
}

/// Writes a value as RON, laid out for reading.
pub fn write_ron<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = ron::ser::to_string_pretty(value, ron::ser::PrettyConfig::default())
        .expect("plain data can be written");
    write(path, format!("{text}\n").as_bytes())
}

/// The value behind a name, unless it was written in a format this build does not know.
pub fn read_ron<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = read(path, RON_BYTES_MAX)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::damaged(path, "it is not text"))?;
    // The version is read on its own first: a file of another major version may well have other
    // fields, and the version is what the user must hear about then.
    let Version { format } = from_ron(path, text)?;
    if format.0 != crate::FORMAT.0 {
        return Err(Error::Format { path: path.to_owned(), found: format });
    }
    from_ron(path, text)
}

/// The bytes of a folder's list of names reach the disk.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems cannot do this for a folder; there is nothing more to try.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced.map_err(Error::system("write", folder)),
    }
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

fn from_ron<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T> {
    ron::from_str(text).map_err(|error| Error::damaged(path, shown(&error.to_string())))
}

fn trailer(bytes: &[u8]) -> [u8; TRAILER] {
    let mut trailer = [b'\n'; TRAILER];
    trailer[..MARK.len()].copy_from_slice(MARK);
    trailer[MARK.len()..TRAILER - 1].copy_from_slice(blake3::hash(bytes).to_hex().as_bytes());
    trailer
}
