//! Sine and cosine of `f64` with the bits of the C library (glibc 2.28 and later, on a machine
//! with fused multiply-add), which is what `math.cos` and `np.cos` of a double give.
//!
//! The method is the library's: bring the argument to at most 0.856 by multiples of π/2 in three
//! parts, look up the sine and cosine of the nearest k/128, and turn them by the small rest. Where
//! it fuses a multiplication with an addition, so must we; the order of operations is the result.

use plugin_api::simd::{Bits, Mask, Wide};

use super::tables::SIN_COS;

/// From here on the library reduces its argument by other means, and these functions give NaN.
pub const LIMIT: f64 = f64::from_bits(0x4199_21fb_0000_0000);

/// Below this magnitude an argument is taken as it is.
pub const NEAR: f64 = 0.855_468_75;

/// Below this magnitude π/2 is subtracted from an argument instead of a multiple.
const MIDDLE: f64 = f64::from_bits(0x4003_68fd_0000_0000);

/// Below this magnitude a sine needs no table.
const SMALL: f64 = 0.126;

/// Adding this to a number below 2⁴⁴ rounds it to a multiple of 1/128.
const TO_128THS: f64 = 1.5 * (1_u64 << 45) as f64;

/// Adding this to a number below 2⁵¹ rounds it to an integer.
const TO_INTEGER: f64 = 1.5 * (1_u64 << 52) as f64;

/// π/2 and what is left of it.
const HALF_PI: [f64; 2] = [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17];

/// π/2 in four parts; products of an integer with the first ones are exact.
const HALF_PI_PARTS: [f64; 4] = [
    f64::from_bits(0x3ff9_21fb_5800_0000),
    f64::from_bits(0xbe4d_de97_3c00_0000),
    f64::from_bits(0xbc8c_b3b3_9800_0000),
    f64::from_bits(0xbacd_747f_23e3_2ed7),
];

/// sin x = x + x³ · (these, in powers of x²), for the rest that the table leaves.
const SIN_REST: [f64; 2] =
    [f64::from_bits(0xbfc5_5555_5555_5515), f64::from_bits(0x3f81_1110_e829_872f)];

/// 1 − cos x = x² · (these, in powers of x²).
const COS_REST: [f64; 3] =
    [0.5, f64::from_bits(0xbfa5_5555_5555_5535), f64::from_bits(0x3f56_c16b_edd9_e239)];

/// sin x = x + x³ · (these, in powers of x²), for a small argument.
const SIN_SMALL: [f64; 5] = [
    f64::from_bits(0xbfc5_5555_5555_5555),
    f64::from_bits(0x3f81_1111_1111_0ece),
    f64::from_bits(0xbf2a_01a0_19db_08b8),
    f64::from_bits(0x3ec7_1de2_7b9a_7ed9),
    f64::from_bits(0xbe5a_ddff_c2fc_df59),
];

/// An angle as the sum of two numbers, the second far smaller than the first.
#[derive(Clone, Copy)]
struct Angle<V> {
    high: V,
    low: V,
}

/// The sine and the cosine.
#[inline(always)]
pub fn sin_cos<V: Wide>(x: V) -> (V, V) {
    if x.abs().lt(V::splat(NEAR)).all() {
        return sin_cos_near(x);
    }
    Reduced::new(x).sin_cos()
}

/// The sine.
#[inline(always)]
pub fn sin<V: Wide>(x: V) -> V {
    Reduced::new(x).sin_cos().0
}

/// The cosine.
#[inline(always)]
pub fn cos<V: Wide>(x: V) -> V {
    Reduced::new(x).cos()
}

/// The sine and the cosine of arguments whose magnitude is below [`NEAR`].
#[inline(always)]
pub fn sin_cos_near<V: Wide>(x: V) -> (V, V) {
    let point = Point::new(x.abs());
    let (square, sin_rest, cos_rest) = rest_series(point.rest);
    let [sin, sin_low, cos, cos_low] = point.rows;
    let cube = point.rest * square;

    let s = point.rest + cube * sin_rest;
    let c = square * cos_rest;
    let correction = s.mul_add(cos, (-c).mul_add(sin, s.mul_add(cos_low, sin_low)));
    let far_sine = sin + correction;
    let sine = V::select(x.abs().lt(V::splat(SMALL)), small_sine(x, V::splat(0.0)), far_sine);

    let s = cube.mul_add(sin_rest, point.rest);
    let correction = (-s).mul_add(sin, (-c).mul_add(cos, (-s).mul_add(sin_low, cos_low)));
    (sine.copysign(x), cos + correction)
}

