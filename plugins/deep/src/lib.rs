//! Agents that learn with nets, each with its formula in its own file.
#![forbid(unsafe_code)]

#[macro_use]
mod replay_params;
#[macro_use]
mod ppo_params;

mod actor_critic;
mod bounds;
mod critics;
mod encoder;
mod law;
mod noisy;
mod presets;
mod soft;
mod trace;
mod value_head;

pub mod a2c;
pub mod async_ppo;
pub mod dqn;
pub mod impala;
pub mod ppo;
pub mod sac;
pub mod sac_discrete;
pub mod td3;

use plugin_api::plugin;

plugin!(agents: [
    ppo::Ppo,
    async_ppo::AsyncPpo,
    impala::Impala,
    a2c::A2c,
    dqn::Dqn,
    td3::ddpg::Ddpg,
    td3::Td3,
    sac::Sac,
    sac_discrete::SacDiscrete,
    sac::tqc::Tqc,
]);
