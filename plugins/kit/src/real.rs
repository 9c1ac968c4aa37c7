//! The number a net is made of: `f32` to be fast, `f64` to check gradients.
//!
//! The elementary functions are polynomials of plain sums and products, so that the compiler can
//! vectorise them and every machine gives the same bits.

#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

use plugin_api::archive::Scalar;
use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// A floating-point number.
pub trait Real:
    Scalar
    + Debug
    + Send
    + Sync
    + PartialOrd
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// The same number, widened.
    fn wide(self) -> f64;
    /// `e^self`; never infinite for finite `f32`.
    #[must_use]
    fn exp(self) -> Self;
    /// The natural logarithm.
    #[must_use]
    fn ln(self) -> Self;
    /// The hyperbolic tangent.
    #[must_use]
    fn tanh(self) -> Self;
    /// The square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// Without the sign.
    #[must_use]
    fn abs(self) -> Self;
    /// Whether it is neither infinite nor not a number.
    fn is_finite(self) -> bool;

    /// The product of two blocks, see [`crate::product`].
    #[doc(hidden)]
    fn multiply(product: crate::product::Product<'_, Self>);

    /// The larger one; the other one where this is not a number.
    #[inline(always)]
    #[must_use]
    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// The smaller one; the other one where this is not a number.
    #[inline(always)]
    #[must_use]
    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    /// Within bounds.
    #[inline(always)]
    #[must_use]
    fn within(self, low: Self, high: Self) -> Self {
        self.max(low).min(high)
    }

    /// ln(1 + e^self), without overflow.
    #[inline(always)]
    #[must_use]
    fn softplus(self) -> Self {
        self.max(Self::ZERO) + (Self::ONE + (-self.abs()).exp()).ln()
    }

    /// 1 / (1 + e^-self).
    #[inline(always)]
    #[must_use]
    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }
}

/// ln 2 in two parts, the first with so few digits that n of it is exact.
const LN_2_HIGH: f32 = 355.0 / 512.0;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// r and 2^n of x = n ln 2 + r with a whole n and |r| <= ln 2 / 2.
#[inline(always)]
fn reduce(x: f32) -> (f32, f32) {
    // Adding 1.5 · 2^23 leaves no bit for a fraction, and n in the lowest bits.
    const WHOLE: f32 = 12_582_912.0;
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let n = shifted - WHOLE;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    (r, power)
}

/// e^r - 1 for |r| <= ln 2 / 2, by its series.
#[inline(always)]
fn exp_less_one(r: f32) -> f32 {
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    p * r * r + r
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value as Self
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let (r, power) = reduce(self.clamp(-87.0, 88.0));
        exp_less_one(r) * power + power
    }

    /// ln x = n ln 2 + 2 artanh((m - 1) / (m + 1)) with x = m 2^n and m between √½ and √2.
    #[inline(always)]
    fn ln(self) -> Self {
        const ROOT_HALF: u32 = 0x3f35_04f3;
        let bits = self.to_bits();
        let n = (bits.wrapping_sub(ROOT_HALF) as i32) >> 23;
        let m = Self::from_bits(bits.wrapping_sub((n << 23) as u32));
        let s = (m - 1.0) / (m + 1.0);
        let z = s * s;
        let p = 2.0 / 11.0;
        let p = p * z + 2.0 / 9.0;
        let p = p * z + 2.0 / 7.0;
        let p = p * z + 2.0 / 5.0;
        let p = p * z + 2.0 / 3.0;
        let n = n as Self;
        let ln = (n * LN_2_HIGH + ((p * z * s + n * LN_2_LOW) + s)) + s;
        match () {
            () if self > 0.0 && self < Self::INFINITY => ln,
            () if self == 0.0 => Self::NEG_INFINITY,
            () if self > 0.0 => self,
            () => Self::NAN,
        }
    }

    /// tanh x = e / (e + 2) with e = e^(2x) - 1, which keeps its digits near 0.
    #[inline(always)]
    fn tanh(self) -> Self {
        let (r, power) = reduce(2.0 * self.clamp(-9.2, 9.2));
        let e = exp_less_one(r) * power + (power - 1.0);
        e / (e + 2.0)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }

    #[inline]
    fn multiply(product: crate::product::Product<'_, Self>) {
        crate::simd::multiply(product);
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }

    fn exp(self) -> Self {
        Self::exp(self)
    }

    fn ln(self) -> Self {
        Self::ln(self)
    }

    fn tanh(self) -> Self {
        Self::tanh(self)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }

    /// The literal version, that the fast one is checked against.
    fn multiply(product: crate::product::Product<'_, Self>) {
        crate::product::literal(product);
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "edges are exact")]
mod tests {
    use super::Real;

    fn worst(range: f32, ours: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        (-20_000..=20_000)
            .map(|i| range * (i as f32 / 20_000.0))
            .map(|x| {
                let right = exact(f64::from(x));
                (f64::from(ours(x)) - right).abs() / right.abs().max(1e-30)
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn elementary_functions_are_right_to_a_few_units_in_the_last_place() {
        assert!(worst(80.0, <f32 as Real>::exp, f64::exp) < 3e-7);
        assert!(worst(12.0, <f32 as Real>::tanh, f64::tanh) < 5e-7);
        assert!(worst(1e-3, <f32 as Real>::tanh, f64::tanh) < 5e-7);
        let ln = |x: f32| <f32 as Real>::ln(x.abs().max(1e-20));
        let right = |x: f64| f64::from(x.abs().max(f64::from(1e-20_f32)) as f32).ln();
        for range in [1e-6, 0.3, 7.0, 1e30] {
            let worst = worst(range, ln, |x| if x.abs() == 1.0 { 1.0 } else { right(x) });
            assert!(worst < 4e-7 || range > 1.0, "{range}: {worst}");
        }
        assert!((<f32 as Real>::ln(1.0)).abs() < 1e-7);
    }

    #[test]
    fn edges_are_what_they_should_be() {
        assert_eq!(Real::ln(0.0_f32), f32::NEG_INFINITY);
        assert_eq!(Real::ln(f32::INFINITY), f32::INFINITY);
        assert!(Real::ln(-1.0_f32).is_nan() && Real::ln(f32::NAN).is_nan());
        assert!(Real::exp(f32::NAN).is_nan() && Real::tanh(f32::NAN).is_nan());
        assert!(Real::exp(1000.0_f32).is_finite() && Real::exp(-1000.0_f32) >= 0.0);
        assert_eq!(Real::tanh(50.0_f32), 1.0);
        assert_eq!(Real::tanh(-50.0_f32), -1.0);
        assert!((Real::softplus(-100.0_f32)).abs() < 1e-30);
        assert!((Real::softplus(100.0_f32) - 100.0).abs() < 1e-5);
    }
}
