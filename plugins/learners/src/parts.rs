//! The parts that a rollout is cut into, anew in every epoch: of single rows, or, for nets that
//! remember, of whole sequences.
//!
//! A sequence lies in one lane and in one episode and has at most so many rows; before its first
//! row there is what the policy remembered when it acted, nothing where an episode begins.

use plugin_api::prelude::*;
use std::cmp::Reverse;

/// Rows that are learned from together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) rows: &'a [u32],
    /// How many sequences have a row at each time, where nets remember: `rows` are then the first
    /// rows of all of them, then the second ones, and so on.
    pub(crate) counts: &'a [u32],
}

/// A run of rows in one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sequence {
    first: u32,
    length: u32,
}

/// Cuts rollouts into parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    /// Rows, or sequences by their number, in the order of this epoch.
    order: Vec<u32>,
    sequences: Vec<Sequence>,
    /// Distance of two rows of a lane.
    lanes: u32,
    /// What of the order is used up, and rows that are left.
    used: usize,
    left: usize,
    rows: Vec<u32>,
    counts: Vec<u32>,
}

impl Parts {
    /// A rollout, in sequences of at most so many rows where nets remember.
    pub(crate) fn begin(&mut self, batch: &Batch<'_>, longest: Option<usize>) {
        self.sequences.clear();
        self.lanes = batch.lanes as u32;
        if let Some(longest) = longest {
            self.cut(batch, longest);
        }
        let count = if longest.is_some() { self.sequences.len() } else { batch.len() };
        self.order.clear();
        self.order.extend(0..count as u32);
        (self.used, self.left) = (0, batch.len());
    }

    fn cut(&mut self, batch: &Batch<'_>, longest: usize) {
        for lane in 0..batch.lanes {
            let mut start = 0;
            for step in 0..batch.steps {
                let (row, length) = (step * batch.lanes + lane, step + 1 - start);
                if batch.flags[row] != 0 || length == longest || step + 1 == batch.steps {
                    let first = (start * batch.lanes + lane) as u32;
                    self.sequences.push(Sequence { first, length: length as u32 });
                    start = step + 1;
                }
            }
        }
    }

    /// A new epoch.
    pub(crate) fn shuffle(&mut self, rng: &mut Rng) {
        rng.shuffle(&mut self.order);
        self.left += self.order[..self.used].iter().map(|&idx| self.length(idx)).sum::<usize>();
        self.used = 0;
    }

    fn length(&self, idx: u32) -> usize {
        self.sequences.get(idx as usize).map_or(1, |sequence| sequence.length as usize)
    }

    /// The next part, of about so many rows: exactly so many unless it is the last one or made of
    /// sequences.
    pub(crate) fn next(&mut self, size: usize) -> Option<Part<'_>> {
        let start = self.used;
        if start == self.order.len() {
            return None;
        }
        if self.sequences.is_empty() {
            self.used = self.order.len().min(start + size);
            self.left -= self.used - start;
            return Some(Part { rows: &self.order[start..self.used], counts: &[] });
        }
        let mut taken = 0;
        // A rest that is too small for a part of its own comes along with the last one.
        while self.used < self.order.len() && (taken < size || 2 * self.left < size) {
            let length = self.length(self.order[self.used]);
            (taken, self.left, self.used) = (taken + length, self.left - length, self.used + 1);
        }
        let (sequences, chosen) = (&self.sequences, &mut self.order[start..self.used]);
        chosen.sort_unstable_by_key(|&idx| (Reverse(sequences[idx as usize].length), idx));
        self.pack(start);
        Some(Part { rows: &self.rows, counts: &self.counts })
    }

    /// The rows of the sequences from this place of the order on, longest first, time by time.
    fn pack(&mut self, start: usize) {
        let chosen =
            || self.order[start..self.used].iter().map(|&idx| self.sequences[idx as usize]);
        self.rows.clear();
        self.counts.clear();
        for time in 0..chosen().next().map_or(0, |longest| longest.length) {
            let before = self.rows.len();
            let going_on = chosen().take_while(|sequence| sequence.length > time);
            self.rows.extend(going_on.map(|sequence| sequence.first + time * self.lanes));
            self.counts.push((self.rows.len() - before) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::{TERMINATED, TRUNCATED};

    fn batch(flags: &[u8], lanes: usize) -> Batch<'_> {
        Batch {
            steps: flags.len() / lanes,
            lanes,
            rewards: &[0.0; 64][..flags.len()],
            flags,
            ..Batch::default()
        }
    }

    /// Two lanes of ten steps; one ends after its third and its fifth step.
    fn flags() -> [u8; 20] {
        let mut flags = [0; 20];
        (flags[4], flags[8]) = (TERMINATED, TRUNCATED);
        flags
    }

    #[test]
    fn sequences_end_with_their_episode_and_at_their_length() {
        let flags = flags();
        let mut parts = Parts::default();
        parts.begin(&batch(&flags, 2), Some(4));
        let cut: Vec<_> = parts.sequences.iter().map(|one| (one.first, one.length)).collect();
        assert_eq!(cut, [(0, 3), (6, 2), (10, 4), (18, 1), (1, 4), (9, 4), (17, 2)]);
    }

    #[test]
    fn an_epoch_has_every_row_once_and_sequences_stay_whole() {
        let (flags, mut rng) = (flags(), Rng::seeded(1));
        for (longest, size) in [(None, 6), (Some(4), 6), (Some(10), 7), (Some(1), 3)] {
            let mut parts = Parts::default();
            parts.begin(&batch(&flags, 2), longest);
            let mut orders = Vec::new();
            for _ in 0..3 {
                let mut seen = Vec::new();
                parts.shuffle(&mut rng);
                while let Some(Part { rows, counts }) = parts.next(size) {
                    assert!(longest.is_some() || rows.len() <= size);
                    assert!(counts.is_sorted_by(|a, b| a >= b), "{counts:?}");
                    let mut start = 0;
                    for pair in counts.windows(2) {
                        let next = start + pair[0] as usize;
                        for idx in 0..pair[1] as usize {
                            assert_eq!(rows[next + idx], rows[start + idx] + 2, "{longest:?}");
                            assert_eq!(flags[rows[start + idx] as usize], 0, "an end is the last");
                        }
                        start = next;
                    }
                    seen.extend_from_slice(rows);
                }
                let mut all = seen.clone();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..20), "{seen:?}");
                orders.push(seen);
            }
            assert!(orders[0] != orders[1], "every epoch has an order of its own");
        }
    }

    #[test]
    fn no_part_is_much_too_small() {
        let (flags, mut rng) = (flags(), Rng::seeded(4));
        let mut parts = Parts::default();
        parts.begin(&batch(&flags, 2), Some(3));
        for _ in 0..20 {
            parts.shuffle(&mut rng);
            while let Some(part) = parts.next(6) {
                assert!(part.rows.len() >= 3, "{part:?}");
            }
        }
    }
}
