//! Eight `f64` at once with AVX-512, and the functions compiled for it.
//!
//! The types here cannot be named outside this module: a [`WideKernel`] meets them only as its
//! type parameter, in a call that [`Class::best`](super::Class::best) has allowed. So whoever
//! holds one of their values, or one of their functions, runs on a machine with these features.

#![expect(unsafe_code, reason = "vector instructions are unsafe to call without their features")]

#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "a whole instruction set"))]
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{Bits, Kernel, Mask, Wide, WideKernel};

/// Runs a kernel compiled for AVX-512. Call it only where [`Class::best`](super::Class::best)
/// says so.
#[inline]
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl")]
    fn inner<K: Kernel>(kernel: K) -> K::Output {
        kernel.run()
    }
    // SAFETY: the caller chose this class, which `Class::best` allows only with these features.
    unsafe { inner(kernel) }
}

/// Runs a kernel with eight numbers at once. Call it as [`run`].
#[inline]
pub(super) fn run_wide<K: WideKernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl")]
    fn inner<K: WideKernel>(kernel: K) -> K::Output {
        kernel.run::<F64x8>()
    }
    // SAFETY: the caller chose this class, which `Class::best` allows only with these features.
    unsafe { inner(kernel) }
}

/// Calls vector instructions of this class.
macro_rules! vector {
    ($call:expr) => {
        // SAFETY: this code runs only where `Class::best` found the features (see the module),
        // and the memory operands are slices whose length was checked just before.
        unsafe { $call }
    };
}

#[derive(Clone, Copy, Debug)]
pub(super) struct F64x8(__m512d);

#[derive(Clone, Copy, Debug)]
pub(super) struct Mask8(__mmask8);

#[derive(Clone, Copy, Debug)]
pub(super) struct Bits8(__m512i);

impl Add for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(vector!(_mm512_add_pd(self.0, other.0)))
    }
}

impl Sub for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(vector!(_mm512_sub_pd(self.0, other.0)))
    }
}

impl Mul for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(vector!(_mm512_mul_pd(self.0, other.0)))
    }
}

impl Div for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(vector!(_mm512_div_pd(self.0, other.0)))
    }
}

impl Neg for F64x8 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(vector!(_mm512_xor_pd(self.0, _mm512_set1_pd(-0.0))))
    }
}

