//! Extremes over any stretch of points in logarithmic time: leaves, and above them levels of which
//! each node covers sixteen of the level below.

use std::ops::Range;

/// Leaves of a series at most; beyond, neighbours are merged.
pub const LEAVES_MAX: usize = 1 << 19;

const FAN_OUT: usize = 16;

/// Smallest and largest number of a stretch, and whether something in it was no number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    /// Smallest; above the largest where there is none.
    pub low: f64,
    /// Largest.
    pub high: f64,
    /// Whether there is a gap.
    pub gap: bool,
}

impl Extremes {
    /// Of nothing.
    pub const NOTHING: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY, gap: false };

    /// From smallest to largest.
    pub fn new(low: f64, high: f64) -> Self {
        Self { low, high, gap: false }
    }

    /// Of one number.
    pub fn of(y: f64) -> Self {
        if y.is_nan() { Self { gap: true, ..Self::NOTHING } } else { Self::new(y, y) }
    }

    /// Whether there is no number.
    pub fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// Takes in another number, or a gap.
    pub fn widen(&mut self, y: f64) {
        // What is no number is neither below nor above.
        if y < self.low {
            self.low = y;
        }
        if y > self.high {
            self.high = y;
        }
        self.gap |= y.is_nan();
    }

    /// Of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            gap: self.gap | other.gap,
        }
    }
}

/// The levels, leaves first.
#[derive(Clone, Debug, Default)]
pub(super) struct Pyramid {
    levels: Vec<Vec<Extremes>>,
}

impl Pyramid {
    pub(super) fn push(&mut self, leaf: Extremes) {
        if self.levels.is_empty() {
            self.levels.push(Vec::new());
        }
        let mut at = self.levels[0].len();
        self.levels[0].push(leaf);
        for level in 1.. {
            at /= FAN_OUT;
            if level == self.levels.len() {
                if at == 0 {
                    return;
                }
                // The node before covers what the level below held so far.
                let below = &self.levels[level - 1];
                let full = below[..FAN_OUT].iter().fold(Extremes::NOTHING, |a, b| a.and(*b));
                self.levels.push(vec![full]);
            }
            match self.levels[level].get_mut(at) {
                Some(node) => {
                    let wider = node.and(leaf);
                    // Where nothing changes nothing changes above.
                    if wider == *node {
                        return;
                    }
                    *node = wider;
                }
                None => self.levels[level].push(leaf),
            }
        }
    }

    pub(super) fn halve(&mut self) {
        let leaves = std::mem::take(&mut self.levels);
        for pair in leaves[0].chunks(2) {
            self.push(pair.iter().fold(Extremes::NOTHING, |a, b| a.and(*b)));
        }
    }

    pub(super) fn query(&self, leaves: Range<usize>) -> Extremes {
        let (mut from, mut to) = (leaves.start, leaves.end);
        let mut found = Extremes::NOTHING;
        for (height, level) in self.levels.iter().enumerate() {
            let is_top = height + 1 == self.levels.len();
            let end = if is_top { to } else { to.min(from.next_multiple_of(FAN_OUT)) };
            for node in &level[from.min(to)..end] {
                found = found.and(*node);
            }
            from = end;
            let start = (to / FAN_OUT * FAN_OUT).max(from);
            for node in &level[start..to] {
                found = found.and(*node);
            }
            to = start;
            if from >= to {
                break;
            }
            (from, to) = (from / FAN_OUT, to / FAN_OUT);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stretch_has_the_extremes_of_its_leaves() {
        let mut pyramid = Pyramid::default();
        let mut leaves = Vec::new();
        for idx in 0..700_usize {
            let y = if idx % 97 == 5 { f64::NAN } else { ((idx * 7919) % 1009) as f64 };
            pyramid.push(Extremes::of(y));
            leaves.push(Extremes::of(y));
        }
        let literal = |range: Range<usize>| {
            leaves[range].iter().fold(Extremes::NOTHING, |all, leaf| all.and(*leaf))
        };
        for from in (0..700).step_by(3) {
            for to in (from..=700).step_by(7) {
                assert_eq!(pyramid.query(from..to), literal(from..to), "{from}..{to}");
            }
        }
        pyramid.halve();
        for from in (0..350).step_by(5) {
            for to in (from..=350).step_by(11) {
                assert_eq!(pyramid.query(from..to), literal(2 * from..2 * to), "{from}..{to}");
            }
        }
    }
}
