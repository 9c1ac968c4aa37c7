//! Objects: files named by the hash of their bytes, which snapshots share.
//!
//! Small tensors of a state lie together in one safetensors file; large ones are cut into pieces,
//! so that what did not change since the last snapshot is not written again.

use crate::cut;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::seal::read_capped;
use crate::state::{Kind, State, Tensor, from_safetensors, to_safetensors};
use crate::table::{KeptTable, Table, Written};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Tensors of more bytes are cut into pieces.
const SMALL_BYTES: usize = 64 << 10;

/// The longest object that is read.
const OBJECT_BYTES_MAX: u64 = 1 << 30;

/// A state as a snapshot names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What it is, such as `agent`.
    pub name: String,
    /// Hash of the safetensors file with its small tensors.
    pub small: String,
    /// Its large tensors.
    #[serde(default)]
    pub large: Vec<Large>,
    /// Names of all tensors in their order, where large ones stand among small ones.
    #[serde(default)]
    pub order: Vec<String>,
    /// Tensors of many rows, which come in parts.
    #[serde(default)]
    pub tables: Vec<KeptTable>,
}

/// A tensor in pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Large {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Extent of every axis.
    pub shape: Vec<u64>,
    /// Hashes of its pieces, in order.
    pub pieces: Vec<String>,
}

impl Kept {
    /// Hashes of all objects it names.
    pub fn hashes(&self) -> impl Iterator<Item = &str> {
        let pieces = self.large.iter().flat_map(|large| &large.pieces);
        let tables = self.tables.iter().flat_map(KeptTable::hashes);
        std::iter::once(&self.small).chain(pieces).map(String::as_str).chain(tables)
    }
}

/// The folder with the objects of a session.
#[derive(Clone, Debug)]
pub struct Objects {
    folder: PathBuf,
}

impl Objects {
    /// Those in this folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the object of this hash lies; a hash that is none cannot lead out of the folder.
    pub fn path(&self, hash: &str) -> Result<PathBuf> {
        let hash = blake3::Hash::from_hex(hash)
            .map_err(|_| Error::damaged(&self.folder, format!("`{hash}` names no object")))?;
        let hash = hash.to_hex();
        Ok(self.folder.join(&hash[..2]).join(hash.as_str()))
    }

    /// The bytes of an object, if they are those that were written.
    pub fn get(&self, disk: &dyn Disk, hash: &str) -> Result<Vec<u8>> {
        let path = self.path(hash)?;
        let bytes = read_capped(disk, &path, OBJECT_BYTES_MAX)?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            return Err(Error::damaged(&path, "its bytes do not match its name"));
        }
        Ok(bytes)
    }

    /// The state behind what a snapshot names.
    pub fn state(&self, disk: &dyn Disk, kept: &Kept) -> Result<State> {
        let small = self.get(disk, &kept.small)?;
        let mut tensors = from_safetensors(&self.path(&kept.small)?, &small)?;
        for large in &kept.large {
            tensors.push(self.large(disk, large)?);
        }
        if !kept.order.is_empty() {
            let place = |tensor: &Tensor| kept.order.iter().position(|name| *name == tensor.name);
            tensors.sort_by_cached_key(place);
        }
        for table in &kept.tables {
            tensors.extend(table.tensors(disk, self)?);
        }
        Ok(State { name: kept.name.clone(), tensors })
    }

    fn large(&self, disk: &dyn Disk, large: &Large) -> Result<Tensor> {
        let mut bytes = Vec::new();
        for piece in &large.pieces {
            bytes.extend_from_slice(&self.get(disk, piece)?);
        }
        let items = large.shape.iter().try_fold(1_u64, |a, &b| a.checked_mul(b));
        let expected = items.and_then(|items| items.checked_mul(large.kind.size() as u64));
        if expected != Some(bytes.len() as u64) {
            let says = format!("tensor `{}` has another size than its shape says", large.name);
            return Err(Error::damaged(&self.folder, says));
        }
        let (name, shape) = (large.name.clone(), large.shape.clone());
        Ok(Tensor { name, kind: large.kind, shape, bytes })
    }

    /// All hashes there are, with the names of files that are none.
    pub fn all(&self, disk: &dyn Disk) -> (Vec<String>, Vec<PathBuf>) {
        let (mut hashes, mut strange) = (Vec::new(), Vec::new());
        for folder in disk.names(&self.folder).unwrap_or_default() {
            let names = disk.names(&self.folder.join(&folder));
            if names.is_err() {
                strange.push(self.folder.join(&folder));
            }
            for name in names.unwrap_or_default() {
                match blake3::Hash::from_hex(&name) {
                    Ok(hash) if hash.to_hex()[..2] == *folder => hashes.push(name),
                    _ => strange.push(self.folder.join(&folder).join(name)),
                }
            }
        }
        (hashes, strange)
    }
}

/// Writes objects, and knows which of them need not be written again.
#[derive(Debug)]
pub struct Putter {
    objects: Objects,
    /// Objects known to be sound and on the disk.
    known: BTreeSet<String>,
    /// Objects written since the last commit.
    fresh: Vec<String>,
    /// Bytes written since the last commit.
    written: u64,
    parts: Written,
}

