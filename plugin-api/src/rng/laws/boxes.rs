//! The law of a Box: uniform between two bounds, exponential from one, normal without any. All
//! values of one kind are drawn before the next kind, in the order of Gymnasium.

use super::Rng;

/// What bounds one value.
#[derive(Clone, Copy, PartialEq)]
enum Interval {
    Unbounded,
    From(f64),
    To(f64),
    Between(f64, f64),
}

/// A Box of f64; an infinite bound is none.
///
/// # Panics
/// When the slices differ in length, or two bounds are further apart than the greatest f64.
pub fn box_f64(rng: &mut Rng, low: &[f64], high: &[f64], out: &mut [f64]) {
    assert_eq!([low.len(), high.len()], [out.len(); 2], "bounds and values must pair up");
    let interval = |at: usize| floats(low[at], high[at]);
    draw(rng, out.len(), interval, |at, value| out[at] = value);
}

/// A Box of f32; an infinite bound is none. Drawn as f64 and rounded.
///
/// # Panics
/// When the slices differ in length.
pub fn box_f32(rng: &mut Rng, low: &[f32], high: &[f32], out: &mut [f32]) {
    assert_eq!([low.len(), high.len()], [out.len(); 2], "bounds and values must pair up");
    let interval = |at: usize| floats(low[at].into(), high[at].into());
    draw(rng, out.len(), interval, |at, value| out[at] = value as f32);
}

/// A Box of i64; both bounds are included, and `None` is no bound.
///
/// The draw goes through an f64, so that numbers beyond 2^53 are coarse, as in Gymnasium. It asks
/// for upper bounds below `i64::MAX`; here that bound is taken for one less.
///
/// # Panics
/// When the slices differ in length.
pub fn box_i64(rng: &mut Rng, low: &[Option<i64>], high: &[Option<i64>], out: &mut [i64]) {
    assert_eq!([low.len(), high.len()], [out.len(); 2], "bounds and values must pair up");
    let interval = |at: usize| integers(low[at], high[at]);
    draw(rng, out.len(), interval, |at, value| {
        let value = value.floor();
        // The float 2^63 is no i64: numpy's conversion makes it the least one.
        let value = if value < 9_223_372_036_854_775_808.0 { value as i64 } else { i64::MIN };
        out[at] = value.max(low[at].unwrap_or(i64::MIN)).min(high[at].unwrap_or(i64::MAX));
    });
}

/// A Box of u8; both bounds are included.
///
/// # Panics
/// When the slices differ in length.
pub fn box_u8(rng: &mut Rng, low: &[u8], high: &[u8], out: &mut [u8]) {
    assert_eq!([low.len(), high.len()], [out.len(); 2], "bounds and values must pair up");
    let interval = |at: usize| Interval::Between(low[at].into(), f64::from(high[at]) + 1.0);
    draw(rng, out.len(), interval, |at, value| out[at] = value as u8);
}

fn floats(low: f64, high: f64) -> Interval {
    match (low > f64::NEG_INFINITY, high < f64::INFINITY) {
        (false, false) => Interval::Unbounded,
        (true, false) => Interval::From(low),
        (false, true) => Interval::To(high),
        (true, true) => Interval::Between(low, high),
    }
}

/// Every integer owns the unit above it.
fn integers(low: Option<i64>, high: Option<i64>) -> Interval {
    let end = |high: i64| high.saturating_add(1) as f64;
    match (low, high) {
        (None, None) => Interval::Unbounded,
        (Some(low), None) => Interval::From(low as f64),
        (None, Some(high)) => Interval::To(end(high)),
        (Some(low), Some(high)) => Interval::Between(low as f64, end(high)),
    }
}

/// Draws `count` values kind by kind, and within a kind in order.
fn draw(
    rng: &mut Rng,
    count: usize,
    interval: impl Fn(usize) -> Interval,
    mut put: impl FnMut(usize, f64),
) {
    for at in 0..count {
        if interval(at) == Interval::Unbounded {
            put(at, rng.normal(0.0, 1.0));
        }
    }
    for at in 0..count {
        if let Interval::From(low) = interval(at) {
            put(at, rng.standard_exponential() + low);
        }
    }
    for at in 0..count {
        if let Interval::To(high) = interval(at) {
            put(at, -rng.standard_exponential() + high);
        }
    }
    for at in 0..count {
        if let Interval::Between(low, high) = interval(at) {
            let range = high - low;
            assert!(range.is_finite(), "a Box from {low} to {high} is wider than numbers reach");
            put(at, rng.uniform(low, high));
        }
    }
}
