//! The rows of a buffer: a row for each slot, and final observations beside them, in blocks that a
//! snapshot shares with the buffer until they change.

use super::frozen::{Rows, Shared, column};
use super::held::Held;
use crate::lanes::segment::{Record, Segment, Widths};
use plugin_api::archive::Entry;
use plugin_api::{Dtype, TRUNCATED};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Observations as they are kept: bytes where the environment gives bytes, else as learners see
/// them.
#[derive(Clone, Debug)]
pub(super) enum ObsColumn {
    U8(Vec<u8>),
    F32(Vec<f32>),
}

/// Observations and masks of moments: of slots, or of ends.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    pub(super) obs: ObsColumn,
    /// No rows where nothing is masked.
    pub(super) masks: Vec<u8>,
}

/// What is known of the step that was taken in each slot; no rows at all beside final observations.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    pub(super) actions: Vec<f32>,
    pub(super) rewards: Vec<f64>,
    pub(super) flags: Vec<u8>,
    pub(super) log_probs: Vec<f32>,
    /// No rows unless the agent asks for values, and so on.
    pub(super) values: Vec<f32>,
    pub(super) memory: Vec<f32>,
    /// Where the final observation of an episode that ended here is kept.
    pub(super) finals: Vec<u32>,
}

/// Some rows that follow one another. The stamp lies beside the count of those who hold it.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Block {
    /// The epoch it was last written in: two blocks of one place with the same stamp are the same.
    stamp: u64,
    widths: Widths,
    pub(super) moments: Moments,
    pub(super) steps: Steps,
}

/// All rows, in blocks. One that a snapshot still holds is copied when it is written.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    widths: Widths,
    held: Held<Block>,
    blocks: usize,
    /// Rows of a block, as a power of two.
    shift: u32,
    epoch: u64,
}

/// Room for final observations, handed out and given back one at a time.
///
/// There is room for as many as there are steps, but rows that were never handed out were never
/// touched, so that the system has not given memory for them.
#[derive(Clone, Debug)]
pub(super) struct Finals {
    pub(super) moments: Blocks,
    /// Rows that were handed out at least once are those before this one.
    pub(super) touched: usize,
    /// Rows before `touched` that are free.
    pub(super) free: Vec<u32>,
}

/// A number that no stamp had before.
pub(super) fn next_epoch() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Bytes of one observation as it is kept.
pub(super) fn obs_bytes(dtype: Dtype, width: usize) -> usize {
    if dtype == Dtype::U8 { width } else { 4 * width }
}

impl ObsColumn {
    fn new(dtype: Dtype, elements: usize) -> Self {
        match dtype {
            Dtype::U8 => Self::U8(vec![0; elements]),
            _ => Self::F32(vec![0.0; elements]),
        }
    }

    fn write(&mut self, row: usize, obs: &[f32]) {
        match self {
            Self::F32(all) => all[row * obs.len()..][..obs.len()].copy_from_slice(obs),
            Self::U8(all) => {
                let place = &mut all[row * obs.len()..][..obs.len()];
                place.iter_mut().zip(obs).for_each(|(byte, &number)| *byte = number as u8);
            }
        }
    }

    fn read(&self, row: usize, obs: &mut [f32]) {
        match self {
            Self::F32(all) => obs.copy_from_slice(&all[row * obs.len()..][..obs.len()]),
            Self::U8(all) => {
                let place = &all[row * obs.len()..][..obs.len()];
                obs.iter_mut().zip(place).for_each(|(number, &byte)| *number = f32::from(byte));
            }
        }
    }
}

impl Steps {
    fn new(record: &Record, widths: Widths, slots: usize) -> Self {
        let when = |asked: bool, width: usize| if asked { slots * width } else { 0 };
        Self {
            actions: vec![0.0; slots * widths.action],
            rewards: vec![0.0; slots],
            flags: vec![0; slots],
            log_probs: vec![0.0; when(record.log_probs, 1)],
            values: vec![0.0; when(record.values, 1)],
            memory: vec![0.0; when(record.memory, widths.memory)],
            finals: vec![0; slots],
        }
    }
}

impl Blocks {
    /// Rows for slots, with steps.
    pub(super) fn of_slots(dtype: Dtype, record: &Record, shape: Shape) -> Self {
        let widths = shape.widths;
        Self::new(dtype, record, shape, |rows| Steps::new(record, widths, rows))
    }

    /// Rows for final observations alone.
    pub(super) fn of_ends(dtype: Dtype, record: &Record, shape: Shape) -> Self {
        Self::new(dtype, record, shape, |_| Steps::default())
    }

