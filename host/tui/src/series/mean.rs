//! Debiased exponential moving means: m = w·m + (1 - w)·y, shown as m / (1 - wⁿ) (Kingma and Ba,
//! 2015), so that the first points do not lean towards 0.

/// Weights that can be chosen.
pub const WEIGHTS: [f64; 5] = [0.6, 0.9, 0.97, 0.99, 0.997];

/// One mean for each weight.
#[derive(Clone, Debug)]
pub(super) struct Means {
    sums: [f64; WEIGHTS.len()],
    /// wⁿ for n numbers so far; 0 once it no longer counts.
    decays: [f64; WEIGHTS.len()],
    /// Smallest and largest number so far: no mean lies beyond them, whatever is rounded.
    range: (f64, f64),
}

impl Default for Means {
    fn default() -> Self {
        let range = (f64::INFINITY, f64::NEG_INFINITY);
        Self { sums: [0.0; WEIGHTS.len()], decays: [1.0; WEIGHTS.len()], range }
    }
}

impl Means {
    /// Takes a number in; what is none changes nothing.
    pub(super) fn push(&mut self, y: f64) {
        if y.is_nan() {
            return;
        }
        let (low, high) = &mut self.range;
        if y < *low {
            *low = y;
        }
        if y > *high {
            *high = y;
        }
        for (sum, weight) in self.sums.iter_mut().zip(WEIGHTS) {
            *sum = weight * *sum + (1.0 - weight) * y;
        }
        if self.has_settled() {
            return;
        }
        for (idx, weight) in WEIGHTS.iter().enumerate() {
            let decay = self.decays[idx] * weight;
            self.decays[idx] = if decay > f64::EPSILON / 4.0 { decay } else { 0.0 };
        }
    }

    /// Takes in so many numbers of which only the mean is known, at once.
    pub(super) fn push_many(&mut self, mean: f64, count: u64) {
        if mean.is_nan() || count == 0 {
            return;
        }
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        self.range = (self.range.0.min(mean), self.range.1.max(mean));
        for (idx, weight) in WEIGHTS.iter().enumerate() {
            let kept = weight.powi(count);
            self.sums[idx] = kept * self.sums[idx] + (1.0 - kept) * mean;
            let decay = self.decays[idx] * kept;
            self.decays[idx] = if decay > f64::EPSILON / 4.0 { decay } else { 0.0 };
        }
    }

    /// The largest weight decays last: once it has, nothing is left to divide by.
    fn has_settled(&self) -> bool {
        self.decays[WEIGHTS.len() - 1] == 0.0
    }

    /// The means as they stand; NaN before the first number.
    pub(super) fn now(&self) -> [f64; WEIGHTS.len()] {
        let (low, high) = self.range;
        if low > high {
            return [f64::NAN; WEIGHTS.len()];
        }
        if self.has_settled() {
            return self.sums.map(|sum| sum.max(low).min(high));
        }
        std::array::from_fn(|idx| (self.sums[idx] / (1.0 - self.decays[idx])).max(low).min(high))
    }
}