impl Putter {
    /// Writes into this folder.
    pub fn new(objects: Objects) -> Self {
        let (known, fresh, parts) = (BTreeSet::new(), Vec::new(), Written::default());
        Self { objects, known, fresh, written: 0, parts }
    }

    /// Writes a state; it is on the disk after [`Putter::commit`].
    pub fn put(&mut self, disk: &dyn Disk, state: &State) -> Result<Kept> {
        let is_small = |tensor: &&Tensor| tensor.bytes.len() <= SMALL_BYTES;
        let small: Vec<&Tensor> = state.tensors.iter().filter(is_small).collect();
        let mut kept = Kept {
            name: state.name.clone(),
            small: self.object(disk, &to_safetensors(&small))?,
            ..Kept::default()
        };
        for tensor in state.tensors.iter().filter(|tensor| !is_small(tensor)) {
            let pieces = cut::pieces(&tensor.bytes);
            let pieces = pieces.map(|piece| self.object(disk, &tensor.bytes[piece]));
            kept.large.push(Large {
                name: tensor.name.clone(),
                kind: tensor.kind,
                shape: tensor.shape.clone(),
                pieces: pieces.collect::<Result<_>>()?,
            });
        }
        if !kept.large.is_empty() {
            kept.order = state.tensors.iter().map(|tensor| tensor.name.clone()).collect();
        }
        Ok(kept)
    }

    /// Writes the parts of a table that have changed; they are on the disk after
    /// [`Putter::commit`].
    pub(crate) fn put_table(&mut self, disk: &dyn Disk, table: Table) -> Result<KeptTable> {
        let mut parts = std::mem::take(&mut self.parts);
        let kept = table.put(disk, self, &mut parts);
        self.parts = parts;
        kept
    }

    /// Whether this object is sound and on the disk, or will be after [`Putter::commit`].
    pub(crate) fn knows(&self, hash: &str) -> bool {
        self.known.contains(hash)
    }

    /// Writes bytes, and says under which hash.
    pub(crate) fn object(&mut self, disk: &dyn Disk, bytes: &[u8]) -> Result<String> {
        let hash = blake3::hash(bytes).to_hex().to_string();
        if self.known.contains(&hash) {
            return Ok(hash);
        }
        let path = self.objects.path(&hash)?;
        if disk.length(&path).is_ok() {
            // It may be there from before a crash, so it is not trusted unseen.
            if self.objects.get(disk, &hash).is_ok() {
                disk.sync(&path).map_err(Error::system("write", &path))?;
                self.known.insert(hash.clone());
                return Ok(hash);
            }
            disk.remove(&path).map_err(Error::system("replace", &path))?;
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        let written = disk.create_folder(folder).and_then(|()| disk.write_new(&path, bytes));
        self.fresh.push(hash.clone());
        written.map_err(Error::system("write", &path))?;
        self.written += bytes.len() as u64;
        self.known.insert(hash.clone());
        Ok(hash)
    }

    /// Everything put is on the disk when this returns; says how many bytes were written. When it
    /// fails, what was written is taken back: bytes whose way to the disk failed once are never
    /// trusted again.
    pub(crate) fn commit(&mut self, disk: &dyn Disk) -> Result<u64> {
        let synced = self.sync(disk);
        if synced.is_err() {
            self.abandon(disk);
        }
        synced?;
        self.fresh.clear();
        Ok(std::mem::take(&mut self.written))
    }

    /// Takes back what was put since the last commit.
    pub fn abandon(&mut self, disk: &dyn Disk) {
        self.written = 0;
        for hash in std::mem::take(&mut self.fresh) {
            self.known.remove(&hash);
            if let Ok(path) = self.objects.path(&hash) {
                // What cannot be removed is read before it is used again.
                let _ = disk.remove(&path);
            }
        }
    }

    fn sync(&mut self, disk: &dyn Disk) -> Result<()> {
        let mut folders = BTreeSet::new();
        for hash in &self.fresh {
            let path = self.objects.path(hash)?;
            disk.sync(&path).map_err(Error::system("write", &path))?;
            folders.extend(path.parent().map(Path::to_owned));
        }
        if !folders.is_empty() {
            folders.insert(self.objects.folder.clone());
            folders.extend(self.objects.folder.parent().map(Path::to_owned));
        }
        for folder in folders {
            disk.sync_folder(&folder).map_err(Error::system("write", &folder))?;
        }
        Ok(())
    }

    /// Removes objects that are not among these. What cannot be removed takes room and does no
    /// other harm.
    pub fn sweep(&mut self, disk: &dyn Disk, named: &BTreeSet<String>) {
        let (hashes, _) = self.objects.all(disk);
        for hash in hashes.into_iter().filter(|hash| !named.contains(hash)) {
            self.known.remove(&hash);
            if let Ok(path) = self.objects.path(&hash) {
                let _ = disk.remove(&path);
            }
        }
    }
}