/// An argument and what the library makes of it.
#[derive(Clone, Copy)]
struct Reduced<V: Wide> {
    x: V,
    /// Where it is subtracted from a right angle, instead of a number of them from it.
    middle: V::Mask,
    /// The number of subtracted right angles in its low bits, and the angle left.
    turns: V::Bits,
    angle: Angle<V>,
}

impl<V: Wide> Reduced<V> {
    #[inline(always)]
    fn new(x: V) -> Self {
        let magnitude = x.abs();
        let near = magnitude.lt(V::splat(NEAR));
        let middle = magnitude.lt(V::splat(MIDDLE)) & !near;
        let x = V::select(magnitude.lt(V::splat(LIMIT)), x, V::splat(f64::NAN));

        let shift = V::splat(TO_INTEGER);
        let rounded = x.mul_add(V::splat(std::f64::consts::FRAC_2_PI), shift);
        let rounded = V::select(near, shift, rounded);
        let turns = -(rounded - shift);
        let [a, b, c, d] = HALF_PI_PARTS.map(V::splat);
        let rest = turns.mul_add(b, turns.mul_add(a, x));
        let high = turns.mul_add(c, rest);
        let low = turns.mul_add(c, rest - high);
        let next = turns.mul_add(d, high);
        let low = low + turns.mul_add(d, high - next);
        Self { x, middle, turns: rounded.to_bits(), angle: Angle { high: next, low } }
    }

    /// The angles whose sine and cosine the library takes: the same one twice, or between its
    /// first and second reach what is left of π/2, in one piece for the sine, in two for the other.
    #[inline(always)]
    fn angles(&self) -> (Angle<V>, Angle<V>) {
        let [right, right_low] = HALF_PI.map(V::splat);
        let left = right - self.x.abs();
        let whole = left + right_low;
        let whole_low = (left - whole) + right_low;
        let choose = |middle, other| V::select(self.middle, middle, other);
        let Angle { high, low } = self.angle;
        let sine_of = Angle { high: choose(whole, high), low: choose(whole_low, low) };
        (sine_of, Angle { high: choose(left, high), low: choose(right_low, low) })
    }

    /// Where the sine of the argument is the cosine of the angle, and the other way round.
    #[inline(always)]
    fn swapped(&self) -> V::Mask {
        self.turns.has(1) | self.middle
    }

    #[inline(always)]
    fn sin_cos(&self) -> (V, V) {
        let (sine_of, cosine_of) = self.angles();
        let (sine, cosine) = both(sine_of, cosine_of);
        let sin = V::select(self.swapped(), cosine, sine);
        let sin = sin.negate_where(self.turns.has(2) & !self.middle);
        // Up to here the sign is that of the argument, also where that is a zero.
        let first = self.x.abs().lt(V::splat(MIDDLE));
        let cos = self.signed_cos(V::select(self.swapped(), sine, cosine));
        (V::select(first, sin.copysign(self.x), sin), cos)
    }

    #[inline(always)]
    fn cos(&self) -> V {
        let (sine_of, cosine_of) = self.angles();
        self.signed_cos(either(sine_of, cosine_of, !self.swapped()))
    }

    #[inline(always)]
    fn signed_cos(&self, value: V) -> V {
        let turns = self.turns.plus(V::Bits::splat(1));
        value.negate_where(turns.has(2) & !self.middle)
    }
}

