//! The functions against the C library of this machine.
#![expect(clippy::float_cmp, reason = "the point is equality to the last bit")]
#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

mod library;
mod single;
