//! Deep Q-learning (Mnih et al., "Human-level control through deep reinforcement learning", 2015)
//! and what became of it, each a switch of its own.
//!
//! It goes down `mean w h(r + γᵏ max Q'(s', ·) - Q(s, a))`, where h is Huber's loss and Q' a copy
//! of the net that lags behind. `double` has Q choose and Q' judge (van Hasselt et al., 2016);
//! `distribution` learns chances (C51) or quantiles (QR-DQN) of the return in place of its mean.
//! With `param_noise` exploration comes from noise on the weights, so strong that it changes as
//! much as ε would: the divergence of `softmax Q` with noise from that without is to be
//! `-ln (1 - ε + ε / n)` (Plappert et al., "Parameter Space Noise for Exploration", 2018,
//! appendix C).

use crate::dead::Dead;
use crate::encoder::Encoder;
use crate::laws::Laws;
use crate::noisy::Noisy;
use crate::presets;
use crate::shaken::{self, Shaken};
use crate::value_head::{Kind, Room, ValueHead, best, goes_on, huber, project, quantile_huber};
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::categorical::softmax;
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Own, Rule, Settings, Weights};
use plugin_api::prelude::*;
use std::cell::RefCell;

replay_params! {
    /// What DQN can be told.
    pub struct DqnParams {
        /// Learning rate.
        live learning_rate: f64 = 0.0005 in 0.0..,
        /// Whether the learning rate falls to 0 in a straight line over the run's budget.
        live anneal: bool = false,
        /// Environment steps between two updates of the copy that targets come from.
        live target_every: u64 = 500 in 1..,
        /// How far the copy then moves towards the net; 1 for all the way.
        live target_rate: f64 = 1.0 in 0.0..=1.0,
        /// Chance ε of any action at first.
        live exploration: f64 = 1.0 in 0.0..=1.0,
        /// The chance it falls to.
        live exploration_end: f64 = 0.05 in 0.0..=1.0,
        /// Steps in which it gets there.
        live exploration_steps: u64 = 10_000 in 0..,
        /// Norm to which gradients are cut; 0 for none.
        live gradient_norm: f64 = 10.0 in 0.0..,
        /// Whether the net chooses next actions and only their value comes from the copy.
        double: bool = true,
        /// Whether the net puts out a value of the state and advantages of the choices.
        dueling: bool = false,
        /// Whether exploration comes from noise in the weights that is learned, too.
        noisy: bool = false,
        /// Whether exploration comes from noise on the weights that stays for an episode, as
        /// strong as ε would be.
        param_noise: bool = false,
        /// What is learned of the return: its mean, chances of fixed values, or quantiles.
        distribution: String = "mean" of ["mean", "chances", "quantiles"],
        /// Numbers of a distribution.
        atoms: usize = 51 in 2..=1000,
        /// Smallest return that chances are kept of.
        value_low: f64 = 0.0,
        /// Largest return that chances are kept of.
        value_high: f64 = 100.0,
        /// Sizes of the hidden layers.
        hidden: Vec<usize> = [64, 64],
        /// What hidden layers do with their sums.
        activation: String = "relu" of ["tanh", "relu"],
        /// Whether hidden layers normalise their sums.
        layer_norm: bool = false,
    }
}

impl DqnParams {
    /// How likely any action is, by steps.
    fn epsilon(&self) -> Schedule {
        Schedule::Linear {
            from: self.exploration,
            to: self.exploration_end,
            steps: self.exploration_steps,
        }
    }
}

/// Deviation that noise on the weights begins with, and updates between two looks at it. How strong
/// it has to be is not known beforehand, so it is looked at often.
const SHAKEN: (f64, u64) = (0.05, 5);

