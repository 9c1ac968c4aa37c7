//! The worlds against Gymnasium, and whether they can be kept.

mod golden;
mod saving;
