//! The tables that the C library's sines, cosines and powers rest on, computed at compile time.

use super::fixed::Fixed;

/// ln 2 = 2 artanh(1/3).
const LN_2: Fixed = Fixed::ln_of_neighbours(3);

/// The sine and the cosine of k/128, each as the nearest number and what is left of it.
pub(super) static SIN_COS: [[f64; 4]; 128] = sin_cos_table();

/// Where the C library's table is not the nearest: k, the column, and the units of the last
/// place by which the magnitude differs.
const DEVIATIONS: [(usize, usize, i64); 18] = [
    (2, 1, 1),
    (10, 1, 1),
    (23, 1, 39),
    (26, 3, 1),
    (27, 1, 1),
    (33, 1, 1),
    (34, 1, 1),
    (36, 1, 1),
    (40, 1, -2),
    (44, 3, 1),
    (70, 3, 1),
    (75, 1, 1),
    (75, 3, -2),
    (79, 3, 1),
    (85, 1, 1),
    (90, 1, -2),
    (94, 1, 1),
    (107, 1, 1),
];

const fn sin_cos_table() -> [[f64; 4]; 128] {
    let (sin_step, cos_step) = sin_cos_of_one_step();
    let (mut sin, mut cos) = (Fixed::ZERO, Fixed::ONE);
    let mut table = [[0.0; 4]; 128];
    let mut k = 0;
    while k < 128 {
        let ((sin_high, sin_low), (cos_high, cos_low)) = (sin.split(), cos.split());
        table[k] = [sin_high, sin_low, cos_high, cos_low];
        let next_sin = sin.times(cos_step).plus(cos.times(sin_step));
        cos = cos.times(cos_step).minus(sin.times(sin_step));
        sin = next_sin;
        k += 1;
    }
    let mut next = 0;
    while next < DEVIATIONS.len() {
        let (k, column, units) = DEVIATIONS[next];
        let bits = table[k][column].to_bits();
        table[k][column] = f64::from_bits(bits.wrapping_add_signed(units));
        next += 1;
    }
    table
}

/// The power series of the sine and the cosine at x = 1/128.
const fn sin_cos_of_one_step() -> (Fixed, Fixed) {
    let (mut sin, mut cos) = (Fixed::ZERO, Fixed::ZERO);
    let mut term = Fixed::ONE;
    let mut power = 0;
    while !term.is_zero() {
        match power % 4 {
            0 => cos = cos.plus(term),
            1 => sin = sin.plus(term),
            2 => cos = cos.minus(term),
            _ => sin = sin.minus(term),
        }
        power += 1;
        term = term.over(128 * power);
    }
    (sin, cos)
}

/// How many pieces the logarithm of a power cuts an octave into, and its exponential too.
pub(super) const POWER_PIECES: usize = 128;

/// Where the octave of the logarithm starts, as the representation of an `f64` near √½.
pub(super) const POWER_OCTAVE: u64 = 0x3fe6_9555_0000_0000;

/// For each piece of the octave the inverse of a number c in its middle, and ln c as a multiple
/// of 2⁻⁴³ and what is left of it.
pub(super) static POWER_LOGS: [[f64; 4]; POWER_PIECES] = power_log_table();

const fn power_log_table() -> [[f64; 4]; POWER_PIECES] {
    let mut table = [[0.0; 4]; POWER_PIECES];
    let mut piece = 0;
    while piece < POWER_PIECES {
        let low = f64::from_bits(POWER_OCTAVE + ((piece as u64) << 45));
        let high = f64::from_bits(POWER_OCTAVE + ((piece as u64 + 1) << 45));
        let middle = f64::midpoint(low, high);
        // The inverse has few digits, so that its product with a number of the piece has no
        // rounding error to speak of.
        let inverse = if middle < 1.0 {
            2 * (128.0 / middle).round_ties_even() as u64
        } else {
            (256.0 / middle).round_ties_even() as u64
        };
        let (log_high, log_low) = ln_of_256_over(inverse);
        table[piece] = [inverse as f64 / 256.0, log_high, log_low, 0.0];
        piece += 1;
    }
    table
}

