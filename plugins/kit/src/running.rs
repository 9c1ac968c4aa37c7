//! Running mean and deviation of observations, and the scale of returns, both part of an agent's
//! state.

use plugin_api::{Archive, TERMINATED, TRUNCATED};

/// Observations are cut off at so many deviations.
const CLIP: f32 = 10.0;

/// Added to a variance before its root is taken.
const EPSILON: f64 = 1e-8;

/// Mean and variance of each column of all rows so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    count: f64,
    mean: Vec<f64>,
    /// Sums of squared distances from the mean.
    squares: Vec<f64>,
    /// What rows are normalised with, brought up to date by `add`.
    shift: Vec<f32>,
    inverse: Vec<f32>,
}

impl Running {
    /// No rows yet: mean 0 and deviation 1, as if `1e-4` of a row had said so.
    pub fn new(columns: usize) -> Self {
        let count = 1e-4;
        let (mean, squares) = (vec![0.0; columns], vec![count; columns]);
        let (shift, inverse) = (vec![0.0; columns], vec![1.0; columns]);
        Self { count, mean, squares, shift, inverse }
    }

    /// Rows counted so far.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Mean of a column.
    pub fn mean(&self, column: usize) -> f64 {
        self.mean[column]
    }

    /// Variance of a column.
    pub fn variance(&self, column: usize) -> f64 {
        self.squares[column] / self.count
    }

    /// Counts a row (Welford, 1962: `M += (x - m_before)(x - m_after)`). What rows are normalised
    /// with stays as it is until [`Self::refresh`].
    pub fn add(&mut self, row: &[f32]) {
        self.count += 1.0;
        for (column, &x) in row.iter().enumerate() {
            let before = f64::from(x) - self.mean[column];
            self.mean[column] += before / self.count;
            self.squares[column] += before * (f64::from(x) - self.mean[column]);
        }
    }

    /// Normalises with all that was counted from now on.
    pub fn refresh(&mut self) {
        for column in 0..self.mean.len() {
            self.shift[column] = self.mean[column] as f32;
            self.inverse[column] = (1.0 / (self.variance(column) + EPSILON).sqrt()) as f32;
        }
    }

    /// Writes a row in deviations from the mean.
    #[inline]
    pub fn apply(&self, from: &[f32], to: &mut [f32]) {
        for (i, (&from, to)) in from.iter().zip(to).enumerate() {
            *to = ((from - self.shift[i]) * self.inverse[i]).clamp(-CLIP, CLIP);
        }
    }

    /// Puts a row in deviations from the mean.
    #[inline]
    pub fn apply_in_place(&self, row: &mut [f32]) {
        for (i, number) in row.iter_mut().enumerate() {
            *number = ((*number - self.shift[i]) * self.inverse[i]).clamp(-CLIP, CLIP);
        }
    }

    /// Names everything, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.value("count", &mut self.count);
        archive.slice("mean", &mut self.mean);
        archive.slice("squares", &mut self.squares);
        archive.slice("shift", &mut self.shift);
        archive.slice("inverse", &mut self.inverse);
    }
}

/// The deviation of discounted returns, which rewards are measured in.
///
/// An episode's return starts anew after both kinds of end.
#[derive(Clone, Debug, PartialEq)]
pub struct ReturnScale {
    count: f64,
    mean: f64,
    squares: f64,
    open: Vec<f64>,
}

impl Default for ReturnScale {
    fn default() -> Self {
        Self { count: 1e-4, mean: 0.0, squares: 1e-4, open: Vec::new() }
    }
}

impl ReturnScale {
    /// Counts the returns so far, `R = γ R + r`, at every row; rows lie lane by lane within a step.
    /// `lane_ids` are the lanes of the rows where they are not simply one beside the other; a lane
    /// that comes more than once lived through its columns one after the other.
    pub fn add(
        &mut self,
        (rewards, flags): (&[f64], &[u8]),
        (lanes, lane_ids): (usize, &[u32]),
        discount: f64,
    ) {
        let most = lane_ids.iter().max().map_or(lanes, |&most| most as usize + 1);
        self.open.resize(most.max(self.open.len()), 0.0);
        if lane_ids.is_empty() {
            for (row, (&reward, &flags)) in rewards.iter().zip(flags).enumerate() {
                self.add_one(row % lanes, (reward, flags), discount);
            }
            return;
        }
        for (column, &lane) in lane_ids[..lanes].iter().enumerate() {
            for row in (column..rewards.len()).step_by(lanes) {
                self.add_one(lane as usize, (rewards[row], flags[row]), discount);
            }
        }
    }

    #[inline]
    fn add_one(&mut self, lane: usize, (reward, flags): (f64, u8), discount: f64) {
        let open = &mut self.open[lane];
        *open = discount * *open + reward;
        self.count += 1.0;
        let before = *open - self.mean;
        self.mean += before / self.count;
        self.squares += before * (*open - self.mean);
        if flags & (TERMINATED | TRUNCATED) != 0 {
            *open = 0.0;
        }
    }

    /// The deviation of all returns counted.
    pub fn deviation(&self) -> f64 {
        (self.squares / self.count + EPSILON).sqrt()
    }

    /// Names everything, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.value("count", &mut self.count);
        archive.value("mean", &mut self.mean);
        archive.value("squares", &mut self.squares);
        archive.list("open", &mut self.open);
    }
}
