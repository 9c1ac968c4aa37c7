//! One session on disk: its identity, saving where its run stands, reading that again.

use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::seal::{self, OBJECT_BYTES_MAX};
use crate::snapshot::{Object, Snapshot};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(crate) const IDENTITY: &str = "session.ron";
const SNAPSHOT: &str = "snapshot.ron";
const OBJECTS: &str = "objects";

/// One session on disk.
#[derive(Clone, Debug)]
pub struct Session {
    folder: PathBuf,
    name: String,
    identity: Identity,
}

impl Session {
    /// The session in this folder.
    pub fn open(folder: &Path) -> Result<Self> {
        let file = folder.join(IDENTITY);
        if !file.exists() {
            return Err(Error::NotASession(folder.to_owned()));
        }
        let identity = seal::read_ron(&file)?;
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        Ok(Self { name: name.to_string_lossy().into_owned(), identity, folder: folder.to_owned() })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What makes its run the run it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Saves where its run stands, with states by name; the old snapshot holds until all of it is
    /// on the disk. Format and objects of the snapshot are filled in here.
    pub fn save(&self, mut snapshot: Snapshot, states: &[(&str, &[u8])]) -> Result<()> {
        let folder = self.folder.join(OBJECTS);
        fs::create_dir_all(&folder).map_err(Error::system("create", &folder))?;
        snapshot.format = crate::FORMAT;
        snapshot.objects.clear();
        for &(name, bytes) in states {
            let blake3 = blake3::hash(bytes).to_hex().to_string();
            let path = folder.join(&blake3);
            // An object that is sound already is not written again.
            if seal::read(&path, OBJECT_BYTES_MAX).is_err() {
                seal::write(&path, bytes)?;
            }
            let path = format!("{OBJECTS}/{blake3}");
            let bytes = bytes.len() as u64;
            snapshot.objects.push(Object { name: name.to_owned(), path, bytes, blake3 });
        }
        seal::sync_folder(&self.folder)?;
        seal::write_ron(&self.folder.join(SNAPSHOT), &snapshot)?;
        self.sweep(&snapshot);
        Ok(())
    }

    /// Where its run stood when it was last saved; the states stay on the disk.
    pub fn snapshot(&self) -> Result<Snapshot> {
        match seal::read_ron(&self.folder.join(SNAPSHOT)) {
            Err(Error::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::NoSnapshot(self.name.clone()))
            }
            snapshot => snapshot,
        }
    }

    /// The state of this name, if its bytes are those that were saved.
    pub fn state(&self, snapshot: &Snapshot, name: &str) -> Result<Vec<u8>> {
        let file = self.folder.join(SNAPSHOT);
        let object = snapshot.objects.iter().find(|object| object.name == name);
        let object =
            object.ok_or_else(|| Error::damaged(&file, format!("it names no state `{name}`")))?;
        // The path is built from the hash: what a file says must not lead out of the folder.
        let hash = blake3::Hash::from_hex(&object.blake3)
            .map_err(|_| Error::damaged(&file, format!("the hash of `{name}` is none")))?;
        let path = self.folder.join(OBJECTS).join(hash.to_hex().as_str());
        let bytes = seal::read(&path, OBJECT_BYTES_MAX)?;
        if bytes.len() as u64 != object.bytes || blake3::hash(&bytes) != hash {
            return Err(Error::damaged(&path, "it is not the file that was saved under this name"));
        }
        Ok(bytes)
    }

    /// Reads every byte of it, and says what is damaged first.
    pub fn verify(&self) -> Result<Snapshot> {
        let snapshot = self.snapshot()?;
        for object in &snapshot.objects {
            self.state(&snapshot, &object.name)?;
        }
        Ok(snapshot)
    }

    /// Removes objects that the snapshot does not name.
    fn sweep(&self, snapshot: &Snapshot) {
        let named: BTreeSet<&str> = snapshot.objects.iter().map(|o| o.blake3.as_str()).collect();
        let Ok(entries) = fs::read_dir(self.folder.join(OBJECTS)) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_none_or(|name| !named.contains(name)) {
                // What cannot be removed takes room and does no other harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}
