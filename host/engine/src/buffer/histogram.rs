//! A histogram that numbers can be added to and taken from, in bins that grow with their distance
//! from 0.

use serde::Serialize;

/// Numbers closer to 0 than 2 to this power are all alike.
const SMALLEST: i32 = -10;
/// Numbers beyond 2 to this power are all alike.
const LARGEST: i32 = 20;
const BINS_A_SIDE: usize = (LARGEST - SMALLEST) as usize + 1;
const BINS: usize = 2 * BINS_A_SIDE + 1;

/// Numbers from `low` to `high`, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// How many.
    pub count: u64,
}

/// Counts by sign and power of two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Histogram {
    counts: [u64; BINS],
}

impl Histogram {
    pub(super) fn new() -> Self {
        Self { counts: [0; BINS] }
    }

    pub(super) fn add(&mut self, number: f64) {
        self.counts[bin(number)] += 1;
    }

    /// Takes out a number that was added.
    pub(super) fn remove(&mut self, number: f64) {
        self.counts[bin(number)] -= 1;
    }

    /// From the lowest bin that holds something to the highest.
    pub(super) fn bins(&self) -> Vec<Bin> {
        let holds = |&bin: &usize| self.counts[bin] > 0;
        let Some(first) = (0..BINS).find(holds) else { return Vec::new() };
        let last = (0..BINS).rev().find(holds).unwrap_or(first);
        (first..=last)
            .map(|bin| Bin { low: edge(bin), high: edge(bin + 1), count: self.counts[bin] })
            .collect()
    }
}

/// The bin of a number; what is not a number counts as 0.
fn bin(number: f64) -> usize {
    let exponent = ((number.abs().to_bits() >> 52) as i32) - 1023;
    if number.is_nan() || exponent < SMALLEST {
        return BINS_A_SIDE;
    }
    let distance = (exponent.min(LARGEST) - SMALLEST) as usize + 1;
    if number > 0.0 { BINS_A_SIDE + distance } else { BINS_A_SIDE - distance }
}

/// The lower edge of a bin.
fn edge(bin: usize) -> f64 {
    let two_to = |power: i32| f64::from_bits(((1023 + power) as u64) << 52);
    match bin {
        0 => f64::NEG_INFINITY,
        BINS => f64::INFINITY,
        _ if bin > BINS_A_SIDE => two_to(SMALLEST + (bin - BINS_A_SIDE - 1) as i32),
        _ => -two_to(SMALLEST + (BINS_A_SIDE - bin) as i32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_lies_in_its_bin() {
        let mut numbers = vec![0.0, 1e-9, 0.001, 1.0, 1.5, -1.0, -2.0, -3.7, 1e9, -1e9];
        numbers.extend((0..200).map(|i| f64::from(i - 100) * 0.37));
        for number in numbers {
            let (low, high) = (edge(bin(number)), edge(bin(number) + 1));
            let inside = if number < 0.0 { low < number } else { low <= number };
            assert!(low < high && inside && number <= high, "{number} in {low}..{high}");
        }
    }

    #[test]
    fn what_is_removed_is_gone() {
        let mut histogram = Histogram::new();
        for number in [1.0, -1.0, 0.0, 5.0] {
            histogram.add(number);
        }
        histogram.remove(5.0);
        histogram.remove(-1.0);
        let bins = histogram.bins();
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 2);
        assert_eq!(bins[0].count, 1);
        assert!(bins[0].low < 0.0 && bins.last().is_some_and(|bin| bin.high > 1.0));
        assert!(Histogram::new().bins().is_empty());
    }
}
