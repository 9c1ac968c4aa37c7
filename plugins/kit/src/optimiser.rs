//! Optimisers with `PyTorch`'s formulas, and clipping of gradients by their norm.

use crate::matrix::{piece_len, sum_of_squares, vectorised};
use crate::real::Real;
use crate::threads;
use crate::weights::Weights;
use plugin_api::{Archive, Result};

/// How gradients move weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// `w -= η m`, with `m = momentum m + g`.
    Sgd {
        /// Part of the last direction that is kept.
        momentum: f64,
    },
    /// `v = α v + (1 - α) g²`, `w -= η g / (√v + ε)`, or `η g / √(v + ε)`.
    RmsProp {
        /// Part of the average that is kept.
        alpha: f64,
        /// Keeps the quotient small.
        epsilon: f64,
        /// Whether ε stands below the root, as in TensorFlow.
        epsilon_inside: bool,
    },
    /// Adam (Kingma and Ba, 2015), with weights that decay by themselves (Loshchilov and Hutter,
    /// 2019) when `decay` is not 0.
    Adam {
        /// Parts of the averages of g and g² that are kept.
        betas: (f64, f64),
        /// Keeps the quotient small.
        epsilon: f64,
        /// Part of a weight that goes at a step of size 1.
        decay: f64,
    },
}

impl Rule {
    /// Adam with `PyTorch`'s averages and this ε.
    pub fn adam(epsilon: f64) -> Self {
        Self::Adam { betas: (0.9, 0.999), epsilon, decay: 0.0 }
    }
}

/// A rule and the averages it keeps.
#[derive(Clone, Debug)]
pub struct Optimiser<T = f32> {
    rule: Rule,
    first: Vec<T>,
    second: Vec<T>,
    steps: u64,
}

impl<T: Real> Optimiser<T> {
    /// An optimiser of these weights at its beginning.
    pub fn new(rule: Rule, weights: &Weights<T>) -> Self {
        let len = weights.values.len();
        let keep = |kept: bool| vec![T::ZERO; if kept { len } else { 0 }];
        let first = match rule {
            Rule::Sgd { momentum } => momentum != 0.0,
            Rule::RmsProp { .. } => false,
            Rule::Adam { .. } => true,
        };
        let second = !matches!(rule, Rule::Sgd { .. });
        Self { rule, first: keep(first), second: keep(second), steps: 0 }
    }

    /// One step of size `rate` along the gradients.
    pub fn step(&mut self, weights: &mut Weights<T>, gradients: &Weights<T>, rate: f64) {
        let (values, gradients) = (&mut weights.values[..], &gradients.values[..]);
        assert_eq!(values.len(), gradients.len(), "a gradient for each weight");
        self.steps += 1;
        match self.rule {
            Rule::Sgd { momentum } => self.sgd(values, gradients, (rate, momentum)),
            Rule::RmsProp { alpha, epsilon, epsilon_inside } => {
                self.rms_prop(values, gradients, (rate, alpha), epsilon, epsilon_inside);
            }
            Rule::Adam { betas, epsilon, decay } => {
                self.adam(values, gradients, (rate, betas), epsilon, decay);
            }
        }
    }

    fn sgd(&mut self, values: &mut [T], gradients: &[T], (rate, momentum): (f64, f64)) {
        let rate = T::of(rate);
        if self.first.is_empty() {
            let pairs = values.iter_mut().zip(gradients);
            return pairs.for_each(|(value, &gradient)| *value -= rate * gradient);
        }
        let keep = if self.steps == 1 { T::ZERO } else { T::of(momentum) };
        for ((value, &gradient), mean) in values.iter_mut().zip(gradients).zip(&mut self.first) {
            *mean = keep * *mean + gradient;
            *value -= rate * *mean;
        }
    }

    fn rms_prop(
        &mut self,
        values: &mut [T],
        gradients: &[T],
        (rate, alpha): (f64, f64),
        epsilon: f64,
        inside: bool,
    ) {
        let (rate, keep, gain) = (T::of(rate), T::of(alpha), T::of(1.0 - alpha));
        let (below, beside) = if inside { (epsilon, 0.0) } else { (0.0, epsilon) };
        let (below, beside) = (T::of(below), T::of(beside));
        let second = &mut self.second[..];
        vectorised(|| {
            for ((value, &gradient), square) in values.iter_mut().zip(gradients).zip(second) {
                *square = keep * *square + gain * gradient * gradient;
                let root = (*square + below).sqrt() + beside;
                // Padding has neither gradient nor ε below the root.
                *value -= if gradient == T::ZERO { T::ZERO } else { rate * gradient / root };
            }
        });
    }

    /// `m = β₁ m + (1 - β₁) g`, `v = β₂ v + (1 - β₂) g²`,
    /// `w -= η / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)`.
    fn adam(
        &mut self,
        values: &mut [T],
        gradients: &[T],
        (rate, betas): (f64, (f64, f64)),
        epsilon: f64,
        decay: f64,
    ) {
        let power = self.steps.min(i32::MAX as u64) as i32;
        let size = T::of(rate / (1.0 - betas.0.powi(power)));
        let inverse_root = T::of(1.0 / (1.0 - betas.1.powi(power)).sqrt());
        let shrink = T::of(1.0 - rate * decay);
        let (keep, gain) = (T::of(betas.0), T::of(1.0 - betas.0));
        let (keep_square, gain_square) = (T::of(betas.1), T::of(1.0 - betas.1));
        let epsilon = T::of(epsilon);
        let piece = piece_len(values.len());
        let averages = self.first.chunks_mut(piece).zip(self.second.chunks_mut(piece));
        let pieces = values.chunks_mut(piece).zip(gradients.chunks(piece)).zip(averages);
        threads::each(pieces, |((values, gradients), (first, second))| {
            vectorised(|| {
                let averages = first.iter_mut().zip(second);
                for ((value, &gradient), (mean, square)) in
                    values.iter_mut().zip(gradients).zip(averages)
                {
                    *mean = keep * *mean + gain * gradient;
                    *square = keep_square * *square + gain_square * gradient * gradient;
                    let root = square.sqrt() * inverse_root + epsilon;
                    *value = shrink * *value - size * *mean / root;
                }
            });
        });
    }

    /// Names its averages, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.value("steps", &mut self.steps);
        archive.slice("first", &mut self.first);
        archive.slice("second", &mut self.second);
    }
}

/// Shrinks gradients so that their norm is at most `norm_max`, unless that is 0, and returns their
/// norm as it was. Where it is not finite, the error names the first tensor that is not.
pub fn clip_norm<T: Real>(gradients: &mut Weights<T>, norm_max: f64) -> Result<f64> {
    let norm = sum_of_squares(&gradients.values).sqrt();
    if !norm.is_finite() {
        gradients.check_finite("the gradient of")?;
    }
    let factor = norm_max / (norm + 1e-6);
    if norm_max > 0.0 && factor < 1.0 {
        gradients.scale(T::of(factor));
    }
    Ok(norm)
}
