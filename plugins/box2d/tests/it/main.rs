//! The worlds against Gymnasium, and whether they can be kept.

mod fleet;
mod golden;
mod racing;
mod saving;
mod speed;
