//! The random numbers of the bench: a generator equal to numpy's, counter-based streams for lanes,
//! and the tree that derives every seed from one. Nothing here reads a clock or the system.
//!
//! * [`Rng`] is `numpy.random.default_rng`: PCG64 behind a [`SeedSequence`], equal to the bit.
//! * [`Stream`] is a pure function of key, lane and counter, for noise that must not depend on the
//!   order in which lanes are stepped.
//! * [`SeedTree`] names what a seed is for, so that no two users of one root seed share numbers.
//! * [`laws`] draws from spaces in the order in which Gymnasium draws.

pub mod laws;

mod choice;
mod integers;
mod pcg;
mod quantile;
mod seed;
mod stream;
mod ziggurat;

#[cfg(test)]
pub(crate) mod golden;
#[cfg(test)]
mod statistics;

pub use pcg::{InvalidWords, Rng};
pub use seed::{SeedSequence, SeedTree, derive};
pub use stream::Stream;
