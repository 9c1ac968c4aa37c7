//! Tables: tensors of so many rows that they are saved in parts, each of which is a file of its own
//! and is written again only when it has changed. Where single numbers change all over a table,
//! they are written as patches of what was written before.

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::objects::{Objects, Putter};
use crate::patch;
use crate::state::{Tensor, from_safetensors, to_safetensors};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// Some rows of every column of a table.
pub trait Part: fmt::Debug + Send {
    /// Two parts of one place with the same stamp hold the same.
    fn stamp(&self) -> (u64, u64);
    /// The rows, column by column: the names and kinds are those of every other part.
    fn tensors(&self) -> Vec<Tensor>;
}

/// Tensors of a state, in parts.
#[derive(Debug)]
pub struct Table {
    /// The state they belong to.
    pub state: String,
    /// What they hold, in a word.
    pub name: String,
    /// The parts, whose rows follow one another.
    pub parts: Vec<Box<dyn Part>>,
    /// Whether what changes is strewn over all of it.
    pub strewn: bool,
}

/// A table as a snapshot names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTable {
    /// What it holds, in a word.
    pub name: String,
    /// Hashes of the safetensors files with its parts, in order.
    pub parts: Vec<String>,
    /// Hashes of what has changed since then, one patch on top of the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
}

/// How many times the bytes of a table all its patches together may take.
const PATCHES_MAX: usize = 4;

/// What was written last time.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// What the parts of tables were written as, by table and place.
    parts: HashMap<(String, usize), ((u64, u64), String)>,
    /// What a table was that is patched.
    patched: HashMap<String, Patched>,
}

#[derive(Debug)]
struct Patched {
    kept: KeptTable,
    columns: Vec<Tensor>,
    /// Bytes of its patches.
    bytes: usize,
}

impl Table {
    /// Writes those parts that are not on the disk yet. Each part is let go of once it is written.
    pub(crate) fn put(
        self,
        disk: &dyn Disk,
        putter: &mut Putter,
        written: &mut Written,
    ) -> Result<KeptTable> {
        if self.strewn {
            return self.put_patch(disk, putter, written);
        }
        let mut kept = KeptTable { name: self.name, ..KeptTable::default() };
        for (place, part) in self.parts.into_iter().enumerate() {
            let (key, stamp) = ((kept.name.clone(), place), part.stamp());
            let before = written.parts.get(&key).filter(|(known, _)| *known == stamp);
            let hash = if let Some((_, hash)) = before.filter(|(_, hash)| putter.knows(hash)) {
                hash.clone()
            } else {
                let tensors = part.tensors();
                putter.object(disk, &to_safetensors(&tensors.iter().collect::<Vec<_>>()))?
            };
            written.parts.insert(key, (stamp, hash.clone()));
            kept.parts.push(hash);
        }
        Ok(kept)
    }

    /// Writes what has changed since the last time, or all of it where that is better.
    fn put_patch(
        self,
        disk: &dyn Disk,
        putter: &mut Putter,
        written: &mut Written,
    ) -> Result<KeptTable> {
        let mut columns = Vec::new();
        let mut ends = Vec::new();
        for part in self.parts {
            join(&mut columns, part.tensors());
            ends.push(columns.first().map_or(0, rows));
        }
        let whole: usize = columns.iter().map(|column| column.bytes.len()).sum();
        // What cannot be written is forgotten, so that the next time everything is.
        let before = written.patched.remove(&self.name);
        let before = before.filter(|before| before.kept.hashes().all(|hash| putter.knows(hash)));
        let patch = before.as_ref().and_then(|before| patch::between(&before.columns, &columns));
        let patch = patch.map(|patch| to_safetensors(&patch.iter().collect::<Vec<_>>()));
        let (mut kept, mut bytes) = (KeptTable { name: self.name, ..KeptTable::default() }, 0);
        match (before, patch) {
            (Some(before), _) if before.columns == columns => {
                (kept, bytes) = (before.kept, before.bytes);
            }
            (Some(before), Some(patch)) if before.bytes + patch.len() <= PATCHES_MAX * whole => {
                (kept, bytes) = (before.kept, before.bytes + patch.len());
                kept.patches.push(putter.object(disk, &patch)?);
            }
            _ => {
                let begins = std::iter::once(0).chain(ends.iter().copied());
                for (from, to) in begins.zip(ends.iter().copied()) {
                    let part = columns.iter().map(|column| cut(column, from..to));
                    let part: Vec<Tensor> =
                        part.collect::<Option<_>>().expect("rows that were joined can be cut");
                    let bytes = to_safetensors(&part.iter().collect::<Vec<_>>());
                    kept.parts.push(putter.object(disk, &bytes)?);
                }
            }
        }
        let patched = Patched { kept: kept.clone(), columns, bytes };
        written.patched.insert(kept.name.clone(), patched);
        Ok(kept)
    }
}

/// Rows of a column.
fn rows(column: &Tensor) -> u64 {
    column.shape.first().copied().unwrap_or(0)
}

/// These rows of a column; nothing of one that has no rows.
fn cut(column: &Tensor, some: Range<u64>) -> Option<Tensor> {
    let (_, width) = column.shape.split_first()?;
    let row = width.iter().product::<u64>() * column.kind.size() as u64;
    let bytes = column.bytes.get((some.start * row) as usize..(some.end * row) as usize)?.to_vec();
    let mut shape = vec![some.end - some.start];
    shape.extend(width);
    Some(Tensor { name: column.name.clone(), kind: column.kind, shape, bytes })
}

/// Puts more rows behind those there are. None where they are not of the same columns.
fn join(columns: &mut Vec<Tensor>, part: Vec<Tensor>) -> Option<()> {
    if columns.is_empty() {
        *columns = part;
        return Some(());
    }
    if part.len() != columns.len() {
        return None;
    }
    for (column, more) in columns.iter_mut().zip(part) {
        let is_next = column.name == more.name
            && column.kind == more.kind
            && column.shape.len() == more.shape.len()
            && !more.shape.is_empty()
            && column.shape[1..] == more.shape[1..];
        if !is_next {
            return None;
        }
        column.shape[0] += more.shape[0];
        column.bytes.extend_from_slice(&more.bytes);
    }
    Some(())
}

impl KeptTable {
    /// Hashes of all objects it names.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().chain(&self.patches).map(String::as_str)
    }

    /// Its columns, whole.
    pub(crate) fn tensors(&self, disk: &dyn Disk, objects: &Objects) -> Result<Vec<Tensor>> {
        let mut columns: Vec<Tensor> = Vec::new();
        for hash in self.hashes() {
            let path = objects.path(hash)?;
            let tensors = from_safetensors(&path, &objects.get(disk, hash)?)?;
            let is_patch = self.patches.iter().any(|patch| patch == hash);
            let fits = if is_patch {
                patch::apply(&mut columns, &tensors)
            } else {
                join(&mut columns, tensors)
            };
            let says = || format!("its columns are not those of table `{}`", self.name);
            fits.ok_or_else(|| Error::damaged(&path, says()))?;
        }
        Ok(columns)
    }
}
