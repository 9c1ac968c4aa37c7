//! Agents that learn with nets, each with its formula in its own file.
#![forbid(unsafe_code)]

mod actor_critic;
mod encoder;
mod law;
mod presets;

pub mod ppo;

use plugin_api::plugin;

plugin!(agents: [ppo::Ppo]);
