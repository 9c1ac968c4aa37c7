//! Two wide numbers as one: twice as many independent operations for the processor to overlap.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{Bits, Mask, Wide};

/// Two wide numbers side by side.
///
/// A long chain of operations, each waiting for the one before, leaves a processor idle. Two
/// chains through the same instructions fill each other's gaps; the price is twice the code.
#[derive(Clone, Copy, Debug)]
pub struct Pair<T>(T, T);

impl<T: Add<Output = T>> Add for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl<T: Sub<Output = T>> Sub for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl<T: Mul<Output = T>> Mul for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.1 * other.1)
    }
}

impl<T: Div<Output = T>> Div for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0, self.1 / other.1)
    }
}

impl<T: BitAnd<Output = T>> BitAnd for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }
}

impl<T: BitOr<Output = T>> BitOr for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0, self.1 | other.1)
    }
}

impl<T: Neg<Output = T>> Neg for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl<T: Not<Output = T>> Not for Pair<T> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0, !self.1)
    }
}

impl<V: Wide> Wide for Pair<V> {
    const WIDTH: usize = 2 * V::WIDTH;
    type Mask = Pair<V::Mask>;
    type Bits = Pair<V::Bits>;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(V::splat(value), V::splat(value))
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        Self(V::load(from), V::load(&from[V::WIDTH..]))
    }

    #[inline(always)]
    fn load_f32(from: &[f32]) -> Self {
        Self(V::load_f32(from), V::load_f32(&from[V::WIDTH..]))
    }

    #[inline(always)]
    fn load_i64(from: &[i64]) -> Self {
        Self(V::load_i64(from), V::load_i64(&from[V::WIDTH..]))
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        self.0.store(to);
        self.1.store(&mut to[V::WIDTH..]);
    }

    #[inline(always)]
    fn store_rows_f32<const W: usize>(columns: [Self; W], to: &mut [f32]) {
        let (mut first, mut second) = ([V::splat(0.0); W], [V::splat(0.0); W]);
        for (column, halves) in columns.into_iter().zip(first.iter_mut().zip(&mut second)) {
            *halves.0 = column.0;
            *halves.1 = column.1;
        }
        V::store_rows_f32(first, to);
        V::store_rows_f32(second, &mut to[V::WIDTH * W..]);
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self(self.0.mul_add(factor.0, addend.0), self.1.mul_add(factor.1, addend.1))
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        Self(self.0.copysign(sign.0), self.1.copysign(sign.1))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs(), self.1.abs())
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        Self(self.0.trunc(), self.1.trunc())
    }

    #[inline(always)]
    fn round_f32(self) -> Self {
        Self(self.0.round_f32(), self.1.round_f32())
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        Pair(self.0.lt(other.0), self.1.lt(other.1))
    }

    #[inline(always)]
    fn le(self, other: Self) -> Self::Mask {
        Pair(self.0.le(other.0), self.1.le(other.1))
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Self::Mask {
        Pair(self.0.eq(other.0), self.1.eq(other.1))
    }

    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(V::select(mask.0, yes.0, no.0), V::select(mask.1, yes.1, no.1))
    }

    #[inline(always)]
    fn to_bits(self) -> Self::Bits {
        Pair(self.0.to_bits(), self.1.to_bits())
    }

    #[inline(always)]
    fn from_bits(bits: Self::Bits) -> Self {
        Self(V::from_bits(bits.0), V::from_bits(bits.1))
    }

    #[inline(always)]
    fn lookup<const N: usize>(table: &[f64; N], index: Self::Bits) -> Self {
        Self(V::lookup(table, index.0), V::lookup(table, index.1))
    }

    #[inline(always)]
    fn lookup_rows<const N: usize>(table: &[[f64; 4]; N], index: Self::Bits) -> [Self; 4] {
        let [a, b, c, d] = V::lookup_rows(table, index.0);
        let [e, f, g, h] = V::lookup_rows(table, index.1);
        [Self(a, e), Self(b, f), Self(c, g), Self(d, h)]
    }
}

impl<M: Mask> Mask for Pair<M> {
    const WIDTH: usize = 2 * M::WIDTH;

    #[inline(always)]
    fn any(self) -> bool {
        (self.0 | self.1).any()
    }

    #[inline(always)]
    fn all(self) -> bool {
        (self.0 & self.1).all()
    }

    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        self.0.store(to);
        self.1.store(&mut to[M::WIDTH..]);
    }
}

impl<B: Bits> Bits for Pair<B> {
    type Mask = Pair<B::Mask>;

    #[inline(always)]
    fn splat(bits: u64) -> Self {
        Self(B::splat(bits), B::splat(bits))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(self.0.plus(other.0), self.1.plus(other.1))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(self.0.minus(other.0), self.1.minus(other.1))
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(self.0.shift_left::<N>(), self.1.shift_left::<N>())
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(self.0.shift_right::<N>(), self.1.shift_right::<N>())
    }

    #[inline(always)]
    fn has(self, bits: u64) -> Self::Mask {
        Pair(self.0.has(bits), self.1.has(bits))
    }
}
