//! What a rollout is worth by V-trace, as the nets are now: for learners whose policies acted some
//! updates ago.

use crate::actor_critic::ActorCritic;
use kit::Backend;
use kit::real::Real;
use kit::vtrace::{Clips, Steps, vtrace};
use plugin_api::prelude::*;

/// How V-trace looks at a rollout.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) discount: f64,
    pub(crate) lambda: f64,
    pub(crate) clips: Clips,
}

/// Columns of a rollout, judged as the nets are now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// V(s), in rewards.
    pub(crate) values: Vec<f32>,
    next_values: Vec<f32>,
    log_ratios: Vec<f32>,
    /// Targets of the values.
    pub(crate) targets: Vec<f32>,
    /// `ρ (r + γ v' - V)`.
    pub(crate) advantages: Vec<f32>,
}

impl Trace {
    /// Judges a rollout that the nets have taken in.
    pub(crate) fn look<B: Backend>(
        &mut self,
        nets: &mut ActorCritic<B>,
        batch: &Batch<'_>,
        look: Look,
    ) {
        nets.judge(batch, &mut self.log_ratios, &mut self.values);
        nets.judge_next(batch, &self.values, &mut self.next_values);
        for (now, then) in self.log_ratios.iter_mut().zip(batch.log_probs) {
            *now -= then;
        }
        self.targets.resize(batch.len(), 0.0);
        self.advantages.resize(batch.len(), 0.0);
        let steps = Steps {
            lanes: batch.lanes,
            rewards: batch.rewards,
            flags: batch.flags,
            values: &self.values,
            next_values: &self.next_values,
            log_ratios: &self.log_ratios,
        };
        let (targets, advantages) = (&mut self.targets, &mut self.advantages);
        vtrace(steps, (look.discount, look.lambda), look.clips, targets, advantages);
    }

    /// Logs how far the policy has moved since it acted.
    pub(crate) fn log(&self, clips: Clips, log: &mut Log) {
        let count = self.log_ratios.len() as f64;
        let ratios = || self.log_ratios.iter().map(|&ratio| f64::from(Real::exp(ratio)));
        log.scalar("importance_weight", ratios().sum::<f64>() / count);
        let cut = ratios().filter(|ratio| *ratio > clips.rho).count();
        log.scalar("importance_clipped", cut as f64 / count);
    }
}

/// Updates that the policies of a rollout were behind, at most and on average.
pub(crate) fn lag(batch: &Batch<'_>, updates: u64) -> (u64, f64) {
    let lags = || batch.versions.iter().map(|&version| updates.saturating_sub(version));
    let mean = lags().sum::<u64>() as f64 / batch.versions.len().max(1) as f64;
    (lags().max().unwrap_or(0), mean)
}
