//! Cores: gradients by finite differences, and packed sequences are those that go through alone.

use super::gradients::{agree, differences};
use crate::matrix::{Matrix, padded};
use crate::recurrent::{Core, CoreKind, CoreTape};
use crate::weights::Weights;
use plugin_api::Rng;

const INPUTS: usize = 3;
const LENGTHS: [usize; 3] = [4, 3, 1];

/// A core whose weights are not as they begin, the sequences, and what is remembered before them.
struct Sample {
    core: Core,
    weights: Weights<f64>,
    sequences: Vec<Vec<Vec<f64>>>,
    memories: Vec<Vec<f64>>,
}

fn sample(kind: CoreKind, size: usize) -> Sample {
    let mut rng = Rng::seeded(3);
    let mut weights: Weights<f64> = Weights::new();
    // Another tensor stands before those of the core.
    weights.add("other".to_owned(), 2, 5);
    let core = Core::new((kind, INPUTS, size), "core", &mut weights, &mut rng);
    for span in weights.spans().to_vec() {
        let stride = padded(span.columns);
        for row in weights.values[span.start..][..span.len()].chunks_exact_mut(stride) {
            row[..span.columns].iter_mut().for_each(|x| *x += 0.3 * rng.standard_normal());
        }
    }
    let mut draw = |count: usize| (0..count).map(|_| rng.standard_normal()).collect::<Vec<f64>>();
    let sequences = LENGTHS.map(|length| (0..length).map(|_| draw(INPUTS)).collect()).to_vec();
    let memories = LENGTHS.map(|_| draw(core.memory())).to_vec();
    Sample { core, weights, sequences, memories }
}

/// Numbers of sequences at each time, and their rows in that order.
fn packed(sequences: &[Vec<Vec<f64>>]) -> (Vec<u32>, Matrix<f64>) {
    let longest = sequences[0].len();
    let at = |time: usize| sequences.iter().filter_map(move |rows| rows.get(time));
    let counts = (0..longest).map(|time| at(time).count() as u32).collect();
    let rows: Vec<&Vec<f64>> = (0..longest).flat_map(at).collect();
    let mut inputs = Matrix::new(rows.len(), INPUTS);
    for (idx, row) in rows.iter().enumerate() {
        inputs.row_mut(idx).copy_from_slice(row);
    }
    (counts, inputs)
}

fn through(sample: &Sample, weights: &Weights<f64>, which: &[usize]) -> CoreTape<f64> {
    let sequences: Vec<_> = which.iter().map(|&idx| sample.sequences[idx].clone()).collect();
    let (counts, inputs) = packed(&sequences);
    let (start, count) = sample.core.place();
    let first = which.iter().map(|&idx| &sample.memories[idx][..]);
    let mut tape = sample.core.tape();
    sample.core.forward(&weights.values[start..][..count], &inputs, (&counts, first), &mut tape);
    tape
}

/// `Σ w · h + h² / 2` over all that comes out, with fixed weights w, and its gradient.
fn loss(output: &Matrix<f64>) -> (f64, Matrix<f64>) {
    let (mut sum, mut gradient, mut idx) = (0.0, output.clone(), 0.0);
    for row in 0..output.rows() {
        for (slope, h) in gradient.row_mut(row).iter_mut().zip(output.row(row)) {
            *slope = 0.3 - 0.1 * idx + h;
            sum += (0.3 - 0.1 * idx) * h + 0.5 * h * h;
            idx += 1.0;
        }
    }
    (sum, gradient)
}

#[test]
fn cores_go_back_the_way_they_came() {
    for (kind, size) in [(CoreKind::Gru, 4), (CoreKind::Lstm, 4), (CoreKind::Lstm, 16)] {
        let sample = sample(kind, size);
        let mut tape = through(&sample, &sample.weights, &[0, 1, 2]);
        let of_output = loss(tape.output()).1;
        let (start, count) = sample.core.place();
        let mut gradients = sample.weights.zeros();
        let inputs = packed(&sample.sequences).1;
        let weights = &sample.weights.values[start..][..count];
        let into = &mut gradients.values[start..][..count];
        sample.core.backward(weights, &inputs, &of_output, &mut tape, into);
        for span in &sample.weights.spans()[1..] {
            let numbers = span.start..span.start + span.len();
            let right = differences(&sample.weights.values[numbers.clone()], |values| {
                let mut moved = sample.weights.clone();
                moved.values[numbers.clone()].copy_from_slice(values);
                loss(through(&sample, &moved, &[0, 1, 2]).output()).0
            });
            let dense = |numbers: &[f64]| -> Vec<f64> {
                let rows = numbers.chunks(padded(span.columns));
                rows.flat_map(|row| &row[..span.columns]).copied().collect()
            };
            let ours = &gradients.values[numbers];
            let padding = ours.chunks(padded(span.columns)).flat_map(|row| &row[span.columns..]);
            assert!(padding.copied().all(|x| x == 0.0), "{kind:?} {}: padding moves", span.name);
            agree(&dense(ours), &dense(&right), &format!("{kind:?} {size} {}", span.name));
        }
        assert!(gradients.values[..start].iter().all(|x| *x == 0.0), "others stay");
    }
}

/// To the bit, and a sequence that is cut in two goes on where what was remembered says.
#[test]
fn packed_sequences_are_those_that_go_through_alone() {
    for kind in [CoreKind::Gru, CoreKind::Lstm] {
        let mut sample = sample(kind, 5);
        let together = through(&sample, &sample.weights, &[0, 1, 2]);
        // Rows of the first sequence: 3, 2, 2 and 1 of them go on.
        let rows = [[0, 3, 5, 7], [1, 4, 6, 0], [2, 0, 0, 0]];
        for (idx, rows) in rows.iter().enumerate() {
            let alone = through(&sample, &sample.weights, &[idx]);
            for time in 0..LENGTHS[idx] {
                assert_eq!(alone.output().row(time), together.output().row(rows[time]));
            }
        }
        let mut memory = vec![0.0; sample.core.memory()];
        together.remember(3, &mut memory);
        assert_eq!(&memory[..5], together.output().row(3));
        sample.sequences[0].drain(..2);
        sample.memories[0] = memory;
        let rest = through(&sample, &sample.weights, &[0]);
        assert_eq!(rest.output().row(1), together.output().row(7));
        sample.memories[0].fill(0.0);
        let forgot = through(&sample, &sample.weights, &[0]);
        assert_ne!(forgot.output().row(1), together.output().row(7), "the comparison can tell");
    }
}
