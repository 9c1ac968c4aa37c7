//! Opens files that may be anything, and reads them without ever mapping them into memory.

use std::{
    fs::{File, FileType, Metadata, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, FileTypeExt, MetadataExt, OpenOptionsExt},
    path::Path,
};

use blake3::{Hash, Hasher};
use serde::{Deserialize, Serialize};

use super::{elf::Source, manifest::Rejection};

/// The largest file that is looked at.
pub const FILE_BYTES_MAX: u64 = 512 << 20;

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Device the file lies on.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// When its content was last written, in nanoseconds.
    pub modified_ns: i64,
    /// When anything about it was last written, in nanoseconds; cannot be set back.
    pub changed_ns: i64,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        let ns = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// A plain file of bearable size, open for reading.
#[derive(Debug)]
pub struct PluginFile {
    file: File,
    stamp: Stamp,
}

impl PluginFile {
    /// Opens `path` if it leads to a plain file. Never blocks, and never opens a device.
    pub fn open(path: &Path) -> Result<Self, Rejection> {
        // Opening a device can set it going, so the path is looked at first; since it can be
        // swapped in between, what was opened is looked at again.
        check_kind(path.metadata().map_err(rejection)?.file_type())?;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path)
            .map_err(rejection)?;
        let metadata = file.metadata()?;
        check_kind(metadata.file_type())?;
        if metadata.len() > FILE_BYTES_MAX {
            return Err(Rejection::TooLarge { bytes: metadata.len() });
        }
        Ok(Self { file, stamp: Stamp::of(&metadata) })
    }

    /// The state in which the file was when it was opened.
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Hash of the whole content.
    pub fn hash(&self) -> Result<Hash, Rejection> {
        self.copy_to(&mut io::sink())
    }

    /// Writes the whole content to `output` and returns the hash of what was written.
    pub fn copy_to(&self, output: &mut impl Write) -> Result<Hash, Rejection> {
        let mut hasher = Hasher::new();
        let mut buffer = vec![0; 256 << 10];
        let mut offset = 0;
        // A file that grows for ever is left behind at the length it had.
        while offset <= self.stamp.bytes {
            let read = self.file.read_at(&mut buffer, offset)?;
            if read == 0 {
                break;
            }
            let chunk = &buffer[..read];
            hasher.update(chunk);
            output.write_all(chunk)?;
            offset += read as u64;
        }
        if Stamp::of(&self.file.metadata()?) == self.stamp && offset == self.stamp.bytes {
            Ok(hasher.finalize())
        } else {
            Err(Rejection::Changed)
        }
    }
}

impl Source for PluginFile {
    fn len(&self) -> u64 {
        self.stamp.bytes
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }
}

fn check_kind(kind: FileType) -> Result<(), Rejection> {
    if kind.is_file() {
        return Ok(());
    }
    Err(Rejection::NotAFile(if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }))
}

fn rejection(error: io::Error) -> Rejection {
    match error.raw_os_error() {
        Some(libc::ELOOP) => Rejection::NotAFile("a symbolic link that leads back to itself"),
        _ => error.into(),
    }
}
