//! Nets of dense layers: the way there, and the way back.

use crate::init::Init;
use crate::layer_norm::{self, Normed};
use crate::matrix::{Matrix, map, map_with, padded, transpose, vectorised};
use crate::product::{Product, Side, Start};
use crate::real::Real;
use crate::weights::Weights;
use plugin_api::Rng;

/// What a hidden layer does with its sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// tanh x.
    Tanh,
    /// max(x, 0).
    Relu,
}

impl Activation {
    /// `tanh` or `relu`.
    pub fn named(name: &str) -> Self {
        if name == "tanh" { Self::Tanh } else { Self::Relu }
    }

    fn apply<T: Real>(self, numbers: &mut [T]) {
        match self {
            Self::Tanh => map(numbers, T::tanh),
            Self::Relu => map(numbers, |x| x.max(T::ZERO)),
        }
    }

    /// The gradient of outputs becomes that of sums.
    fn back<T: Real>(self, delta: &mut [T], outputs: &[T]) {
        match self {
            Self::Tanh => map_with(delta, outputs, |delta, y| delta * (T::ONE - y * y)),
            Self::Relu => {
                map_with(delta, outputs, |delta, y| if y > T::ZERO { delta } else { T::ZERO });
            }
        }
    }
}

/// What a net is to be.
#[derive(Clone, Copy, Debug)]
pub struct MlpSpec<'a> {
    /// Numbers that come in.
    pub inputs: usize,
    /// Sizes of the hidden layers.
    pub hidden: &'a [usize],
    /// Numbers that come out, as plain sums.
    pub outputs: usize,
    /// What hidden layers do with their sums.
    pub activation: Activation,
    /// Whether their sums are normalised before.
    pub layer_norm: bool,
    /// How hidden layers begin, and the last one.
    pub init: (Init, Init),
}

/// A layer of a net.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Numbers that come in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// Place of the first weight: rows are inputs, columns outputs.
    pub weight: usize,
    /// Place of the first bias.
    pub bias: usize,
    /// Places of gain and shift, where sums are normalised.
    pub norm: Option<(usize, usize)>,
    /// What is done with the sums; nothing in the last layer.
    pub activation: Option<Activation>,
}

/// The shape of a net whose weights lie in a [`Weights`].
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
}

/// What a net remembers of the way there, and room for the way back.
#[derive(Clone, Debug, Default)]
pub struct Tape<T = f32> {
    outputs: Vec<Matrix<T>>,
    normed: Vec<Normed<T>>,
    deltas: Vec<Matrix<T>>,
    input: Matrix<T>,
    transposed: Vec<T>,
}

impl<T: Real> Tape<T> {
    /// What came out last.
    pub fn output(&self) -> &Matrix<T> {
        self.outputs.last().expect("a net has a layer")
    }

    /// Room for the gradient of what came out last, for [`Mlp::backward`].
    pub fn output_gradient(&mut self) -> &mut Matrix<T> {
        let rows = self.output().rows();
        let delta = self.deltas.last_mut().expect("a net has a layer");
        delta.set_rows(rows);
        delta
    }

    /// What came out last, and room for its gradient.
    pub fn output_and_gradient(&mut self) -> (&Matrix<T>, &mut Matrix<T>) {
        let output = self.outputs.last().expect("a net has a layer");
        let delta = self.deltas.last_mut().expect("a net has a layer");
        delta.set_rows(output.rows());
        (output, delta)
    }

    /// The gradient of the inputs that the last way back found.
    pub fn input_gradient(&self) -> &Matrix<T> {
        &self.input
    }
}

impl Mlp {
    /// A net whose weights are added to those there are, under names that begin with `name`.
    pub fn new<T: Real>(
        name: &str,
        spec: &MlpSpec<'_>,
        weights: &mut Weights<T>,
        rng: &mut Rng,
    ) -> Self {
        let sizes: Vec<usize> = [&[spec.inputs][..], spec.hidden, &[spec.outputs]].concat();
        let last = sizes.len() - 2;
        let layers = sizes.windows(2).enumerate().map(|(idx, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let mut add = |what: &str, rows, columns| {
                weights.add(format!("{name}/layer{idx}/{what}"), rows, columns)
            };
            let weight = add("weight", inputs, outputs);
            let bias = add("bias", 1, outputs);
            let hidden = idx < last;
            let norm = (hidden && spec.layer_norm)
                .then(|| (add("gain", 1, outputs), add("shift", 1, outputs)));
            let init = if hidden { spec.init.0 } else { spec.init.1 };
            let (weight_values, rest) = weights.values[weight..].split_at_mut(bias - weight);
            init.fill((inputs, outputs), weight_values, rest, rng);
            if let Some((gain, _)) = norm {
                weights.values[gain..][..outputs].fill(T::ONE);
            }
            let activation = hidden.then_some(spec.activation);
            Layer { inputs, outputs, weight, bias, norm, activation }
        });
        Self { layers: layers.collect() }
    }

    /// The layers, from the inputs on.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Numbers that come in.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// Numbers that come out.
    pub fn outputs(&self) -> usize {
        self.layers.last().expect("a net has a layer").outputs
    }

    /// Room for ways there and back.
    pub fn tape<T: Real>(&self) -> Tape<T> {
        let matrices = || self.layers.iter().map(|layer| Matrix::new(0, layer.outputs)).collect();
        let weights = self.layers.iter().map(|layer| layer.outputs * padded(layer.inputs));
        Tape {
            outputs: matrices(),
            normed: vec![Normed::default(); self.layers.len()],
            deltas: matrices(),
            input: Matrix::new(0, self.inputs()),
            transposed: vec![T::ZERO; weights.max().unwrap_or(0)],
        }
    }

