//! A step down a mean of losses: what is known of each row, and what is wanted of it.

use kit::categorical::Judged;

/// One row of a part, as the nets judge it now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judgement {
    /// ln π(a) and the entropy.
    pub(crate) action: Judged<f32>,
    /// V(s), in units of the critic.
    pub(crate) value: f32,
}

/// The gradient of a row's loss.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slopes {
    pub(crate) log_prob: f32,
    pub(crate) entropy: f32,
    pub(crate) value: f32,
}

/// How a step is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stride {
    pub(crate) rate: f64,
    /// Norm to which gradients are cut; 0 leaves them as they are.
    pub(crate) norm_max: f64,
}
