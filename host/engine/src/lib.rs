//! The engine: plugin discovery and loading, lanes, rollouts, samplers, buffers, training loops,
//! statistics, and keeping runs in sessions. It emits events and knows no screen; it never names a
//! plugin.

mod background;
pub mod bench;
pub mod buffer;
pub mod clock;
mod crew;
pub mod demonstrations;
pub mod drive;
pub mod escort;
pub mod evaluate;
pub mod event;
pub mod feed;
pub mod keep;
pub mod lanes;
pub mod maths;
pub mod memory;
pub mod mind;
pub mod plugin;
pub mod registry;
pub mod replay;
pub mod returns;
mod room;
pub mod run;
pub mod sampler;
pub mod stats;
