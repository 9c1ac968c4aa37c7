//! Where the steps of one lane lie: a ring of slots, one of which is always open for the next step.

/// The slots of one lane, by their number among those of all lanes.
///
/// The open slot holds what the lane sees now, and nothing else yet: so the observation that
/// follows a step is the one in the slot after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ring {
    base: usize,
    slots: usize,
    /// The open slot, counted from `base`.
    pub(super) head: usize,
    /// Steps kept.
    pub(super) count: usize,
    /// Steps ever taken in.
    pub(super) total: u64,
    /// Whether an episode starts in the open slot, which then has no observation yet.
    pub(super) starts: bool,
}

/// The rings of all lanes, one after another; the first of them take what does not divide evenly.
pub(super) fn rings(capacity: usize, lanes: usize) -> Vec<Ring> {
    let mut base = 0;
    (0..lanes)
        .map(|lane| {
            let slots = capacity / lanes + usize::from(lane < capacity % lanes) + 1;
            let ring = Ring { base, slots, head: 0, count: 0, total: 0, starts: true };
            base += slots;
            ring
        })
        .collect()
}

/// The lane that a slot belongs to.
pub(super) fn lane_of(slot: usize, capacity: usize, lanes: usize) -> usize {
    let (slots, longer) = (capacity / lanes + 1, capacity % lanes);
    let in_longer = longer * (slots + 1);
    if slot < in_longer { slot / (slots + 1) } else { longer + (slot - in_longer) / slots }
}

impl Ring {
    /// The slot that the next step goes to.
    pub(super) fn open(&self) -> usize {
        self.base + self.head
    }

    /// The slot of the step that is the `age`-th newest, counted from 1.
    pub(super) fn slot_of_age(&self, age: usize) -> usize {
        debug_assert!(age >= 1 && age <= self.count, "a step that is kept");
        let back = self.head + self.slots - age;
        self.base + if back >= self.slots { back - self.slots } else { back }
    }

    /// The slot after another one.
    pub(super) fn after(&self, slot: usize) -> usize {
        let next = slot + 1;
        if next == self.base + self.slots { self.base } else { next }
    }

    /// The slot so many steps after another one, or before it.
    pub(super) fn moved(&self, slot: usize, steps: isize) -> usize {
        let place = (slot - self.base) as isize + steps;
        self.base + place.rem_euclid(self.slots as isize) as usize
    }

    /// Opens the next slot; returns whether the oldest step had to make room for it.
    pub(super) fn advance(&mut self) -> bool {
        self.head = self.after(self.open()) - self.base;
        self.total += 1;
        let full = self.count == self.slots - 1;
        self.count += usize::from(!full);
        full
    }

    /// The number of the step in a slot, counted from the lane's first; `None` when none is kept
    /// there.
    pub(super) fn number_of(&self, slot: usize) -> Option<u64> {
        let place = slot - self.base;
        let age = (self.head + self.slots - place) % self.slots;
        (age >= 1 && age <= self.count).then(|| self.total - age as u64)
    }

    /// The slots that hold anything: all of them once the ring has gone round.
    pub(super) fn used(&self) -> std::ops::Range<usize> {
        let used = usize::try_from(self.total + 1).map_or(self.slots, |used| used.min(self.slots));
        self.base..self.base + used
    }

    /// Whether these counters can be those of this ring.
    pub(super) fn is_sound(&self) -> bool {
        let kept = usize::try_from(self.total).map_or(self.slots - 1, |t| t.min(self.slots - 1));
        let head = (self.total % self.slots as u64) as usize;
        self.count == kept && self.head == head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_share_the_capacity_and_slots_know_their_lane() {
        for (capacity, lanes) in [(10, 1), (10, 3), (7, 7), (100, 8), (11, 10)] {
            let rings = rings(capacity, lanes);
            assert_eq!(rings.iter().map(|ring| ring.slots - 1).sum::<usize>(), capacity);
            for (lane, ring) in rings.iter().enumerate() {
                for slot in ring.base..ring.base + ring.slots {
                    assert_eq!(lane_of(slot, capacity, lanes), lane);
                }
            }
        }
    }

    #[test]
    fn ages_and_numbers_follow_the_ring_around() {
        let mut ring = rings(4, 1)[0];
        for total in 1..20_u64 {
            let forgets = ring.advance();
            assert_eq!(forgets, total > 4);
            assert_eq!(ring.count as u64, total.min(4));
            assert!(ring.is_sound());
            for age in 1..=ring.count {
                let slot = ring.slot_of_age(age);
                assert_ne!(slot, ring.open());
                assert_eq!(ring.number_of(slot), Some(total - age as u64));
            }
            assert_eq!(ring.number_of(ring.open()), None);
            assert_eq!(ring.after(ring.slot_of_age(1)), ring.open());
        }
    }
}
