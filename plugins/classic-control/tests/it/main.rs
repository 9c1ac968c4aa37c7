//! The worlds against Gymnasium.

mod golden;
