//! A policy net and a value net: two of their own, or one that puts out both and shares all layers
//! but the last.

use kit::backend::{Backend, NetOps, TapeOps};
use kit::matrix::padded;
use kit::{Activation, Eyes, Init, Matrix, Mlp, MlpSpec, Weights};
use plugin_api::prelude::*;

/// How the last layer begins for the policy; for the value with 1.
const POLICY_GAIN: f64 = 0.01;

/// What the nets are to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape<'a> {
    pub(crate) inputs: usize,
    pub(crate) hidden: &'a [usize],
    pub(crate) activation: &'a str,
    /// Numbers that the law of actions needs.
    pub(crate) outputs: usize,
    /// Whether it is one net.
    pub(crate) shared: bool,
}

/// One net or two.
#[derive(Debug)]
pub(crate) struct Nets<B: Backend> {
    policy: B::Net,
    /// None where the policy's net puts the value out, too, behind what the law needs.
    value: Option<B::Net>,
    outputs: usize,
}

/// What they remember of the way there, and room for the way back.
#[derive(Debug)]
pub(crate) struct Tapes<B: Backend> {
    policy: B::Tape,
    value: Option<B::Tape>,
    outputs: usize,
}

/// What came out of them, and room for its gradient.
pub(crate) struct Ends<'t> {
    policy: (&'t Matrix, &'t mut Matrix),
    value: Option<(&'t Matrix, &'t mut Matrix)>,
    outputs: usize,
}

impl<B: Backend> Nets<B> {
    /// Orthogonal nets, whose weights are added to those there are.
    pub(crate) fn new(
        backend: &B,
        shape: Shape<'_>,
        eyes: Option<&Eyes<'_>>,
        weights: &mut Weights,
        rng: &mut Rng,
    ) -> Self {
        let mut net = |name: &str, outputs: usize, gain: f64| {
            let spec = MlpSpec {
                inputs: shape.inputs,
                hidden: shape.hidden,
                outputs,
                activation: Activation::named(shape.activation),
                layer_norm: false,
                init: (Init::Orthogonal(std::f64::consts::SQRT_2), Init::Orthogonal(gain)),
            };
            Mlp::seeing(name, eyes, &spec, weights, rng)
        };
        let outputs = shape.outputs;
        if !shape.shared {
            let (policy, value) = (net("actor", outputs, POLICY_GAIN), net("critic", 1, 1.0));
            let (policy, value) = (backend.net(policy), Some(backend.net(value)));
            return Self { policy, value, outputs };
        }
        let both = net("both", outputs + 1, POLICY_GAIN);
        let last = both.layers().last().expect("a net has a layer");
        let stride = padded(outputs + 1);
        let rows = weights.values[last.weight..][..last.inputs * stride].chunks_exact_mut(stride);
        rows.for_each(|row| row[outputs] *= (1.0 / POLICY_GAIN) as f32);
        Self { policy: backend.net(both), value: None, outputs }
    }

    /// Room for ways there and back.
    pub(crate) fn tapes(&self) -> Tapes<B> {
        let value = self.value.as_ref().map(NetOps::tape);
        Tapes { policy: self.policy.tape(), value, outputs: self.outputs }
    }

    /// The way there for the policy alone, if it has a net of its own.
    pub(crate) fn look_policy(&self, weights: &B::Weights, seen: &Matrix, tapes: &mut Tapes<B>) {
        self.policy.forward(weights, seen, &mut tapes.policy);
    }

    /// The way there for values alone, if they have a net of their own.
    pub(crate) fn look_value(&self, weights: &B::Weights, seen: &Matrix, tapes: &mut Tapes<B>) {
        match self.value.as_ref().zip(tapes.value.as_mut()) {
            Some((net, tape)) => net.forward(weights, seen, tape),
            None => self.policy.forward(weights, seen, &mut tapes.policy),
        };
    }

    /// The way there for both, from what each is fed with.
    pub(crate) fn look(&self, weights: &B::Weights, seen: [&Matrix; 2], tapes: &mut Tapes<B>) {
        self.look_policy(weights, seen[0], tapes);
        if self.value.is_some() {
            self.look_value(weights, seen[1], tapes);
        }
    }

    /// The way back for both, to what they were fed with only where that is wanted.
    pub(crate) fn back(
        &self,
        weights: &B::Weights,
        seen: [&Matrix; 2],
        tapes: &mut Tapes<B>,
        (gradients, to_inputs): (&mut B::Weights, bool),
    ) {
        self.policy.back(weights, seen[0], &mut tapes.policy, Some(gradients), to_inputs);
        if let Some((net, tape)) = self.value.as_ref().zip(tapes.value.as_mut()) {
            net.back(weights, seen[1], tape, Some(gradients), to_inputs);
        }
    }
}

impl<B: Backend> Tapes<B> {
    /// What came out for the law of actions in this row.
    pub(crate) fn policy(&self, row: usize) -> &[f32] {
        &self.policy.output().row(row)[..self.outputs]
    }

    /// The value that came out in this row.
    pub(crate) fn value(&self, row: usize) -> f32 {
        self.value.as_ref().map_or_else(
            || self.policy.output().row(row)[self.outputs],
            |tape| tape.output().row(row)[0],
        )
    }

    /// The way through the policy's net.
    pub(crate) fn of_policy(&mut self) -> &mut B::Tape {
        &mut self.policy
    }

    /// Both ends of all rows.
    pub(crate) fn ends(&mut self) -> Ends<'_> {
        Ends {
            policy: self.policy.output_and_gradient(),
            value: self.value.as_mut().map(TapeOps::output_and_gradient),
            outputs: self.outputs,
        }
    }

    /// Gradients of what two nets were fed with.
    pub(crate) fn of_inputs(&self) -> [&Matrix; 2] {
        let value = self.value.as_ref().unwrap_or(&self.policy);
        [self.policy.input_gradient(), value.input_gradient()]
    }
}

impl Ends<'_> {
    /// No gradient anywhere.
    pub(crate) fn clear(&mut self) {
        self.policy.1.clear();
    }

    /// The value of a row.
    pub(crate) fn value(&self, row: usize) -> f32 {
        match &self.value {
            Some((values, _)) => values.row(row)[0],
            None => self.policy.0.row(row)[self.outputs],
        }
    }

    /// What came out for the law of actions in a row, and room for its gradient.
    pub(crate) fn policy(&mut self, row: usize) -> (&[f32], &mut [f32]) {
        let (outputs, gradient) = &mut self.policy;
        (&outputs.row(row)[..self.outputs], &mut gradient.row_mut(row)[..self.outputs])
    }

    /// Sets the gradient of a row's value.
    pub(crate) fn set_value(&mut self, row: usize, slope: f32) {
        match &mut self.value {
            Some((_, gradient)) => gradient.row_mut(row)[0] = slope,
            None => self.policy.1.row_mut(row)[self.outputs] = slope,
        }
    }
}
