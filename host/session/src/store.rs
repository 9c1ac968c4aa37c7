//! The folder in which sessions lie.

use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::name;
use crate::seal;
use crate::session::{IDENTITY, Session};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder in which sessions lie; it comes into being with the first of them.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// A session of a store, or why it cannot be opened.
#[derive(Debug)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// The session.
    pub session: Result<Session>,
}

impl Store {
    /// The store in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its sessions by name. Folders that are none are passed over.
    pub fn list(&self) -> Result<Vec<Entry>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::system("read", &self.folder))?,
        };
        let mut list = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::system("read", &self.folder))?;
            let folder = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && folder.join(IDENTITY).exists() {
                list.push(Entry { name, session: Session::open(&folder) });
            }
        }
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// The session of this name.
    pub fn open(&self, name: &str) -> Result<Session> {
        let missing = || Error::Missing { name: name.to_owned(), store: self.folder.clone() };
        name::check(name).map_err(|_| missing())?;
        match Session::open(&self.folder.join(name)) {
            Err(Error::NotASession(_)) => Err(missing()),
            session => session,
        }
    }

    /// Creates a session; without a name it is called `<agent>-<env>-s<seed>-<n>`.
    pub fn create(&self, name: Option<&str>, identity: &Identity) -> Result<Session> {
        if let Some(name) = name {
            name::check(name)?;
            return self.create_named(name, identity);
        }
        let stem = name::stem(&identity.agent, &identity.env, identity.seed);
        let mut number = 1_u64;
        loop {
            let name = format!("{stem}-{number}");
            match self.create_named(&name, identity) {
                Err(Error::Taken(_)) => number += 1,
                session => return session,
            }
        }
    }

    /// A session appears under its name with its identity in it, or not at all.
    fn create_named(&self, name: &str, identity: &Identity) -> Result<Session> {
        let folder = self.folder.join(name);
        if folder.symlink_metadata().is_ok() {
            return Err(Error::Taken(name.to_owned()));
        }
        let identity = identity.clone().stamped(name);
        let unnamed = seal::temporary(&folder);
        fs::create_dir_all(&unnamed).map_err(Error::system("create", &unnamed))?;
        let named = seal::write_ron(&unnamed.join(IDENTITY), &identity)
            .and_then(|()| fs::rename(&unnamed, &folder).map_err(taken_or_system(name, &folder)));
        if named.is_err() {
            // What is left of it would only take room.
            let _ = fs::remove_dir_all(&unnamed);
        }
        named?;
        seal::sync_folder(&self.folder)?;
        Session::open(&folder)
    }
}

fn taken_or_system(name: &str, folder: &Path) -> impl FnOnce(io::Error) -> Error {
    move |error| match error.kind() {
        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
            Error::Taken(name.to_owned())
        }
        _ => Error::system("create", folder)(error),
    }
}