/// The sine of one angle and the cosine of another that hardly differs from it.
#[inline(always)]
fn both<V: Wide>(sine_of: Angle<V>, cosine_of: Angle<V>) -> (V, V) {
    let shift = V::splat(TO_128THS);
    let magnitudes = [sine_of, cosine_of].map(|angle| angle.high.abs());
    let rounded = magnitudes.map(|magnitude| magnitude + shift);
    let rows = V::lookup_rows(&SIN_COS, rounded[1].to_bits());
    // A unit of the last place apart, they may still be nearest to different entries.
    let sine_rows = if rounded[0].eq(rounded[1]).all() {
        rows
    } else {
        V::lookup_rows(&SIN_COS, rounded[0].to_bits())
    };
    let [sine_rest, cosine_rest] = [0, 1].map(|idx| magnitudes[idx] - (rounded[idx] - shift));
    let signed_low = |angle: Angle<V>| angle.low.negate_where(angle.high.le(V::splat(0.0)));

    // The sine carries the low part along, the cosine takes it into the rest at once.
    let low = signed_low(sine_of);
    let (square, sin_rest, cos_rest) = rest_series(sine_rest);
    let s = sine_rest + (sine_rest * square).mul_add(sin_rest, low);
    let c = sine_rest.mul_add(low, square * cos_rest);
    let [sin, sin_low, cos, cos_low] = sine_rows;
    let correction = s.mul_add(cos, (-c).mul_add(sin, s.mul_add(cos_low, sin_low)));
    let near = magnitudes[0].lt(V::splat(SMALL));
    let sine = V::select(near, small_sine(sine_of.high, sine_of.low), sin + correction);

    let rest = cosine_rest + signed_low(cosine_of);
    let (square, sin_rest, cos_rest) = rest_series(rest);
    let s = -(rest * square).mul_add(sin_rest, rest);
    let c = square * cos_rest;
    let [sin, sin_low, cos, cos_low] = rows;
    let correction = s.mul_add(sin, (-c).mul_add(cos, s.mul_add(sin_low, cos_low)));
    (sine.copysign(sine_of.high), cos + correction)
}

/// The sine of one angle, or the cosine of the other where the mask holds.
#[inline(always)]
fn either<V: Wide>(sine_of: Angle<V>, cosine_of: Angle<V>, cosine: V::Mask) -> V {
    let high = V::select(cosine, cosine_of.high, sine_of.high);
    let low = V::select(cosine, cosine_of.low, sine_of.low);
    let zero = V::splat(0.0);
    let signed_low = low.negate_where(high.le(zero));

    let point = Point::new(high.abs());
    // The cosine takes the low part into the rest at once, the sine carries it along.
    let rest = V::select(cosine, point.rest + signed_low, point.rest);
    let low_beside = V::select(cosine, zero, signed_low);
    let (square, sin_rest, cos_rest) = rest_series(rest);
    let cube = rest * square;
    let s_sine = rest + cube.mul_add(sin_rest, low_beside);
    let s_cosine = -cube.mul_add(sin_rest, rest);
    let s = V::select(cosine, s_cosine, s_sine);
    let c = rest.mul_add(low_beside, square * cos_rest);

    // sin(k/128 + rest), or cos(k/128 + rest) with the columns changed and the sine negative.
    let [sin, sin_low, cos, cos_low] = point.rows;
    let (this, this_low) = (V::select(cosine, cos, sin), V::select(cosine, cos_low, sin_low));
    let (other, other_low) = (V::select(cosine, sin, cos), V::select(cosine, sin_low, cos_low));
    let correction = s.mul_add(other, (-c).mul_add(this, s.mul_add(other_low, this_low)));
    let far = this + correction;
    let near = V::select(high.abs().lt(V::splat(SMALL)), small_sine(high, low), far);
    V::select(cosine, far, near.copysign(high))
}

/// The nearest k/128 to a magnitude, as the entries of the table, and what is left.
struct Point<V: Wide> {
    rows: [V; 4],
    rest: V,
}

impl<V: Wide> Point<V> {
    #[inline(always)]
    fn new(magnitude: V) -> Self {
        let shift = V::splat(TO_128THS);
        let rounded = magnitude + shift;
        Self {
            rows: V::lookup_rows(&SIN_COS, rounded.to_bits()),
            rest: magnitude - (rounded - shift),
        }
    }
}

/// The square of a rest, and the sums of its two series.
#[inline(always)]
fn rest_series<V: Wide>(rest: V) -> (V, V, V) {
    let square = rest * rest;
    let [s1, s2] = SIN_REST.map(V::splat);
    let [c1, c2, c3] = COS_REST.map(V::splat);
    (square, s2.mul_add(square, s1), c3.mul_add(square, c2).mul_add(square, c1))
}

#[inline(always)]
fn small_sine<V: Wide>(high: V, low: V) -> V {
    let square = high * high;
    let [a, b, c, d, e] = SIN_SMALL.map(V::splat);
    let series = e.mul_add(square, d).mul_add(square, c).mul_add(square, b).mul_add(square, a);
    let series = series.mul_add(high, -(V::splat(0.5) * low));
    high + series.mul_add(square, low)
}
