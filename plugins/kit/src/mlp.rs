//! Nets of layers: the way there, and the way back.

mod layer;

pub use layer::{Eyes, Layer};

use crate::init::Init;
use crate::layer_norm::{self, Normed};
use crate::matrix::{Matrix, map, map_with, padded};
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
    /// Windows of the layers that look through some, and the gradient of those of one layer.
    windows: Vec<Matrix<T>>,
    of_windows: Vec<Matrix<T>>,
    input: Matrix<T>,
    transposed: Vec<T>,
}

impl<T: Real> Tape<T> {
    /// What came out last.
    pub fn output(&self) -> &Matrix<T> {
        self.outputs.last().expect("a net has a layer")
    }

    /// What the last hidden layer put out.
    ///
    /// # Panics
    /// In a net without hidden layers.
    pub fn hidden(&self) -> &Matrix<T> {
        &self.outputs[self.outputs.len() - 2]
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
        Self::seeing(name, None, spec, weights, rng)
    }

    /// A net whose inputs are an image that filters look at first. Their layers do with their sums
    /// what hidden ones do, without a norm.
    pub fn seeing<T: Real>(
        name: &str,
        eyes: Option<&Eyes<'_>>,
        spec: &MlpSpec<'_>,
        weights: &mut Weights<T>,
        rng: &mut Rng,
    ) -> Self {
        let mut layers = Vec::new();
        let mut inputs = spec.inputs;
        if let Some(eyes) = eyes {
            layers = Layer::of_eyes(name, eyes, spec, weights, rng);
            inputs = layers.last().map_or(inputs, Layer::puts_out);
        }
        let seen = layers.len();
        let sizes: Vec<usize> = [&[inputs][..], spec.hidden, &[spec.outputs]].concat();
        let last = sizes.len() - 2;
        layers.extend(sizes.windows(2).enumerate().map(|(idx, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let number = seen + idx;
            let mut add = |what: &str, rows, columns| {
                weights.add(format!("{name}/layer{number}/{what}"), rows, columns)
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
            Layer { inputs, outputs, patches: None, weight, bias, norm, activation }
        }));
        Self { layers }
    }

    /// The layers, from the inputs on.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Numbers that come in.
    pub fn inputs(&self) -> usize {
        self.layers[0].takes_in()
    }

    /// Numbers that come out.
    pub fn outputs(&self) -> usize {
        self.layers.last().expect("a net has a layer").outputs
    }

    /// Room for ways there and back.
    pub fn tape<T: Real>(&self) -> Tape<T> {
        let matrices =
            || self.layers.iter().map(|layer| Matrix::new(0, layer.puts_out())).collect();
        let windows = || {
            let looking = |layer: &Layer| layer.patches.map_or(0, |_| layer.inputs);
            self.layers.iter().map(|layer| Matrix::new(0, looking(layer))).collect()
        };
        let weights = self.layers.iter().map(|layer| layer.outputs * padded(layer.inputs));
        Tape {
            outputs: matrices(),
            normed: vec![Normed::default(); self.layers.len()],
            deltas: matrices(),
            windows: windows(),
            of_windows: windows(),
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
            let input = layer.look(input, &mut tape.windows[idx]);
            T::multiply(Product {
                a: input.flat(),
                a_stride: input.stride(),
                side: Side::Plain,
                b: layer.weight(weights),
                c: output.flat_mut(),
                start: Start::Bias(layer.row(weights, layer.bias)),
                rows: input.rows(),
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
                let windows = &tape.windows[idx];
                let input = if layer.patches.is_some() { windows } else { input };
                layer.add_gradients(input, delta, gradients);
            }
            if idx > 0 || to_inputs {
                let input = before.last_mut().unwrap_or(&mut tape.input);
                input.set_rows(rows);
                if let Some(patches) = layer.patches {
                    let windows = &mut tape.of_windows[idx];
                    windows.set_rows(rows * patches.count());
                    layer.back(weights, delta, &mut tape.transposed, windows);
                    patches.scatter(windows, input);
                } else {
                    layer.back(weights, delta, &mut tape.transposed, input);
                }
            }
        }
    }
}
