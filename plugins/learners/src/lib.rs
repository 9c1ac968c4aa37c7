//! Agents that learn with nets, each with its formula in its own file and written once for every
//! backend that computes nets. This is a library: plugins choose the backend.
#![forbid(unsafe_code)]

#[macro_use]
mod replay_params;
#[macro_use]
mod ppo_params;

mod actor_critic;
mod bounds;
mod cloning;
mod cores;
mod critics;
mod cut;
mod dead;
mod descent;
mod deviations;
mod drawn;
mod encoder;
mod kept;
mod law;
mod laws;
mod nets;
mod noisy;
mod parts;
mod presets;
mod shaken;
mod soft;
mod trace;
mod value_head;

pub mod a2c;
pub mod async_ppo;
pub mod bc;
pub mod dqn;
pub mod impala;
pub mod ppo;
pub mod sac;
pub mod sac_discrete;
pub mod td3;
