//! Saving and loading a buffer, so that it goes on exactly: what is large is shared with whoever
//! saves it, the rest is named.

use super::frozen::Frozen;
use super::histogram::Histogram;
use super::replay::{ReplayBuffer, ends};
use super::ring::{Ring, rings};
use super::store::{Block, Blocks, ObsColumn};
use crate::lanes::segment::Widths;
use plugin_api::archive::Scalar;
use plugin_api::{Archive, Dtype, Error};
use std::ops::Range;

impl ReplayBuffer {
    /// Names everything in it, for saving and loading, except when saving the columns that
    /// [`ReplayBuffer::freeze`] gives. It is loaded into a buffer made the same way.
    pub fn state(&mut self, archive: &mut Archive) {
        self.rings_state(archive);
        if archive.is_loading() {
            if !self.rings_fit(archive) {
                return;
            }
            let used = self.used();
            load_moments(&mut self.slots, self.widths, &used, archive);
            load_steps(&mut self.slots, self.widths, &used, archive);
        }
        archive.scope("ends", |archive| self.finals_state(archive));
        archive.scope("counts", |archive| self.counts.state(archive));
        if let Some(ranking) = &mut self.ranking {
            archive.value("largest_priority", &mut ranking.largest);
        }
        if archive.is_loading() && self.load_priorities(archive) {
            self.recount(archive);
        }
    }

    /// The columns as they are now. It takes no longer than a hold on each block; what is written
    /// meanwhile is written to copies.
    pub fn freeze(&mut self, prefix: &str) -> Frozen {
        let used = self.used();
        let mut frozen = Frozen::default();
        if let Some(ranking) = &mut self.ranking {
            // Slots stand for themselves, so that a number keeps its place when the rings turn.
            let slots = ranking.tree.len();
            frozen.add_strewn(("priorities", prefix), ranking.tree.share(), slots);
        }
        let rows = used.last().map_or(0, |last| last.end);
        frozen.add(("steps", prefix), self.slots.share(rows), used);
        let (ends, touched) = (format!("{prefix}ends/"), self.finals.touched);
        let rows = touched;
        let touched = std::iter::once(0..touched).filter(|rows| !rows.is_empty()).collect();
        frozen.add(("ends", &ends), self.finals.moments.share(rows), touched);
        frozen
    }

    /// Whether the priorities could be loaded, where there are any.
    fn load_priorities(&mut self, archive: &mut Archive) -> bool {
        let Some(ranking) = &mut self.ranking else { return true };
        let mut priorities = vec![0.0; ranking.tree.len()];
        archive.slice("priorities", &mut priorities);
        if !priorities.iter().all(|priority: &f64| priority.is_finite() && *priority >= 0.0) {
            self.empty();
            archive.fail(damaged("a priority is negative or not finite"));
            return false;
        }
        for (slot, priority) in priorities.into_iter().enumerate() {
            if priority > 0.0 {
                ranking.set(slot, priority);
            }
        }
        true
    }

    fn rings_state(&mut self, archive: &mut Archive) {
        let mut capacity = self.capacity();
        archive.value("capacity", &mut capacity);
        if capacity != self.capacity() {
            return archive.fail(Error::argument(format!(
                "the saved memory holds {capacity} steps, this one {}",
                self.capacity()
            )));
        }
        let mut heads: Vec<usize> = self.rings.iter().map(|ring| ring.head).collect();
        let mut counts: Vec<usize> = self.rings.iter().map(|ring| ring.count).collect();
        let mut totals: Vec<u64> = self.rings.iter().map(|ring| ring.total).collect();
        let mut starts: Vec<bool> = self.rings.iter().map(|ring| ring.starts).collect();
        archive.slice("heads", &mut heads);
        archive.slice("kept", &mut counts);
        archive.slice("totals", &mut totals);
        archive.slice("starts", &mut starts);
        let columns = heads.into_iter().zip(counts).zip(totals).zip(starts);
        for (ring, (((head, count), total), starts)) in self.rings.iter_mut().zip(columns) {
            (ring.head, ring.count, ring.total, ring.starts) = (head, count, total, starts);
        }
    }

    /// Whether the counters that were loaded can be those of rings like these. Otherwise the buffer
    /// is emptied, so that it is sound whatever was loaded.
    fn rings_fit(&mut self, archive: &mut Archive) -> bool {
        if let Some(ranking) = &mut self.ranking {
            ranking.clear();
        }
        if self.rings.iter().all(Ring::is_sound) {
            return true;
        }
        self.empty();
        archive.fail(damaged("its counters contradict each other"));
        false
    }

    fn empty(&mut self) {
        self.rings = rings(self.capacity(), self.rings.len());
        (self.kept, self.most) = (0, 0);
        (self.finals.touched, self.counts.episodes) = (0, 0);
        self.finals.free.clear();
        self.counts.returns.clear();
        self.counts.rewards = Histogram::new();
        if let Some(ranking) = &mut self.ranking {
            ranking.clear();
        }
    }

