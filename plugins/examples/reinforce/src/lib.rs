//! REINFORCE on libtorch. The agent is in `reinforce.rs`; without libtorch only its name is left.
#![forbid(unsafe_code)]

#[cfg(feature = "libtorch")]
mod reinforce;

#[cfg(feature = "libtorch")]
plugin_api::plugin!(agents: [reinforce::Reinforce], needs: ["libtorch 2.13.0"]);
#[cfg(not(feature = "libtorch"))]
plugin_api::plugin!(needs: [
    "libtorch 2.13.0, which this build lacks; run `cargo lab fetch torch`, then `cargo lab build`"
]);
