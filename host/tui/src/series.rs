//! A series of numbers for a chart: an incremental pyramid of extremes over all points, and moving
//! means computed on every point as it comes, so that neither depends on what is looked at.
//!
//! Memory is bounded: once a series has [`LEAVES_MAX`] leaves, or as many as it was made for, two
//! neighbours become one that keeps the extremes of both, so no spike is ever lost.

mod mean;
mod pyramid;

pub use mean::WEIGHTS;
pub use pyramid::{Extremes, LEAVES_MAX};

use mean::Means;
use pyramid::Pyramid;
use std::ops::Range;

/// Points in the order of x, with their moving means.
#[derive(Clone, Debug)]
pub struct Series {
    /// Leaves at most.
    leaves_max: usize,
    /// x of the first point in each leaf.
    xs: Vec<f64>,
    /// Extremes of all leaves but the last, into which points still fall.
    pyramid: Pyramid,
    /// Those of the last one.
    open: Extremes,
    /// Moving means at the last point of each leaf but the last, for each weight.
    smooth: Vec<[f64; WEIGHTS.len()]>,
    /// The means as they stand, which are those of the last leaf.
    means: Means,
    /// Points in a leaf, and in the last one so far.
    leaf_points: usize,
    last_points: usize,
    last: Option<(f64, f64)>,
    points: u64,
}

impl Default for Series {
    fn default() -> Self {
        Self::of_leaves(LEAVES_MAX)
    }
}

impl Series {
    /// A series of so many leaves at most, an even number: fewer take less memory and show less
    /// when somebody looks closely.
    pub fn of_leaves(leaves_max: usize) -> Self {
        Self {
            leaves_max,
            xs: Vec::new(),
            pyramid: Pyramid::default(),
            open: Extremes::NOTHING,
            smooth: Vec::new(),
            means: Means::default(),
            leaf_points: 0,
            last_points: 0,
            last: None,
            points: 0,
        }
    }

    /// Adds a point. One that lies before the latest counts as at the latest; a number that is none
    /// becomes a gap.
    pub fn push(&mut self, x: f64, y: f64) {
        let y = if y.is_finite() { y } else { f64::NAN };
        if self.make_room(x, y, 1) {
            self.open.widen(y);
        } else {
            self.open = Extremes::of(y);
        }
        self.means.push(y);
    }

    /// Adds many points of which only the extremes and the mean are known.
    pub fn push_many(&mut self, x: f64, (low, mean, high): (f64, f64, f64), count: u64) {
        if count == 0 || !(low.is_finite() && mean.is_finite() && high.is_finite()) {
            return self.push(x, f64::NAN);
        }
        let extremes = Extremes::new(low, high);
        let is_open = self.make_room(x, mean, count);
        self.open = if is_open { self.open.and(extremes) } else { extremes };
        self.means.push_many(mean, count);
    }

    /// Makes room for what comes at x; whether it belongs to the leaf that is open.
    fn make_room(&mut self, x: f64, y: f64, count: u64) -> bool {
        let x = self.last.map_or(x, |(last, _)| x.max(last));
        self.last = Some((x, y));
        self.points += count;
        if self.last_points > 0 && self.last_points < self.leaf_points.max(1) {
            self.last_points += 1;
            return true;
        }
        if !self.xs.is_empty() {
            self.smooth.push(self.means.now());
            self.pyramid.push(self.open);
        }
        if self.xs.len() == self.leaves_max {
            self.halve();
        }
        self.last_points = 1;
        self.xs.push(x);
        false
    }

    /// Makes one leaf of every two.
    fn halve(&mut self) {
        self.leaf_points = 2 * self.leaf_points.max(1);
        self.pyramid.halve();
        keep_every_second(&mut self.xs, 0);
        keep_every_second(&mut self.smooth, 1);
    }

