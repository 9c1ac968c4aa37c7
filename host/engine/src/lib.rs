//! The engine: plugin discovery and loading, lanes, rollouts, samplers, buffers, training loops,
//! statistics. It emits events and knows neither screen nor session files; it never names a plugin.

pub mod clock;
pub mod event;
pub mod memory;
pub mod plugin;
pub mod registry;
