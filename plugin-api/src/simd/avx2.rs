//! Four `f64` at once with AVX2 and fused multiply-add, and the functions compiled for it.
//!
//! What makes it safe is said at its neighbour for AVX-512: nobody meets these types but in a
//! call that [`Class::best`](super::Class::best) has allowed.

#![expect(unsafe_code, reason = "vector instructions are unsafe to call without their features")]

#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "a whole instruction set"))]
use std::arch::x86_64::*;
use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::{Bits, Kernel, Mask, Wide, WideKernel};

/// Runs a kernel compiled for AVX2. Call it only where [`Class::best`](super::Class::best)
/// says so.
#[inline]
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    fn inner<K: Kernel>(kernel: K) -> K::Output {
        kernel.run()
    }
    // SAFETY: the caller chose this class, which `Class::best` allows only with these features.
    unsafe { inner(kernel) }
}

/// Runs a kernel with four numbers at once. Call it as [`run`].
#[inline]
pub(super) fn run_wide<K: WideKernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma,bmi1,bmi2")]
    fn inner<K: WideKernel>(kernel: K) -> K::Output {
        kernel.run::<F64x4>()
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
pub(super) struct F64x4(__m256d);

/// All bits of a number are set where it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mask4(__m256d);

#[derive(Clone, Copy, Debug)]
pub(super) struct Bits4(__m256i);

impl Add for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(vector!(_mm256_add_pd(self.0, other.0)))
    }
}

impl Sub for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(vector!(_mm256_sub_pd(self.0, other.0)))
    }
}

impl Mul for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(vector!(_mm256_mul_pd(self.0, other.0)))
    }
}

impl Div for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(vector!(_mm256_div_pd(self.0, other.0)))
    }
}

impl Neg for F64x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(vector!(_mm256_xor_pd(self.0, _mm256_set1_pd(-0.0))))
    }
}

impl Wide for F64x4 {
    const WIDTH: usize = 4;
    type Mask = Mask4;
    type Bits = Bits4;

    #[inline(always)]
    fn splat(value: f64) -> Self {
        Self(vector!(_mm256_set1_pd(value)))
    }

    #[inline(always)]
    fn load(from: &[f64]) -> Self {
        let from = &from[..4];
        Self(vector!(_mm256_loadu_pd(from.as_ptr())))
    }

    #[inline(always)]
    fn load_f32(from: &[f32]) -> Self {
        let from = &from[..4];
        Self(vector!(_mm256_cvtps_pd(_mm_loadu_ps(from.as_ptr()))))
    }

    #[inline(always)]
    fn load_i64(from: &[i64]) -> Self {
        // There is no such conversion: the integer is put into the low bits of 1.5 · 2⁵².
        const SHIFT: f64 = 1.5 * (1_u64 << 52) as f64;
        let from = &from[..4];
        let bits = Bits4(vector!(_mm256_loadu_si256(from.as_ptr().cast())));
        Self::from_bits(bits.plus(Bits4::splat(SHIFT.to_bits()))) - Self::splat(SHIFT)
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        let to = &mut to[..4];
        vector!(_mm256_storeu_pd(to.as_mut_ptr(), self.0));
    }