    /// What comes out for these rows.
    pub fn forward<'t, T: Real>(
        &self,
        weights: &Weights<T>,
        inputs: &Matrix<T>,
        tape: &'t mut Tape<T>,
    ) -> &'t Matrix<T> {
        assert_eq!(inputs.columns(), self.inputs(), "inputs of the net");
        for (idx, layer) in self.layers.iter().enumerate() {
            let (before, rest) = tape.outputs.split_at_mut(idx);
            let input = before.last().unwrap_or(inputs);
            let output = &mut rest[0];
            output.set_rows(inputs.rows());
            T::multiply(Product {
                a: input.flat(),
                a_stride: input.stride(),
                side: Side::Plain,
                b: layer.weight(weights),
                c: output.flat_mut(),
                start: Start::Bias(layer.row(weights, layer.bias)),
                rows: inputs.rows(),
                inner: layer.inputs,
                columns: padded(layer.outputs),
            });
            if let Some((gain, shift)) = layer.norm {
                let scale = (layer.row(weights, gain), layer.row(weights, shift));
                layer_norm::forward(output, scale, &mut tape.normed[idx]);
            }
            if let Some(activation) = layer.activation {
                activation.apply(output.flat_mut());
            }
        }
        tape.output()
    }

    /// Goes back from [`Tape::output_gradient`] after a way there with these inputs: adds the
    /// gradients of the weights to `gradients`, where they are wanted.
    pub fn backward<T: Real>(
        &self,
        weights: &Weights<T>,
        inputs: &Matrix<T>,
        tape: &mut Tape<T>,
        gradients: &mut Weights<T>,
    ) {
        self.back(weights, inputs, tape, Some(gradients), false);
    }

    /// Goes back to the inputs, whose gradient is then in [`Tape::input_gradient`]; weights are
    /// taken as constant.
    pub fn backward_to_inputs<T: Real>(
        &self,
        weights: &Weights<T>,
        inputs: &Matrix<T>,
        tape: &mut Tape<T>,
    ) {
        self.back(weights, inputs, tape, None, true);
    }

    /// Goes back to weights and inputs.
    pub fn back<T: Real>(
        &self,
        weights: &Weights<T>,
        inputs: &Matrix<T>,
        tape: &mut Tape<T>,
        mut gradients: Option<&mut Weights<T>>,
        to_inputs: bool,
    ) {
        let rows = inputs.rows();
        for (idx, layer) in self.layers.iter().enumerate().rev() {
            let (before, rest) = tape.deltas.split_at_mut(idx);
            let delta = &mut rest[0];
            assert_eq!(delta.rows(), rows, "a gradient for each row");
            if let Some(activation) = layer.activation {
                activation.back(delta.flat_mut(), tape.outputs[idx].flat());
            }
            if let Some((gain, shift)) = layer.norm {
                let of_norm = gradients.as_deref_mut().map(|gradients| {
                    let (head, tail) = gradients.values.split_at_mut(shift);
                    (&mut head[gain..], tail)
                });
                let gain = layer.row(weights, gain);
                layer_norm::backward(delta, gain, &tape.normed[idx], of_norm);
            }
            if let Some(gradients) = gradients.as_deref_mut() {
                let input = if idx > 0 { &tape.outputs[idx - 1] } else { inputs };
                layer.add_gradients(input, delta, gradients);
            }
            if idx > 0 || to_inputs {
                let input = before.last_mut().unwrap_or(&mut tape.input);
                input.set_rows(rows);
                layer.back(weights, delta, &mut tape.transposed, input);
            }
        }
    }
}

impl Layer {
    fn weight<'w, T: Real>(&self, weights: &'w Weights<T>) -> &'w [T] {
        &weights.values[self.weight..][..self.inputs * padded(self.outputs)]
    }

    fn row<'w, T: Real>(&self, weights: &'w Weights<T>, start: usize) -> &'w [T] {
        &weights.values[start..][..layer_norm::len(self.outputs)]
    }

    /// `dW += Xᵀ · dY` and `db += Σ dY`.
    fn add_gradients<T: Real>(
        &self,
        input: &Matrix<T>,
        delta: &Matrix<T>,
        gradients: &mut Weights<T>,
    ) {
        let columns = padded(self.outputs);
        T::multiply(Product {
            a: input.flat(),
            a_stride: input.stride(),
            side: Side::Transposed,
            b: delta.flat(),
            c: &mut gradients.values[self.weight..][..self.inputs * columns],
            start: Start::There,
            rows: self.inputs,
            inner: delta.rows(),
            columns,
        });
        let bias = &mut gradients.values[self.bias..][..columns];
        vectorised(|| {
            for row in delta.flat().chunks_exact(columns) {
                bias.iter_mut().zip(row).for_each(|(bias, &delta)| *bias += delta);
            }
        });
    }

    /// `dX = dY · Wᵀ`.
    fn back<T: Real>(
        &self,
        weights: &Weights<T>,
        delta: &Matrix<T>,
        transposed: &mut [T],
        input: &mut Matrix<T>,
    ) {
        let columns = padded(self.inputs);
        let transposed = &mut transposed[..self.outputs * columns];
        let weight = self.weight(weights);
        transpose(weight, self.inputs, padded(self.outputs), transposed, columns);
        if columns > self.inputs {
            // What another layer left there would reach the padding of the gradient.
            transposed.chunks_exact_mut(columns).for_each(|row| row[self.inputs..].fill(T::ZERO));
        }
        T::multiply(Product {
            a: delta.flat(),
            a_stride: delta.stride(),
            side: Side::Plain,
            b: transposed,
            c: input.flat_mut(),
            start: Start::Zero,
            rows: delta.rows(),
            inner: self.outputs,
            columns,
        });
    }
}
