//! Sine and cosine of `f32` with the bits of numpy's own loop for `np.float32` (2.0 and later,
//! on a machine with fused multiply-add).

/// From here on numpy leaves a cosine to the C library, and these functions give NaN.
pub const LIMIT: f32 = 71_476.06;

/// π/2 in three parts.
const HALF_PI: [f32; 3] =
    [f32::from_bits(0x3fc9_0fd8), f32::from_bits(0x34a8_885a), f32::from_bits(0x27c2_34c4)];

/// The sine and the cosine.
pub fn sin_cos(x: f32) -> (f32, f32) {
    const TO_INTEGER: f32 = 1.5 * (1 << 23) as f32;
    if x.is_nan() || x.abs() >= LIMIT {
        return (f32::NAN, f32::NAN);
    }
    let turns = (x * std::f32::consts::FRAC_2_PI + TO_INTEGER) - TO_INTEGER;
    let rest = HALF_PI.into_iter().fold(x, |rest, part| (-turns).mul_add(part, rest));
    let square = rest * rest;
    let (sine, cosine) = (sine_series(rest, square), cosine_series(square));
    match turns as i32 & 3 {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

fn sine_series(x: f32, square: f32) -> f32 {
    const SERIES: [u32; 4] = [0x363e_9dde, 0xb950_35dd, 0x3c08_88cd, 0xbe2a_aaab];
    let [first, rest @ ..] = SERIES.map(f32::from_bits);
    let sum = rest.into_iter().fold(first, |sum, next| sum.mul_add(square, next));
    (sum * square).mul_add(x, x)
}

fn cosine_series(square: f32) -> f32 {
    const SERIES: [u32; 5] = [0x37cc_730b, 0xbab6_036e, 0x3d2a_aa9e, 0xbf00_0000, 0x3f80_0000];
    let [first, rest @ ..] = SERIES.map(f32::from_bits);
    rest.into_iter().fold(first, |sum, next| sum.mul_add(square, next))
}
