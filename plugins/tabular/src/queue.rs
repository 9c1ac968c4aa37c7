//! Which pairs of state and action wait for an update, and which of them is the next.

use plugin_api::prelude::*;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Pairs that wait, the most urgent first, and of those the lowest.
#[derive(Debug)]
pub struct Queue {
    /// Urgency of each pair; 0 for those that do not wait.
    urgency: Vec<f64>,
    /// Urgency as bits, which rise with the number, and pair. Derived from `urgency`.
    order: BTreeSet<(u64, Reverse<u32>)>,
}

impl Queue {
    /// An empty queue for this many pairs.
    pub fn new(pairs: usize) -> Self {
        Self { urgency: vec![0.0; pairs], order: BTreeSet::new() }
    }

    /// Number of pairs that wait.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Gives a pair another urgency; with 0 it waits no longer.
    pub fn put(&mut self, pair: u32, urgency: f64) {
        let before = std::mem::replace(&mut self.urgency[pair as usize], urgency);
        if before > 0.0 {
            self.order.remove(&(before.to_bits(), Reverse(pair)));
        }
        if urgency > 0.0 {
            self.order.insert((urgency.to_bits(), Reverse(pair)));
        }
    }

    /// Takes out the most urgent pair.
    pub fn pop(&mut self) -> Option<usize> {
        let (_, Reverse(pair)) = self.order.pop_last()?;
        self.urgency[pair as usize] = 0.0;
        Some(pair as usize)
    }

    /// Names who waits, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.slice("urgency", &mut self.urgency);
        if archive.is_loading() {
            let waiting = self.urgency.iter().zip(0..).filter(|(urgency, _)| **urgency > 0.0);
            self.order =
                waiting.map(|(urgency, pair)| (urgency.to_bits(), Reverse(pair))).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_urgent_goes_first_and_of_equals_the_lowest() {
        let mut queue = Queue::new(6);
        for (pair, urgency) in [(4, 2.0), (1, 2.0), (0, 0.5), (5, 9.0), (3, 1.0), (2, 3.0)] {
            queue.put(pair, urgency);
        }
        queue.put(5, 1.5);
        queue.put(3, 0.0);
        assert_eq!(queue.len(), 5);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order, [2, 1, 4, 5, 0]);
        assert!(queue.is_empty());
    }
}
