//! IMPALA (Espeholt et al., "IMPALA: Scalable Distributed Deep-RL with Importance Weighted
//! Actor-Learner Architectures", 2018).
//!
//! One step down `mean -ρ (r + γ v' - V(s)) ln π(a|s) + c_v mean (V(s) - v)² - c_e mean H(π(·|s))`
//! for each rollout, where v are the targets of V-trace.

use crate::a2c::{Descent, rule};
use crate::actor_critic::{ActorCritic, Settings};
use crate::presets;
use crate::trace::{Look, Trace, lag};
use kit::vtrace::Clips;
use kit::{Backend, Own};
use plugin_api::prelude::*;

params! {
    /// What IMPALA can be told.
    pub struct ImpalaParams {
        /// Steps of every lane between two rounds of learning.
        steps: usize = 20 in 1..,
        /// Discount γ.
        live discount: f64 = 0.99 in 0.0..=1.0,
        /// Decay λ of the traces.
        live lambda: f64 = 1.0 in 0.0..=1.0,
        /// Largest weight ρ̄ of a step's own error.
        live rho_clip: f64 = 1.0 in 0.0..,
        /// Largest weight c̄ of what follows it.
        live c_clip: f64 = 1.0 in 0.0..,
        /// Learning rate.
        live learning_rate: f64 = 0.0006 in 0.0..,
        /// Whether the learning rate falls to 0 in a straight line over the run's budget.
        live anneal: bool = false,
        /// Weight of the entropy.
        live entropy_weight: f64 = 0.01 in 0.0..,
        /// Weight of the value's error.
        live value_weight: f64 = 0.5 in 0.0..,
        /// Norm to which gradients are cut; 0 for none.
        live gradient_norm: f64 = 0.5 in 0.0..,
        /// Whether observations are normalised by their running mean and deviation.
        normalise_observations: bool = false,
        /// Whether rewards are measured in deviations of the discounted return.
        normalise_rewards: bool = false,
        /// How gradients move weights.
        optimiser: String = "rmsprop" of ["rmsprop", "adam"],
        /// Sizes of the hidden layers of policy and value net.
        hidden: Vec<usize> = [64, 64],
        /// What hidden layers do with their sums.
        activation: String = "tanh" of ["tanh", "relu"],
        /// Whether policy and value net are one that shares all layers but the last.
        shared: bool = false,
        /// Deviation that continuous actions begin with, as its logarithm.
        log_std: f64 = 0.0 in -20.0..=2.0,
    }
}

/// IMPALA with a policy net and a value net.
#[derive(Debug)]
pub struct Impala<B: Backend = Own> {
    params: kit::Settings<ImpalaParams, B::Params>,
    nets: ActorCritic<B>,
    rows: Vec<u32>,
    trace: Trace,
}

impl<B: Backend> Policy for Impala<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.nets.act(obs, out);
    }
}

impl<B: Backend> Agent for Impala<B> {
    const NAME: &'static str = "impala";
    const PRESETS: &'static [Preset] = presets::IMPALA;
    type Params = kit::Settings<ImpalaParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let settings = Settings {
            hidden: &params.hidden,
            activation: &params.activation,
            shared: params.shared,
            core: None,
            sde: None,
            log_std: params.log_std,
            normalise_observations: params.normalise_observations,
            normalise_rewards: params.normalise_rewards,
            rule: rule(&params.optimiser, false),
        };
        let nets = ActorCritic::new(&backend, &settings, task, rng)?;
        Ok(Self { params: params.clone(), nets, rows: Vec::new(), trace: Trace::default() })
    }

    fn needs(&self) -> Needs {
        self.nets.needs(self.params.steps)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let Self { params, nets, rows, trace } = self;
        let descent = Descent {
            rate: params.learning_rate * if params.anneal { 1.0 - learn.progress } else { 1.0 },
            discount: params.discount,
            entropy_weight: params.entropy_weight,
            value_weight: params.value_weight,
            gradient_norm: params.gradient_norm,
        };
        let clips = Clips { rho: params.rho_clip, c: params.c_clip };
        let look = Look { discount: params.discount, lambda: params.lambda, clips };
        nets.take_in(batch);
        trace.look(nets, batch, look);
        let corrected = Batch {
            values: &trace.values,
            returns: &trace.targets,
            advantages: &trace.advantages,
            ..*batch
        };
        descent.step((nets, rows), &corrected, learn.log)?;
        learn.log.scalar("lag", lag(batch, learn.updates).1);
        trace.log(clips, learn.log);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.nets.state(archive);
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.nets.acting_state(archive);
    }

    fn params(&mut self) -> &mut Self::Params {
        &mut self.params
    }
}
