//! Sine and cosine of `f32` with the bits of the C library (glibc 2.28 and later, on a machine
//! with fused multiply-add), which the original calls wherever a body turns.
//!
//! The method is that of Arm's optimized routines: take multiples of π/2 away and sum a short
//! series, all in double precision. The library fuses multiplications with additions there. After
//! rounding to single precision that shows in one result of a million, so the plain sum comes
//! first, and the fused one only where the plain one lies next to the middle of two singles.

/// sin x = x + x³ · (these, in powers of x²).
const SIN: [f64; 3] = [
    f64::from_bits(0xbfc5_5554_5995_a603),
    f64::from_bits(0x3f81_1076_0523_0bc4),
    f64::from_bits(0xbf29_94eb_3774_cf24),
];

/// cos x = 1 + x² · (these, in powers of x²).
const COS: [f64; 4] = [
    f64::from_bits(0xbfdf_ffff_fd0c_621c),
    f64::from_bits(0x3fa5_5553_e106_8f19),
    f64::from_bits(0xbf56_c087_e89a_359d),
    f64::from_bits(0x3ef9_9343_027b_f8c3),
];

/// The first 192 binary digits of 2/π.
const TWO_OVER_PI: [u8; 24] = [
    0xa2, 0xf9, 0x83, 0x6e, 0x4e, 0x44, 0x15, 0x29, 0xfc, 0x27, 0x57, 0xd1, 0xf5, 0x34, 0xdd, 0xc0,
    0xdb, 0x62, 0x95, 0x99, 0x3c, 0x43, 0x90, 0x41,
];

/// 2²⁴ · 2/π.
const TWO_OVER_PI_SHIFTED: f64 = f64::from_bits(0x4164_5f30_6dc9_c883);

/// π/2 in two parts; the product of either with a small whole number is exact.
const HALF_PI: [f64; 2] = [f64::from_bits(0x3ff9_21fb_5444_2d00), 24.0 * f64::EPSILON];

/// 2⁻⁶² · π/2.
const HALF_PI_62: f64 = f64::from_bits(0x3c19_21fb_5444_2d18);

/// Below this the sine of a number is the number.
const TINY: f32 = 1.0 / 4096.0;

/// Where the library changes its method: by the upper bits of π/4 and of 120.
const NEAR: u32 = 0x3f4;
const FAR: u32 = 0x42f;

/// The sine and the cosine.
#[inline]
pub fn sin_cos(x: f32) -> (f32, f32) {
    let (rest, quarter) = reduced(x);
    let sine = if x.abs() < TINY { x } else { single(rest, sine_series, sine_series_fused) };
    let cosine = single(rest, cosine_series, cosine_series_fused);
    match quarter & 3 {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

/// An angle without the nearest multiple of π/2, and that multiple.
#[inline]
fn reduced(x: f32) -> (f64, i32) {
    let top = x.to_bits() >> 20 & 0x7ff;
    let wide = f64::from(x);
    if top < NEAR {
        (wide, 0)
    } else if top < FAR {
        let quarter = ((wide * TWO_OVER_PI_SHIFTED) as i32 + 0x80_0000) >> 24;
        let turns = f64::from(quarter);
        // Only the last subtraction rounds, as if all of it were one operation.
        ((wide - turns * HALF_PI[0]) - turns * HALF_PI[1], quarter)
    } else {
        reduced_far(x)
    }
}

/// The same for a large angle: a product of whole numbers, of which only the digits around the
/// point matter.
#[cold]
fn reduced_far(x: f32) -> (f64, i32) {
    if !x.is_finite() {
        return (f64::NAN, 0);
    }
    let bits = x.to_bits();
    let first = (bits >> 26 & 15) as usize;
    // 32 digits of 2/π that end with this byte.
    let digits = |last: usize| {
        let bytes = &TWO_OVER_PI[last.saturating_sub(3)..=last];
        bytes.iter().fold(0_u32, |number, &byte| number << 8 | u32::from(byte))
    };
    let mantissa = (bits & 0x7f_ffff | 0x80_0000) << (bits >> 23 & 7);
    let high = u64::from(mantissa.wrapping_mul(digits(first)));
    let middle = u64::from(mantissa) * u64::from(digits(first + 4));
    let low = u64::from(mantissa) * u64::from(digits(first + 8));
    let product = (high << 32 | low >> 32).wrapping_add(middle);
    let quarter = product.wrapping_add(1 << 61) >> 62;
    let rest = product.wrapping_sub(quarter << 62) as i64 as f64 * HALF_PI_62;
    let quarter = quarter as i32;
    if bits >> 31 == 0 { (rest, quarter) } else { (-rest, -quarter) }
}

/// The single number that the fused sum rounds to.
#[inline]
fn single(rest: f64, plain: impl Fn(f64) -> f64, fused: impl Fn(f64) -> f64) -> f32 {
    const LOST: u64 = (1 << 29) - 1;
    const MIDDLE: u64 = 1 << 28;
    const DOUBT: u64 = 64;
    let sum = plain(rest);
    if (sum.to_bits() & LOST).abs_diff(MIDDLE) < DOUBT {
        return fused(rest) as f32;
    }
    sum as f32
}

#[inline]
fn sine_series(x: f64) -> f64 {
    let square = x * x;
    let cube = x * square;
    (x + cube * SIN[0]) + (cube * square) * (SIN[1] + square * SIN[2])
}

#[cold]
fn sine_series_fused(x: f64) -> f64 {
    let square = x * x;
    let cube = x * square;
    let high = square.mul_add(SIN[2], SIN[1]);
    (cube * square).mul_add(high, cube.mul_add(SIN[0], x))
}

#[inline]
fn cosine_series(x: f64) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = (1.0 + square * COS[0]) + fourth * COS[1];
    low + (fourth * square) * (COS[2] + square * COS[3])
}

#[cold]
fn cosine_series_fused(x: f64) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let low = fourth.mul_add(COS[1], square.mul_add(COS[0], 1.0));
    (fourth * square).mul_add(square.mul_add(COS[3], COS[2]), low)
}