/// DQN with its net, the copy and their optimiser.
#[derive(Debug)]
pub struct Dqn<B: Backend = Own> {
    params: Settings<DqnParams, B::Params>,
    encoder: Encoder,
    head: ValueHead,
    net: B::Net,
    weights: B::Weights,
    target: B::Weights,
    optimiser: B::Optimiser,
    noisy: Option<Noisy<B>>,
    /// Present when the acting net's weights are moved by noise.
    shaken: Option<(Shaken<B>, Laws)>,
    /// Environment steps at the latest update of the copy.
    copied_at: u64,
    gradients: B::Weights,
    inputs: Matrix,
    next_inputs: Matrix,
    tape: B::Tape,
    next_tape: B::Tape,
    dead: Dead,
    room: Room,
    next_values: Matrix,
    acting: RefCell<Acting<B>>,
}

/// Room to act.
#[derive(Debug)]
struct Acting<B: Backend> {
    inputs: Matrix,
    tape: B::Tape,
    room: Room,
}

impl<B: Backend> Policy for Dqn<B> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let Acting { inputs, tape, room } = &mut *self.acting.borrow_mut();
        self.encoder.encode(obs, inputs);
        if let Some((shaken, _)) = self.shaken.as_ref().filter(|_| out.mode == Mode::Train) {
            let write = |head: &mut [f32], outputs: &[f32]| self.head.values(outputs, room, head);
            return shaken.act((&self.net, &self.weights), inputs, tape, out, write);
        }
        let outputs = match &self.noisy {
            Some(noisy) if out.mode == Mode::Train => {
                let mut weights = noisy.moved.borrow_mut();
                noisy.shake(&self.weights, &mut weights, &mut Rng::seeded(out.key));
                self.net.forward(&weights, inputs, tape)
            }
            _ => self.net.forward(&self.weights, inputs, tape),
        };
        for (row, head) in out.head.iter_mut().enumerate() {
            self.head.values(outputs.row(row), room, head);
        }
    }
}

impl<B: Backend> Dqn<B> {
    /// The copy follows, counted in environment steps, whatever the number of updates.
    fn follow(&mut self, steps: u64) {
        if steps >= self.copied_at + self.params.target_every {
            self.target.follow(&self.weights, self.params.target_rate as f32);
            self.copied_at = steps;
        }
    }

    /// Has noise on the weights change as much as ε would now.
    fn adapt(&mut self, learn: &mut Learn<'_>) {
        let Some((shaken, laws)) = &mut self.shaken else { return };
        let (head, room) = (&self.head, &mut self.room);
        let choices = self.next_values.columns();
        let epsilon = self.params.epsilon().at(learn.steps);
        let target = -(1.0 - epsilon + epsilon / choices as f64).ln();
        let distance = |calm: &Matrix, moved: &Matrix| {
            let rows = (0..calm.rows()).map(|row| {
                laws.divergence(|which, values| {
                    let outputs = [calm, moved][which].row(row);
                    head.values(outputs, room, values);
                })
            });
            rows.sum::<f64>() / calm.rows() as f64
        };
        let (net, turn) = ((&self.net, &self.weights), (learn.updates, learn));
        shaken.adapt(net, &self.inputs, &mut self.tape, turn, (target, distance));
    }

    /// Which choice each next state is judged by.
    fn choose(&mut self, weights: &B::Weights) {
        let rows = self.next_inputs.rows();
        self.next_values.set_rows(rows);
        let chooser = if self.params.double { weights } else { &self.target };
        let outputs = self.net.forward(chooser, &self.next_inputs, &mut self.next_tape);
        for row in 0..rows {
            self.head.values(outputs.row(row), &mut self.room, self.next_values.row_mut(row));
        }
    }

