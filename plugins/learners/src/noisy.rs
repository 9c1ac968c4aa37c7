//! Nets whose weights are moved by noise of a strength that is learned (Fortunato et al., "Noisy
//! Networks for Exploration", 2018): `w = μ + σ ∘ ε`.

use kit::backend::{Backend, OptimiserOps, WeightOps};
use kit::{Rule, Weights};
use plugin_api::prelude::*;
use std::cell::RefCell;

/// σ₀ of the paper: the strength at first, times √inputs.
const STRENGTH: f32 = 0.5;

/// The strengths, and the noise of the latest shake.
#[derive(Debug)]
pub(crate) struct Noisy<B: Backend> {
    strengths: B::Weights,
    gradients: B::Weights,
    optimiser: B::Optimiser,
    noise: RefCell<B::Weights>,
    /// The weights as they were moved last.
    pub(crate) moved: RefCell<B::Weights>,
}

impl<B: Backend> Noisy<B> {
    pub(crate) fn new(backend: &B, weights: &Weights) -> Self {
        let mut strengths = weights.zeros();
        let spans = weights.spans().to_vec();
        // A bias stands behind the weights whose inputs it shares.
        for pair in spans.chunks(2) {
            let inputs = pair[0].rows as f32;
            for span in pair {
                let stride = span.len() / span.rows;
                for row in strengths.values[span.start..][..span.len()].chunks_exact_mut(stride) {
                    row[..span.columns].fill(STRENGTH / inputs.sqrt());
                }
            }
        }
        let strengths = backend.weights(strengths);
        Self {
            gradients: strengths.zeros(),
            optimiser: backend.optimiser(Rule::adam(1e-8), &strengths),
            noise: RefCell::new(strengths.zeros()),
            moved: RefCell::new(strengths.zeros()),
            strengths,
        }
    }

    /// Moves weights by new noise: `ε = f(εᵢ) f(εⱼ)` for weights and `f(εⱼ)` for biases, with
    /// `f(x) = sign x √|x|`.
    pub(crate) fn shake(&self, weights: &B::Weights, moved: &mut B::Weights, rng: &mut Rng) {
        let mut draw = || {
            let x = rng.standard_normal() as f32;
            x.signum() * x.abs().sqrt()
        };
        let noise = &mut *self.noise.borrow_mut();
        noise.rewrite(|spans, noise| {
            for pair in spans.chunks(2) {
                let (weight, bias) = (&pair[0], &pair[1]);
                let columns = bias.columns;
                let (before, after) = noise.split_at_mut(bias.start);
                let of_outputs = &mut after[..columns];
                of_outputs.fill_with(&mut draw);
                let stride = weight.len() / weight.rows;
                for row in before[weight.start..][..weight.len()].chunks_exact_mut(stride) {
                    let of_input = draw();
                    for (noise, of_output) in row.iter_mut().zip(&*of_outputs) {
                        *noise = of_input * of_output;
                    }
                }
            }
        });
        moved.set_sum(weights, &self.strengths, noise);
    }

    /// A step of the strengths, whose gradient is that of the weights times the noise.
    pub(crate) fn step(&mut self, gradients: &B::Weights, rate: f64) {
        self.gradients.set_product(gradients, self.noise.get_mut());
        self.optimiser.step(&mut self.strengths, &self.gradients, rate);
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        self.strengths.state(archive);
    }

    pub(crate) fn optimiser_state(&mut self, archive: &mut Archive) {
        self.optimiser.state(archive);
    }
}
