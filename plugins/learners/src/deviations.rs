//! Deviations of the normal laws of actions: a number for each element that is learned by itself,
//! or, with generalised state-dependent exploration (Raffin, Kober and Stulp, "Smooth Exploration
//! for Robotic Reinforcement Learning", 2021), numbers that follow what the policy's last hidden
//! layer makes of the state.
//!
//! There the noise is `φ(s) (σ ∘ E)`: φ(s) is what the last hidden layer puts out, σ a matrix that
//! is learned, and E a matrix of standard normal numbers that a lane keeps for some steps. So the
//! deviation of element j is `√(Σᵢ φᵢ² σᵢⱼ²)`. φ is taken as given: the policy does not learn
//! features from its noise.

use crate::kept::{self, Made};
use kit::Weights;
use kit::backend::WeightOps;
use kit::matrix::padded;
use kit::real::Real;
use plugin_api::prelude::*;

/// Added to the variance, so that no state is without any.
const VARIANCE_MIN: f32 = 1e-6;

/// Where the deviations are among the weights, and how they follow the state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviations {
    start: usize,
    width: usize,
    /// Numbers of φ, and steps that a lane keeps its matrix for; `None` where deviations are the
    /// same in every state.
    follows: Option<(usize, usize)>,
}

/// The deviations as they are now, and those of one state, with room for their gradients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spread {
    log_std: Vec<f32>,
    /// σ² where deviations follow the state.
    squares: Vec<f32>,
    gradient: Vec<f32>,
    /// ln of the deviations of the latest state, and their gradient.
    pub(crate) row: Vec<f32>,
    pub(crate) of_row: Vec<f32>,
}

/// Numbers of the last hidden layer, which noise can follow.
pub(crate) fn features(hidden: &[usize]) -> Result<usize> {
    hidden.last().copied().ok_or_else(|| {
        Error::unsupported(
            "noise that follows the state follows a hidden layer: give `hidden` a size, or take \
             `sde=false`",
        )
    })
}

/// The matrices E of the lanes.
pub(crate) type Matrices = Made<Vec<f32>>;

impl Deviations {
    /// Adds ln of the deviations, all alike at first, to the weights there are: for `width`
    /// elements, and for each number of φ where they follow the state.
    pub(crate) fn new(
        (width, follows): (usize, Option<(usize, usize)>),
        log_std: f64,
        weights: &mut Weights,
    ) -> Self {
        let rows = follows.map_or(1, |(features, _)| features);
        let start = weights.add("log_std".to_owned(), rows, width);
        for row in weights.values[start..].chunks_exact_mut(padded(width).max(1)) {
            row[..width].fill(log_std as f32);
        }
        Self { start, width, follows }
    }

    /// Numbers of a lane's memory that they need.
    pub(crate) fn memory(&self) -> usize {
        if self.follows.is_some() { kept::WIDTH } else { 0 }
    }

    /// Whether they follow the state.
    pub(crate) fn follow_states(&self) -> bool {
        self.follows.is_some()
    }

    fn stride(&self) -> usize {
        padded(self.width)
    }

    /// Room for them.
    pub(crate) fn spread(&self) -> Spread {
        let all = self.follows.map_or(self.width, |(features, _)| features * self.stride());
        let squares = if self.follows.is_some() { all } else { 0 };
        Spread {
            log_std: vec![0.0; all],
            squares: vec![0.0; squares],
            gradient: vec![0.0; all],
            row: vec![0.0; self.width],
            of_row: vec![0.0; self.width],
        }
    }

    /// Takes over the present ones; gradients are none.
    pub(crate) fn read(&self, weights: &impl WeightOps, spread: &mut Spread) {
        weights.read(self.start, &mut spread.log_std);
        spread.gradient.fill(0.0);
        for (square, log_std) in spread.squares.iter_mut().zip(&spread.log_std) {
            *square = Real::exp(2.0 * log_std);
        }
    }

    /// Leaves ln of the deviations of a state in [`Spread::row`], and no gradient of them.
    pub(crate) fn look(&self, features: &[f32], spread: &mut Spread) {
        spread.of_row.fill(0.0);
        if self.follows.is_none() {
            return spread.row.copy_from_slice(&spread.log_std);
        }
        spread.row.fill(VARIANCE_MIN);
        for (feature, squares) in features.iter().zip(spread.squares.chunks_exact(self.stride())) {
            for (variance, square) in spread.row.iter_mut().zip(squares) {
                *variance += feature * feature * square;
            }
        }
        for number in &mut spread.row {
            *number = 0.5 * Real::ln(*number);
        }
    }

    /// Counts the gradient in [`Spread::of_row`], of the state that was looked at last:
    /// `∂ ln sⱼ / ∂ ln σᵢⱼ = φᵢ² σᵢⱼ² / sⱼ²`.
    pub(crate) fn count(&self, features: &[f32], spread: &mut Spread) {
        let Spread { squares, gradient, row, of_row, .. } = spread;
        if self.follows.is_none() {
            return gradient.iter_mut().zip(of_row).for_each(|(sum, slope)| *sum += *slope);
        }
        for (slope, log_std) in of_row.iter_mut().zip(&*row) {
            *slope *= Real::exp(-2.0 * log_std);
        }
        let rows =
            gradient.chunks_exact_mut(self.stride()).zip(squares.chunks_exact(self.stride()));
        for (feature, (sums, squares)) in features.iter().zip(rows) {
            for ((sum, square), slope) in sums.iter_mut().zip(squares).zip(&*of_row) {
                *sum += feature * feature * square * slope;
            }
        }
    }

