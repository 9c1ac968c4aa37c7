//! What weights are at first.

use crate::matrix::padded;
use crate::real::Real;
use plugin_api::Rng;

/// How the weights of a layer begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// Orthogonal rows or columns times a gain; biases are zero (Saxe et al., 2014).
    Orthogonal(f64),
    /// Uniform within `±1 / √inputs`, biases too: what a linear layer of `PyTorch` begins with.
    Uniform,
}

impl Init {
    /// Fills the weights, `inputs` rows of padded `outputs`, and the bias.
    pub fn fill<T: Real>(
        self,
        (inputs, outputs): (usize, usize),
        weight: &mut [T],
        bias: &mut [T],
        rng: &mut Rng,
    ) {
        match self {
            Self::Orthogonal(gain) => {
                let square = orthogonal(inputs, outputs, rng);
                for (row, from) in weight.chunks_exact_mut(padded(outputs)).zip(square) {
                    for (to, from) in row.iter_mut().zip(from) {
                        *to = T::of(gain * from);
                    }
                }
                bias.fill(T::ZERO);
            }
            Self::Uniform => {
                let bound = 1.0 / (inputs as f64).sqrt();
                let mut draw = || T::of(bound * (2.0 * rng.random() - 1.0));
                for row in weight.chunks_exact_mut(padded(outputs)) {
                    row[..outputs].iter_mut().for_each(|weight| *weight = draw());
                }
                bias[..outputs].iter_mut().for_each(|bias| *bias = draw());
            }
        }
    }
}

/// `rows` rows of `columns` numbers; the shorter of both kinds is orthonormal.
fn orthogonal(rows: usize, columns: usize, rng: &mut Rng) -> Vec<Vec<f64>> {
    let (count, length) = (rows.min(columns), rows.max(columns));
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    while basis.len() < count {
        let mut next: Vec<f64> = (0..length).map(|_| rng.standard_normal()).collect();
        // Twice, because what is left after once is orthogonal only to its own rounding.
        for _ in 0..2 {
            for known in &basis {
                let along: f64 = known.iter().zip(&next).map(|(a, b)| a * b).sum();
                next.iter_mut().zip(known).for_each(|(next, known)| *next -= along * known);
            }
        }
        let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if norm > 1e-6 {
            for x in &mut next {
                *x /= norm;
            }
            basis.push(next);
        }
    }
    if rows <= columns {
        return basis;
    }
    (0..rows).map(|row| basis.iter().map(|column| column[row]).collect()).collect()
}
