//! Where nets are computed: by this crate's own kernels, or by another library behind the same
//! traits. An agent written against [`Backend`] runs on each of them.
//!
//! Nets are always made here, weights by weights, and then handed to the backend. So they begin
//! alike everywhere, and their tensors are saved under the same names in the same shapes.

use crate::matrix::{Matrix, map_with};
use crate::mlp::{Mlp, Tape};
use crate::optimiser::{Optimiser, Rule, clip_norm};
use crate::threads;
use crate::weights::{Span, Weights};
use plugin_api::{Archive, Params, Result};
use std::borrow::Cow;
use std::fmt::Debug;

/// A library that computes nets, and where it does so.
pub trait Backend: Clone + Debug + Send + 'static {
    /// What users can tell it, beside the params of the agent.
    type Params: Params + Debug;
    /// All weights of one optimiser, or what has their layout.
    type Weights: WeightOps + Default + Debug + Send;
    /// A net without its weights.
    type Net: NetOps<Self> + Debug + Send;
    /// What a net remembers of the way there, and room for the way back.
    type Tape: TapeOps + Default + Debug + Send;
    /// A rule and the averages it keeps.
    type Optimiser: OptimiserOps<Self> + Debug + Send;

    /// Makes ready, or says what is missing.
    fn open(params: &Self::Params) -> Result<Self>;

    /// Brings weights to where they are computed with.
    fn weights(&self, weights: Weights) -> Self::Weights;

    /// Takes over the shape of a net.
    fn net(&self, net: Mlp) -> Self::Net;

    /// An optimiser of these weights at its beginning.
    fn optimiser(&self, rule: Rule, weights: &Self::Weights) -> Self::Optimiser;
}

/// What is done with weights, gradients and other numbers of their layout.
pub trait WeightOps: Sized {
    /// The same numbers once more.
    #[must_use]
    fn copy(&self) -> Self;

    /// The same layout, all zeros.
    #[must_use]
    fn zeros(&self) -> Self;

    /// Zeros everywhere.
    fn clear(&mut self);

    /// `self = (1 - rate) self + rate other` (Polyak averaging).
    fn follow(&mut self, other: &Self, rate: f32);

    /// `self = base + factor ∘ other`.
    fn set_sum(&mut self, base: &Self, factor: &Self, other: &Self);

    /// `self = base + by other`.
    fn set_moved(&mut self, base: &Self, other: &Self, by: f32);

    /// `self = one ∘ other`.
    fn set_product(&mut self, one: &Self, other: &Self);

    /// Copies out the numbers from this place on.
    fn read(&self, start: usize, into: &mut [f32]);

    /// So many numbers from this place on, for those who compute with them here.
    fn numbers(&self, start: usize, count: usize) -> Cow<'_, [f32]>;

    /// Replaces the numbers from this place on.
    fn write(&mut self, start: usize, from: &[f32]);

    /// Lets all numbers be rewritten at once; padding stays zero.
    fn rewrite(&mut self, with: impl FnOnce(&[Span], &mut [f32]));

    /// Shrinks gradients so that their norm is at most `norm_max`, unless that is 0, and returns
    /// their norm as it was. Where it is not finite, the error names the first tensor that is not.
    fn clip_norm(&mut self, norm_max: f64) -> Result<f64>;

    /// Names every tensor, without padding, for saving and loading.
    fn state(&mut self, archive: &mut Archive);
}

/// The way through a net, and back.
pub trait NetOps<B: Backend> {
    /// Room for ways there and back.
    fn tape(&self) -> B::Tape;

    /// What comes out for these rows.
    fn forward<'t>(
        &self,
        weights: &B::Weights,
        inputs: &Matrix,
        tape: &'t mut B::Tape,
    ) -> &'t Matrix;

    /// Goes back from [`TapeOps::output_gradient`] after a way there with these inputs: adds the
    /// gradients of the weights to `gradients`, where they are wanted, and leaves that of the
    /// inputs in [`TapeOps::input_gradient`], where it is.
    fn back(
        &self,
        weights: &B::Weights,
        inputs: &Matrix,
        tape: &mut B::Tape,
        gradients: Option<&mut B::Weights>,
        to_inputs: bool,
    );

    /// Goes back to the weights alone.
    fn backward(
        &self,
        weights: &B::Weights,
        inputs: &Matrix,
        tape: &mut B::Tape,
        gradients: &mut B::Weights,
    ) {
        self.back(weights, inputs, tape, Some(gradients), false);
    }

    /// Goes back to the inputs; weights are taken as constant.
    fn backward_to_inputs(&self, weights: &B::Weights, inputs: &Matrix, tape: &mut B::Tape) {
        self.back(weights, inputs, tape, None, true);
    }
}

/// What lies at both ends of a net, as plain numbers.
pub trait TapeOps {
    /// What came out last.
    fn output(&self) -> &Matrix;

