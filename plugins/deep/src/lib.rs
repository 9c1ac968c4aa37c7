//! Plugin deep: agents that learn with nets computed by our own kernels.
#![forbid(unsafe_code)]

pub use learners::{a2c, async_ppo, bc, dqn, impala, ppo, sac, sac_discrete, td3};

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
    bc::Bc,
]);
