//! Plugin torch: the agents of `learners`, their nets computed by libtorch on the processor or on
//! a graphics card. Built without libtorch, it offers the same names and says what is missing.
#![forbid(unsafe_code)]

#[cfg(not(feature = "libtorch"))]
mod absent;
#[cfg(feature = "libtorch")]
mod computed;

#[cfg(not(feature = "libtorch"))]
pub use absent::Torch;
#[cfg(feature = "libtorch")]
pub use computed::Torch;

use learners::{a2c, async_ppo, bc, dqn, impala, ppo, sac, sac_discrete, td3};

plugin_api::params! {
    /// What libtorch can be told.
    pub struct TorchParams {
        /// What computes the nets: the processor, or a graphics card.
        device: String = "cpu" of ["cpu", "cuda"],
    }
}

macro_rules! torch_plugin {
    ($need:literal) => {
        plugin_api::plugin!(
            agents: [
                ppo::Ppo<Torch>,
                a2c::A2c<Torch>,
                async_ppo::AsyncPpo<Torch>,
                impala::Impala<Torch>,
                dqn::Dqn<Torch>,
                td3::ddpg::Ddpg<Torch>,
                td3::Td3<Torch>,
                sac::Sac<Torch>,
                sac_discrete::SacDiscrete<Torch>,
                sac::tqc::Tqc<Torch>,
                bc::Bc<Torch>,
            ],
            needs: [$need],
        );
    };
}

#[cfg(feature = "libtorch")]
torch_plugin!("libtorch 2.13.0");
#[cfg(not(feature = "libtorch"))]
torch_plugin!(
    "libtorch 2.13.0, which this build lacks; run `cargo lab fetch torch`, then `cargo lab`"
);
