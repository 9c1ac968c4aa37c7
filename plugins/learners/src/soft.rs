//! Soft actor-critic and its kin: a squashed normal policy that is paid for its entropy (Haarnoja
//! et al., "Soft Actor-Critic Algorithms and Applications", 2018).
//!
//! - critics go down `mean ½ Σ (Q(s, a) - y)²` with
//!   `y = r + γᵏ (min Q'(s', a') - α ln π(a'|s'))`, a' drawn anew,
//! - the policy goes down `mean α ln π(a|s) - min Q(s, a)`,
//! - ln α goes down `mean -ln α (ln π(a|s) + H̄)`.
//!
//! With quantiles it is TQC (Kuznetsov et al., "Controlling Overestimation Bias with Truncated
//! Mixture of Continuous Distributional Quantile Critics", 2020): targets are the quantiles of all
//! copies together without the largest, and the policy goes up the mean of all quantiles.

use crate::bounds::Bounds;
use crate::cloning::{Cloner, Imitation};
use crate::critics::{self, Critics, Which};
use crate::drawn::{Drawn, Spreads};
use crate::encoder::Encoder;
use crate::value_head::{goes_on, quantile_huber};
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::real::Real;
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Optimiser, Rule, Weights};
use plugin_api::prelude::*;
use std::cell::RefCell;

/// What a soft learner is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) hidden: &'a [usize],
    pub(crate) activation: &'a str,
    pub(crate) critics: usize,
    /// Quantiles of a critic, and how many of the largest are left out for each; 0 for a mean.
    pub(crate) quantiles: (usize, usize),
    /// α at first.
    pub(crate) temperature: f64,
    pub(crate) normalise_observations: bool,
    /// ln of the deviations at first, and steps that noise is kept for, where it follows the state.
    pub(crate) sde: Option<(f64, usize)>,
}

/// Which states are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Now,
    Next,
}

/// How a round is learned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) learning_rate: f64,
    pub(crate) target_rate: f64,
    pub(crate) gradient_norm: f64,
    /// H̄; `None` where the temperature stays.
    pub(crate) target_entropy: Option<f64>,
    pub(crate) temperature: f64,
    pub(crate) imitation: Imitation,
}

/// The policy, the critics and the temperature.
#[derive(Debug)]
pub(crate) struct Soft<B: Backend> {
    pub(crate) encoder: Encoder,
    bounds: Bounds,
    actor: B::Net,
    weights: B::Weights,
    optimiser: B::Optimiser,
    gradients: B::Weights,
    critics: Critics<B>,
    quantiles: (usize, usize),
    /// ln α, its gradient and optimiser.
    log_alpha: (Weights, Weights, Optimiser),
    obs: Matrix,
    next_obs: Matrix,
    actions: Matrix,
    tape: B::Tape,
    spreads: Spreads,
    drawn: Drawn,
    cloner: Cloner,
    targets: Vec<f32>,
    pool: Vec<f32>,
    /// The critic that says least of each row.
    least: Vec<usize>,
    acting: RefCell<(Matrix, B::Tape, Spreads)>,
}

impl<B: Backend> Soft<B> {
    pub(crate) fn new(
        backend: &B,
        settings: &Settings<'_>,
        task: &Task,
        rng: &mut Rng,
    ) -> Result<Self> {
        let bounds = Bounds::of(&task.actions)?;
        let encoder = Encoder::new(&task.observations, settings.normalise_observations);
        let (inputs, width) = (encoder.width(), bounds.width());
        let spec = MlpSpec {
            inputs,
            hidden: settings.hidden,
            outputs: if settings.sde.is_some() { width } else { 2 * width },
            activation: Activation::named(settings.activation),
            layer_norm: false,
            init: (Init::Uniform, Init::Uniform),
        };
        let mut weights = Weights::new();
        let actor = backend.net(Mlp::new("actor", &spec, &mut weights, rng));
        let spreads = Spreads::new((width, settings.sde), settings.hidden, &mut weights)?;
        let weights = backend.weights(weights);
        let critics = critics::Settings {
            obs: inputs,
            actions: width,
            hidden: settings.hidden,
            activation: settings.activation,
            layer_norm: false,
            count: settings.critics,
            outputs: settings.quantiles.0.max(1),
        };
        let mut log_alpha = Weights::new();
        log_alpha.add("log_alpha".to_owned(), 1, 1);
        log_alpha.values[0] = settings.temperature.ln() as f32;
        let of_alpha = (log_alpha.zeros(), Optimiser::new(Rule::adam(1e-8), &log_alpha));
        Ok(Self {
            critics: Critics::new(backend, &critics, rng),
            quantiles: settings.quantiles,
            optimiser: backend.optimiser(Rule::adam(1e-8), &weights),
            gradients: weights.zeros(),
            log_alpha: (log_alpha, of_alpha.0, of_alpha.1),
            obs: Matrix::new(0, inputs),
            next_obs: Matrix::new(0, inputs),
            actions: Matrix::new(0, width),
            tape: actor.tape(),
            drawn: Drawn::new(width),
            cloner: Cloner::default(),
            targets: Vec::new(),
            pool: Vec::new(),
            least: Vec::new(),
            acting: RefCell::new((Matrix::new(0, inputs), actor.tape(), spreads.clone())),
            spreads,
            encoder,
            bounds,
            actor,
            weights,
        })
    }

