//! Plugin classic-control.
<<<<<<< HEAD

#![forbid(unsafe_code)]
=======
#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a kernel misses its instructions"
)]

pub mod maths;
>>>>>>> 422984e (classic-control: sines, cosines and squares with the C library's bits)
