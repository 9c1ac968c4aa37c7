//! `f64` as the narrowest wide number: what every machine has, and what the wider ones must equal.

use super::{Bits, Mask, Wide};

impl Wide for f64 {
    const WIDTH: usize = 1;
    type Mask = bool;
    type Bits = u64;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        from[0]
    }

    #[inline(always)]
    fn load_f32(from: &[f32]) -> Self {
        f64::from(from[0])
    }

    #[inline(always)]
    fn load_i64(from: &[i64]) -> Self {
        from[0] as f64
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        to[0] = self;
    }

    #[inline(always)]
    fn store_rows_f32<const W: usize>(columns: [Self; W], to: &mut [f32]) {
        for (to, column) in to[..W].iter_mut().zip(columns) {
            *to = column as f32;
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        f64::mul_add(self, factor, addend)
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        f64::copysign(self, sign)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        f64::trunc(self)
    }

    #[inline(always)]
    fn round_f32(self) -> Self {
        f64::from(self as f32)
    }

    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn le(self, other: Self) -> bool {
        self <= other
    }

    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self == other
    }

    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline(always)]
    fn to_bits(self) -> u64 {
        f64::to_bits(self)
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }

    #[inline(always)]
    fn lookup<const N: usize>(table: &[f64; N], index: u64) -> Self {
        const { assert!(N.is_power_of_two()) };
        table[index as usize & (N - 1)]
    }

    #[inline(always)]
    fn lookup_rows<const N: usize>(table: &[[f64; 4]; N], index: u64) -> [Self; 4] {
        const { assert!(N.is_power_of_two()) };
        table[index as usize & (N - 1)]
    }
}

impl Mask for bool {
    #[inline(always)]
    fn any(self) -> bool {
        self
    }

    #[inline(always)]
    fn all(self) -> bool {
        self
    }

    #[inline(always)]
    fn to_bits(self) -> u32 {
        u32::from(self)
    }

    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        to[0] = u8::from(self);
    }
}

impl Bits for u64 {
    type Mask = bool;

    #[inline(always)]
    fn splat(bits: u64) -> Self {
        bits
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        self << N
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        self >> N
    }

    #[inline(always)]
    fn has(self, bits: u64) -> bool {
        self & bits != 0
    }
}
