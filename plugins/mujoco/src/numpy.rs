//! Sums and lengths in the order in which numpy adds.

use std::ops::Add;

use maths::trig;
use plugin_api::simd::{Kernel, dispatch};

/// `np.sum` of numbers that lie side by side: eight sums at once, in blocks of at most 128.
pub(crate) fn sum<T: Copy + Default + Add<Output = T>>(values: &[T]) -> T {
    const BLOCK: usize = 128;
    if values.len() > BLOCK {
        let half = values.len() / 2;
        let (first, second) = values.split_at(half - half % 8);
        return sum(first) + sum(second);
    }
    let mut eights = values.chunks_exact(8);
    let start = eights.next().map(|first| {
        let mut sums: [T; 8] = first.try_into().expect("eight of them");
        for eight in eights.by_ref() {
            for (sum, value) in sums.iter_mut().zip(eight) {
                *sum = *sum + *value;
            }
        }
        let [a, b, c, d, e, f, g, h] = sums;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    });
    eights.remainder().iter().fold(start.unwrap_or_default(), |sum, value| sum + *value)
}

/// `np.sum(np.square(values))`.
pub(crate) fn sum_of_squares(values: impl Iterator<Item = f64>) -> f64 {
    let squares: Vec<f64> = values.map(|value| value * value).collect();
    sum(&squares)
}

/// What the control costs: a weight times the sum of squares, all in single precision, since the
/// action is.
pub(crate) fn control_cost(weight: f64, action: &[f32]) -> f64 {
    let squares: Vec<f32> = action.iter().map(|value| value * value).collect();
    f64::from(weight as f32 * sum(&squares))
}

/// `np.linalg.norm`: through a dot product that fuses its multiplications with its additions.
pub(crate) fn norm(vector: &[f64]) -> f64 {
    vector.iter().fold(0.0, |sum: f64, value| value.mul_add(*value, sum)).sqrt()
}

/// `np.clip`.
pub(crate) fn clip(value: f64, low: f64, high: f64) -> f64 {
    if value.is_nan() { value } else { value.max(low).min(high) }
}

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
pub(crate) fn sin_cos(x: f64) -> (f64, f64) {
    dispatch(SinCos(x))
}

struct Square(f64);

impl Kernel for Square {
    type Output = f64;

    #[expect(clippy::inline_always, reason = "what is not inlined misses fused instructions")]
    #[inline(always)]
    fn run(self) -> f64 {
        maths::square::square(self.0)
    }
}

/// `x ** 2` of a single number, which goes through the power function.
pub(crate) fn square(x: f64) -> f64 {
    dispatch(Square(x))
}