/// ln(256/n) as a multiple of 2⁻⁴³ and what is left of it.
const fn ln_of_256_over(n: u64) -> (f64, f64) {
    const UNITS: f64 = (1_u64 << 43) as f64;
    // ln(n/m) is the sum of ln((k + 1)/k), and each term is a fast series.
    let (from, to) = if n <= 256 { (n, 256) } else { (256, n) };
    let mut magnitude = Fixed::ZERO;
    let mut k = from;
    while k < to {
        magnitude = magnitude.plus(Fixed::ln_of_neighbours(2 * k + 1));
        k += 1;
    }
    let high = (magnitude.nearest() * UNITS).round_ties_even() / UNITS;
    let low = magnitude.beyond(high);
    if n <= 256 { (high, low) } else { (-high, -low) }
}

/// The representation of 2^(k/128), less k/128 in the place of the exponent.
pub(super) static POWERS_OF_TWO: [f64; POWER_PIECES] = powers_of_two().0;

/// What the nearest number to 2^(k/128) lacks of it, relative to that number.
pub(super) static POWERS_OF_TWO_LACK: [f64; POWER_PIECES] = powers_of_two().1;

const fn powers_of_two() -> ([f64; POWER_PIECES], [f64; POWER_PIECES]) {
    let step = exp(LN_2.over(POWER_PIECES as u64));
    let mut power = Fixed::ONE;
    let (mut nearest, mut lack) = ([0.0; POWER_PIECES], [0.0; POWER_PIECES]);
    let mut k = 0;
    while k < POWER_PIECES {
        let high = power.nearest();
        nearest[k] = f64::from_bits(high.to_bits() - ((k as u64) << 45));
        lack[k] = power.relative_to(high);
        power = power.times(step);
        k += 1;
    }
    (nearest, lack)
}

const fn exp(x: Fixed) -> Fixed {
    let mut sum = Fixed::ZERO;
    let mut term = Fixed::ONE;
    let mut power = 0;
    while !term.is_zero() {
        sum = sum.plus(term);
        power += 1;
        term = term.times(x).over(power);
    }
    sum
}

/// Where the octave of the logarithm of a single-precision power starts: the representation, as
/// an `f64`, of an `f32` near √½.
pub(super) const POWER_OCTAVE_F32: u64 = 0x3fe6_6000_0000_0000;

/// The inverse of a number c near the middle of each sixteenth of that octave.
pub(super) static INVERSES_F32: [f64; 16] = {
    let mut inverses = [0.0; 16];
    let mut piece = 0;
    while piece < 16 {
        inverses[piece] = inverse_f32(piece);
        piece += 1;
    }
    inverses
};

/// log₂ c for each of them.
pub(super) static LOGS_F32: [f64; 16] = {
    let mut logs = [0.0; 16];
    let mut piece = 0;
    while piece < 16 {
        let inverse = INVERSES_F32[piece];
        logs[piece] = if inverse > 1.0 {
            -Fixed::exactly(inverse).log2().nearest()
        } else if inverse < 1.0 {
            Fixed::ONE.minus(Fixed::exactly(2.0 * inverse).log2()).nearest()
        } else {
            0.0
        };
        piece += 1;
    }
    logs
};

const fn inverse_f32(piece: usize) -> f64 {
    /// The middle of the piece next to 1 is tuned: its logarithm must be good relative to itself.
    const BESIDE_ONE: f64 = f64::from_bits(0x3fee_608c_fd9a_47ac);
    let low = f64::from_bits(POWER_OCTAVE_F32 + ((piece as u64) << 48));
    let high = f64::from_bits(POWER_OCTAVE_F32 + ((piece as u64 + 1) << 48));
    match piece {
        9 => 1.0,
        10 => BESIDE_ONE,
        // A hair below the middle.
        _ => 1.0 / (f64::midpoint(low, high) - (high - low) / (1_u64 << 20) as f64),
    }
}

/// The representation of 2^(k/32), less k/32 in the place of the exponent.
pub(super) static POWERS_OF_TWO_F32: [f64; 32] = {
    let (nearest, _) = powers_of_two();
    let mut powers = [0.0; 32];
    let mut k = 0;
    while k < 32 {
        powers[k] = nearest[4 * k];
        k += 1;
    }
    powers
};
