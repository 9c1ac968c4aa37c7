//! Soft actor-critic over choices (Christodoulou, "Soft Actor-Critic for Discrete Action Settings",
//! 2019): expectations over all choices take the place of draws.
//!
//! - critics go down `mean ½ Σ (Q(s, a) - y)²` with
//!   `y = r + γᵏ Σ π(a'|s') (min Q'(s', a') - α ln π(a'|s'))`,
//! - the policy goes down `mean Σ π(a|s) (α ln π(a|s) - min Q(s, a))`,
//! - ln α goes down `mean -ln α (H̄ - H(π))`, with H̄ a part of ln |A|.

use crate::dead::Dead;
use crate::encoder::Encoder;
use crate::presets;
use crate::value_head::goes_on;
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::categorical::softmax;
use kit::real::Real;
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Optimiser, Own, Rule, Settings, Weights};
use plugin_api::prelude::*;
use std::cell::RefCell;

replay_params! {
    /// What soft actor-critic over choices can be told.
    pub struct SacDiscreteParams {
        /// Learning rate of policy, critics and temperature.
        live learning_rate: f64 = 0.0003 in 0.0..,
        /// How far the critics' copies move towards them with every update.
        live target_rate: f64 = 0.005 in 0.0..=1.0,
        /// Whether the temperature is learned.
        live automatic: bool = true,
        /// The temperature at first, or always where it is not learned.
        live temperature: f64 = 1.0 in 1e-9..,
        /// Entropy the temperature aims at, as a part of the largest there can be.
        live target_entropy: f64 = 0.98 in 0.0..=1.0,
        /// Norm to which gradients are cut; 0 for none.
        live gradient_norm: f64 = 0.0 in 0.0..,
        /// Sizes of the hidden layers.
        hidden: Vec<usize> = [64, 64],
        /// What hidden layers do with their sums.
        activation: String = "relu" of ["tanh", "relu"],
    }
}

/// Policy, two critics in one set of weights, and the temperature.
#[derive(Debug)]
pub struct SacDiscrete<B: Backend = Own> {
    params: Settings<SacDiscreteParams, B::Params>,
    encoder: Encoder,
    choices: usize,
    actor: B::Net,
    weights: B::Weights,
    optimiser: B::Optimiser,
    gradients: B::Weights,
    critics: [B::Net; 2],
    critic_weights: B::Weights,
    copies: B::Weights,
    critic_optimiser: B::Optimiser,
    critic_gradients: B::Weights,
    log_alpha: (Weights, Weights, Optimiser),
    obs: Matrix,
    next_obs: Matrix,
    tape: B::Tape,
    tapes: [B::Tape; 2],
    dead: Dead,
    targets: Vec<f32>,
    probs: Vec<f32>,
    log_probs: Vec<f32>,
    acting: RefCell<(Matrix, B::Tape)>,
}

impl<B: Backend> Policy for SacDiscrete<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let (inputs, tape) = &mut *self.acting.borrow_mut();
        self.encoder.encode(obs, inputs);
        let logits = self.actor.forward(&self.weights, inputs, tape);
        for (row, head) in out.head.iter_mut().enumerate() {
            head.copy_from_slice(logits.row(row));
        }
    }
}

impl<B: Backend> SacDiscrete<B> {
    /// Targets of the critics, as expectations over next choices.
    fn aim(&mut self, batch: &Batch<'_>, alpha: f32) {
        self.actor.forward(&self.weights, &self.next_obs, &mut self.tape);
        for (critic, tape) in self.critics.iter().zip(&mut self.tapes) {
            critic.forward(&self.copies, &self.next_obs, tape);
        }
        self.targets.clear();
        for row in 0..batch.len() {
            let mask = if batch.next_masks.is_empty() { &[] } else { batch.next_masks.row(row) };
            let logits = self.tape.output().row(row);
            softmax(logits, mask, &mut self.probs, &mut self.log_probs);
            let value: f32 = (0..self.choices)
                .filter(|&choice| self.probs[choice] > 0.0)
                .map(|choice| {
                    let least = self.least(row, choice);
                    self.probs[choice] * (least - alpha * self.log_probs[choice])
                })
                .sum();
            let discount = if goes_on(batch.flags[row]) { batch.discounts[row] } else { 0.0 };
            self.targets.push(batch.rewards[row] as f32 + discount * value);
        }
    }

