//! Several nets that judge an action in a state, side by side, and the copies that lag behind.

use crate::dead::Dead;
use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::{Activation, Init, Matrix, Mlp, MlpSpec, Rule, Weights};
use plugin_api::prelude::*;

/// What critics are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    pub(crate) obs: usize,
    pub(crate) actions: usize,
    pub(crate) hidden: &'a [usize],
    pub(crate) activation: &'a str,
    pub(crate) layer_norm: bool,
    pub(crate) count: usize,
    /// Numbers that each puts out.
    pub(crate) outputs: usize,
}

/// Whose weights are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Critics,
    Copies,
}

/// The critics.
#[derive(Debug)]
pub(crate) struct Critics<B: Backend> {
    nets: Vec<B::Net>,
    tapes: Vec<B::Tape>,
    dead: Dead,
    pub(crate) weights: B::Weights,
    pub(crate) copies: B::Weights,
    optimiser: B::Optimiser,
    gradients: B::Weights,
    /// States and actions side by side.
    inputs: Matrix,
    obs: usize,
    /// Gradient of the actions, summed over the critics.
    of_actions: Matrix,
}

impl<B: Backend> Critics<B> {
    pub(crate) fn new(backend: &B, settings: &Settings<'_>, rng: &mut Rng) -> Self {
        let Settings { obs, actions, outputs, .. } = *settings;
        let spec = MlpSpec {
            inputs: obs + actions,
            hidden: settings.hidden,
            outputs,
            activation: Activation::named(settings.activation),
            layer_norm: settings.layer_norm,
            init: (Init::Uniform, Init::Uniform),
        };
        let mut weights = Weights::new();
        let names = (0..settings.count).map(|idx| format!("critic{idx}"));
        let nets: Vec<B::Net> =
            names.map(|name| backend.net(Mlp::new(&name, &spec, &mut weights, rng))).collect();
        let weights = backend.weights(weights);
        Self {
            tapes: nets.iter().map(NetOps::tape).collect(),
            dead: Dead::new(settings.hidden, settings.activation),
            copies: weights.copy(),
            optimiser: backend.optimiser(Rule::adam(1e-8), &weights),
            gradients: weights.zeros(),
            inputs: Matrix::new(0, obs + actions),
            of_actions: Matrix::new(0, actions),
            nets,
            weights,
            obs,
        }
    }

    /// Logs their loss, and how many hidden units of the first one are dead.
    pub(crate) fn log(&mut self, loss: f64, learn: &mut Learn<'_>) {
        learn.log.scalar("critic_loss", loss);
        self.dead.look(&mut self.tapes[0], learn);
    }

    /// Judges actions in states.
    pub(crate) fn judge(&mut self, which: Which, obs: &Matrix, actions: &Matrix) {
        self.inputs.set_rows(obs.rows());
        for row in 0..obs.rows() {
            let (state, action) = self.inputs.row_mut(row).split_at_mut(self.obs);
            state.copy_from_slice(obs.row(row));
            action.copy_from_slice(actions.row(row));
        }
        let weights = if which == Which::Critics { &self.weights } else { &self.copies };
        for (net, tape) in self.nets.iter().zip(&mut self.tapes) {
            net.forward(weights, &self.inputs, tape);
        }
    }

    /// Number of critics.
    pub(crate) fn count(&self) -> usize {
        self.nets.len()
    }

    /// What a critic put out for a row.
    pub(crate) fn output(&self, critic: usize, row: usize) -> &[f32] {
        self.tapes[critic].output().row(row)
    }

    /// The critic with the smallest first output for a row, and that output.
    pub(crate) fn smallest(&self, row: usize) -> (usize, f32) {
        let first = |critic: usize| self.output(critic, row)[0];
        let all = (1..self.count()).map(|critic| (critic, first(critic)));
        all.fold((0, first(0)), |least, next| if next.1 < least.1 { next } else { least })
    }

    /// A step along the gradients of all outputs of the latest judgement, which `slope` leaves in
    /// place of the outputs. Returns the norm of the gradient of the weights.
    pub(crate) fn descend(
        &mut self,
        (rate, norm_max): (f64, f64),
        mut slope: impl FnMut(usize, usize, &mut [f32]),
    ) -> Result<f64> {
        self.gradients.clear();
        for (critic, (net, tape)) in self.nets.iter().zip(&mut self.tapes).enumerate() {
            let (outputs, gradient) = tape.output_and_gradient();
            for row in 0..outputs.rows() {
                gradient.row_mut(row).copy_from_slice(outputs.row(row));
                slope(critic, row, gradient.row_mut(row));
            }
            net.backward(&self.weights, &self.inputs, tape, &mut self.gradients);
        }
        let norm = self.gradients.clip_norm(norm_max)?;
        self.optimiser.step(&mut self.weights, &self.gradients, rate);
        Ok(norm)
    }

    /// The gradient of the actions of the latest judgement, summed over critics, where `slope`
    /// writes that of their outputs.
    pub(crate) fn action_gradients(
        &mut self,
        mut slope: impl FnMut(usize, usize, &mut [f32]),
    ) -> &Matrix {
        self.of_actions.set_rows(self.inputs.rows());
        self.of_actions.clear();
        for (critic, (net, tape)) in self.nets.iter().zip(&mut self.tapes).enumerate() {
            let gradient = tape.output_gradient();
            let mut any = false;
            for row in 0..gradient.rows() {
                let outputs = gradient.row_mut(row);
                outputs.fill(0.0);
                slope(critic, row, outputs);
                any |= outputs.iter().any(|slope| *slope != 0.0);
            }
            if !any {
                continue;
            }
            net.backward_to_inputs(&self.weights, &self.inputs, tape);
            for row in 0..self.of_actions.rows() {
                let from = &tape.input_gradient().row(row)[self.obs..];
                let to = self.of_actions.row_mut(row).iter_mut();
                to.zip(from).for_each(|(to, from)| *to += from);
            }
        }
        &self.of_actions
    }

    /// The copies follow the critics.
    pub(crate) fn follow(&mut self, rate: f64) {
        self.copies.follow(&self.weights, rate as f32);
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        self.weights.state(archive);
        archive.scope("copies", |archive| self.copies.state(archive));
        archive.scope("optimiser", |archive| self.optimiser.state(archive));
    }
}
