//! The worlds against Gymnasium, the engine against the original, and whether they can be kept.

mod fleet;
mod golden;
mod original;
mod racing;
mod saving;
mod speed;
