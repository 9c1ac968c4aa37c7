//! The way through a net and back, layer by layer.

use super::Torch;
use super::tensors::Tensors;
use kit::backend::{NetOps, TapeOps};
use kit::matrix::padded;
use kit::mlp::Layer;
use kit::{Activation, Matrix, Mlp, Patches};
use tch::{Device, Kind, Tensor};

/// Added to a variance, as in `kit`.
const EPSILON: f64 = 1e-5;

/// A net without its weights.
#[derive(Debug)]
pub struct Net {
    shape: Mlp,
    device: Device,
}

impl Net {
    pub(super) fn new(shape: Mlp, device: Device) -> Self {
        Self { shape, device }
    }
}

/// What a net remembers of the way there, and what lies at its ends.
#[derive(Debug, Default)]
pub struct Tape {
    passed: Vec<Passed>,
    output: Matrix,
    gradient: Matrix,
    input_gradient: Matrix,
    room: Vec<f32>,
}

/// What a layer was given and what it put out, a row for each window where it looks through some.
#[derive(Debug)]
struct Passed {
    input: Tensor,
    output: Tensor,
    /// What is normal where sums are normalised, and the inverse of their deviation.
    normed: Option<(Tensor, Tensor)>,
}

impl TapeOps for Tape {
    fn output(&self) -> &Matrix {
        &self.output
    }

    fn output_and_gradient(&mut self) -> (&Matrix, &mut Matrix) {
        self.gradient.set_rows(self.output.rows());
        (&self.output, &mut self.gradient)
    }

    fn hidden(&mut self, into: &mut Matrix) {
        if let Some(last) = self.passed.last() {
            fetch(&last.input, self.output.rows(), into, &mut self.room);
        }
    }

    fn input_gradient(&self) -> &Matrix {
        &self.input_gradient
    }
}

/// Rows go in by so many, the last of them zeros, and sums come out with their padding. Smaller or
/// uneven products are summed in an order that depends on the place of a row, and what comes out
/// for it must not depend on the rows beside it: how many lanes act in one call is decided by how
/// long a step takes.
const ROWS: usize = 8;

/// Rows as a tensor, with the padding of each.
fn bring(rows: &Matrix, device: Device, room: &mut Vec<f32>) -> Tensor {
    let (count, stride) = (rows.rows().next_multiple_of(ROWS), rows.stride());
    let whole = if count == rows.rows() {
        Tensor::from_slice(rows.flat())
    } else {
        room.clear();
        room.extend_from_slice(rows.flat());
        room.resize(count * stride, 0.0);
        Tensor::from_slice(room)
    };
    whole.to_device(device).view([count as i64, stride as i64])
}

/// The first columns.
fn columns(of: &Tensor, count: usize) -> Tensor {
    if of.size()[1] == count as i64 { of.shallow_clone() } else { of.narrow(1, 0, count as i64) }
}

/// The first rows of a tensor, which has the padding of each or not.
fn fetch(from: &Tensor, rows: usize, into: &mut Matrix, room: &mut Vec<f32>) {
    into.set_rows(rows);
    let (columns, width) = (into.columns(), from.size()[1] as usize);
    let from = from.to_device(Device::Cpu).contiguous();
    if width == into.stride() {
        from.copy_data(into.flat_mut(), rows * width);
        return;
    }
    room.resize(rows * columns, 0.0);
    from.copy_data(room, rows * columns);
    for (row, from) in room.chunks_exact(columns).enumerate() {
        into.row_mut(row).copy_from_slice(from);
    }
}

impl NetOps<Torch> for Net {
    fn tape(&self) -> Tape {
        Tape {
            output: Matrix::new(0, self.shape.outputs()),
            gradient: Matrix::new(0, self.shape.outputs()),
            input_gradient: Matrix::new(0, self.shape.inputs()),
            ..Tape::default()
        }
    }