    /// Writes the gradient that was counted.
    pub(crate) fn write(&self, spread: &Spread, gradients: &mut impl WeightOps) {
        gradients.write(self.start, &spread.gradient);
    }

    /// The seed of the noise that the lane of a row keeps; none where it is only judged.
    pub(crate) fn seed(&self, row: usize, out: &mut Act<'_>) -> Option<u64> {
        let (_, every) = self.follows.filter(|_| out.mode == Mode::Train)?;
        let lane = out.first_lane + row as u64;
        let memory = out.memory.row(row);
        let own = memory.len() - kept::WIDTH;
        Some(kept::seed(&mut memory[own..], every, (out.key, lane)))
    }

    /// Standard normal numbers for a row whose state was looked at last: the noise of its lane in
    /// deviations, and 0 without a seed.
    pub(crate) fn draw(
        &self,
        features: &[f32],
        (row, seed): (usize, Option<u64>),
        (spread, matrices): (&Spread, &mut Matrices),
        into: &mut [f32],
    ) {
        into.fill(0.0);
        let Some(seed) = seed else { return };
        let room = || vec![0.0; features.len() * self.width];
        let matrix = matrices.of((row, seed), room, |matrix, rng| {
            matrix.fill_with(|| rng.standard_normal() as f32);
        });
        let sigmas = spread.squares.chunks_exact(self.stride());
        let rows = features.iter().zip(sigmas).zip(matrix.chunks_exact(self.width));
        for ((feature, squares), normals) in rows {
            for ((sum, square), normal) in into.iter_mut().zip(squares).zip(normals) {
                *sum += feature * square.sqrt() * normal;
            }
        }
        for (sum, log_std) in into.iter_mut().zip(&spread.row) {
            *sum *= Real::exp(-log_std);
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is exact is compared as such")]
mod tests {
    use super::*;

    const FEATURES: [f32; 3] = [0.5, -1.25, 0.0];

    /// Weights with two elements of three features each, and what stands there.
    fn sample() -> (Deviations, Weights, Vec<f64>) {
        let mut weights = Weights::new();
        weights.add("other".to_owned(), 2, 3);
        let deviations = Deviations::new((2, Some((3, 4))), -0.5, &mut weights);
        let mut numbers = Vec::new();
        for (idx, row) in weights.values[32..].chunks_mut(16).enumerate() {
            for (element, number) in row[..2].iter_mut().enumerate() {
                assert_eq!(*number, -0.5, "as told");
                *number += 0.3 * idx as f32 - 0.7 * element as f32;
                numbers.push(f64::from(*number));
            }
        }
        (deviations, weights, numbers)
    }

    /// `ln √(Σᵢ φᵢ² e^(2ℓᵢⱼ) + ε)`.
    fn literal(log_std: &[f64], element: usize) -> f64 {
        let squares = FEATURES.iter().enumerate().map(|(idx, feature)| {
            f64::from(*feature).powi(2) * (2.0 * log_std[2 * idx + element]).exp()
        });
        0.5 * (squares.sum::<f64>() + f64::from(VARIANCE_MIN)).ln()
    }

    #[test]
    fn deviations_and_their_slopes_are_those_of_the_formula() {
        let (deviations, weights, numbers) = sample();
        let mut spread = deviations.spread();
        deviations.read(&weights, &mut spread);
        deviations.look(&FEATURES, &mut spread);
        for (element, ln) in spread.row.iter().enumerate() {
            assert!((f64::from(*ln) - literal(&numbers, element)).abs() < 1e-6);
        }
        let by = [0.7, -1.3];
        spread.of_row = vec![0.7, -1.3];
        deviations.count(&FEATURES, &mut spread);
        let mut gradients = weights.zeros();
        deviations.write(&spread, &mut gradients);
        assert!(gradients.values[..32].iter().all(|x| *x == 0.0), "others stay");
        for (place, _) in numbers.iter().enumerate() {
            let loss = |step: f64| {
                let mut moved = numbers.clone();
                moved[place] += step;
                by[0] * literal(&moved, 0) + by[1] * literal(&moved, 1)
            };
            let right = (loss(1e-5) - loss(-1e-5)) / 2e-5;
            let ours = f64::from(gradients.values[32 + place / 2 * 16 + place % 2]);
            assert!((ours - right).abs() < 1e-6, "{place}: {ours}, not {right}");
        }
    }

    /// Over many matrices the noise of a state has the deviation that its law says.
    #[test]
    fn noise_has_the_deviation_of_its_law() {
        let (deviations, weights, _) = sample();
        let (mut spread, mut matrices) = (deviations.spread(), Matrices::default());
        deviations.read(&weights, &mut spread);
        deviations.look(&FEATURES, &mut spread);
        let (mut sums, mut squares, mut z) = ([0.0; 2], [0.0; 2], [0.0; 2]);
        let mut products = 0.0;
        for seed in 0..20_000 {
            deviations.draw(&FEATURES, (0, Some(seed)), (&spread, &mut matrices), &mut z);
            for element in 0..2 {
                sums[element] += f64::from(z[element]) / 20_000.0;
                squares[element] += f64::from(z[element]).powi(2) / 20_000.0;
            }
            products += f64::from(z[0] * z[1]) / 20_000.0;
        }
        assert!(sums.iter().all(|mean| mean.abs() < 0.03), "{sums:?}");
        assert!(squares.iter().all(|square| (square - 1.0).abs() < 0.04), "{squares:?}");
        assert!(products.abs() < 0.03, "elements are independent: {products}");
        deviations.draw(&FEATURES, (0, None), (&spread, &mut matrices), &mut z);
        assert_eq!(z, [0.0; 2], "nothing is drawn where a policy is judged");
    }
}
