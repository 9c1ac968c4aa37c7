//! Sines and cosines in double precision, with the bits that Python's `math` gives.

use maths::trig;
use plugin_api::simd::{Kernel, dispatch};

struct SinCos(f64);

impl Kernel for SinCos {
    type Output = (f64, f64);

    #[expect(clippy::inline_always, reason = "what is not inlined misses fused instructions")]
    #[inline(always)]
    fn run(self) -> (f64, f64) {
        trig::sin_cos(self.0)
    }
}

/// The sine and the cosine.
#[inline]
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    dispatch(SinCos(x))
}