    /// What came out last, and room for its gradient.
    fn output_and_gradient(&mut self) -> (&Matrix, &mut Matrix);

    /// Room for the gradient of what came out last.
    fn output_gradient(&mut self) -> &mut Matrix {
        self.output_and_gradient().1
    }

    /// Copies what went into the last layer on the last way there: what the last hidden layer put
    /// out, where there is one.
    fn hidden(&mut self, into: &mut Matrix);

    /// The gradient of the inputs that the last way back found.
    fn input_gradient(&self) -> &Matrix;
}

/// What an optimiser does.
pub trait OptimiserOps<B: Backend> {
    /// One step of size `rate` along the gradients.
    fn step(&mut self, weights: &mut B::Weights, gradients: &B::Weights, rate: f64);

    /// Names its averages, for saving and loading.
    fn state(&mut self, archive: &mut Archive);
}

plugin_api::params! {
    /// What our own kernels can be told.
    pub struct OwnParams {
        /// Threads that share large products; the result does not depend on it.
        net_threads: usize = 1 in 1..=64,
    }
}

/// This crate's own kernels, which need nothing and nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own;

impl Backend for Own {
    type Params = OwnParams;
    type Weights = Weights;
    type Net = Mlp;
    type Tape = Tape;
    type Optimiser = Optimiser;

    fn open(params: &OwnParams) -> Result<Self> {
        threads::ask_for(params.net_threads);
        Ok(Self)
    }

    fn weights(&self, weights: Weights) -> Weights {
        weights
    }

    fn net(&self, net: Mlp) -> Mlp {
        net
    }

    fn optimiser(&self, rule: Rule, weights: &Weights) -> Optimiser {
        Optimiser::new(rule, weights)
    }
}

impl WeightOps for Weights {
    fn copy(&self) -> Self {
        self.clone()
    }

    fn zeros(&self) -> Self {
        self.zeros()
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn follow(&mut self, other: &Self, rate: f32) {
        self.follow(other, rate);
    }

    fn set_sum(&mut self, base: &Self, factor: &Self, other: &Self) {
        let parts = factor.values.iter().zip(&other.values);
        let places = self.values.iter_mut().zip(&base.values);
        for ((own, base), (factor, other)) in places.zip(parts) {
            *own = base + factor * other;
        }
    }

    fn set_moved(&mut self, base: &Self, other: &Self, by: f32) {
        self.values.copy_from_slice(&base.values);
        map_with(&mut self.values, &other.values, |base, other| base + by * other);
    }

    fn set_product(&mut self, one: &Self, other: &Self) {
        let parts = one.values.iter().zip(&other.values);
        for (own, (one, other)) in self.values.iter_mut().zip(parts) {
            *own = one * other;
        }
    }

    fn read(&self, start: usize, into: &mut [f32]) {
        into.copy_from_slice(&self.values[start..][..into.len()]);
    }

    fn numbers(&self, start: usize, count: usize) -> Cow<'_, [f32]> {
        Cow::Borrowed(&self.values[start..][..count])
    }

    fn write(&mut self, start: usize, from: &[f32]) {
        self.values[start..][..from.len()].copy_from_slice(from);
    }

    fn rewrite(&mut self, with: impl FnOnce(&[Span], &mut [f32])) {
        let (spans, values) = self.parts();
        with(spans, values);
    }

    fn clip_norm(&mut self, norm_max: f64) -> Result<f64> {
        clip_norm(self, norm_max)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.state(archive);
    }
}

impl NetOps<Own> for Mlp {
    fn tape(&self) -> Tape {
        self.tape()
    }

    fn forward<'t>(&self, weights: &Weights, inputs: &Matrix, tape: &'t mut Tape) -> &'t Matrix {
        self.forward(weights, inputs, tape)
    }

    fn back(
        &self,
        weights: &Weights,
        inputs: &Matrix,
        tape: &mut Tape,
        gradients: Option<&mut Weights>,
        to_inputs: bool,
    ) {
        self.back(weights, inputs, tape, gradients, to_inputs);
    }
}

impl TapeOps for Tape {
    fn output(&self) -> &Matrix {
        self.output()
    }

    fn output_and_gradient(&mut self) -> (&Matrix, &mut Matrix) {
        self.output_and_gradient()
    }

    fn hidden(&mut self, into: &mut Matrix) {
        let hidden = Self::hidden(self);
        into.set_rows(hidden.rows());
        into.flat_mut().copy_from_slice(hidden.flat());
    }

    fn input_gradient(&self) -> &Matrix {
        self.input_gradient()
    }
}

impl OptimiserOps<Own> for Optimiser {
    fn step(&mut self, weights: &mut Weights, gradients: &Weights, rate: f64) {
        self.step(weights, gradients, rate);
    }

    fn state(&mut self, archive: &mut Archive) {
        self.state(archive);
    }
}