    fn new(dtype: Dtype, record: &Record, shape: Shape, steps: impl Fn(usize) -> Steps) -> Self {
        let Shape { widths, rows, shift } = shape;
        let epoch = next_epoch();
        let block = |first: usize| {
            let rows = (rows - first).min(1 << shift);
            let masks = if record.masks { rows * widths.mask } else { 0 };
            let obs = ObsColumn::new(dtype, rows * widths.obs);
            let moments = Moments { obs, masks: vec![0; masks] };
            Block { stamp: epoch, widths, moments, steps: steps(rows) }
        };
        let held = Held::new((0..rows).step_by(1 << shift).map(block));
        Self { widths, held, blocks: rows.div_ceil(1 << shift), shift, epoch }
    }

    /// The block of a row, and its place in there.
    #[inline]
    fn at(&self, row: usize) -> (&Block, usize) {
        (self.held.get(row >> self.shift), row & ((1 << self.shift) - 1))
    }

    #[inline]
    fn at_mut(&mut self, row: usize) -> (&mut Block, usize) {
        let block = self.held.get_mut(row >> self.shift);
        block.stamp = self.epoch;
        (block, row & ((1 << self.shift) - 1))
    }

    /// The blocks with so many rows as they are now; whoever holds them keeps them so.
    pub(super) fn share(&mut self, rows: usize) -> Shared {
        self.epoch = next_epoch();
        // There is always one, so that no column is forgotten.
        let blocks = rows.div_ceil(1 << self.shift).max(1).min(self.blocks);
        Shared { bundles: self.held.share(blocks), blocks, shift: self.shift }
    }

    /// What was loaded for these rows of a column, one after another, goes to its places.
    pub(super) fn fill<T: Copy>(
        &mut self,
        rows: impl Iterator<Item = usize>,
        (values, width): (&[T], usize),
        column: impl Fn(&mut Block) -> &mut Vec<T>,
    ) {
        for (row, values) in rows.zip(values.chunks_exact(width)) {
            let (block, at) = self.at_mut(row);
            column(block)[at * width..][..width].copy_from_slice(values);
        }
    }

    /// Whether this column is kept.
    pub(super) fn has<T>(&mut self, column: impl Fn(&mut Block) -> &mut Vec<T>) -> bool {
        !column(self.at_mut(0).0).is_empty()
    }

    /// Keeps an observation and its mask; `masks` has no rows where nothing is masked.
    pub(super) fn see(&mut self, row: usize, (obs, masks): (&[f32], &[u8]), from: usize) {
        let Widths { obs: obs_width, mask, .. } = self.widths;
        let (Block { moments, .. }, at) = self.at_mut(row);
        moments.obs.write(at, &obs[from * obs_width..][..obs_width]);
        if !moments.masks.is_empty() {
            moments.masks[at * mask..][..mask].copy_from_slice(&masks[from * mask..][..mask]);
        }
    }

    pub(super) fn seen(&self, row: usize, (obs, masks): (&mut [f32], &mut [u8]), to: usize) {
        let Widths { obs: obs_width, mask, .. } = self.widths;
        let (Block { moments, .. }, at) = self.at(row);
        moments.obs.read(at, &mut obs[to * obs_width..][..obs_width]);
        if !moments.masks.is_empty() {
            masks[to * mask..][..mask].copy_from_slice(&moments.masks[at * mask..][..mask]);
        }
    }

    /// An observation alone.
    pub(super) fn seen_obs(&self, row: usize, obs: &mut [f32]) {
        let (block, at) = self.at(row);
        block.moments.obs.read(at, obs);
    }

    /// The number type as which observations are kept.
    pub(super) fn dtype(&self) -> Dtype {
        match self.held.get(0).moments.obs {
            ObsColumn::U8(_) => Dtype::U8,
            ObsColumn::F32(_) => Dtype::F32,
        }
    }

    /// Takes over what was seen in a row of others.
    pub(super) fn see_again(&mut self, row: usize, others: &Self, from: usize) {
        let Widths { obs: width, mask, .. } = self.widths;
        let (other, from) = others.at(from);
        let (Block { moments, .. }, at) = self.at_mut(row);
        match (&mut moments.obs, &other.moments.obs) {
            (ObsColumn::U8(to), ObsColumn::U8(all)) => {
                to[at * width..][..width].copy_from_slice(&all[from * width..][..width]);
            }
            (ObsColumn::F32(to), ObsColumn::F32(all)) => {
                to[at * width..][..width].copy_from_slice(&all[from * width..][..width]);
            }
            _ => unreachable!("moments of one buffer are kept alike"),
        }
        if !moments.masks.is_empty() {
            let masks = &other.moments.masks[from * mask..][..mask];
            moments.masks[at * mask..][..mask].copy_from_slice(masks);
        }
    }

