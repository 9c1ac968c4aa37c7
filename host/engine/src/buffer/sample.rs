//! A sample: rows drawn from a buffer, in columns allocated once.

use crate::lanes::segment::{Record, Segment, Widths};

/// Where a row of a sample came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) slot: usize,
    /// The number of the step among those of its lane, which tells whether it is still there.
    pub(super) number: u64,
}

/// Rows drawn from a buffer.
///
/// In [`Sample::segment`], a row's reward is what its span of steps brought, its flags are those of
/// the last step of the span, and what was seen next is what followed that one.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The rows, as one step of as many lanes.
    pub segment: Segment,
    /// γ to the number of steps that each row spans.
    pub discounts: Vec<f32>,
    /// Importance weights, the largest of which is 1; empty without priorities.
    pub weights: Vec<f32>,
    /// The lane of each row.
    pub lane_ids: Vec<u32>,
    pub(super) origins: Vec<Origin>,
    /// 1 for rows that come from demonstrations, which are the last ones; empty without any.
    pub demonstrated: Vec<u8>,
    /// How many rows come from the agent's own steps.
    pub(super) own: usize,
}

impl Sample {
    pub(super) fn new(record: &Record, widths: Widths, rows: usize, weighted: bool) -> Self {
        Self {
            segment: Segment::new(record, widths, 1, rows),
            discounts: vec![0.0; rows],
            weights: vec![0.0; if weighted { rows } else { 0 }],
            lane_ids: vec![0; rows],
            origins: vec![Origin::default(); rows],
            demonstrated: Vec::new(),
            own: rows,
        }
    }

    /// Leaves the last rows to demonstrations; 0 to none.
    pub(super) fn leave(&mut self, rows: usize) {
        self.own = self.len() - rows.min(self.len());
        self.demonstrated.clear();
        if rows > 0 {
            self.demonstrated.resize(self.own, 0);
            self.demonstrated.resize(self.len(), 1);
        }
        // What was demonstrated counts in full.
        self.weights.iter_mut().skip(self.own).for_each(|weight| *weight = 1.0);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.discounts.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.discounts.is_empty()
    }

    /// Bytes of its columns.
    pub fn bytes(&self) -> u64 {
        let floats = self.discounts.len() + self.weights.len() + self.lane_ids.len();
        let origins = self.origins.len() * size_of::<Origin>();
        self.segment.bytes() + (4 * floats + origins) as u64
    }
}
