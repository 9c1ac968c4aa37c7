//! Nets computed by libtorch, behind the traits of `kit`.
//!
//! The weights of an optimiser lie in one flat tensor with the layout they have in `kit`, so that a
//! step, a norm or an average is a handful of calls, however many layers there are. The way back
//! is written out as in `kit`; only through filters over images libtorch finds its own.

mod device;
mod net;
mod optimiser;
mod tensors;

pub use device::Torch;

use kit::backend::Backend;
use kit::{Mlp, Rule, Weights};
use plugin_api::Result;

impl Backend for Torch {
    type Params = crate::TorchParams;
    type Weights = tensors::Tensors;
    type Net = net::Net;
    type Tape = net::Tape;
    type Optimiser = optimiser::Optimiser;

    fn open(params: &Self::Params) -> Result<Self> {
        Self::new(&params.device)
    }

    fn weights(&self, weights: Weights) -> Self::Weights {
        tensors::Tensors::new(weights, self.device())
    }

    fn net(&self, net: Mlp) -> Self::Net {
        net::Net::new(net, self.device())
    }

    fn optimiser(&self, rule: Rule, weights: &Self::Weights) -> Self::Optimiser {
        optimiser::Optimiser::new(rule, weights)
    }
}
