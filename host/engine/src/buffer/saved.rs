//! Saving and loading a buffer: named columns of the slots in use, so that it goes on exactly.

use super::histogram::Histogram;
use super::replay::{ReplayBuffer, ends};
use super::ring::{Ring, rings};
use plugin_api::archive::Scalar;
use plugin_api::{Archive, Error};
use std::ops::Range;

impl ReplayBuffer {
    /// Names everything in it, for saving and loading. It is loaded into a buffer made the same
    /// way.
    pub fn state(&mut self, archive: &mut Archive) {
        self.rings_state(archive);
        if archive.is_loading() && !self.rings_fit(archive) {
            return;
        }
        let parts = self.parts();
        self.moments.state(&parts, archive);
        let (steps, widths) = (&mut self.steps, self.widths);
        column("actions", &mut steps.actions, widths.action, &parts, archive);
        column("rewards", &mut steps.rewards, 1, &parts, archive);
        column("flags", &mut steps.flags, 1, &parts, archive);
        column("log_probs", &mut steps.log_probs, 1, &parts, archive);
        column("values", &mut steps.values, 1, &parts, archive);
        column("memory", &mut steps.memory, widths.memory, &parts, archive);
        column("finals", &mut steps.finals, 1, &parts, archive);
        archive.scope("ends", |archive| self.finals_state(archive));
        archive.scope("counts", |archive| self.counts.state(archive));
        if let Some(ranking) = &mut self.ranking {
            let tree = &ranking.tree;
            let slots = || parts.iter().cloned().flatten();
            let mut priorities: Vec<f64> = slots().map(|slot| tree.get(slot)).collect();
            archive.slice("priorities", &mut priorities);
            archive.value("largest_priority", &mut ranking.largest);
            if archive.is_loading() {
                let fits = |priority: &f64| priority.is_finite() && *priority >= 0.0;
                if !priorities.iter().all(fits) {
                    self.empty();
                    return archive.fail(damaged("a priority is negative or not finite"));
                }
                for (slot, priority) in slots().zip(priorities) {
                    ranking.set(slot, priority);
                }
            }
        }
        if archive.is_loading() {
            self.recount(archive);
        }
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
        self.finals.moments.state(std::slice::from_ref(&(0..touched)), archive);
    }

    /// Counts what was loaded.
    fn recount(&mut self, archive: &mut Archive) {
        self.kept = self.rings.iter().map(|ring| ring.count).sum();
        self.most = self.rings.iter().map(|ring| ring.count).max().unwrap_or(0);
        self.counts.rewards = Histogram::new();
        // Every place for a final observation is either free or used by one step.
        let mut named = vec![false; self.finals.touched];
        let mut name = |place: u32| {
            let place = named.get_mut(place as usize);
            place.is_some_and(|named| !std::mem::replace(named, true))
        };
        let mut sound = self.finals.free.iter().all(|&place| name(place));
        for ring in &self.rings {
            let newest = (ring.count > 0).then(|| self.steps.flags[ring.slot_of_age(1)]);
            sound &= ring.starts == newest.is_none_or(ends);
            for slot in (1..=ring.count).map(|age| ring.slot_of_age(age)) {
                sound &= self.ranking.as_ref().is_none_or(|ranking| ranking.tree.get(slot) > 0.0);
                self.counts.rewards.add(self.steps.rewards[slot]);
                if ends(self.steps.flags[slot]) {
                    sound &= name(self.steps.finals[slot]);
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
    fn parts(&self) -> Vec<Range<usize>> {
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

/// Names the rows of these parts of a column, one part after another; a column left out is not
/// named.
pub(super) fn column<T: Scalar>(
    name: &str,
    all: &mut [T],
    width: usize,
    parts: &[Range<usize>],
    archive: &mut Archive,
) {
    let elements = |part: &Range<usize>| part.start * width..part.end * width;
    match parts {
        _ if all.is_empty() => {}
        [part] => archive.slice(name, &mut all[elements(part)]),
        _ => {
            let mut joined: Vec<T> =
                parts.iter().flat_map(|part| all[elements(part)].iter().copied()).collect();
            archive.slice(name, &mut joined);
            if archive.is_loading() {
                let mut rest = &joined[..];
                for part in parts {
                    let (here, after) = rest.split_at(part.len() * width);
                    all[elements(part)].copy_from_slice(here);
                    rest = after;
                }
            }
        }
    }
}

fn damaged(why: &str) -> Error {
    Error::argument(format!("the saved memory is damaged: {why}"))
}
