//! Cores of `kit` put out what libtorch's own do, and have the gradients that it finds.

use crate::gradients::agree;
use kit::matrix::padded;
use kit::{Core, CoreKind, CoreSpec, Matrix, Weights};
use plugin_api::Rng;
use tch::{Kind, Tensor};

const INPUTS: usize = 5;
const SIZE: usize = 7;
const LANES: usize = 3;
const STEPS: usize = 6;

/// The tensor of a span as libtorch has it: a row for each number that comes out of a gate.
fn tensor(weights: &Weights, idx: usize) -> Tensor {
    let span = &weights.spans()[idx];
    let numbers = &weights.values[span.start..][..span.len()];
    let whole = Tensor::from_slice(numbers).view([span.rows as i64, padded(span.columns) as i64]);
    let dense = whole.narrow(1, 0, span.columns as i64);
    let dense = if span.rows == 1 { dense.view([-1]) } else { dense.tr() };
    dense.contiguous().copy().set_requires_grad(true)
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    let tensor = tensor.contiguous();
    let mut numbers = vec![0.0; tensor.numel()];
    tensor.copy_data(&mut numbers, tensor.numel());
    numbers
}

fn check(kind: CoreKind) {
    let (mut weights, mut rng) = (Weights::new(), Rng::seeded(4));
    let spec = CoreSpec { kind, size: SIZE, keep: 1.0 };
    let core = Core::new(spec, INPUTS, "core", &mut weights, &mut rng);
    for span in weights.spans().to_vec() {
        for row in weights.values[span.start..][..span.len()].chunks_mut(padded(span.columns)) {
            row[..span.columns].iter_mut().for_each(|x| *x += 0.3 * rng.standard_normal() as f32);
        }
    }
    let mut draw =
        |count: usize| -> Vec<f32> { (0..count).map(|_| rng.standard_normal() as f32).collect() };
    let (rows, memories) = (draw(LANES * STEPS * INPUTS), draw(LANES * core.memory()));
    let mut inputs = Matrix::new(LANES * STEPS, INPUTS);
    for (idx, row) in rows.chunks(INPUTS).enumerate() {
        inputs.row_mut(idx).copy_from_slice(row);
    }
    let mut tape = core.tape();
    let first = memories.chunks(core.memory());
    core.forward(&weights.values, &inputs, (&[LANES as u32; STEPS], first), &mut tape);
    let mut slopes = Matrix::new(LANES * STEPS, SIZE);
    let slope = |idx: usize| (idx as f32).sin();
    for row in 0..LANES * STEPS {
        let place = row * SIZE..(row + 1) * SIZE;
        slopes.row_mut(row).copy_from_slice(&place.map(slope).collect::<Vec<_>>());
    }
    let ours: Vec<f32> =
        (0..LANES * STEPS).flat_map(|row| tape.output().row(row).to_vec()).collect();
    let mut gradients = weights.zeros();
    core.backward(&weights.values, &inputs, &slopes, &mut tape, &mut gradients.values);

    // Weights of inputs and of the state, then both biases.
    let tensors = [0, 2, 1, 3].map(|idx| tensor(&weights, idx));
    let shape = [STEPS as i64, LANES as i64, INPUTS as i64];
    let x = Tensor::from_slice(&rows).view(shape);
    let memory = Tensor::from_slice(&memories).view([1, LANES as i64, core.memory() as i64]);
    let part = |first: usize| memory.narrow(2, first as i64, SIZE as i64).contiguous();
    let output = match kind {
        CoreKind::Gru => x.gru(&part(0), &tensors, true, 1, 0.0, false, false, false).0,
        CoreKind::Lstm => {
            x.lstm(&[part(0), part(SIZE)], &tensors, true, 1, 0.0, false, false, false).0
        }
    };
    agree(&ours, &numbers(&output.detach()), &format!("{kind:?} outputs"));
    let by: Vec<f32> = (0..ours.len()).map(slope).collect();
    let loss = (&output * Tensor::from_slice(&by).view_as(&output)).sum(Kind::Float);
    let all: Vec<&Tensor> = tensors.iter().collect();
    let right = Tensor::run_backward(&[loss], &all, false, false);
    for (gradient, idx) in right.iter().zip([0, 2, 1, 3]) {
        let ours = numbers(&tensor(&gradients, idx).detach());
        agree(&ours, &numbers(gradient), &format!("{kind:?} {}", weights.spans()[idx].name));
    }
}

#[test]
fn gated_units_are_those_of_libtorch() {
    check(CoreKind::Gru);
}

#[test]
fn long_short_term_memories_are_those_of_libtorch() {
    check(CoreKind::Lstm);
}
