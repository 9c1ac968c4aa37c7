//! Exponentials, logarithms and their kin with the same bits on every machine: additions,
//! multiplications, divisions and shifts only, in a fixed order, never the platform's own.

#![expect(clippy::float_cmp, reason = "marked values are exactly equal")]
#![expect(clippy::inline_always, reason = "callers compiled for wider vectors take these along")]

/// ln 2 in two parts: multiples of the first below 2^11 are exact.
const LN_2_UPPER: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOWER: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// ln √(2π).
pub const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

/// e^x, within 1 ulp where the result is not subnormal.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (k, below_one) = reduced(clamped(x));
    scaled(1.0 + below_one, k)
}

/// The natural logarithm, within 3 ulp; -inf for 0 and not a number below.
#[inline]
pub fn ln(x: f64) -> f64 {
    if x > 0.0 && x < f64::MIN_POSITIVE {
        return ln(x * TWO_TO_54) - 54.0 * std::f64::consts::LN_2;
    }
    if x <= 0.0 || !x.is_finite() {
        return if x == 0.0 {
            f64::NEG_INFINITY
        } else if x > 0.0 {
            x
        } else {
            f64::NAN
        };
    }
    ln_of_normal(x)
}

/// ln(1 + x) for x >= 0, accurate for the smallest x too.
#[inline]
pub fn ln_1p(x: f64) -> f64 {
    if x < 0.4 { ln_of_ratio(x / (2.0 + x)) } else { ln(1.0 + x) }
}

/// ln(1 + e^x), without overflow.
#[inline]
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln_1p(exp(-x.abs()))
}

/// The hyperbolic tangent, within 3 ulp.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    // tanh x = -t / (2 + t) with t = e^(-2x) - 1, which loses nothing near 0.
    let (k, below_one) = reduced(clamped(-2.0 * x.abs()));
    let power = scaled(1.0, k);
    let t = scaled(below_one, k) + (power - 1.0);
    (-t / (2.0 + t)).copysign(x)
}

/// x^y for x >= 0. The relative error grows with |y ln x|, by about that many ulp.
#[inline]
pub fn power(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 { 1.0 } else { exp(y * ln(x)) }
}

/// 2^54.
const TWO_TO_54: f64 = 18_014_398_509_481_984.0;

/// x where e^x neither overflows nor vanishes; what is not a number stays so.
#[inline(always)]
fn clamped(x: f64) -> f64 {
    let x = if x > 710.0 { 710.0 } else { x };
    if x < -746.0 { -746.0 } else { x }
}

/// x = k ln 2 + r with |r| <= ln 2 / 2; returns k and e^r - 1.
#[inline(always)]
fn reduced(x: f64) -> (i64, f64) {
    /// Adding and subtracting it rounds to the nearest integer, which then lies in the lowest bits.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let shifted = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = (x - k * LN_2_UPPER) - k * LN_2_LOWER;
    let series = INVERSE_FACTORIALS.iter().fold(0.0, |sum, term| sum * r + term);
    let whole = (shifted.to_bits() as i64).wrapping_sub(ROUNDER.to_bits() as i64);
    (whole, r + r * r * series)
}

/// 1/13! to 1/2!: the series of (e^r - 1 - r) / r^2, highest power first.
const INVERSE_FACTORIALS: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// x 2^k for k in -1077..=1025, in two steps because 2^k itself may not be a normal number.
#[inline(always)]
fn scaled(x: f64, k: i64) -> f64 {
    let half = k >> 1;
    let two_to = |k: i64| f64::from_bits(((1023 + k) as u64) << 52);
    x * two_to(half) * two_to(k - half)
}

/// ln x = e ln 2 + ln m, where x = m 2^e and m lies in [√½, √2).
#[inline(always)]
fn ln_of_normal(x: f64) -> f64 {
    const SQRT_2: i64 = std::f64::consts::SQRT_2.to_bits() as i64;
    const ONE: i64 = 1.0_f64.to_bits() as i64;
    let bits = x.to_bits() as i64;
    let exponent = ((bits + (ONE - SQRT_2 + (1 << 52))) >> 52) - 1023;
    let m = f64::from_bits((bits - (exponent << 52)) as u64);
    let exponent = exponent as f64;
    exponent * LN_2_UPPER + (ln_of_ratio((m - 1.0) / (m + 1.0)) + exponent * LN_2_LOWER)
}

/// ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.172.
#[inline(always)]
fn ln_of_ratio(s: f64) -> f64 {
    let z = s * s;
    let series = ODD_INVERSES.iter().fold(0.0, |sum, term| sum * z + term);
    2.0 * s + 2.0 * s * (z * series)
}

/// 1/21 to 1/3: artanh s = s + s z (1/3 + z (1/5 + ..)) with z = s^2.
const ODD_INVERSES: [f64; 10] = [
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Rng;

    /// How many representable numbers lie between two of the same sign.
    fn ulp(a: f64, b: f64) -> u64 {
        (a.to_bits() as i64).abs_diff(b.to_bits() as i64)
    }

    #[track_caller]
    fn check(ours: fn(f64) -> f64, theirs: fn(f64) -> f64, (low, high): (f64, f64), most: u64) {
        let mut rng = Rng::seeded(3);
        let mut worst = (0, 0.0);
        for _ in 0..400_000 {
            let x = rng.uniform(low, high);
            let distance = ulp(ours(x), theirs(x));
            if distance > worst.0 {
                worst = (distance, x);
            }
        }
        assert!(worst.0 <= most, "{} ulp at {}", worst.0, worst.1);
    }

    #[test]
    fn exponentials_are_close_to_the_platform() {
        check(exp, f64::exp, (-700.0, 700.0), 1);
        check(exp, f64::exp, (-1.0, 1.0), 1);
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(exp(1e9), f64::INFINITY);
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert!(exp(f64::NAN).is_nan());
        assert!((exp(-740.0) / (-740.0_f64).exp() - 1.0).abs() < 0.2, "subnormal");
    }

    #[test]
    fn logarithms_are_close_to_the_platform() {
        check(ln, f64::ln, (1e-9, 2.0), 3);
        check(ln, f64::ln, (1.0, 1e300), 3);
        check(ln_1p, f64::ln_1p, (0.0, 0.5), 3);
        check(ln_1p, f64::ln_1p, (0.0, 1e-9), 1);
        assert_eq!(ln(1.0).to_bits(), 0);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ln(-1.0).is_nan() && ln(f64::NAN).is_nan());
        assert!((ln(5e-324) - (5e-324_f64).ln()).abs() < 1e-12, "subnormal");
    }

    #[test]
    fn hyperbolic_tangents_are_close_to_the_platform() {
        check(tanh, f64::tanh, (-20.0, 20.0), 3);
        check(tanh, f64::tanh, (-0.5, 0.5), 3);
        check(tanh, f64::tanh, (0.0, 1e-8), 3);
        assert_eq!(tanh(0.0).to_bits(), 0);
        assert_eq!(tanh(-0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(tanh(400.0), 1.0);
        assert_eq!(tanh(f64::NEG_INFINITY), -1.0);
        assert!(tanh(f64::NAN).is_nan());
    }

    #[test]
    fn softplus_and_powers() {
        for x in [-800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0_f64] {
            let exact = x.max(0.0) + (-x.abs()).exp().ln_1p();
            assert!((softplus(x) - exact).abs() <= 1e-15 * exact, "softplus {x}");
        }
        for (x, y) in [(2.0, 0.5), (1e-6, 0.6), (17.0, 3.0), (0.3, -0.4_f64)] {
            let exact = f64::powf(x, y);
            assert!((power(x, y) / exact - 1.0).abs() < 1e-14, "{x} to the {y}");
        }
        assert_eq!(power(0.0, 0.6), 0.0);
        assert_eq!(power(0.0, 0.0), 1.0);
    }

    /// A change of one bit anywhere in these functions changes what every recorded run replays.
    #[test]
    fn bits_never_change() {
        let mut rng = Rng::seeded(9);
        let mut digest = 0_u64;
        for _ in 0..10_000 {
            let x = rng.uniform(-30.0, 30.0);
            for y in [exp(x), ln(x.abs()), tanh(x), softplus(x), ln_1p(x.abs())] {
                digest = digest.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ y.to_bits();
            }
        }
        assert_eq!(digest, 0xeef7_c75b_e7ab_d0da);
    }
}
