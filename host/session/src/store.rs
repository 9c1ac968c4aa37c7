//! The folder in which sessions lie.

use crate::disk::{Disk, RealDisk};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::mend;
use crate::name;
use crate::seal;
use crate::session::{GENERATIONS, IDENTITY, Session, generation_file};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder in which sessions lie; it comes into being with the first of them.
#[derive(Clone, Debug)]
pub struct Store {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
}

/// Where removed sessions lie.
const TRASH: &str = ".trash";

/// A session of a store, or why it cannot be opened.
#[derive(Debug)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The session.
    pub session: Result<Session>,
}

impl Store {
    /// The store in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self::on(Arc::new(RealDisk), folder)
    }

    /// The store in this folder of this disk.
    pub fn on(disk: Arc<dyn Disk>, folder: impl Into<PathBuf>) -> Self {
        Self { disk, folder: folder.into() }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its sessions by name. Folders that are none are passed over.
    pub fn list(&self) -> Result<Vec<Listed>> {
        let names = match self.disk.names(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names.map_err(Error::system("read", &self.folder))?,
        };
        let mut list = Vec::new();
        for name in names.into_iter().filter(|name| !name.starts_with('.')) {
            match Session::open_on(self.disk.clone(), &self.folder.join(&name)) {
                Err(Error::NotASession(_)) => {}
                session => list.push(Listed { name, session }),
            }
        }
        Ok(list)
    }

    /// The session of this name.
    pub fn open(&self, name: &str) -> Result<Session> {
        let folder = self.place(name)?;
        match Session::open_on(self.disk.clone(), &folder) {
            Err(Error::NotASession(_)) if self.disk.names(&folder).is_err() => {
                Err(self.missing(name))
            }
            session => session,
        }
    }

    /// The folder of this name. Copies that were made by hand may be called as no session that is
    /// created may.
    fn place(&self, name: &str) -> Result<PathBuf> {
        let is_there = || {
            let names = self.disk.names(&self.folder).unwrap_or_default();
            !name.starts_with('.') && names.iter().any(|known| known == name)
        };
        let is_one = name::check(name).is_ok() || is_there();
        is_one.then(|| self.folder.join(name)).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        Error::Missing { name: name.to_owned(), store: self.folder.clone() }
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

    /// Puts a session out of sight, where it can be brought back from; says where it lies then.
    /// Sessions that are being written are left alone; those that cannot be read go, too.
    pub fn remove(&self, name: &str) -> Result<PathBuf> {
        let folder = self.place(name)?;
        if let Err(error @ (Error::Missing { .. } | Error::NotASession(_))) = self.open(name) {
            return Err(error);
        }
        let lock = mend::lock_folder(&*self.disk, &folder)?;
        let trash = self.folder.join(TRASH);
        self.disk.create_folder(&trash).map_err(Error::system("create", &trash))?;
        let taken = self.disk.names(&trash).unwrap_or_default();
        let free = (1..=taken.len() + 1)
            .map(|copy| format!("{name}.{copy}"))
            .find(|name| !taken.contains(name));
        let to = trash.join(free.expect("some number is free"));
        self.disk.rename(&folder, &to).map_err(Error::system("move", &folder))?;
        drop(lock);
        self.disk.sync_folder(&self.folder).map_err(Error::system("write", &self.folder))?;
        Ok(to)
    }

    /// Brings a session back that was put out of sight: of those of this name, the last one.
    pub fn restore(&self, name: &str) -> Result<PathBuf> {
        let trash = self.folder.join(TRASH);
        let there = self.disk.names(&trash).unwrap_or_default();
        let copy = |removed: &String| removed.strip_prefix(name)?.strip_prefix('.')?.parse().ok();
        let copies = there.iter().filter_map(|removed| Some((copy(removed)?, removed)));
        let last = copies.max_by_key(|(copy, _): &(u64, _)| *copy);
        let (_, last) =
            last.ok_or_else(|| Error::Missing { name: name.to_owned(), store: trash.clone() })?;
        let (from, to) = (trash.join(last), self.folder.join(name));
        if self.disk.names(&to).is_ok() || self.disk.length(&to).is_ok() {
            return Err(Error::Taken(name.to_owned()));
        }
        self.disk.rename(&from, &to).map_err(Error::system("move", &from))?;
        self.disk.sync_folder(&self.folder).map_err(Error::system("write", &self.folder))?;
        Ok(to)
    }

    /// A session appears under its name with its identity in it, or not at all.
    fn create_named(&self, name: &str, identity: &Identity) -> Result<Session> {
        let folder = self.folder.join(name);
        if self.disk.names(&folder).is_ok() || self.disk.length(&folder).is_ok() {
            return Err(Error::Taken(name.to_owned()));
        }
        let is_first = self.disk.names(&self.folder).is_err();
        let identity = identity.clone().stamped(name);
        let unnamed = seal::temporary(&folder);
        let generations = unnamed.join(GENERATIONS);
        // What a process of the same number left, long ago, would be in the way.
        let _ = self.disk.remove_folder(&unnamed);
        self.disk.create_folder(&generations).map_err(Error::system("create", &folder))?;
        let named = seal::write(&*self.disk, &generations.join(generation_file(0)), &identity)
            .and_then(|()| seal::write(&*self.disk, &unnamed.join(IDENTITY), &identity))
            .and_then(|()| {
                self.disk.rename(&unnamed, &folder).map_err(taken_or_system(name, &folder))
            });
        if named.is_err() {
            // What is left of it would only take room.
            let _ = self.disk.remove_folder(&unnamed);
        }
        named?;
        let above = self.folder.parent().filter(|above| is_first && !above.as_os_str().is_empty());
        for folder in [Some(self.folder.as_path()), above].into_iter().flatten() {
            self.disk.sync_folder(folder).map_err(Error::system("write", folder))?;
        }
        Session::open_on(self.disk.clone(), &folder)
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
