//! Checks against literal versions, finite differences and known trajectories.

#![expect(clippy::float_cmp, reason = "what is exact is compared as such")]

mod gradients;
mod laws;
mod optimisers;
mod products;
mod recurrent;
mod statistics;
mod traces;
