//! The only way to files: a trait, so that every call can be made to fail, and the real thing.
//!
//! Each call names a path and is whole in itself; nothing is held open between calls.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file system, as far as sessions need one.
pub trait Disk: fmt::Debug + Send + Sync {
    /// At most `most` bytes of a file from a place on.
    fn read(&self, path: &Path, from: u64, most: u64) -> io::Result<Vec<u8>>;
    /// Length of a file; something that is no file is an error of kind `InvalidInput`.
    fn length(&self, path: &Path) -> io::Result<u64>;
    /// Names in a folder, sorted.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Makes a folder and those above it; it may be there already.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;
    /// Writes a file that is not there yet.
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Writes bytes to a file from a place on; the file comes into being if it is not there.
    fn write_at(&self, path: &Path, from: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file off.
    fn cut(&self, path: &Path, length: u64) -> io::Result<()>;
    /// What was written to a file is on the disk when this returns.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// What was made, renamed and removed in a folder is on the disk when this returns.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Gives a file or folder another name; a file of that name is replaced.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder with everything in it.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// Keeps others from writing until the lock is dropped; `WouldBlock` when another one does.
    fn lock(&self, path: &Path) -> io::Result<Lock>;
}

/// Holds a lock while it lives.
#[derive(Debug)]
pub struct Lock(Option<File>);

impl Lock {
    /// A lock that holds nothing, for disks that nobody else can reach.
    pub fn of_nothing() -> Self {
        Self(None)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A process that is being started elsewhere holds a copy of every open file for a moment,
        // so that closing this one would not be enough.
        if let Some(file) = &self.0 {
            // What cannot be let go of here goes when the process ends.
            let _ = file.unlock();
        }
    }
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn read(&self, path: &Path, from: u64, most: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        if from > 0 {
            file.seek(SeekFrom::Start(from))?;
        }
        let length = file.metadata()?.len().saturating_sub(from).min(most);
        let mut bytes = Vec::with_capacity(length as usize);
        // It may grow while it is read.
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
        }
        Ok(metadata.len())
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let names = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        let mut names = names.collect::<io::Result<Vec<String>>>()?;
        names.sort_unstable();
        Ok(names)
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(bytes)
    }

    fn write_at(&self, path: &Path, from: u64, bytes: &[u8]) -> io::Result<()> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.write_all_at(bytes, from)
    }

    fn cut(&self, path: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(length)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        match File::open(folder)?.sync_all() {
            // Some file systems cannot do this for a folder; there is nothing more to try.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir_all(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        // Network file systems lock only what was opened for writing; nothing is written.
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(Some(file))),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }
}