    /// The smaller value of a choice.
    fn least(&self, row: usize, choice: usize) -> f32 {
        let value = |tape: &B::Tape| tape.output().row(row)[choice];
        value(&self.tapes[0]).min(value(&self.tapes[1]))
    }

    fn descend_critics(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<f64> {
        let rows = batch.len();
        let mut losses = 0.0;
        self.critic_gradients.clear();
        learn.priorities.fill(0.0);
        for (critic, tape) in self.critics.iter().zip(&mut self.tapes) {
            critic.forward(&self.critic_weights, &self.obs, tape);
            let (values, gradient) = tape.output_and_gradient();
            gradient.clear();
            for row in 0..rows {
                let weight = batch.weights.get(row).copied().unwrap_or(1.0) / rows as f32;
                let choice = batch.actions.row(row)[0] as usize;
                let error = values.row(row)[choice] - self.targets[row];
                gradient.row_mut(row)[choice] = weight * error;
                losses += f64::from(0.5 * weight * error * error);
                if let Some(priority) = learn.priorities.get_mut(row) {
                    *priority += 0.5 * error.abs();
                }
            }
            critic.backward(&self.critic_weights, &self.obs, tape, &mut self.critic_gradients);
        }
        self.critic_gradients.clip_norm(self.params.gradient_norm)?;
        let rate = self.params.learning_rate;
        self.critic_optimiser.step(&mut self.critic_weights, &self.critic_gradients, rate);
        Ok(losses)
    }

    /// With `f = α ln π - min Q` the gradient of a logit is `π (f - Σ π f)`. Returns the mean
    /// entropy.
    fn descend_policy(&mut self, batch: &Batch<'_>, alpha: f32) -> Result<f64> {
        let rows = batch.len();
        for (critic, tape) in self.critics.iter().zip(&mut self.tapes) {
            critic.forward(&self.critic_weights, &self.obs, tape);
        }
        self.actor.forward(&self.weights, &self.obs, &mut self.tape);
        let mut entropy = 0.0;
        let mut tape = std::mem::take(&mut self.tape);
        let (logits, gradient) = tape.output_and_gradient();
        for row in 0..rows {
            let mask = if batch.masks.is_empty() { &[] } else { batch.masks.row(row) };
            softmax(logits.row(row), mask, &mut self.probs, &mut self.log_probs);
            let cost = |choice: usize| {
                if self.probs[choice] > 0.0 {
                    alpha * self.log_probs[choice] - self.least(row, choice)
                } else {
                    0.0
                }
            };
            let mean: f32 = (0..self.choices).map(|choice| self.probs[choice] * cost(choice)).sum();
            for (choice, slope) in gradient.row_mut(row).iter_mut().enumerate() {
                let prob = self.probs[choice];
                *slope = prob * (cost(choice) - mean) / rows as f32;
                if prob > 0.0 {
                    entropy -= f64::from(prob * self.log_probs[choice]);
                }
            }
        }
        self.gradients.clear();
        self.actor.backward(&self.weights, &self.obs, &mut tape, &mut self.gradients);
        self.tape = tape;
        self.gradients.clip_norm(self.params.gradient_norm)?;
        let rate = self.params.learning_rate;
        self.optimiser.step(&mut self.weights, &self.gradients, rate);
        Ok(entropy / rows as f64)
    }
}

impl<B: Backend> Agent for SacDiscrete<B> {
    const NAME: &'static str = "sac-discrete";
    const PRESETS: &'static [Preset] = presets::SAC_DISCRETE;
    type Params = Settings<SacDiscreteParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let Space::Discrete { n, .. } = task.actions else {
            let actions = &task.actions;
            return Err(Error::unsupported(format!("needs Discrete actions, these are {actions}")));
        };
        let encoder = Encoder::new(&task.observations, false);
        let spec = MlpSpec {
            inputs: encoder.width(),
            hidden: &params.hidden,
            outputs: n,
            activation: Activation::named(&params.activation),
            layer_norm: false,
            init: (Init::Uniform, Init::Uniform),
        };
        let (mut weights, mut critic_weights) = (Weights::new(), Weights::new());
        let actor = backend.net(Mlp::new("actor", &spec, &mut weights, rng));
        let critics = ["critic0", "critic1"]
            .map(|name| backend.net(Mlp::new(name, &spec, &mut critic_weights, rng)));
        let weights = backend.weights(weights);
        let critic_weights = backend.weights(critic_weights);
        let mut log_alpha = Weights::new();
        log_alpha.add("log_alpha".to_owned(), 1, 1);
        log_alpha.values[0] = Real::ln(params.temperature as f32);
        let of_alpha = Optimiser::new(Rule::adam(1e-8), &log_alpha);
        let adam = |weights: &B::Weights| backend.optimiser(Rule::adam(1e-8), weights);
        let inputs = || Matrix::new(0, encoder.width());
        Ok(Self {
            params: params.clone(),
            choices: n,
            optimiser: adam(&weights),
            gradients: weights.zeros(),
            copies: critic_weights.copy(),
            critic_optimiser: adam(&critic_weights),
            critic_gradients: critic_weights.zeros(),
            log_alpha: (log_alpha.clone(), log_alpha.zeros(), of_alpha),
            obs: inputs(),
            next_obs: inputs(),
            tape: actor.tape(),
            tapes: [critics[0].tape(), critics[1].tape()],
            dead: Dead::new(&params.hidden, &params.activation),
            targets: Vec::new(),
            probs: vec![0.0; n],
            log_probs: vec![0.0; n],
            acting: RefCell::new((inputs(), actor.tape())),
            encoder,
            actor,
            weights,
            critics,
            critic_weights,
        })
    }