    /// The same points with x as another axis shows it, which never goes back.
    #[must_use]
    pub fn along(&self, place: impl Fn(f64) -> f64) -> Self {
        let last = self.last.map(|(x, y)| (place(x), y));
        Self { xs: self.xs.iter().map(|x| place(*x)).collect(), last, ..self.clone() }
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// How many points there were.
    pub fn points(&self) -> u64 {
        self.points
    }

    /// Leaves in which they are kept.
    pub fn leaves(&self) -> usize {
        self.xs.len()
    }

    /// The latest point.
    pub fn last(&self) -> Option<(f64, f64)> {
        self.last
    }

    /// The latest moving mean; the latest value itself where nothing is smoothed.
    pub fn latest(&self, weight: Option<usize>) -> Option<f64> {
        match weight {
            None => self.last.map(|(_, y)| y),
            Some(weight) => self.last.map(|_| self.means.now()[weight]),
        }
    }

    /// x of the first and the latest point.
    pub fn span(&self) -> Option<(f64, f64)> {
        Some((*self.xs.first()?, self.last?.0))
    }

    /// The first leaf from `low` on that begins at x or beyond, looked for around a guess.
    pub fn first_from(&self, x: f64, low: usize, guess: usize) -> usize {
        search(&self.xs, (low, guess), x)
    }

    /// The extremes of some leaves.
    pub fn extremes(&self, leaves: Range<usize>) -> Extremes {
        let last = self.xs.len().saturating_sub(1);
        let found = self.pyramid.query(leaves.start.min(last)..leaves.end.min(last));
        if leaves.contains(&last) { found.and(self.open) } else { found }
    }

    /// The moving mean at the end of a leaf.
    pub fn smooth(&self, weight: usize, leaf: usize) -> f64 {
        self.smooth.get(leaf).map_or_else(|| self.means.now()[weight], |means| means[weight])
    }

    /// x at the beginning of a leaf.
    pub fn x(&self, leaf: usize) -> f64 {
        self.xs[leaf]
    }

    /// What stands at x: the leaf whose beginning is the latest that is not beyond it.
    pub fn leaf_at(&self, x: f64) -> Option<usize> {
        self.xs.partition_point(|&start| start <= x).checked_sub(1)
    }
}

/// The first index from `low` on whose x is at least this: by leaps away from the guess, then by
/// halving. A good guess touches little memory.
fn search(xs: &[f64], (low, guess): (usize, usize), x: f64) -> usize {
    let low = low.min(xs.len());
    let guess = guess.clamp(low, xs.len());
    let (mut from, mut to, mut leap) = (low, guess, 1);
    if guess < xs.len() && xs[guess] < x {
        from = guess + 1;
        to = from;
        while to < xs.len() && xs[to] < x {
            from = to + 1;
            to += leap;
            leap *= 2;
        }
        to = to.min(xs.len());
    } else {
        let mut probe = guess;
        while probe > low && xs[probe - 1] >= x {
            to = probe - 1;
            probe = probe.saturating_sub(leap).max(low);
            leap *= 2;
        }
        from = from.max(probe.min(to));
    }
    from + xs[from..to].partition_point(|&start| start < x)
}

fn keep_every_second<T: Copy>(values: &mut Vec<T>, which: usize) {
    let half = values.len() / 2;
    for idx in 0..half {
        values[idx] = values[2 * idx + which];
    }
    values.truncate(half);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The literal slow version of a debiased moving mean.
    fn reference(values: &[f64], weight: f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (age, value) in values.iter().rev().filter(|value| !value.is_nan()).enumerate() {
            let part = weight.powi(age as i32);
            sum += part * value;
            weights += part;
        }
        sum / weights
    }

    fn noise(count: usize) -> Vec<f64> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn means_are_those_of_all_points_and_gaps_leave_them_alone() {
        let mut values = noise(500);
        values[17] = f64::NAN;
        let mut series = Series::default();
        for (idx, &value) in values.iter().enumerate() {
            series.push(idx as f64, value);
            for (which, weight) in WEIGHTS.iter().enumerate() {
                let expected = reference(&values[..=idx], *weight);
                let is = series.latest(Some(which)).expect("there is a point");
                assert!((is - expected).abs() < 1e-9, "{idx} {weight}: {is} is not {expected}");
            }
        }
    }

    #[test]
    fn a_constant_series_stays_exactly_constant() {
        let mut series = Series::default();
        (0..10_000).for_each(|idx| series.push(f64::from(idx), 0.1));
        for weight in 0..WEIGHTS.len() {
            for leaf in 0..series.leaves() {
                assert_eq!(series.smooth(weight, leaf).to_bits(), 0.1_f64.to_bits());
            }
        }
    }

    #[test]
    fn a_spike_among_millions_stays_whatever_is_merged() {
        for leaves_max in [1 << 12, LEAVES_MAX] {
            let mut series = Series::of_leaves(leaves_max);
            let count = 3 * leaves_max + 17;
            let spike = count / 3;
            for idx in 0..count {
                series.push(idx as f64, if idx == spike { 1e6 } else { (idx % 7) as f64 });
            }
            assert!(series.leaves() <= leaves_max);
            assert_eq!(series.points(), count as u64);
            assert_eq!(series.extremes(0..series.leaves()), Extremes::new(0.0, 1e6));
            let at = series.leaf_at(spike as f64).expect("it is there");
            assert_eq!(series.extremes(at..at + 1).high.to_bits(), 1e6_f64.to_bits());
            assert_eq!(series.extremes(0..at), Extremes::new(0.0, 6.0));
            assert_eq!(series.extremes(at + 1..series.leaves()), Extremes::new(0.0, 6.0));
        }
    }

    #[test]
    fn means_at_the_end_of_a_leaf_are_those_of_all_points_so_far() {
        let values = noise(100);
        let mut series = Series::of_leaves(16);
        values.iter().enumerate().for_each(|(idx, &value)| series.push(idx as f64, value));
        for leaf in 0..series.leaves() {
            let next =
                (leaf + 1..series.leaves()).next().map_or(100, |next| series.x(next) as usize);
            let expected = reference(&values[..next], WEIGHTS[2]);
            assert!((series.smooth(2, leaf) - expected).abs() < 1e-9, "leaf {leaf}");
        }
    }

    #[test]
    fn leaves_are_found_whatever_the_guess() {
        let mut series = Series::default();
        for x in [0.0, 1.0, 1.0, 4.0, 9.0] {
            series.push(x, x);
        }
        for (from, to, expected) in
            [(0.0, 10.0, 0..5), (1.0, 4.0, 1..3), (2.0, 3.0, 3..3), (9.5, 20.0, 5..5)]
        {
            for guess in 0..=6 {
                let first = series.first_from(from, 0, guess);
                let last = series.first_from(to, first, guess);
                assert_eq!(first..last, expected, "{from} {to} {guess}");
            }
        }
        assert_eq!((series.leaf_at(-1.0), series.leaf_at(3.9)), (None, Some(2)));
    }

    #[test]
    fn what_is_told_in_sums_has_its_extremes_and_its_weight() {
        let (mut single, mut summed) = (Series::default(), Series::default());
        for (x, (low, mean, high), count) in [
            (10.0, (1.0, 1.0, 1.0), 7),
            (20.0, (-50.0, 4.0, 900.0), 300),
            (30.0, (2.0, 2.0, 2.0), 5),
        ] {
            (0..count).for_each(|_| single.push(x, mean));
            summed.push_many(x, (low, mean, high), count);
        }
        let extremes = summed.extremes(0..summed.leaves());
        assert_eq!((extremes.low, extremes.high, extremes.gap), (-50.0, 900.0, false));
        assert_eq!((summed.points(), summed.leaves()), (single.points(), 3));
        for weight in 0..WEIGHTS.len() {
            let (a, b) = (single.latest(Some(weight)), summed.latest(Some(weight)));
            let (a, b) = (a.expect("there are points"), b.expect("there are points"));
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
        summed.push_many(40.0, (f64::NAN, 1.0, 2.0), 3);
        assert!(summed.extremes(3..4).gap);
    }
}
