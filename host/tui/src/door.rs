//! Where a run under way can be reached: a socket in the folder of its session.

use rustix::fs::{Mode, OFlags, openat};
use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

const NAME: &str = "run.sock";

/// Listens for terminals; nobody can knock any more when it is dropped.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

/// An address of the socket that is short however long the folder's path is.
fn address(folder: &Path) -> io::Result<(OwnedFd, PathBuf)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(rustix::fs::CWD, folder, flags, Mode::empty())?;
    let address = format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd());
    Ok((folder, address.into()))
}

impl Door {
    /// Opens the door of a session whose run lives in this process. What another process has left
    /// there is of no use any more: only one can hold a session.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let (_folder, address) = address(folder)?;
        let path = folder.join(NAME);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&address)?;
        // Whoever may write to the session may steer its run, and nobody else.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path })
    }

    /// Who has knocked, if anybody has.
    pub fn visitor(&self) -> Option<UnixStream> {
        let (stream, _) = self.listener.accept().ok()?;
        stream.set_nonblocking(false).ok()?;
        Some(stream)
    }
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // One that stays behind leads nowhere.
        let _ = fs::remove_file(&self.path);
    }
}

/// Knocks at the door of a session; nothing where no process is behind it.
pub fn knock(folder: &Path) -> Option<UnixStream> {
    let (_folder, address) = address(folder).ok()?;
    UnixStream::connect(address).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_open_and_close_and_open_again() {
        let long = "a-rather-long-name-of-a-folder/".repeat(8);
        let base = std::env::temp_dir().join(format!("thorndike-door-{}", std::process::id()));
        let folder = base.join(long);
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        assert!(knock(&folder).is_none());
        for _ in 0..2 {
            let door = Door::open(&folder).expect("a socket");
            assert!(door.visitor().is_none());
            let visitor = knock(&folder).expect("somebody is there");
            assert!(door.visitor().is_some());
            drop(visitor);
        }
        fs::write(folder.join(NAME), "").expect("writable");
        assert!(knock(&folder).is_none());
        drop(Door::open(&folder).expect("what was left there is of no use"));
        fs::remove_dir_all(&base).expect("it is ours");
    }
}