    fn forward<'t>(&self, weights: &Tensors, inputs: &Matrix, tape: &'t mut Tape) -> &'t Matrix {
        assert_eq!(inputs.columns(), self.shape.inputs(), "inputs of the net");
        tape.passed.clear();
        let mut rows = bring(inputs, self.device, &mut tape.room);
        let count = rows.size()[0];
        for layer in self.shape.layers() {
            let passed = there(layer, weights, &columns(&rows, layer.takes_in()));
            rows = match layer.patches {
                Some(_) => passed.output.view([count, layer.puts_out() as i64]),
                None => passed.output.shallow_clone(),
            };
            tape.passed.push(passed);
        }
        fetch(&rows, inputs.rows(), &mut tape.output, &mut tape.room);
        &tape.output
    }

    fn back(
        &self,
        weights: &Tensors,
        inputs: &Matrix,
        tape: &mut Tape,
        mut gradients: Option<&mut Tensors>,
        to_inputs: bool,
    ) {
        assert_eq!(tape.gradient.rows(), inputs.rows(), "a gradient for each row");
        let mut delta = bring(&tape.gradient, self.device, &mut tape.room);
        for (idx, layer) in self.shape.layers().iter().enumerate().rev() {
            let Passed { input, output, normed } = &tape.passed[idx];
            let width = output.size()[1];
            delta = fitted(delta, layer, output);
            delta = match layer.activation {
                Some(Activation::Tanh) => Tensor::tanh_backward(&delta, output),
                Some(Activation::Relu) => output.threshold_backward(&delta, 0.0),
                None => delta,
            };
            if let (Some((gain, shift)), Some(normed)) = (layer.norm, normed) {
                let of_norm =
                    gradients.as_deref().map(|all| (all.row(gain, width), all.row(shift, width)));
                delta = normed_back(&delta, weights.row(gain, width), normed, of_norm);
            }
            if let Some(gradients) = gradients.as_deref_mut() {
                let of_weight = gradients.matrix(layer.weight, width);
                let _ = of_weight.shallow_clone().addmm_(&input.tr(), &delta);
                add_columns(gradients.row(layer.bias, width), &delta);
            }
            if idx > 0 || to_inputs {
                delta = delta.mm(&weights.matrix(layer.weight, width).tr());
                if let Some(patches) = &layer.patches {
                    delta = images(&delta, patches);
                }
            }
        }
        if to_inputs {
            fetch(&delta, inputs.rows(), &mut tape.input_gradient, &mut tape.room);
        }
    }
}

fn there(layer: &Layer, weights: &Tensors, rows: &Tensor) -> Passed {
    let input = match &layer.patches {
        Some(patches) => windows(rows, patches),
        None => rows.shallow_clone(),
    };
    let width = padded(layer.outputs) as i64;
    let (bias, weight) = (weights.row(layer.bias, width), weights.matrix(layer.weight, width));
    let mut sums = bias.addmm(&input, weight);
    let normed = layer.norm.map(|(gain, shift)| {
        let width = layer.outputs as i64;
        let none: Option<&Tensor> = None;
        let dense = columns(&sums, layer.outputs).contiguous();
        let (normal, _, inverse) = dense.native_layer_norm([width], none, none, EPSILON);
        sums = weights.row(shift, width).addcmul(&normal, weights.row(gain, width));
        (normal, inverse)
    });
    let output = match layer.activation {
        Some(Activation::Tanh) => sums.tanh_(),
        Some(Activation::Relu) => sums.relu_(),
        None => sums,
    };
    Passed { input, output, normed }
}

/// The gradient of what a layer put out, in its shape: with or without padding, and a row for each
/// window.
fn fitted(delta: Tensor, layer: &Layer, output: &Tensor) -> Tensor {
    let (have, want) = (delta.size()[1], output.size()[1]);
    if layer.patches.is_some() {
        delta.reshape_as(output)
    } else if have < want {
        delta.constant_pad_nd([0, want - have])
    } else {
        columns(&delta, want as usize)
    }
}

/// The windows of images, a row each.
fn windows(rows: &Tensor, patches: &Patches) -> Tensor {
    let Patches { height, width, channels, size, stride } = *patches;
    let image = [-1, height as i64, width as i64, channels as i64];
    let (size, stride) = (size as i64, stride as i64);
    // Down, across, channel, line of the window, place of the line.
    let views = rows.reshape(image).unfold(1, size, stride).unfold(2, size, stride);
    views.permute([0, 1, 2, 4, 5, 3]).reshape([-1, patches.len() as i64])
}

/// The sums of what lies in the windows, as images.
fn images(windows: &Tensor, patches: &Patches) -> Tensor {
    let Patches { height, width, channels, size, stride } = *patches;
    let [height, width, channels] = [height, width, channels].map(|side| side as i64);
    let (size, stride, count) = (size as i64, stride as i64, patches.count() as i64);
    let lines = windows.reshape([-1, count, size, size, channels]).permute([0, 4, 2, 3, 1]);
    let lines = lines.reshape([-1, channels * size * size, count]);
    let images = lines.col2im([height, width], [size, size], [1, 1], [0, 0], [stride, stride]);
    images.permute([0, 2, 3, 1]).reshape([-1, height * width * channels])
}

/// With `g = dy ∘ gain`, `dx = (g - mean(g) - x̂ mean(g ∘ x̂)) / √(variance + ε)`.
fn normed_back(
    delta: &Tensor,
    gain: &Tensor,
    (normal, inverse): &(Tensor, Tensor),
    of_norm: Option<(&Tensor, &Tensor)>,
) -> Tensor {
    if let Some((of_gain, of_shift)) = of_norm {
        add_columns(of_gain, &(delta * normal));
        add_columns(of_shift, delta);
    }
    let mean = |of: &Tensor| of.mean_dim(&[1i64][..], true, None::<Kind>);
    let delta = delta * gain;
    let along = mean(&(&delta * normal));
    (&delta - mean(&delta) - normal * along) * inverse
}

/// Adds the sums of all columns.
fn add_columns(to: &Tensor, delta: &Tensor) {
    let sums = delta.sum_dim_intlist(&[0i64][..], false, None::<Kind>);
    let _ = to.shallow_clone().g_add_(&sums);
}
