//! The only crate a plugin author depends on.

pub mod rng;
