//! Advantage actor-critic (Mnih et al., "Asynchronous Methods for Deep Reinforcement Learning",
//! 2016, in its synchronous form).
//!
//! One step down `mean -A ln π(a|s) + c_v mean (V(s) - R)² - c_e mean H(π(·|s))` for each rollout.

use crate::actor_critic::{ActorCritic, Settings};
use crate::descent::{Slopes, Stride};
use crate::parts::Part;
use crate::ppo::explained;
use crate::presets;
use kit::{Backend, Own, Rule};
use plugin_api::prelude::*;

params! {
    /// What A2C can be told.
    pub struct A2cParams {
        /// Steps of every lane between two rounds of learning.
        steps: usize = 5 in 1..,
        /// Discount γ.
        live discount: f64 = 0.99 in 0.0..=1.0,
        /// Trace decay λ of the advantages.
        live lambda: f64 = 1.0 in 0.0..=1.0,
        /// Learning rate.
        live learning_rate: f64 = 0.0007 in 0.0..,
        /// Whether the learning rate falls to 0 in a straight line over the run's budget.
        live anneal: bool = false,
        /// Weight of the entropy.
        live entropy_weight: f64 = 0.0 in 0.0..,
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
        /// Whether the ε of RMSProp stands below the root.
        epsilon_inside: bool = false,
        /// Sizes of the hidden layers of policy and value net.
        hidden: Vec<usize> = [64, 64],
        /// What hidden layers do with their sums.
        activation: String = "tanh" of ["tanh", "relu"],
        /// Whether policy and value net are one that shares all layers but the last.
        shared: bool = false,
        /// Deviation that continuous actions begin with, as its logarithm.
        log_std: f64 = 0.0 in -20.0..=2.0,
        /// Whether the noise of continuous actions follows the state and stays for some steps.
        sde: bool = false,
        /// Steps that it stays for; it also ends with its episode.
        sde_every: usize = 4 in 1..=1_000_000,
    }
}

/// A2C with a policy net and a value net.
#[derive(Debug)]
pub struct A2c<B: Backend = Own> {
    params: kit::Settings<A2cParams, B::Params>,
    nets: ActorCritic<B>,
    rows: Vec<u32>,
}

impl<B: Backend> Policy for A2c<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.nets.act(obs, out);
    }
}

impl<B: Backend> Agent for A2c<B> {
    const NAME: &'static str = "a2c";
    const PRESETS: &'static [Preset] = presets::A2C;
    type Params = kit::Settings<A2cParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let settings = Settings {
            hidden: &params.hidden,
            activation: &params.activation,
            shared: params.shared,
            core: None,
            sde: params.sde.then_some(params.sde_every),
            log_std: params.log_std,
            normalise_observations: params.normalise_observations,
            normalise_rewards: params.normalise_rewards,
            rule: rule(&params.optimiser, params.epsilon_inside),
        };
        let nets = ActorCritic::new(&backend, &settings, task, rng)?;
        Ok(Self { params: params.clone(), nets, rows: Vec::new() })
    }

    fn needs(&self) -> Needs {
        let A2cParams { steps, discount, lambda, .. } = *self.params;
        self.nets.needs(steps).returns(Returns::Gae { discount, lambda })
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let Self { params, nets, rows } = self;
        let descent = Descent {
            rate: params.learning_rate * if params.anneal { 1.0 - learn.progress } else { 1.0 },
            discount: params.discount,
            entropy_weight: params.entropy_weight,
            value_weight: params.value_weight,
            gradient_norm: params.gradient_norm,
        };
        nets.take_in(batch);
        descent.step((nets, rows), batch, learn.log)
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

/// The rule of this name by which gradients move weights.
pub(crate) fn rule(optimiser: &str, epsilon_inside: bool) -> Rule {
    if optimiser == "adam" {
        Rule::adam(1e-5)
    } else {
        Rule::RmsProp { alpha: 0.99, epsilon: 1e-5, epsilon_inside }
    }
}

/// One step down the loss of a whole rollout.
pub(crate) struct Descent {
    pub(crate) rate: f64,
    pub(crate) discount: f64,
    pub(crate) entropy_weight: f64,
    pub(crate) value_weight: f64,
    pub(crate) gradient_norm: f64,
}

impl Descent {
    /// Takes it on a rollout that the nets have taken in, and logs it.
    pub(crate) fn step<B: Backend>(
        &self,
        (nets, rows): (&mut ActorCritic<B>, &mut Vec<u32>),
        batch: &Batch<'_>,
        log: &mut Log,
    ) -> Result<()> {
        rows.clear();
        rows.extend(0..batch.len() as u32);
        let (count, per_unit) = (batch.len() as f32, (1.0 / nets.unit()) as f32);
        let (mut policy_loss, mut value_loss, mut entropy) = (0.0, 0.0, 0.0);
        let stride = Stride { rate: self.rate, norm_max: self.gradient_norm };
        let norm = nets.descend(batch, Part { rows, counts: &[] }, stride, |row, now| {
            let advantage = batch.advantages[row] * per_unit;
            let error = now.value - batch.returns[row] * per_unit;
            policy_loss -= f64::from(advantage * now.action.log_prob);
            value_loss += f64::from(error * error);
            entropy += f64::from(now.action.entropy);
            Slopes {
                log_prob: -advantage / count,
                entropy: -(self.entropy_weight as f32) / count,
                value: self.value_weight as f32 * 2.0 * error / count,
            }
        })?;
        nets.count(batch, self.discount);
        let count = f64::from(count);
        log.scalar("policy_loss", policy_loss / count);
        log.scalar("value_loss", value_loss / count);
        log.scalar("entropy", entropy / count);
        log.scalar("explained_variance", explained(batch));
        log.scalar("gradient_norm", norm);
        log.scalar("learning_rate", self.rate);
        nets.log(log);
        Ok(())
    }
}