impl Wide for F64x8 {
    const WIDTH: usize = 8;
    type Mask = Mask8;
    type Bits = Bits8;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(vector!(_mm512_set1_pd(value)))
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..8];
        Self(vector!(_mm512_loadu_pd(from.as_ptr())))
    }

    #[inline(always)]
    fn load_f32(from: &[f32]) -> Self {
        let from = &from[..8];
        Self(vector!(_mm512_cvtps_pd(_mm256_loadu_ps(from.as_ptr()))))
    }

    #[inline(always)]
    fn load_i64(from: &[i64]) -> Self {
        let from = &from[..8];
        Self(vector!(_mm512_cvtepi64_pd(_mm512_loadu_epi64(from.as_ptr()))))
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..8];
        vector!(_mm512_storeu_pd(to.as_mut_ptr(), self.0));
    }

    #[inline(always)]
    fn store_rows_f32<const W: usize>(columns: [Self; W], to: &mut [f32]) {
        const { assert!(W <= 6) };
        let to = &mut to[..8 * W];
        let narrow = |column: usize| match columns.get(column) {
            Some(wide) => vector!(_mm512_cvtpd_ps(wide.0)),
            None => vector!(_mm256_setzero_ps()),
        };
        let pair = |first| vector!(join(narrow(first), narrow(first + 1)));
        let columns = [pair(0), pair(2), pair(4)];
        let mut rest = to;
        let mut first = 0;
        while !rest.is_empty() {
            let part = vector!(interleave::<W>(columns, first));
            if rest.len() >= 16 {
                let (now, later) = rest.split_at_mut(16);
                vector!(_mm512_storeu_ps(now.as_mut_ptr(), part));
                rest = later;
            } else {
                let (now, later) = rest.split_at_mut(8);
                vector!(_mm256_storeu_ps(now.as_mut_ptr(), _mm512_castps512_ps256(part)));
                rest = later;
            }
            first += 16;
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self(vector!(_mm512_fmadd_pd(self.0, factor.0, addend.0)))
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        // The truth table picks `sign` where the mask bit is set and `self` elsewhere.
        let (to, sign) = vector!((_mm512_castpd_si512(self.0), _mm512_castpd_si512(sign.0)));
        let mask = vector!(_mm512_set1_epi64(i64::MIN));
        Self(vector!(_mm512_castsi512_pd(_mm512_ternarylogic_epi64::<0xd8>(to, sign, mask))))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(vector!(_mm512_abs_pd(self.0)))
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        Self(vector!(_mm512_roundscale_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)))
    }

    #[inline(always)]
    fn round_f32(self) -> Self {
        Self(vector!(_mm512_cvtps_pd(_mm512_cvtpd_ps(self.0))))
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Mask8 {
        Mask8(vector!(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn le(self, other: Self) -> Mask8 {
        Mask8(vector!(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Mask8 {
        Mask8(vector!(_mm512_cmp_pd_mask::<_CMP_EQ_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn select(mask: Mask8, yes: Self, no: Self) -> Self {
        Self(vector!(_mm512_mask_blend_pd(mask.0, no.0, yes.0)))
    }

    #[inline(always)]
    fn to_bits(self) -> Bits8 {
        Bits8(vector!(_mm512_castpd_si512(self.0)))
    }

    #[inline(always)]
    fn from_bits(bits: Bits8) -> Self {
        Self(vector!(_mm512_castsi512_pd(bits.0)))
    }

    #[inline(always)]
    fn lookup<const N: usize>(table: &[f64; N], index: Bits8) -> Self {
        const { assert!(N.is_power_of_two()) };
        match N {
            16 => Self(vector!(lookup_16(&table[..16], index.0))),
            32 => {
                let (low, high) = table.split_at(16);
                let low = vector!(lookup_16(low, index.0));
                let high = vector!(lookup_16(&high[..16], index.0));
                Self(vector!(_mm512_mask_blend_pd(index.has(16).0, low, high)))
            }
            _ => {
                let index = index & Bits8::splat(N as u64 - 1);
                Self(vector!(_mm512_i64gather_pd::<8>(index.0, table.as_ptr())))
            }
        }
    }

    #[inline(always)]
    fn lookup_rows<const N: usize>(table: &[[f64; 4]; N], index: Bits8) -> [Self; 4] {
        const { assert!(N.is_power_of_two()) };
        let index = index & Bits8::splat(N as u64 - 1);
        vector!(gather_rows(table.as_flattened(), index.0)).map(Self)
    }
}

/// The halves of sixteen `f32`.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn join(low: __m256, high: __m256) -> __m512 {
    _mm512_insertf32x8::<1>(_mm512_castps256_ps512(low), high)
}

/// Sixteen `f32` of the rows of `W` columns, from the number `first` on; the columns lie in
/// pairs.
#[inline]
#[target_feature(enable = "avx512f")]
fn interleave<const W: usize>(columns: [__m512; 3], first: usize) -> __m512 {
    let mut source = [0; 16];
    let mut third = 0;
    for (place, source) in source.iter_mut().enumerate() {
        let (row, column) = ((first + place) / W, (first + place) % W);
        // Bit 4 tells the first pair from the second, and the last pair has the mask.
        *source = (column * 8 + row % 8) as i32;
        third |= u16::from(column >= 4) << place;
    }
    // SAFETY: the array holds sixteen `i32`.
    let source = unsafe { _mm512_loadu_epi32(source.as_ptr()) };
    let both = if W <= 2 {
        _mm512_permutexvar_ps(source, columns[0])
    } else {
        _mm512_permutex2var_ps(columns[0], source, columns[1])
    };
    if W <= 4 { both } else { _mm512_mask_permutexvar_ps(both, third, source, columns[2]) }
}

/// For each number the entry of a table of sixteen; only the four low bits of an index count.
#[inline]
#[target_feature(enable = "avx512f")]
fn lookup_16(table: &[f64], index: __m512i) -> __m512d {
    let table = &table[..16];
    // SAFETY: the slice holds sixteen numbers.
    let (low, high) =
        unsafe { (_mm512_loadu_pd(table.as_ptr()), _mm512_loadu_pd(table.as_ptr().add(8))) };
    _mm512_permutex2var_pd(low, index, high)
}

/// The rows of four numbers that eight indices name, as columns.
///
/// # Safety
/// Every index is below the number of rows.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
unsafe fn gather_rows(table: &[f64], index: __m512i) -> [__m512d; 4] {
    let mut indices = [0_u64; 8];
    // SAFETY: the array holds eight numbers, and the caller promises the indices.
    let row = unsafe {
        _mm512_storeu_epi64(indices.as_mut_ptr().cast(), index);
        indices.map(|index| _mm256_loadu_pd(table.as_ptr().add(4 * index as usize)))
    };
    let two = |low, high| _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(row[low]), row[high]);
    let (a, b, c, d) = (two(0, 4), two(1, 5), two(2, 6), two(3, 7));
    // Columns 0 and 2, or 1 and 3, of two neighbours; then pairs of neighbours side by side.
    let (even_ab, odd_ab) = (_mm512_unpacklo_pd(a, b), _mm512_unpackhi_pd(a, b));
    let (even_cd, odd_cd) = (_mm512_unpacklo_pd(c, d), _mm512_unpackhi_pd(c, d));
    let low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    let high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    [
        _mm512_permutex2var_pd(even_ab, low, even_cd),
        _mm512_permutex2var_pd(odd_ab, low, odd_cd),
        _mm512_permutex2var_pd(even_ab, high, even_cd),
        _mm512_permutex2var_pd(odd_ab, high, odd_cd),
    ]
}

impl BitAnd for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Not for Mask8 {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl Mask for Mask8 {
    #[inline(always)]
    fn any(self) -> bool {
        self.0 != 0
    }

    #[inline(always)]
    fn all(self) -> bool {
        self.0 == u8::MAX
    }

    #[inline(always)]
    fn to_bits(self) -> u32 {
        u32::from(self.0)
    }

    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        let to = &mut to[..8];
        vector!(_mm_storel_epi64(to.as_mut_ptr().cast(), _mm_maskz_set1_epi8(self.0.into(), 1)));
    }
}

impl BitAnd for Bits8 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(vector!(_mm512_and_si512(self.0, other.0)))
    }
}

impl BitOr for Bits8 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(vector!(_mm512_or_si512(self.0, other.0)))
    }
}

impl Bits for Bits8 {
    type Mask = Mask8;

    #[inline(always)]
    fn splat(bits: u64) -> Self {
        Self(vector!(_mm512_set1_epi64(bits as i64)))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(vector!(_mm512_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(vector!(_mm512_sub_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(vector!(_mm512_slli_epi64::<N>(self.0)))
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(vector!(_mm512_srli_epi64::<N>(self.0)))
    }

    #[inline(always)]
    fn has(self, bits: u64) -> Mask8 {
        Mask8(vector!(_mm512_test_epi64_mask(self.0, _mm512_set1_epi64(bits as i64))))
    }
}