    /// Keeps what a row of a segment says of its step.
    pub(super) fn step(&mut self, slot: usize, segment: &Segment, row: usize) {
        fn put<T: Copy>(to: &mut [T], slot: usize, from: &[T], row: usize, width: usize) {
            if !to.is_empty() {
                to[slot * width..][..width].copy_from_slice(&from[row * width..][..width]);
            }
        }
        let widths = self.widths;
        let (Block { steps, .. }, slot) = self.at_mut(slot);
        put(&mut steps.actions, slot, &segment.actions, row, widths.action);
        put(&mut steps.rewards, slot, &segment.rewards, row, 1);
        put(&mut steps.flags, slot, &segment.flags, row, 1);
        put(&mut steps.log_probs, slot, &segment.log_probs, row, 1);
        put(&mut steps.values, slot, &segment.values, row, 1);
        put(&mut steps.memory, slot, &segment.memory, row, widths.memory);
    }

    /// Writes what is known of a step's beginning to a row of a segment.
    pub(super) fn begun(&self, slot: usize, segment: &mut Segment, row: usize) {
        fn take<T: Copy>(to: &mut [T], row: usize, from: &[T], slot: usize, width: usize) {
            if !from.is_empty() {
                to[row * width..][..width].copy_from_slice(&from[slot * width..][..width]);
            }
        }
        let widths = self.widths;
        let (Block { steps, .. }, slot) = self.at(slot);
        take(&mut segment.actions, row, &steps.actions, slot, widths.action);
        take(&mut segment.log_probs, row, &steps.log_probs, slot, 1);
        take(&mut segment.values, row, &steps.values, slot, 1);
        take(&mut segment.memory, row, &steps.memory, slot, widths.memory);
    }

    /// The reward of the step in a slot.
    #[inline]
    pub(super) fn reward(&self, slot: usize) -> f64 {
        let (block, at) = self.at(slot);
        block.steps.rewards[at]
    }

    /// How the step in a slot ended.
    #[inline]
    pub(super) fn flags(&self, slot: usize) -> u8 {
        let (block, at) = self.at(slot);
        block.steps.flags[at]
    }

    /// Where the final observation of the step in a slot is kept.
    pub(super) fn end(&self, slot: usize) -> usize {
        let (block, at) = self.at(slot);
        block.steps.finals[at] as usize
    }

    /// The episode of the step in a slot ended, and its final observation is kept here.
    pub(super) fn set_end(&mut self, slot: usize, place: usize) {
        let (block, at) = self.at_mut(slot);
        block.steps.finals[at] = place as u32;
    }

    /// The step in a slot was cut off.
    pub(super) fn cut_off(&mut self, slot: usize) {
        let (block, at) = self.at_mut(slot);
        block.steps.flags[at] |= TRUNCATED;
    }
}

/// How many rows of which columns, and in what blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) widths: Widths,
    pub(super) rows: usize,
    pub(super) shift: u32,
}

impl Shape {
    /// Blocks so small that copying one for each lane takes little time, and so few that taking
    /// hold of all of them does.
    pub(super) fn new(widths: Widths, rows: usize, row_bytes: usize, lanes: usize) -> Self {
        let row_bytes = row_bytes.max(1);
        let copied = ((1 << 17) / lanes.max(1)).clamp(8 << 10, 64 << 10);
        let block_bytes = copied.max(rows.saturating_mul(row_bytes) / 8192);
        let block_rows = (block_bytes / row_bytes).max(1).next_power_of_two();
        Self { widths, rows, shift: block_rows.trailing_zeros() }
    }
}

impl Rows for Block {
    fn stamp(&self) -> u64 {
        self.stamp
    }

    fn columns(&self, rows: &[Range<usize>]) -> Vec<Entry> {
        let (Moments { obs, masks }, steps, widths) = (&self.moments, &self.steps, self.widths);
        let columns = [
            match obs {
                ObsColumn::U8(all) => column("obs", all, widths.obs, rows),
                ObsColumn::F32(all) => column("obs", all, widths.obs, rows),
            },
            column("masks", masks, widths.mask, rows),
            column("actions", &steps.actions, widths.action, rows),
            column("rewards", &steps.rewards, 1, rows),
            column("flags", &steps.flags, 1, rows),
            column("log_probs", &steps.log_probs, 1, rows),
            column("values", &steps.values, 1, rows),
            column("memory", &steps.memory, widths.memory, rows),
            column("finals", &steps.finals, 1, rows),
        ];
        columns.into_iter().flatten().collect()
    }
}

impl Finals {
    pub(super) fn new(moments: Blocks, capacity: usize) -> Self {
        Self { moments, touched: 0, free: Vec::with_capacity(capacity) }
    }

    /// A free row; the one given back last comes first.
    pub(super) fn take(&mut self) -> usize {
        if let Some(row) = self.free.pop() {
            return row as usize;
        }
        self.touched += 1;
        self.touched - 1
    }

    pub(super) fn give_back(&mut self, row: usize) {
        self.free.push(row as u32);
    }

    /// How many are in use.
    pub(super) fn len(&self) -> usize {
        self.touched - self.free.len()
    }
}
