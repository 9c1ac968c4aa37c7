//! What learning agents are built from: small nets with hand-written gradients, optimisers,
//! distributions, running statistics and noise.
//!
//! There is no tape of operations. A loss hands the gradient of its outputs to
//! [`Mlp::backward`], which adds the gradients of the weights and returns that of the inputs.
//! Everything is generic over [`Real`]: agents use `f32`, the tests of gradients `f64`.
//!
//! Every sum is taken in one fixed order, so that neither the number of rows handled at once nor
//! the machine's vector width changes a result; only machines without fused multiply-add round
//! differently.

pub mod backend;
pub mod categorical;
pub mod gaussian;
pub mod init;
mod layer_norm;
pub mod matrix;
pub mod mlp;
pub mod noise;
pub mod optimiser;
pub mod patches;
pub mod product;
pub mod real;
pub mod recurrent;
pub mod running;
pub mod settings;
mod simd;
mod threads;
pub mod vtrace;
pub mod weights;

#[cfg(test)]
mod tests;

pub use backend::{Backend, Own, OwnParams};
pub use init::Init;
pub use matrix::Matrix;
pub use mlp::{Activation, Eyes, Mlp, MlpSpec, Tape};
pub use optimiser::{Optimiser, Rule};
pub use patches::Patches;
pub use real::Real;
pub use recurrent::{Core, CoreKind, CoreSpec, CoreTape};
pub use settings::Settings;
pub use weights::{Span, Weights};
