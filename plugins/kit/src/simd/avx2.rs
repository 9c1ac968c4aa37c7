//! Eight `f32` at once with AVX2 and fused multiply-add.
//!
//! The type here is met only inside [`Multiply`], which `multiply_in` runs where
//! [`Class::best`](plugin_api::simd::Class::best) found the features.

#![expect(unsafe_code, reason = "vector instructions are unsafe to call without their features")]

use super::{Pack, rows_of};
use crate::product::Product;
use plugin_api::simd::Kernel;
use std::arch::x86_64::{
    __m256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps,
};

/// Calls vector instructions of this class.
macro_rules! vector {
    ($call:expr) => {
        // SAFETY: this code runs only where `Class::best` found the features (see the module),
        // and the memory operands are slices whose length was checked just before.
        unsafe { $call }
    };
}

pub(super) struct Multiply<'a>(pub(super) Product<'a, f32>);

impl Kernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut product = self.0;
        let mut column = 0;
        while column < product.columns {
            rows_of::<Eight, 6, 2>(&mut product, column);
            column += 16;
        }
    }
}

#[derive(Clone, Copy)]
struct Eight(__m256);

impl Pack for Eight {
    const WIDTH: usize = 8;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(vector!(_mm256_set1_ps(value)))
    }

    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        let from = &from[..8];
        Self(vector!(_mm256_loadu_ps(from.as_ptr())))
    }

    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        let to = &mut to[..8];
        vector!(_mm256_storeu_ps(to.as_mut_ptr(), self.0));
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        Self(vector!(_mm256_fmadd_ps(a.0, b.0, self.0)))
    }
}
