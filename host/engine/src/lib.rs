//! Plugins, rollouts, buffers and training loops.

pub mod plugin;
