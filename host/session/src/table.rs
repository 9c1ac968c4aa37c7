//! Tables: tensors of so many rows that they are saved in parts, each of which is a file of its own
//! and is written again only when it has changed.

use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::objects::{Objects, Putter};
use crate::state::{Tensor, from_safetensors, to_safetensors};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

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
}

/// A table as a snapshot names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTable {
    /// What it holds, in a word.
    pub name: String,
    /// Hashes of the safetensors files with its parts, in order.
    pub parts: Vec<String>,
}

/// What the parts of tables were written as last time, by table and place.
#[derive(Debug, Default)]
pub(crate) struct Written(HashMap<(String, usize), ((u64, u64), String)>);

impl Table {
    /// Writes those parts that are not on the disk yet. Each part is let go of once it is written.
    pub(crate) fn put(
        self,
        disk: &dyn Disk,
        putter: &mut Putter,
        written: &mut Written,
    ) -> Result<KeptTable> {
        let mut kept = KeptTable { name: self.name, parts: Vec::with_capacity(self.parts.len()) };
        for (place, part) in self.parts.into_iter().enumerate() {
            let (key, stamp) = ((kept.name.clone(), place), part.stamp());
            let before = written.0.get(&key).filter(|(known, _)| *known == stamp);
            let hash = if let Some((_, hash)) = before.filter(|(_, hash)| putter.knows(hash)) {
                hash.clone()
            } else {
                let tensors = part.tensors();
                putter.object(disk, &to_safetensors(&tensors.iter().collect::<Vec<_>>()))?
            };
            written.0.insert(key, (stamp, hash.clone()));
            kept.parts.push(hash);
        }
        Ok(kept)
    }
}

impl KeptTable {
    /// Its columns, whole.
    pub(crate) fn tensors(&self, disk: &dyn Disk, objects: &Objects) -> Result<Vec<Tensor>> {
        let mut columns: Vec<Tensor> = Vec::new();
        for hash in &self.parts {
            let path = objects.path(hash)?;
            let part = from_safetensors(&path, &objects.get(disk, hash)?)?;
            if columns.is_empty() {
                columns = part;
                continue;
            }
            let says = || format!("its columns are not those of table `{}`", self.name);
            if part.len() != columns.len() {
                return Err(Error::damaged(&path, says()));
            }
            for (column, more) in columns.iter_mut().zip(part) {
                let is_next = column.name == more.name
                    && column.kind == more.kind
                    && column.shape.len() == more.shape.len()
                    && !more.shape.is_empty()
                    && column.shape[1..] == more.shape[1..];
                if !is_next {
                    return Err(Error::damaged(&path, says()));
                }
                column.shape[0] += more.shape[0];
                column.bytes.extend_from_slice(&more.bytes);
            }
        }
        Ok(columns)
    }
}
