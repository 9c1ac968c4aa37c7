//! A memory of past steps as it was at a moment: it costs a hold on its blocks to keep it so, and
//! whoever writes to one of them meanwhile writes to a copy.

use plugin_api::archive::{Entry, Scalar};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Most parts of a table on disk: with more, less is written that did not change; with fewer, there
/// are fewer files.
const PARTS_MAX: usize = 2048;

/// The same of a table that is never written again part by part.
const STREWN_PARTS_MAX: usize = 16;

/// Some rows that follow one another, for those who save them.
pub(super) trait Rows: fmt::Debug + Send + Sync {
    /// Two blocks of one place with the same stamp hold the same.
    fn stamp(&self) -> u64;
    /// These of its rows, one range after another, column by column.
    fn columns(&self, rows: &[Range<usize>]) -> Vec<Entry>;
}

/// Some blocks that follow one another.
pub(super) trait Bundle: fmt::Debug + Send + Sync {
    /// Each of them.
    fn blocks(&self) -> Vec<Arc<dyn Rows>>;
}

/// Blocks of 2^shift rows each, in bundles; those behind the first so many are not meant.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) bundles: Vec<Arc<dyn Bundle>>,
    pub(super) blocks: usize,
    pub(super) shift: u32,
}

/// A memory as it was at a moment.
#[derive(Clone, Debug, Default)]
pub struct Frozen {
    tables: Vec<Table>,
}

/// Columns of the same length, in blocks.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it holds, in a word.
    pub name: String,
    /// What stands before the name of each column.
    prefix: String,
    shared: Shared,
    /// The rows in use, in order.
    used: Vec<Range<usize>>,
    /// Whether what changes is strewn over all of it.
    pub strewn: bool,
}

/// A block, and those of its rows that are in use.
type Used = (Arc<dyn Rows>, Vec<Range<usize>>);

/// Some rows of a table.
#[derive(Debug)]
pub struct Part {
    prefix: String,
    blocks: Vec<Used>,
}

impl Frozen {
    pub(super) fn add(
        &mut self,
        (name, prefix): (&str, &str),
        shared: Shared,
        used: Vec<Range<usize>>,
    ) {
        let (name, prefix) = (name.to_owned(), prefix.to_owned());
        self.tables.push(Table { name, prefix, shared, used, strewn: false });
    }

    /// A table of so many rows in which numbers change all over the place.
    pub(super) fn add_strewn(&mut self, names: (&str, &str), shared: Shared, rows: usize) {
        self.add(names, shared, std::iter::once(0..rows).collect());
        self.tables.last_mut().expect("it was just added").strewn = true;
    }

    /// Takes in another memory's tables, whose names get this word in front.
    pub(super) fn add_all(&mut self, word: &str, other: Self) {
        let named = |table: Table| Table { name: format!("{word}-{}", table.name), ..table };
        self.tables.extend(other.tables.into_iter().map(named));
    }

    /// Its tables.
    pub fn into_tables(self) -> Vec<Table> {
        self.tables
    }

    /// All columns, whole.
    pub fn entries(&self) -> Vec<Entry> {
        let whole = self.tables.iter().flat_map(|table| {
            let mut columns: Vec<Entry> = Vec::new();
            for part in table.clone().into_parts() {
                join(&mut columns, part.entries());
            }
            columns
        });
        whole.collect()
    }
}

impl PartialEq for Frozen {
    fn eq(&self, other: &Self) -> bool {
        self.entries() == other.entries()
    }
}

impl Table {
    /// Its rows in parts, each of some blocks. There is always one, so that no column is forgotten.
    pub fn into_parts(self) -> impl Iterator<Item = Part> {
        let Self { prefix, shared: Shared { bundles, blocks, shift }, used, strewn, .. } = self;
        let mut held = Vec::with_capacity(blocks);
        for bundle in bundles {
            held.extend(bundle.blocks());
        }
        held.truncate(blocks);
        let blocks = held;
        let most = if strewn { STREWN_PARTS_MAX } else { PARTS_MAX };
        let together = blocks.len().div_ceil(most).max(1);
        let mut used = used.into_iter().peekable();
        let mut kept: Vec<Used> = Vec::new();
        let first = blocks.first().cloned();
        let mut place = 0;
        let mut parts = Vec::new();
        for block in blocks {
            let (from, to) = (place << shift, (place + 1) << shift);
            let mut rows = Vec::new();
            while let Some(range) = used.peek_mut().filter(|range| range.start < to) {
                rows.push(range.start - from..range.end.min(to) - from);
                if range.end > to {
                    range.start = to;
                    break;
                }
                used.next();
            }
            if !rows.is_empty() {
                kept.push((block, rows));
            }
            place += 1;
            if place % together == 0 && !kept.is_empty() {
                parts.push(std::mem::take(&mut kept));
            }
        }
        if !kept.is_empty() {
            parts.push(kept);
        }
        if let (true, Some(block)) = (parts.is_empty(), first) {
            parts.push(vec![(block, Vec::new())]);
        }
        parts.into_iter().map(move |blocks| Part { prefix: prefix.clone(), blocks })
    }
}

impl Part {
    /// Two parts of one place with the same stamp hold the same: it says when it was last written,
    /// and how many rows of it are in use.
    pub fn stamp(&self) -> (u64, u64) {
        let written = self.blocks.iter().map(|(block, _)| block.stamp()).max().unwrap_or(0);
        let rows = self.blocks.iter().flat_map(|(_, rows)| rows).map(ExactSizeIterator::len);
        (written, rows.sum::<usize>() as u64)
    }

    /// Its rows of every column.
    pub fn entries(&self) -> Vec<Entry> {
        let mut columns: Vec<Entry> = Vec::new();
        for (block, rows) in &self.blocks {
            join(&mut columns, block.columns(rows));
        }
        for column in &mut columns {
            column.name.insert_str(0, &self.prefix);
        }
        columns
    }
}

/// Puts more rows behind those there are.
fn join(columns: &mut Vec<Entry>, more: Vec<Entry>) {
    if columns.is_empty() {
        *columns = more;
        return;
    }
    for (column, more) in columns.iter_mut().zip(more) {
        column.bytes.extend_from_slice(&more.bytes);
        column.shape[0] += more.shape[0];
    }
}

/// These rows of a column; nothing of a column that is not kept.
pub(super) fn column<T: Scalar>(
    name: &str,
    all: &[T],
    width: usize,
    rows: &[Range<usize>],
) -> Option<Entry> {
    if all.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    for range in rows {
        T::put_all(&all[range.start * width..range.end * width], &mut bytes);
    }
    let shape = vec![(bytes.len() / T::KIND.size()) as u64];
    Some(Entry { name: name.to_owned(), kind: T::KIND, shape, bytes })
}
