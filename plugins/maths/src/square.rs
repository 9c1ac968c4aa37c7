//! Squares as Python's `**` computes them on numpy scalars: through the power function of the C
//! library, whose result is now and then the neighbour of the nearest number.
//!
//! The method is that of Arm's optimized routines (glibc 2.28 and later, on a machine with fused
//! multiply-add): a logarithm to 68 bits, its double, and an exponential.

use plugin_api::simd::{Bits, Mask, Wide};

use super::tables::{
    INVERSES_F32, LOGS_F32, POWER_LOGS, POWER_OCTAVE, POWER_OCTAVE_F32, POWERS_OF_TWO,
    POWERS_OF_TWO_F32, POWERS_OF_TWO_LACK,
};

/// `x ** 2` of a `np.float64`.
///
/// The library errs by at most 0.51 units of the last place while x is not extreme, so its result
/// can differ from x·x only where the exact square lies close to the middle of two numbers.
#[inline(always)]
pub fn square<V: Wide>(x: V) -> V {
    let nearest = x * x;
    let doubtful = may_differ(x, nearest);
    if !doubtful.any() {
        return nearest;
    }
    // Zero, what is not finite, and what has no normal square has no doubt either.
    let ordinary = x.abs().gt(V::splat(1e-150)) & x.abs().lt(V::splat(1e150));
    V::select(ordinary, square_by_power(x.abs()), nearest)
}

/// Where the exact square is within 0.01 units of the middle of two numbers.
#[inline(always)]
fn may_differ<V: Wide>(x: V, nearest: V) -> V::Mask {
    /// 0.49 units of the last place of 1.
    const CLOSE: f64 = 0.49 * f64::EPSILON;
    const EXPONENT: u64 = 0x7ff << 52;
    let lost = x.mul_add(x, -nearest).abs();
    let power = V::from_bits(nearest.to_bits() & V::Bits::splat(EXPONENT));
    // Below a power of two the numbers lie twice as dense.
    let close = (power * V::splat(CLOSE)).lt(lost) | nearest.eq(power);
    close | x.abs().lt(V::splat(2e-5)) | x.abs().gt(V::splat(5e4))
}

/// The library's power function with the exponent 2, of a positive number.
#[inline(always)]
fn square_by_power<V: Wide>(x: V) -> V {
    let (high, low) = ln(x);
    exp(high + high, low + low)
}

/// The natural logarithm and what it lacks.
#[inline(always)]
fn ln<V: Wide>(x: V) -> (V, V) {
    const LN_2: [f64; 2] =
        [f64::from_bits(0x3fe6_2e42_fefa_3800), f64::from_bits(0x3d2e_f357_93c7_6730)];
    const SERIES: [f64; 7] = [
        -0.5,
        f64::from_bits(0xbfe5_5555_5555_5560),
        f64::from_bits(0x3fe0_0000_0000_0006),
        f64::from_bits(0x3fe9_9999_9959_554e),
        f64::from_bits(0xbfe5_5555_5529_a47a),
        f64::from_bits(0xbff2_495b_9b48_45e9),
        f64::from_bits(0x3ff0_002b_8b26_3fc3),
    ];
    let (octave, reduced, piece) = octave_and_piece::<V, 45>(x, POWER_OCTAVE);
    let [inverse, log, log_low, _] = V::lookup_rows(&POWER_LOGS, piece);
    let [a, b, c, d, e, f, g] = SERIES.map(V::splat);
    let [ln_2, ln_2_low] = LN_2.map(V::splat);

    let r = reduced.mul_add(inverse, V::splat(-1.0));
    let start = octave.mul_add(ln_2, log);
    let sum = start + r;
    let half = a * r;
    let half_square = r * half;
    let cube = r * half_square;
    let high = sum + half_square;
    let low = octave.mul_add(ln_2_low, log_low)
        + ((start - sum) + r)
        + half.mul_add(r, -half_square)
        + ((sum - high) + half_square);
    let series = r.mul_add(g, f).mul_add(half_square, r.mul_add(e, d));
    let series = half_square.mul_add(series, r.mul_add(c, b));
    let low = cube.mul_add(series, low);
    let sum = high + low;
    (sum, (high - sum) + low)
}

