//! Plugins, rollouts, buffers and training loops.
