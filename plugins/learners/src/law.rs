//! How a head row is a law over actions, for every action space that policies can be drawn from.

use kit::categorical::{self, Judged};
use kit::gaussian;
use kit::real::Real;
use plugin_api::Dtype;
use plugin_api::prelude::*;

/// The kind of law.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Law {
    /// Independent choices of so many each.
    Choices(Vec<usize>),
    /// Independent bits.
    Bits(usize),
    /// Independent normal numbers, whose deviations are weights of their own.
    Normal(usize),
}

/// Room to judge one row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    probs: Vec<f32>,
    log_probs: Vec<f32>,
    parts: Vec<Judged<f32>>,
}

impl Law {
    pub(crate) fn of(actions: &Space) -> Result<Self> {
        match actions {
            Space::Discrete { n, .. } => Ok(Self::Choices(vec![*n])),
            Space::MultiDiscrete { n, .. } => Ok(Self::Choices(n.clone())),
            Space::MultiBinary { n } => Ok(Self::Bits(*n)),
            Space::Box { dtype: Dtype::F32 | Dtype::F64, .. } => Ok(Self::Normal(actions.width())),
            other => Err(Error::unsupported(format!(
                "needs actions that are Discrete, MultiDiscrete, MultiBinary or a Box of floats, \
                 these are {other}"
            ))),
        }
    }

    /// What a head of it is called, with or without the policy's own draws.
    pub(crate) fn head(&self, drawn: bool) -> Head {
        match self {
            Self::Normal(_) if drawn => Head::DrawnGaussian,
            Self::Normal(_) => Head::Gaussian,
            Self::Choices(_) | Self::Bits(_) => Head::Logits,
        }
    }

    /// Deviations that it has beside what the net puts out.
    pub(crate) fn deviations(&self) -> usize {
        if let Self::Normal(n) = self { *n } else { 0 }
    }

    /// Numbers that the net puts out for it.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Choices(parts) => parts.iter().sum(),
            Self::Bits(n) | Self::Normal(n) => *n,
        }
    }

    /// Numbers of an action row.
    pub(crate) fn action_width(&self) -> usize {
        if let Self::Choices(parts) = self { parts.len() } else { self.outputs() }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        let room = vec![0.0; self.outputs()];
        let parts = vec![Judged::default(); self.action_width()];
        Scratch { probs: room.clone(), log_probs: room, parts }
    }

    /// ln of the probability of an action, and the entropy of the law.
    pub(crate) fn judge(
        &self,
        (outputs, log_std): (&[f32], &[f32]),
        mask: &[u8],
        action: &[f32],
        scratch: &mut Scratch,
    ) -> Judged<f32> {
        match self {
            Self::Choices(parts) => {
                let (mut start, mut all) = (0, Judged::default());
                for (idx, &n) in parts.iter().enumerate() {
                    let part = categorical::judge(
                        &outputs[start..][..n],
                        mask.get(start..start + n).unwrap_or_default(),
                        action[idx] as usize,
                        &mut scratch.probs[start..][..n],
                        &mut scratch.log_probs[start..][..n],
                    );
                    all.log_prob += part.log_prob;
                    all.entropy += part.entropy;
                    scratch.parts[idx] = part;
                    start += n;
                }
                all
            }
            Self::Bits(_) => {
                let mut all = Judged::default();
                for (&logit, &bit) in outputs.iter().zip(action) {
                    let (one, zero) = (-Real::softplus(-logit), -Real::softplus(logit));
                    let chance = Real::sigmoid(logit);
                    all.log_prob += if bit > 0.5 { one } else { zero };
                    all.entropy -= chance * one + (1.0 - chance) * zero;
                }
                all
            }
            Self::Normal(_) => gaussian::judge(outputs, log_std, action),
        }
    }

    /// Adds the gradient of `slopes.0 · ln π + slopes.1 · H` after [`Self::judge`] of the same
    /// row.
    pub(crate) fn add_gradient(
        &self,
        (outputs, log_std): (&[f32], &[f32]),
        action: &[f32],
        scratch: &Scratch,
        slopes: (f32, f32),
        (of_outputs, of_log_std): (&mut [f32], &mut [f32]),
    ) {
        match self {
            Self::Choices(parts) => {
                let mut start = 0;
                for (idx, &n) in parts.iter().enumerate() {
                    let laws = (&scratch.probs[start..][..n], &scratch.log_probs[start..][..n]);
                    let logits = &mut of_outputs[start..][..n];
                    let choice = action[idx] as usize;
                    categorical::add_gradient(laws, choice, scratch.parts[idx], slopes, logits);
                    start += n;
                }
            }
            // ∂ ln π / ∂z = b - p and ∂H / ∂z = -z p (1 - p).
            Self::Bits(_) => {
                for (idx, &logit) in outputs.iter().enumerate() {
                    let chance = Real::sigmoid(logit);
                    of_outputs[idx] += slopes.0 * (action[idx] - chance)
                        - slopes.1 * logit * chance * (1.0 - chance);
                }
            }
            Self::Normal(_) => {
                let numbers = (outputs, log_std, action);
                gaussian::add_gradient(numbers, slopes, (of_outputs, of_log_std));
            }
        }
    }
}
