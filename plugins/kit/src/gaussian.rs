//! Normal laws of several independent numbers, plain and squashed by tanh.

use crate::categorical::Judged;
use crate::real::Real;

/// ½ ln 2π.
const LN_ROOT_TAU: f64 = 0.918_938_533_204_672_8;

/// Judges an action: `ln π = Σ -½ z² - ln σ - ½ ln 2π` with `z = (a - μ) / σ`, and
/// `H = Σ ln σ + ½ ln 2πe`.
pub fn judge<T: Real>(mean: &[T], log_std: &[T], action: &[T]) -> Judged<T> {
    let mut judged = Judged { log_prob: T::ZERO, entropy: T::ZERO };
    for ((&mean, &log_std), &action) in mean.iter().zip(log_std).zip(action) {
        let z = (action - mean) * (-log_std).exp();
        judged.log_prob -= T::of(0.5) * z * z + log_std + T::of(LN_ROOT_TAU);
        judged.entropy += log_std + T::of(LN_ROOT_TAU + 0.5);
    }
    judged
}

/// Adds the gradient of `by_log_prob · ln π + by_entropy · H`: `∂ ln π / ∂μ = z / σ`,
/// `∂ ln π / ∂ ln σ = z² - 1` and `∂H / ∂ ln σ = 1`.
pub fn add_gradient<T: Real>(
    (mean, log_std, action): (&[T], &[T], &[T]),
    (by_log_prob, by_entropy): (T, T),
    (of_mean, of_log_std): (&mut [T], &mut [T]),
) {
    for i in 0..mean.len() {
        let inverse = (-log_std[i]).exp();
        let z = (action[i] - mean[i]) * inverse;
        of_mean[i] += by_log_prob * z * inverse;
        of_log_std[i] += by_log_prob * (z * z - T::ONE) + by_entropy;
    }
}

/// Draws `a = tanh u` with `u = μ + σ z` from standard normal `z`, and returns
/// `ln π(a) = Σ ln N(u) - ln(1 - a²)`, where `ln(1 - tanh² u) = 2 (ln 2 - u - softplus(-2u))` does
/// not cancel however far out u lies.
pub fn squash<T: Real>(mean: &[T], log_std: &[T], z: &[T], action: &mut [T]) -> T {
    let mut log_prob = T::ZERO;
    for i in 0..mean.len() {
        let u = mean[i] + log_std[i].exp() * z[i];
        action[i] = u.tanh();
        let log_slope =
            T::of(2.0) * (T::of(std::f64::consts::LN_2) - u - (T::of(-2.0) * u).softplus());
        log_prob -= T::of(0.5) * z[i] * z[i] + log_std[i] + T::of(LN_ROOT_TAU) + log_slope;
    }
    log_prob
}

/// Adds the gradient of `by_log_prob · ln π + Σ by_action · a` at fixed z:
/// `∂ ln π / ∂μ = 2a`, `∂ ln π / ∂ ln σ = 2a σz - 1`, `∂a / ∂μ = 1 - a²`.
pub fn add_squashed_gradient<T: Real>(
    (log_std, z, action): (&[T], &[T], &[T]),
    (by_log_prob, by_action): (T, &[T]),
    (of_mean, of_log_std): (&mut [T], &mut [T]),
) {
    for i in 0..z.len() {
        let spread = log_std[i].exp() * z[i];
        let slope = T::ONE - action[i] * action[i];
        let by_u = by_log_prob * T::of(2.0) * action[i] + by_action[i] * slope;
        of_mean[i] += by_u;
        of_log_std[i] += by_u * spread - by_log_prob;
    }
}
