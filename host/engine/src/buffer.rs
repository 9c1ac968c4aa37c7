//! Memory of past steps that agents learn from again and again: where steps are kept, how they are
//! sampled, what they look like in numbers.

mod demonstrated;
pub mod forecast;
mod frozen;
mod held;
mod hindsight;
mod histogram;
mod peek;
mod priority;
mod replay;
mod ring;
mod sample;
mod saved;
mod stats;
mod store;
mod sum_tree;

#[cfg(test)]
mod tests;

pub use demonstrated::Demonstrated;
pub use frozen::{Frozen, Part, Table};
pub use hindsight::Hindsight;
pub use histogram::Bin;
pub use peek::{Goals, Peek, Transition, peek};
pub use replay::ReplayBuffer;
pub use sample::Sample;
pub use stats::BufferStats;
pub use sum_tree::SumTree;