    #[inline(always)]
    fn store_rows_f32<const W: usize>(columns: [Self; W], to: &mut [f32]) {
        let mut narrow = [[0_f32; 4]; W];
        for (narrow, column) in narrow.iter_mut().zip(columns) {
            vector!(_mm_storeu_ps(narrow.as_mut_ptr(), _mm256_cvtpd_ps(column.0)));
        }
        for (lane, row) in to[..4 * W].chunks_exact_mut(W).enumerate() {
            for (to, column) in row.iter_mut().zip(&narrow) {
                *to = column[lane];
            }
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self(vector!(_mm256_fmadd_pd(self.0, factor.0, addend.0)))
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        let mask = vector!(_mm256_set1_pd(-0.0));
        let sign = vector!(_mm256_and_pd(mask, sign.0));
        Self(vector!(_mm256_or_pd(_mm256_andnot_pd(mask, self.0), sign)))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(vector!(_mm256_andnot_pd(_mm256_set1_pd(-0.0), self.0)))
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        Self(vector!(_mm256_round_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>(self.0)))
    }

    #[inline(always)]
    fn round_f32(self) -> Self {
        Self(vector!(_mm256_cvtps_pd(_mm256_cvtpd_ps(self.0))))
    }

    #[inline(always)]
    fn lt(self, other: Self) -> Mask4 {
        Mask4(vector!(_mm256_cmp_pd::<_CMP_LT_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn le(self, other: Self) -> Mask4 {
        Mask4(vector!(_mm256_cmp_pd::<_CMP_LE_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn eq(self, other: Self) -> Mask4 {
        Mask4(vector!(_mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, other.0)))
    }

    #[inline(always)]
    fn select(mask: Mask4, yes: Self, no: Self) -> Self {
        Self(vector!(_mm256_blendv_pd(no.0, yes.0, mask.0)))
    }

    #[inline(always)]
    fn to_bits(self) -> Bits4 {
        Bits4(vector!(_mm256_castpd_si256(self.0)))
    }

    #[inline(always)]
    fn from_bits(bits: Bits4) -> Self {
        Self(vector!(_mm256_castsi256_pd(bits.0)))
    }

    #[inline(always)]
    fn lookup<const N: usize>(table: &[f64; N], index: Bits4) -> Self {
        const { assert!(N.is_power_of_two()) };
        let index = index & Bits4::splat(N as u64 - 1);
        Self(vector!(_mm256_i64gather_pd::<8>(table.as_ptr(), index.0)))
    }

    #[inline(always)]
    fn lookup_rows<const N: usize>(table: &[[f64; 4]; N], index: Bits4) -> [Self; 4] {
        const { assert!(N.is_power_of_two()) };
        let index = index & Bits4::splat(N as u64 - 1);
        vector!(gather_rows(table.as_flattened(), index.0)).map(Self)
    }
}

/// The rows of four numbers that four indices name, as columns.
///
/// # Safety
/// Every index is below the number of rows.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn gather_rows(table: &[f64], index: __m256i) -> [__m256d; 4] {
    let mut indices = [0_u64; 4];
    // SAFETY: the array holds four numbers, and the caller promises the indices.
    let [a, b, c, d] = unsafe {
        _mm256_storeu_si256(indices.as_mut_ptr().cast(), index);
        indices.map(|index| _mm256_loadu_pd(table.as_ptr().add(4 * index as usize)))
    };
    // Columns 0 and 2, or 1 and 3, of two neighbours; then pairs of neighbours side by side.
    let (even_ab, odd_ab) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
    let (even_cd, odd_cd) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
    [
        _mm256_permute2f128_pd::<0x20>(even_ab, even_cd),
        _mm256_permute2f128_pd::<0x20>(odd_ab, odd_cd),
        _mm256_permute2f128_pd::<0x31>(even_ab, even_cd),
        _mm256_permute2f128_pd::<0x31>(odd_ab, odd_cd),
    ]
}

impl BitAnd for Mask4 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(vector!(_mm256_and_pd(self.0, other.0)))
    }
}

impl BitOr for Mask4 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(vector!(_mm256_or_pd(self.0, other.0)))
    }
}

impl Not for Mask4 {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self(vector!(_mm256_xor_pd(self.0, _mm256_castsi256_pd(_mm256_set1_epi64x(-1)))))
    }
}

impl Mask for Mask4 {
    #[inline(always)]
    fn any(self) -> bool {
        self.to_bits() != 0
    }

    #[inline(always)]
    fn all(self) -> bool {
        self.to_bits() == 0b1111
    }

    #[inline(always)]
    fn to_bits(self) -> u32 {
        vector!(_mm256_movemask_pd(self.0)) as u32
    }

    #[inline(always)]
    fn store(self, to: &mut [u8]) {
        let bits = self.to_bits();
        for (lane, to) in to[..4].iter_mut().enumerate() {
            *to = (bits >> lane & 1) as u8;
        }
    }
}

impl BitAnd for Bits4 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self(vector!(_mm256_and_si256(self.0, other.0)))
    }
}

impl BitOr for Bits4 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self(vector!(_mm256_or_si256(self.0, other.0)))
    }
}

impl Bits for Bits4 {
    type Mask = Mask4;

    #[inline(always)]
    fn splat(bits: u64) -> Self {
        Self(vector!(_mm256_set1_epi64x(bits as i64)))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self(vector!(_mm256_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self(vector!(_mm256_sub_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn shift_left<const N: u32>(self) -> Self {
        Self(vector!(_mm256_sll_epi64(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    fn shift_right<const N: u32>(self) -> Self {
        Self(vector!(_mm256_srl_epi64(self.0, _mm_cvtsi32_si128(N as i32))))
    }

    #[inline(always)]
    fn has(self, bits: u64) -> Mask4 {
        let none =
            vector!(_mm256_cmpeq_epi64((self & Self::splat(bits)).0, _mm256_setzero_si256()));
        !Mask4(vector!(_mm256_castsi256_pd(none)))
    }
}
