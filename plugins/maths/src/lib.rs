//! Sines, cosines and squares with the very bits that Gymnasium's arithmetic gives.
//!
//! Gymnasium computes them through the C library and numpy, whose results are within a little
//! more than half a unit in the last place, but not always the nearest number. An episode is
//! chaotic, so being nearer would be no better than being wrong: these functions repeat the same
//! roundings in the same order, and their tables come from exact arithmetic at compile time.

#![forbid(unsafe_code)]
#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a kernel misses its instructions"
)]

mod fixed;
pub mod single;
pub mod square;
mod tables;
pub mod trig;
pub mod trig32;
