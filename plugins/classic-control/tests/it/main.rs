//! The worlds and their arithmetic against Gymnasium, numpy and the C library.
#![expect(clippy::float_cmp, reason = "the point is equality to the last bit")]
#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

mod golden;
mod maths;