    /// Loss of a row; the gradient of its atoms is left in the room, its error returned beside.
    fn row(&mut self, batch: &Batch<'_>, row: usize, outputs: &[f32], next: &[f32]) -> (f32, f32) {
        let (head, room) = (&self.head, &mut self.room);
        let mask = if batch.next_masks.is_empty() { &[] } else { batch.next_masks.row(row) };
        let choice = best(self.next_values.row(row), mask);
        head.atoms_of(next, choice, &mut room.next);
        head.atoms_of(outputs, batch.actions.row(row)[0] as usize, &mut room.atoms);
        let reward = batch.rewards[row] as f32;
        let discount = if goes_on(batch.flags[row]) { batch.discounts[row] } else { 0.0 };
        match head.kind {
            Kind::Mean => {
                let error = room.atoms[0] - (reward + discount * room.next[0]);
                room.atoms[0] = error.clamp(-1.0, 1.0);
                (huber(error), error.abs())
            }
            Kind::Chances { low, high, .. } => {
                softmax(&room.next, &[], &mut room.probs, &mut room.log_probs);
                let pairs = room.probs.iter().enumerate();
                let moved = pairs.map(|(i, &p)| (reward + discount * head.support(i), p));
                project((low, high), moved, &mut room.target);
                softmax(&room.atoms, &[], &mut room.probs, &mut room.log_probs);
                let pairs = room.target.iter().zip(&room.log_probs);
                let loss = -pairs.map(|(target, ln)| target * ln).sum::<f32>();
                // ∂ -Σ m ln p / ∂z = p - m.
                for (i, atom) in room.atoms.iter_mut().enumerate() {
                    *atom = room.probs[i] - room.target[i];
                }
                (loss, loss)
            }
            Kind::Quantiles { .. } => {
                for (target, next) in room.target.iter_mut().zip(&room.next) {
                    *target = reward + discount * next;
                }
                let loss = quantile_huber(&mut room.atoms, &room.target);
                (loss, loss)
            }
        }
    }
}

impl<B: Backend> Agent for Dqn<B> {
    const NAME: &'static str = "dqn";
    const PRESETS: &'static [Preset] = presets::DQN;
    type Params = Settings<DqnParams, B::Params>;

    fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
        let backend = B::open(&params.backend)?;
        let Space::Discrete { n, .. } = task.actions else {
            let actions = &task.actions;
            return Err(Error::unsupported(format!("needs Discrete actions, these are {actions}")));
        };
        if params.noisy && params.param_noise {
            return Err(Error::argument(
                "`noisy` and `param_noise` are two ways to move weights: choose one of them",
            ));
        }
        let atoms = params.atoms;
        let (low, high) = (params.value_low as f32, params.value_high as f32);
        let kind = match params.distribution.as_str() {
            "chances" if low >= high => {
                return Err(Error::argument("`value_low` lies below `value_high`"));
            }
            "chances" => Kind::Chances { atoms, low, high },
            "quantiles" => Kind::Quantiles { atoms },
            _ => Kind::Mean,
        };
        let head = ValueHead::new(kind, n, params.dueling);
        let encoder = Encoder::new(&task.observations, false);
        let spec = MlpSpec {
            inputs: encoder.width(),
            hidden: &params.hidden,
            outputs: head.outputs(),
            activation: Activation::named(&params.activation),
            layer_norm: params.layer_norm,
            init: (Init::Uniform, Init::Uniform),
        };
        let mut weights = Weights::new();
        let eyes = encoder.eyes();
        let net = Mlp::seeing("net", eyes.as_ref(), &spec, &mut weights, rng);
        let net = backend.net(net);
        let noisy = params.noisy.then(|| Noisy::new(&backend, &weights));
        let weights = backend.weights(weights);
        let ends = (encoder.width(), head.outputs());
        let shaken = || (Shaken::new(SHAKEN, &weights, ends), Laws::new(n));
        let shaken = params.param_noise.then(shaken);
        let inputs = || Matrix::new(0, encoder.width());
        let acting = Acting { inputs: inputs(), tape: net.tape(), room: head.room() };
        Ok(Self {
            params: params.clone(),
            target: weights.copy(),
            optimiser: backend.optimiser(Rule::adam(1e-8), &weights),
            noisy,
            shaken,
            copied_at: 0,
            gradients: weights.zeros(),
            inputs: inputs(),
            next_inputs: inputs(),
            tape: net.tape(),
            next_tape: net.tape(),
            dead: Dead::new(&params.hidden, &params.activation),
            room: head.room(),
            next_values: Matrix::new(0, n),
            acting: RefCell::new(acting),
            encoder,
            head,
            net,
            weights,
        })
    }

    fn needs(&self) -> Needs {
        let params = &self.params;
        let by_weights = params.noisy || params.param_noise;
        let epsilon = if by_weights { Schedule::Constant(0.0) } else { params.epsilon() };
        let memory = if params.param_noise { shaken::MEMORY } else { 0 };
        Needs { memory, ..Needs::replay(params.replay(), Head::Values) }.epsilon_greedy(epsilon)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.follow(learn.steps);
        self.encoder.encode(batch.obs, &mut self.inputs);
        self.encoder.encode(batch.next_obs, &mut self.next_inputs);
        let noisy = self.noisy.take();
        let moved = noisy.as_ref().map(|noisy| {
            let mut moved = noisy.moved.borrow_mut();
            noisy.shake(&self.weights, &mut moved, learn.rng);
            moved
        });
        let plain = std::mem::take(&mut self.weights);
        let weights = moved.as_deref().unwrap_or(&plain);
        self.choose(weights);
        let mut next_tape = std::mem::take(&mut self.next_tape);
        if self.params.double {
            self.net.forward(&self.target, &self.next_inputs, &mut next_tape);
        }
        let mut tape = std::mem::take(&mut self.tape);
        self.net.forward(weights, &self.inputs, &mut tape);
        let (outputs, gradient) = tape.output_and_gradient();
        let (rows, mut losses, mut errors, mut values) = (batch.len(), 0.0, 0.0, 0.0);
        for row in 0..rows {
            let (loss, error) = self.row(batch, row, outputs.row(row), next_tape.output().row(row));
            let weight = batch.weights.get(row).copied().unwrap_or(1.0);
            self.room.atoms.iter_mut().for_each(|slope| *slope *= weight / rows as f32);
            let choice = batch.actions.row(row)[0] as usize;
            self.head.back(&self.room.atoms, choice, gradient.row_mut(row));
            if let Some(priority) = learn.priorities.get_mut(row) {
                *priority = error;
            }
            losses += f64::from(loss * weight);
            errors += f64::from(error);
            self.head.values(
                outputs.row(row),
                &mut self.room,
                &mut self.acting.get_mut().room.values,
            );
            values += f64::from(self.acting.get_mut().room.values[choice]);
        }
        self.gradients.clear();
        self.net.backward(weights, &self.inputs, &mut tape, &mut self.gradients);
        drop(moved);
        (self.weights, self.tape, self.next_tape, self.noisy) = (plain, tape, next_tape, noisy);
        let norm = self.gradients.clip_norm(self.params.gradient_norm)?;
        let left = if self.params.anneal { 1.0 - learn.progress } else { 1.0 };
        let rate = self.params.learning_rate * left;
        self.optimiser.step(&mut self.weights, &self.gradients, rate);
        if let Some(noisy) = &mut self.noisy {
            noisy.step(&self.gradients, rate);
        }
        let (log, rows) = (&mut *learn.log, rows as f64);
        log.scalar("loss", losses / rows);
        log.scalar("td_error", errors / rows);
        log.scalar("q", values / rows);
        log.scalar("gradient_norm", norm);
        self.dead.look(&mut self.tape, learn);
        self.adapt(learn);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.acting(archive);
        archive.scope("target", |archive| self.target.state(archive));
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
        archive.value("copied_at", &mut self.copied_at);
        if let Some(noisy) = &mut self.noisy {
            archive.scope("noisy_optimiser", |archive| noisy.optimiser_state(archive));
        }
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
        if let Some(noisy) = &mut self.noisy {
            archive.scope("noisy", |archive| noisy.state(archive));
        }
        if let Some((shaken, _)) = &mut self.shaken {
            shaken.state(archive);
        }
    }

    fn params(&mut self) -> &mut Self::Params {
        &mut self.params
    }
}