    fn finals_state(&mut self, archive: &mut Archive) {
        let room = self.capacity();
        archive.value("touched", &mut self.finals.touched);
        archive.list("free", &mut self.finals.free);
        self.finals.touched = self.finals.touched.min(room);
        let touched = self.finals.touched;
        self.finals.free.retain(|&row| (row as usize) < touched);
        self.finals.free.reserve_exact(room.saturating_sub(self.finals.free.len()));
        if archive.is_loading() {
            let widths = self.widths;
            load_moments(
                &mut self.finals.moments,
                widths,
                std::slice::from_ref(&(0..touched)),
                archive,
            );
        }
    }

    /// Counts what was loaded.
    fn recount(&mut self, archive: &mut Archive) {
        self.kept = self.rings.iter().map(|ring| ring.count).sum();
        self.most = self.rings.iter().map(|ring| ring.count).max().unwrap_or(0);
        self.counts.rewards = Histogram::new();
        // Every place for a final observation is either free or used by one step.
        let mut named = vec![false; self.finals.touched];
        let mut name = |place: usize| {
            let place = named.get_mut(place);
            place.is_some_and(|named| !std::mem::replace(named, true))
        };
        let mut sound = self.finals.free.iter().all(|&place| name(place as usize));
        for ring in &self.rings {
            let newest = (ring.count > 0).then(|| self.slots.flags(ring.slot_of_age(1)));
            sound &= ring.starts == newest.is_none_or(ends);
            for slot in (1..=ring.count).map(|age| ring.slot_of_age(age)) {
                sound &= self.ranking.as_ref().is_none_or(|ranking| ranking.tree.get(slot) > 0.0);
                self.counts.rewards.add(self.slots.reward(slot));
                if ends(self.slots.flags(slot)) {
                    sound &= name(self.slots.end(slot));
                }
            }
        }
        let weight = |slot| self.ranking.as_ref().map_or(0.0, |ranking| ranking.tree.get(slot));
        sound &= self.rings.iter().all(|ring| weight(ring.open()) == 0.0);
        if !sound || named.contains(&false) {
            self.empty();
            archive.fail(damaged("its ends of episodes or its priorities contradict its steps"));
        }
    }

    /// The slots in use, with neighbours joined.
    fn used(&self) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        for used in self.rings.iter().map(Ring::used) {
            match parts.last_mut() {
                Some(last) if last.end == used.start => last.end = used.end,
                _ => parts.push(used),
            }
        }
        parts
    }
}

fn load_moments(blocks: &mut Blocks, widths: Widths, rows: &[Range<usize>], archive: &mut Archive) {
    // The kind of numbers is the world's, and so the same for all blocks.
    match blocks.dtype() {
        Dtype::U8 => load(blocks, ("obs", widths.obs), rows, archive, |block| {
            let ObsColumn::U8(all) = &mut block.moments.obs else { unreachable!("kept as bytes") };
            all
        }),
        _ => load(blocks, ("obs", widths.obs), rows, archive, |block| {
            let ObsColumn::F32(all) = &mut block.moments.obs else {
                unreachable!("kept as floats")
            };
            all
        }),
    }
    load(blocks, ("masks", widths.mask), rows, archive, |block| &mut block.moments.masks);
}

fn load_steps(blocks: &mut Blocks, widths: Widths, rows: &[Range<usize>], archive: &mut Archive) {
    load(blocks, ("actions", widths.action), rows, archive, |block| &mut block.steps.actions);
    load(blocks, ("rewards", 1), rows, archive, |block| &mut block.steps.rewards);
    load(blocks, ("flags", 1), rows, archive, |block| &mut block.steps.flags);
    load(blocks, ("log_probs", 1), rows, archive, |block| &mut block.steps.log_probs);
    load(blocks, ("values", 1), rows, archive, |block| &mut block.steps.values);
    load(blocks, ("memory", widths.memory), rows, archive, |block| &mut block.steps.memory);
    load(blocks, ("finals", 1), rows, archive, |block| &mut block.steps.finals);
}

/// Loads these rows of a column, one range after another; a column that is not kept has no name.
fn load<T: Scalar>(
    blocks: &mut Blocks,
    (name, width): (&str, usize),
    rows: &[Range<usize>],
    archive: &mut Archive,
    column: impl Fn(&mut Block) -> &mut Vec<T> + Copy,
) {
    if blocks.has(column) {
        let rows = || rows.iter().cloned().flatten();
        let mut values = vec![T::default(); rows().count() * width];
        archive.slice(name, &mut values);
        blocks.fill(rows(), (&values, width), column);
    }
}

fn damaged(why: &str) -> Error {
    Error::argument(format!("the saved memory is damaged: {why}"))
}