    fn needs(&self) -> Needs {
        Needs::replay(self.params.replay(), Head::Logits)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.encoder.encode(batch.obs, &mut self.obs);
        self.encoder.encode(batch.next_obs, &mut self.next_obs);
        let alpha = if self.params.automatic {
            Real::exp(self.log_alpha.0.values[0])
        } else {
            self.params.temperature as f32
        };
        self.aim(batch, alpha);
        let loss = self.descend_critics(batch, learn)?;
        let entropy = self.descend_policy(batch, alpha)?;
        if self.params.automatic {
            let target = self.params.target_entropy * (self.choices as f64).ln();
            let (log_alpha, gradient, optimiser) = &mut self.log_alpha;
            gradient.values[0] = (entropy - target) as f32;
            optimiser.step(log_alpha, gradient, self.params.learning_rate);
        }
        self.copies.follow(&self.critic_weights, self.params.target_rate as f32);
        learn.log.scalar("critic_loss", loss);
        self.dead.look(&mut self.tapes[0], learn);
        learn.log.scalar("entropy", entropy);
        learn.log.scalar("temperature", alpha);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.acting(archive);
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
        self.critic_weights.state(archive);
        archive.scope("copies", |archive| self.copies.state(archive));
        archive.scope("critic_optimiser", |archive| self.critic_optimiser.state(archive));
        let (log_alpha, _, optimiser) = &mut self.log_alpha;
        log_alpha.state(archive);
        archive.scope("alpha_optimiser", |archive| optimiser.state(archive));
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
    }

    fn params(&mut self) -> &mut Self::Params {
        &mut self.params
    }
}
