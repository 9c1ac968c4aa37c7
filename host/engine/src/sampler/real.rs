//! Draws of one real number: normal, squashed, or the best with noise on top.

use crate::maths;

/// What was drawn, and ln of its density.
pub(super) type Drawn = (f64, f64);

/// A normal number from its mean, the ln of its deviation and a standard normal one.
pub(super) fn gaussian(mean: f64, log_std: f64, z: f64) -> Drawn {
    (mean + maths::exp(log_std) * z, log_normal(z) - log_std)
}

/// A normal number squashed by tanh into `middle ± half`.
///
/// ln density = ln N(x) - ln half - ln(1 - tanh² x), where ln(1 - tanh² x) = 2 (ln 2 - x -
/// softplus(-2x)) has no cancellation however far x lies out.
pub(super) fn squashed(mean: f64, log_std: f64, z: f64, (half, middle): (f64, f64)) -> Drawn {
    let (x, log_density) = gaussian(mean, log_std, z);
    let log_slope = 2.0 * (std::f64::consts::LN_2 - x - maths::softplus(-2.0 * x));
    (squash(x, (half, middle)), log_density - maths::ln(half) - log_slope)
}

/// tanh into `middle ± half`.
pub(super) fn squash(x: f64, (half, middle): (f64, f64)) -> f64 {
    middle + half * maths::tanh(x)
}

/// What noise of deviation `std` times `half` adds; without deviation it adds nothing, for sure.
pub(super) fn noise(std: f64, z: f64, half: f64) -> Drawn {
    if std > 0.0 { (std * z * half, log_normal(z) - maths::ln(std * half)) } else { (0.0, 0.0) }
}

/// ln of the density of the standard normal law.
fn log_normal(z: f64) -> f64 {
    -0.5 * z * z - maths::LN_SQRT_TAU
}
