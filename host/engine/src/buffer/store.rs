//! The columns of a buffer: a row for each slot, and final observations beside them.

use crate::lanes::segment::{Record, Segment, Widths};
use plugin_api::{Archive, Dtype};

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
    widths: Widths,
    obs: ObsColumn,
    /// No rows where nothing is masked.
    masks: Vec<u8>,
}

/// What is known of the step that was taken in each slot.
#[derive(Clone, Debug)]
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

/// Room for final observations, handed out and given back one at a time.
///
/// There is room for as many as there are steps, but rows that were never handed out were never
/// touched, so that the system has not given memory for them.
#[derive(Clone, Debug)]
pub(super) struct Finals {
    pub(super) moments: Moments,
    /// Rows that were handed out at least once are those before this one.
    pub(super) touched: usize,
    /// Rows before `touched` that are free.
    pub(super) free: Vec<u32>,
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

impl Moments {
    pub(super) fn new(dtype: Dtype, record: &Record, widths: Widths, rows: usize) -> Self {
        let masks = if record.masks { rows * widths.mask } else { 0 };
        Self { widths, obs: ObsColumn::new(dtype, rows * widths.obs), masks: vec![0; masks] }
    }

    /// Keeps an observation and its mask; `masks` has no rows where nothing is masked.
    pub(super) fn write(&mut self, row: usize, (obs, masks): (&[f32], &[u8]), from: usize) {
        let Widths { obs: obs_width, mask, .. } = self.widths;
        self.obs.write(row, &obs[from * obs_width..][..obs_width]);
        if !self.masks.is_empty() {
            self.masks[row * mask..][..mask].copy_from_slice(&masks[from * mask..][..mask]);
        }
    }

    pub(super) fn read(&self, row: usize, (obs, masks): (&mut [f32], &mut [u8]), to: usize) {
        let Widths { obs: obs_width, mask, .. } = self.widths;
        self.obs.read(row, &mut obs[to * obs_width..][..obs_width]);
        if !self.masks.is_empty() {
            masks[to * mask..][..mask].copy_from_slice(&self.masks[row * mask..][..mask]);
        }
    }

    /// An observation alone.
    pub(super) fn read_obs(&self, row: usize, obs: &mut [f32]) {
        self.obs.read(row, obs);
    }

    /// The number type as which observations are kept.
    pub(super) fn dtype(&self) -> Dtype {
        match self.obs {
            ObsColumn::U8(_) => Dtype::U8,
            ObsColumn::F32(_) => Dtype::F32,
        }
    }

    /// Takes over a row of others.
    pub(super) fn copy(&mut self, row: usize, others: &Self, from: usize) {
        let width = self.widths.obs;
        match (&mut self.obs, &others.obs) {
            (ObsColumn::U8(to), ObsColumn::U8(all)) => {
                to[row * width..][..width].copy_from_slice(&all[from * width..][..width]);
            }
            (ObsColumn::F32(to), ObsColumn::F32(all)) => {
                to[row * width..][..width].copy_from_slice(&all[from * width..][..width]);
            }
            _ => unreachable!("moments of one buffer are kept alike"),
        }
        let mask = self.widths.mask;
        if !self.masks.is_empty() {
            self.masks[row * mask..][..mask].copy_from_slice(&others.masks[from * mask..][..mask]);
        }
    }

    /// Names the rows of these parts, one part after another.
    pub(super) fn state(&mut self, parts: &[std::ops::Range<usize>], archive: &mut Archive) {
        let Widths { obs, mask, .. } = self.widths;
        match &mut self.obs {
            ObsColumn::U8(all) => super::saved::column("obs", all, obs, parts, archive),
            ObsColumn::F32(all) => super::saved::column("obs", all, obs, parts, archive),
        }
        super::saved::column("masks", &mut self.masks, mask, parts, archive);
    }
}

impl Steps {
    pub(super) fn new(record: &Record, widths: Widths, slots: usize) -> Self {
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

    /// Keeps what a row of a segment says of its step.
    pub(super) fn write(&mut self, slot: usize, segment: &Segment, row: usize, widths: Widths) {
        fn put<T: Copy>(to: &mut [T], slot: usize, from: &[T], row: usize, width: usize) {
            if !to.is_empty() {
                to[slot * width..][..width].copy_from_slice(&from[row * width..][..width]);
            }
        }
        put(&mut self.actions, slot, &segment.actions, row, widths.action);
        put(&mut self.rewards, slot, &segment.rewards, row, 1);
        put(&mut self.flags, slot, &segment.flags, row, 1);
        put(&mut self.log_probs, slot, &segment.log_probs, row, 1);
        put(&mut self.values, slot, &segment.values, row, 1);
        put(&mut self.memory, slot, &segment.memory, row, widths.memory);
    }

    /// Writes what is known of a step's beginning to a row of a segment.
    pub(super) fn read(&self, slot: usize, segment: &mut Segment, row: usize, widths: Widths) {
        fn take<T: Copy>(to: &mut [T], row: usize, from: &[T], slot: usize, width: usize) {
            if !from.is_empty() {
                to[row * width..][..width].copy_from_slice(&from[slot * width..][..width]);
            }
        }
        take(&mut segment.actions, row, &self.actions, slot, widths.action);
        take(&mut segment.log_probs, row, &self.log_probs, slot, 1);
        take(&mut segment.values, row, &self.values, slot, 1);
        take(&mut segment.memory, row, &self.memory, slot, widths.memory);
    }
}

impl Finals {
    pub(super) fn new(moments: Moments, capacity: usize) -> Self {
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
