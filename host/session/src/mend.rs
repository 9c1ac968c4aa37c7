//! What is put in order before a session is written: its identity where that is gone, and what
//! writers that were killed have left.

use crate::disk::{Disk, Lock};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::replay::REPLAYS;
use crate::seal;
use crate::session::{GENERATIONS, IDENTITY, Session, generation_file};
use std::io;
use std::path::{Path, PathBuf};

/// Where damaged files are moved to.
const QUARANTINE: &str = "quarantine";

/// Keeps others from writing a session; its identity is restored from its second copy first, where
/// there is no such file any more.
pub(crate) fn lock(session: &Session) -> Result<Lock> {
    let disk = &*session.disk;
    let identity = session.folder().join(IDENTITY);
    let said = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::Locked(session.name().to_owned()),
        _ => Error::system("write", session.folder())(error),
    };
    match disk.lock(&identity) {
        Err(error) if is_no_file(&error) => {}
        lock => return lock.map_err(said),
    }
    // Who restores it holds the other copy, so that two do not do it at once.
    let copy = session.folder().join(GENERATIONS).join(generation_file(0));
    let _restoring = disk.lock(&copy).map_err(said)?;
    if seal::read::<Identity>(disk, &identity).is_err() {
        if disk.names(&identity).is_ok() {
            let aside = aside(disk, session.folder(), IDENTITY)?;
            disk.rename(&identity, &aside).map_err(Error::system("move", &identity))?;
        }
        // As it stands there, with what a newer build may have added.
        seal::write_text(disk, &identity, &seal::read_text(disk, &copy)?)?;
    }
    disk.lock(&identity).map_err(said)
}

/// Keeps others from writing whatever is in this folder, as far as it has a file to hold.
pub(crate) fn lock_folder(disk: &dyn Disk, folder: &Path) -> Result<Option<Lock>> {
    let copy = folder.join(GENERATIONS).join(generation_file(0));
    for file in [folder.join(IDENTITY), copy] {
        match disk.lock(&file) {
            Ok(lock) => return Ok(Some(lock)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                return Err(Error::Locked(name.into_owned()));
            }
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Removes what writers that were killed have left half written; whoever calls this holds the lock.
pub(crate) fn sweep(session: &Session) {
    for folder in [GENERATIONS, REPLAYS].map(|folder| session.folder().join(folder)) {
        let names = session.disk.names(&folder).unwrap_or_default();
        let is_left = |name: &&String| {
            name.starts_with('.') && Path::new(name).extension().is_some_and(|end| end == "new")
        };
        for name in names.iter().filter(is_left) {
            // What cannot be removed takes room, and that is all.
            let _ = session.disk.remove(&folder.join(name));
        }
    }
}

/// A free name in the folder for what is damaged.
pub(crate) fn aside(disk: &dyn Disk, session: &Path, name: &str) -> Result<PathBuf> {
    let folder = session.join(QUARANTINE);
    disk.create_folder(&folder).map_err(Error::system("create", &folder))?;
    let taken = disk.names(&folder).unwrap_or_default();
    let names = (1..).map(|copy| format!("{name}.{copy}"));
    let free = names.into_iter().find(|name| !taken.contains(name));
    Ok(folder.join(free.expect("some number is free")))
}

fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory)
}
