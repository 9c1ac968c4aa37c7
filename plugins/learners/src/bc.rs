//! Behaviour cloning: a policy that does what demonstrations did (Pomerleau, "ALVINN", 1989). Down
//! `mean -ln π(a|s)` over demonstrated steps; rewards mean nothing to it.

use crate::actor_critic::{ActorCritic, Settings};
use crate::descent::{Slopes, Stride};
use crate::parts::Part;
use crate::presets;
use kit::{Backend, Own, Rule};
use plugin_api::prelude::*;

params! {
    /// What behaviour cloning can be told.
    pub struct BcParams {
        /// Learning rate.
        live learning_rate: f64 = 0.001 in 0.0..,
        /// Whether the learning rate falls to 0 in a straight line over the run's budget.
        live anneal: bool = true,
        /// Demonstrated steps of a sample.
        batch: usize = 128 in 1..,
        /// Environment steps between two rounds of learning.
        live every: u64 = 8 in 1..,
        /// Samples of a round.
        live updates: usize = 4 in 1..,
        /// Weight of the entropy.
        live entropy_weight: f64 = 0.0 in 0.0..,
        /// Norm to which gradients are cut; 0 for none.
        live gradient_norm: f64 = 0.0 in 0.0..,
        /// Whether observations are normalised by their running mean and deviation.
        normalise_observations: bool = true,
        /// Sizes of the hidden layers.
        hidden: Vec<usize> = [64, 64],
        /// What hidden layers do with their sums.
        activation: String = "tanh" of ["tanh", "relu"],
        /// Deviation that continuous actions begin with, as its logarithm.
        log_std: f64 = -1.0 in -20.0..=2.0,
    }
}

/// A policy net that imitates.
#[derive(Debug)]
pub struct Bc<B: Backend = Own> {
    params: kit::Settings<BcParams, B::Params>,
    nets: ActorCritic<B>,
    rows: Vec<u32>,
}

impl<B: Backend> Policy for Bc<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.nets.act(obs, out);
    }
}

impl<B: Backend> Agent for Bc<B> {
    const NAME: &'static str = "bc";
    const PRESETS: &'static [Preset] = presets::BC;
    type Params = kit::Settings<BcParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let settings = Settings {
            hidden: &params.hidden,
            activation: &params.activation,
            shared: false,
            core: None,
            sde: None,
            log_std: params.log_std,
            normalise_observations: params.normalise_observations,
            normalise_rewards: false,
            rule: Rule::adam(1e-8),
        };
        let nets = ActorCritic::new(&backend, &settings, task, rng)?;
        Ok(Self { params: params.clone(), nets, rows: Vec::new() })
    }

    fn needs(&self) -> Needs {
        let BcParams { batch, every, updates, .. } = *self.params;
        let replay = Replay {
            // What it lives through itself is kept for a look at it only.
            capacity: 1000,
            demonstrations: batch,
            batch,
            every,
            updates,
            warmup: 0,
            ..Replay::default()
        };
        Needs::replay(replay, self.nets.head())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        if batch.demonstrations.is_empty() {
            return Err(Error::argument(
                "behaviour cloning learns from demonstrations alone, and this run has none; name a \
                 session with --demonstrations",
            ));
        }
        let Self { params, nets, rows } = self;
        nets.count(batch, 1.0);
        nets.take_in(batch);
        rows.clear();
        rows.extend(0..batch.len() as u32);
        let share = 1.0 / batch.len() as f32;
        let fade = if params.anneal { 1.0 - learn.progress } else { 1.0 };
        let stride = Stride { rate: params.learning_rate * fade, norm_max: params.gradient_norm };
        let (mut loss, mut entropy) = (0.0, 0.0);
        let norm = nets.descend(batch, Part { rows, counts: &[] }, stride, |_, now| {
            loss -= f64::from(now.action.log_prob);
            entropy += f64::from(now.action.entropy);
            let pull = -(params.entropy_weight as f32) * share;
            Slopes { log_prob: -share, entropy: pull, value: 0.0 }
        })?;
        learn.log.scalar("cloning_loss", loss * f64::from(share));
        learn.log.scalar("entropy", entropy * f64::from(share));
        learn.log.scalar("gradient_norm", norm);
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