    /// Numbers of an action.
    pub(crate) fn action_width(&self) -> usize {
        self.bounds.width()
    }

    /// What is asked of the host for this memory of past steps.
    pub(crate) fn needs(&self, replay: Replay) -> Needs {
        let (head, memory) = self.spreads.needs();
        Needs { memory, ..Needs::replay(replay, head) }
    }

    pub(crate) fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let (inputs, tape, spreads) = &mut *self.acting.borrow_mut();
        self.encoder.encode(obs, inputs);
        self.actor.forward(&self.weights, inputs, tape);
        spreads.read(&self.weights, tape);
        for row in 0..inputs.rows() {
            spreads.act(row, tape.output().row(row), out);
        }
    }

    /// Temperature first, then critics, policy and copies.
    pub(crate) fn learn(
        &mut self,
        batch: &Batch<'_>,
        learn: &mut Learn<'_>,
        pace: Pace,
    ) -> Result<()> {
        let rows = batch.len();
        self.encoder.count(batch.obs);
        self.encoder.encode(batch.obs, &mut self.obs);
        self.encoder.encode(batch.next_obs, &mut self.next_obs);
        let alpha = match pace.target_entropy {
            Some(_) => self.log_alpha.0.values[0].exp(),
            None => pace.temperature as f32,
        };
        let bounds = &self.bounds;
        self.actions.fill_from(batch.actions.iter(), |action, unit| bounds.to_unit(action, unit));
        self.aim(batch, learn.rng, alpha);
        self.draw(Seen::Now, learn.rng);
        let log_prob = self.drawn.log_probs.iter().map(|ln| f64::from(*ln)).sum::<f64>();
        let log_prob = log_prob / rows as f64;
        if let Some(entropy) = pace.target_entropy {
            let (log_alpha, gradient, optimiser) = &mut self.log_alpha;
            gradient.values[0] = -(log_prob + entropy) as f32;
            optimiser.step(log_alpha, gradient, pace.learning_rate);
        }
        let stride = (pace.learning_rate, pace.gradient_norm);
        let loss = self.descend_critics(batch, learn, stride)?;
        let shown = (&self.obs, &self.actions);
        self.cloner.look((batch, pace.imitation), &mut self.critics, shown);
        let q = self.descend_policy(alpha, stride)?;
        self.cloner.log(learn.log);
        self.critics.follow(pace.target_rate);
        self.critics.log(loss, learn);
        learn.log.scalar("policy_loss", f64::from(alpha) * log_prob - q);
        learn.log.scalar("q", q);
        learn.log.scalar("entropy", -log_prob);
        learn.log.scalar("temperature", alpha);
        Ok(())
    }

    /// Draws what the policy does in each of the states.
    fn draw(&mut self, seen: Seen, rng: &mut Rng) {
        let obs = if seen == Seen::Now { &self.obs } else { &self.next_obs };
        self.actor.forward(&self.weights, obs, &mut self.tape);
        self.spreads.read(&self.weights, &mut self.tape);
        self.drawn.draw(self.tape.output(), &mut self.spreads, rng);
    }

    /// Targets of the critics: one for each row, or as many as quantiles are kept.
    fn aim(&mut self, batch: &Batch<'_>, rng: &mut Rng, alpha: f32) {
        self.draw(Seen::Next, rng);
        self.critics.judge(Which::Copies, &self.next_obs, &self.drawn.actions);
        self.targets.clear();
        for row in 0..batch.len() {
            let reward = batch.rewards[row] as f32;
            let discount = if goes_on(batch.flags[row]) { batch.discounts[row] } else { 0.0 };
            let paid = alpha * self.drawn.log_probs[row];
            let target = |value: f32| reward + discount * (value - paid);
            if self.quantiles.0 == 0 {
                self.targets.push(target(self.critics.smallest(row).1));
                continue;
            }
            self.pool.clear();
            for critic in 0..self.critics.count() {
                self.pool.extend_from_slice(self.critics.output(critic, row));
            }
            self.pool.sort_unstable_by(f32::total_cmp);
            let kept = self.pool.len() - self.quantiles.1 * self.critics.count();
            self.targets.extend(self.pool[..kept].iter().map(|&value| target(value)));
        }
    }

    fn descend_critics(
        &mut self,
        batch: &Batch<'_>,
        learn: &mut Learn<'_>,
        stride: (f64, f64),
    ) -> Result<f64> {
        let rows = batch.len();
        let kept = self.targets.len() / rows;
        self.critics.judge(Which::Critics, &self.obs, &self.actions);
        let (targets, quantiles, mut losses) = (&self.targets, self.quantiles.0, 0.0);
        let priorities = &mut *learn.priorities;
        priorities.fill(0.0);
        let critics = self.critics.count() as f32;
        self.critics.descend(stride, |_, row, outputs| {
            let weight = batch.weights.get(row).copied().unwrap_or(1.0) / rows as f32;
            let targets = &targets[row * kept..][..kept];
            let error = if quantiles == 0 {
                let error = outputs[0] - targets[0];
                outputs[0] = error;
                losses += f64::from(0.5 * weight * error * error);
                error.abs()
            } else {
                // The mean over quantiles, where the loss of one critic is their sum.
                let share = 1.0 / quantiles as f32;
                let loss = share * quantile_huber(outputs, targets);
                for slope in &mut *outputs {
                    *slope *= share;
                }
                losses += f64::from(weight * loss);
                loss
            };
            for slope in outputs {
                *slope *= weight;
            }
            if let Some(priority) = priorities.get_mut(row) {
                *priority += error / critics;
            }
        })?;
        Ok(losses)
    }

    /// Returns the mean value of what the policy does.
    fn descend_policy(&mut self, alpha: f32, stride: (f64, f64)) -> Result<f64> {
        let rows = self.obs.rows();
        self.critics.judge(Which::Critics, &self.obs, &self.drawn.actions);
        self.cloner.choose(&self.critics);
        let all = self.critics.count() * self.quantiles.0;
        let mut q = 0.0;
        self.least.clear();
        for row in 0..rows {
            if all == 0 {
                let (critic, value) = self.critics.smallest(row);
                self.least.push(critic);
                q += f64::from(value);
            } else {
                let outputs = (0..self.critics.count()).map(|idx| self.critics.output(idx, row));
                q += f64::from(outputs.flatten().sum::<f32>() / all as f32);
            }
        }
        let share = -1.0 / rows as f32;
        let least = &self.least;
        let of_actions = self.critics.action_gradients(|critic, row, slopes| {
            if all > 0 {
                slopes.fill(share / all as f32);
            } else if least[row] == critic {
                slopes[0] = share;
            }
        });
        let (outputs, gradient) = self.tape.output_and_gradient();
        gradient.clear();
        for row in 0..rows {
            let by = (-alpha * share, of_actions.row(row));
            let there = (row, outputs.row(row));
            self.drawn.add_gradient(there, by, &mut self.spreads, gradient.row_mut(row));
            let shown = outputs.row(row).iter().zip(self.actions.row(row));
            for (slope, (&mean, &shown)) in gradient.row_mut(row).iter_mut().zip(shown) {
                let own = Real::tanh(mean);
                *slope += self.cloner.slope(row, own, shown) * (1.0 - own * own);
            }
        }
        self.gradients.clear();
        self.spreads.write(&mut self.gradients);
        self.actor.backward(&self.weights, &self.obs, &mut self.tape, &mut self.gradients);
        self.gradients.clip_norm(stride.1)?;
        self.optimiser.step(&mut self.weights, &self.gradients, stride.0);
        Ok(q / rows as f64)
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        self.acting_state(archive);
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
        archive.scope("critics", |archive| self.critics.state(archive));
        let (log_alpha, _, optimiser) = &mut self.log_alpha;
        log_alpha.state(archive);
        archive.scope("alpha_optimiser", |archive| optimiser.state(archive));
    }

    pub(crate) fn acting_state(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
        self.encoder.state(archive);
    }
}