/// The exponential of a sum.
#[inline(always)]
fn exp<V: Wide>(high: V, low: V) -> V {
    const PIECES_PER_UNIT: f64 = f64::from_bits(0x4067_1547_652b_82fe);
    const PIECE: [f64; 2] =
        [f64::from_bits(0x3f76_2e42_fefa_0000), f64::from_bits(0x3d0c_f79a_bc9e_3b3a)];
    const SERIES: [f64; 4] = [
        f64::from_bits(0x3fdf_ffff_ffff_fdbd),
        f64::from_bits(0x3fc5_5555_5555_543c),
        f64::from_bits(0x3fa5_5555_cf17_2b91),
        f64::from_bits(0x3f81_1111_67a4_d017),
    ];
    const TO_INTEGER: f64 = 1.5 * (1_u64 << 52) as f64;
    let [a, b, c, d] = SERIES.map(V::splat);
    let [piece, piece_low] = PIECE.map(V::splat);
    let rounded = V::splat(PIECES_PER_UNIT).mul_add(high, V::splat(TO_INTEGER));
    let pieces = -(rounded - V::splat(TO_INTEGER));
    let r = pieces.mul_add(piece_low, pieces.mul_add(piece, high)) + low;

    let pieces = rounded.to_bits();
    let power = V::lookup(&POWERS_OF_TWO, pieces).to_bits().plus(pieces.shift_left::<45>());
    let power = V::from_bits(power);
    let square = r * r;
    let sum = b.mul_add(r, a).mul_add(square, V::lookup(&POWERS_OF_TWO_LACK, pieces) + r);
    let sum = r.mul_add(d, c).mul_add(square * square, sum);
    sum.mul_add(power, power)
}

/// `x ** 2` of a `np.float32`; the numbers must be single-precision ones.
#[inline(always)]
pub fn square_f32<V: Wide>(x: V) -> V {
    /// Below this magnitude the square is below half the smallest number.
    const VANISHING: f64 = 1.0 / (1_u128 << 75) as f64;
    const LOG_SERIES: [f64; 5] = [
        f64::from_bits(0x3ff7_1547_652a_b82b),
        f64::from_bits(0xbfe7_1547_48be_f6c8),
        f64::from_bits(0x3fde_c70a_6ca7_badd),
        f64::from_bits(0xbfd7_1969_a075_c67a),
        f64::from_bits(0x3fd2_7616_c949_6e0b),
    ];
    const POWER_SERIES: [f64; 3] = [
        f64::from_bits(0x3fe6_2e42_ff0c_52d6),
        f64::from_bits(0x3fce_bfce_50fa_c4f3),
        f64::from_bits(0x3fac_6af8_4b91_2394),
    ];
    const TO_32NDS: f64 = 1.5 * (1_u64 << 47) as f64;
    let (octave, reduced, piece) = octave_and_piece::<V, 48>(x.abs(), POWER_OCTAVE_F32);
    let [a, b, c, d, e] = LOG_SERIES.map(V::splat);
    let one = V::splat(1.0);
    let r = reduced.mul_add(V::lookup(&INVERSES_F32, piece), -one);
    let start = V::lookup(&LOGS_F32, piece) + octave;
    let square = r * r;
    let sum = r.mul_add(a, start);
    let sum = square.mul_add(c.mul_add(r, b), sum);
    let log = e.mul_add(r, d).mul_add(square * square, sum);

    let log = log + log;
    let rounded = log + V::splat(TO_32NDS);
    let r = log - (rounded - V::splat(TO_32NDS));
    let pieces = rounded.to_bits();
    let power = V::lookup(&POWERS_OF_TWO_F32, pieces).to_bits().plus(pieces.shift_left::<47>());
    let [a, b, c] = POWER_SERIES.map(V::splat);
    let sum = c.mul_add(r, b).mul_add(r * r, a.mul_add(r, one));
    let result = (sum * V::from_bits(power)).round_f32();
    V::select(x.abs().gt(V::splat(VANISHING)), result, (x * x).round_f32())
}

/// A positive number as a power of two and a number of the octave that starts at `octave`; and in
/// which piece of it that lies, in the low bits, when pieces are `1 << PIECE` apart.
#[inline(always)]
fn octave_and_piece<V: Wide, const PIECE: u32>(x: V, octave: u64) -> (V, V, V::Bits) {
    /// What makes a negative exponent positive.
    const LIFT: u64 = 0x800;
    let two_52 = (1_u64 << 52) as f64;
    let offset = x.to_bits().minus(V::Bits::splat(octave));
    let exponent = offset & V::Bits::splat(0xfff << 52);
    // An integer in the low bits of 2⁵² is a number without a conversion.
    let lifted = exponent.plus(V::Bits::splat(LIFT << 52)).shift_right::<52>();
    let number = V::from_bits(lifted | V::Bits::splat(two_52.to_bits()));
    let power = number - V::splat(two_52 + LIFT as f64);
    (power, V::from_bits(x.to_bits().minus(exponent)), offset.shift_right::<PIECE>())
}
