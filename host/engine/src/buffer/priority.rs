//! Prioritised sampling: what surprised is drawn more often, and weights take back the bias.
//!
//! Schaul et al., "Prioritized Experience Replay", 2016, the proportional form. Weights are divided
//! by the largest one of the batch.

use super::histogram::Histogram;
use super::sum_tree::SumTree;
use crate::maths;
use plugin_api::Rng;
use plugin_api::needs::Priorities;

/// The priority of every slot; 0 for slots without a step.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    pub(super) settings: Priorities,
    pub(super) tree: SumTree,
    /// The largest priority there ever was; a new step gets it, so that it is soon looked at.
    pub(super) largest: f64,
    pub(super) histogram: Histogram,
}

impl Ranking {
    pub(super) fn new(settings: Priorities, slots: usize) -> Self {
        let (tree, histogram) = (SumTree::new(slots), Histogram::new());
        Self { settings, tree, largest: 1.0, histogram }
    }

    /// All steps are gone.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.settings, self.tree.len());
    }

    /// A step was put into a slot.
    pub(super) fn insert(&mut self, slot: usize) {
        self.set(slot, self.largest);
    }

    /// The step of a slot is gone.
    pub(super) fn remove(&mut self, slot: usize) {
        self.set(slot, 0.0);
    }

    /// Learning found this error at a slot: its priority becomes (|error| + ε)^α.
    pub(super) fn found(&mut self, slot: usize, error: f64) {
        let priority = maths::power(error.abs() + self.settings.epsilon, self.settings.alpha);
        // A priority of 0 would never be drawn again, whatever else is learned.
        let priority = priority.max(f64::MIN_POSITIVE);
        self.set(slot, priority);
        self.largest = self.largest.max(priority);
    }

    pub(super) fn set(&mut self, slot: usize, priority: f64) {
        let before = self.tree.get(slot);
        if before > 0.0 {
            self.histogram.remove(before);
        }
        if priority > 0.0 {
            self.histogram.add(priority);
        }
        self.tree.set(slot, priority);
    }

    /// Draws slots, one from each of as many equal parts of the total.
    pub(super) fn draw(&self, rng: &mut Rng, count: usize, mut drawn: impl FnMut(usize)) {
        let part = self.tree.total() / count as f64;
        for row in 0..count {
            drawn(self.tree.find((row as f64 + rng.random()) * part));
        }
    }

    /// w = (N P)^-β divided by the largest w of the batch, which is (smallest priority /
    /// priority)^β.
    pub(super) fn weights(
        &self,
        slots: impl Iterator<Item = usize> + Clone,
        run_step: u64,
        weights: &mut [f32],
    ) {
        let beta = self.settings.beta.at(run_step);
        let smallest = slots.clone().map(|slot| self.tree.get(slot)).fold(f64::INFINITY, f64::min);
        for (weight, slot) in weights.iter_mut().zip(slots) {
            *weight = maths::power(smallest / self.tree.get(slot), beta) as f32;
        }
    }
}
