//! The contract of every agent here, and what is particular to each.

#![expect(clippy::float_cmp, reason = "what is exact is compared as such")]

mod contract;
mod heap;
mod memories;
mod ppo;
mod presets;
mod rows;
mod steady;
mod targets;
mod traces;
