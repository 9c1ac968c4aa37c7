//! The worlds and their arithmetic against Gymnasium, numpy and the C library.

mod golden;
mod maths;
