//! Gradients agree with finite differences in f64, for weights and inputs of every kind of layer
//! and for every law.

use crate::categorical;
use crate::gaussian;
use crate::init::Init;
use crate::matrix::Matrix;
use crate::mlp::{Activation, Eyes, Mlp, MlpSpec};
use crate::weights::Weights;
use plugin_api::Rng;

/// Central differences of a function at a point.
pub(super) fn differences(at: &[f64], mut f: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let step = 1e-5;
    let mut point = at.to_vec();
    (0..at.len())
        .map(|idx| {
            point[idx] = at[idx] + step;
            let above = f(&point);
            point[idx] = at[idx] - step;
            let below = f(&point);
            point[idx] = at[idx];
            (above - below) / (2.0 * step)
        })
        .collect()
}

#[track_caller]
pub(super) fn agree(ours: &[f64], right: &[f64], what: &str) {
    assert_eq!(ours.len(), right.len());
    for (idx, (ours, right)) in ours.iter().zip(right).enumerate() {
        let close = (ours - right).abs() <= 1e-6 * right.abs().max(1e-2);
        assert!(close, "{what}, number {idx}: {ours}, not {right}");
    }
    assert!(right.iter().any(|x| x.abs() > 1e-3), "{what}: nothing to compare");
}

/// `Σ w · y + y² / 2` over all that comes out, with fixed weights w.
fn loss(outputs: &Matrix<f64>) -> f64 {
    let rows = (0..outputs.rows()).flat_map(|row| outputs.row(row));
    rows.enumerate().map(|(idx, y)| (0.3 + 0.1 * idx as f64) * y + 0.5 * y * y).sum()
}

fn check_net(activation: Activation, layer_norm: bool, hidden: &[usize]) {
    check_seeing(None, activation, layer_norm, hidden);
}

fn check_seeing(
    eyes: Option<&Eyes<'_>>,
    activation: Activation,
    layer_norm: bool,
    hidden: &[usize],
) {
    let mut rng = Rng::seeded(5);
    let mut weights: Weights<f64> = Weights::new();
    let width = eyes.map_or(3, |eyes| eyes.image.0 * eyes.image.1 * eyes.image.2);
    let spec = MlpSpec {
        inputs: width,
        hidden,
        outputs: 2,
        activation,
        layer_norm,
        init: (Init::Uniform, Init::Uniform),
    };
    let net = Mlp::seeing("net", eyes, &spec, &mut weights, &mut rng);
    for span in weights.spans().to_vec() {
        if span.name.ends_with("gain") || span.name.ends_with("shift") {
            for value in &mut weights.values[span.start..][..span.columns] {
                *value += 0.3 * rng.standard_normal();
            }
        }
    }
    let mut inputs = Matrix::new(5, width);
    for row in 0..5 {
        inputs.row_mut(row).iter_mut().for_each(|x| *x = rng.standard_normal());
    }
    let mut tape = net.tape();
    let mut gradients = weights.zeros();
    net.forward(&weights, &inputs, &mut tape);
    let (outputs, delta) = tape.output_and_gradient();
    let outputs = outputs.clone();
    let numbers = (0..5).flat_map(|row| (0..2).map(move |column| (row, column)));
    for (idx, (row, column)) in numbers.enumerate() {
        delta.row_mut(row)[column] = 0.3 + 0.1 * idx as f64 + outputs.row(row)[column];
    }
    net.back(&weights, &inputs, &mut tape, Some(&mut gradients), true);

    let what = format!("{activation:?} {layer_norm} {hidden:?} {eyes:?}");
    for span in weights.spans().to_vec() {
        let numbers = span.start..span.start + span.len();
        let right = differences(&weights.values[numbers.clone()], |values| {
            let mut moved = weights.clone();
            moved.values[numbers.clone()].copy_from_slice(values);
            loss(net.forward(&moved, &inputs, &mut net.tape()))
        });
        // Padding does not count: no sum that is used reaches it.
        let stride = span.len() / span.rows;
        let dense = |numbers: &[f64]| -> Vec<f64> {
            numbers.chunks(stride).flat_map(|row| &row[..span.columns]).copied().collect()
        };
        let padding = gradients.values[numbers.clone()].chunks(stride);
        let padding = padding.flat_map(|row| &row[span.columns..]);
        assert!(padding.copied().all(|x| x == 0.0), "{what} {}: padding moves", span.name);
        let ours = dense(&gradients.values[numbers]);
        agree(&ours, &dense(&right), &format!("{what} {}", span.name));
    }
    let ours: Vec<f64> = (0..5).flat_map(|row| tape.input_gradient().row(row).to_vec()).collect();
    let flat: Vec<f64> = (0..5).flat_map(|row| inputs.row(row).to_vec()).collect();
    let right = differences(&flat, |values| {
        let mut moved = inputs.clone();
        for row in 0..5 {
            moved.row_mut(row).copy_from_slice(&values[width * row..][..width]);
        }
        loss(net.forward(&weights, &moved, &mut net.tape()))
    });
    agree(&ours, &right, &format!("{what} inputs"));
}

#[test]
fn nets_go_back_the_way_they_came() {
    for hidden in [&[][..], &[5], &[20, 7], &[7, 40, 3]] {
        for layer_norm in [false, true] {
            check_net(Activation::Tanh, layer_norm, hidden);
            check_net(Activation::Relu, layer_norm, hidden);
        }
    }
}

/// Windows overlap, and the last places of a row are in none.
#[test]
fn filters_go_back_the_way_they_came() {
    let eyes = Eyes { image: (6, 8, 2), filters: &[(16, 3, 2), (16, 2, 1)] };
    check_seeing(Some(&eyes), Activation::Tanh, false, &[5]);
    let eyes = Eyes { image: (5, 4, 1), filters: &[(16, 3, 1)] };
    check_seeing(Some(&eyes), Activation::Relu, true, &[6]);
}

/// Without a place for them, gradients of weights are left alone and inputs get the same.
#[test]
fn the_way_to_the_inputs_alone_is_the_same() {
    let mut weights: Weights<f64> = Weights::new();
    let spec = MlpSpec {
        inputs: 2,
        hidden: &[6],
        outputs: 1,
        activation: Activation::Tanh,
        layer_norm: false,
        init: (Init::Uniform, Init::Uniform),
    };
    let net = Mlp::new("net", &spec, &mut weights, &mut Rng::seeded(1));
    let mut inputs = Matrix::new(1, 2);
    inputs.row_mut(0).copy_from_slice(&[0.5, -1.0]);
    let mut tape = net.tape();
    net.forward(&weights, &inputs, &mut tape);
    tape.output_gradient().row_mut(0)[0] = 1.0;
    let mut other = tape.clone();
    net.backward_to_inputs(&weights, &inputs, &mut tape);
    net.back(&weights, &inputs, &mut other, Some(&mut weights.zeros()), true);
    assert_eq!(tape.input_gradient().row(0), other.input_gradient().row(0));
    let right = differences(&[0.5, -1.0], |point| {
        let mut inputs = Matrix::new(1, 2);
        inputs.row_mut(0).copy_from_slice(point);
        net.forward(&weights, &inputs, &mut net.tape()).row(0)[0]
    });
    agree(tape.input_gradient().row(0), &right, "inputs");
}

#[test]
fn choices_have_the_gradient_of_their_law() {
    let logits = [0.3, -1.2, 2.0, 0.7];
    for mask in [&[][..], &[1, 1, 0, 1]] {
        for choice in [0, 1, 3] {
            let value = |logits: &[f64]| {
                let (mut probs, mut logs) = ([0.0; 4], [0.0; 4]);
                let judged = categorical::judge(logits, mask, choice, &mut probs, &mut logs);
                0.7 * judged.log_prob - 1.3 * judged.entropy
            };
            let (mut probs, mut logs, mut ours) = ([0.0; 4], [0.0; 4], [0.0; 4]);
            let judged = categorical::judge(&logits, mask, choice, &mut probs, &mut logs);
            let by = (0.7, -1.3);
            categorical::add_gradient((&probs, &logs), choice, judged, by, &mut ours);
            agree(&ours, &differences(&logits, value), "logits");
            if !mask.is_empty() {
                assert_eq!((probs[2], ours[2]), (0.0, 0.0), "what is forbidden does not move");
            }
        }
    }
}

#[test]
fn normal_numbers_have_the_gradient_of_their_law() {
    let (action, point) = ([0.4, -2.0], [0.1, -1.0, -0.5, 0.3]);
    let value = |point: &[f64]| {
        let judged = gaussian::judge(&point[..2], &point[2..], &action);
        0.7 * judged.log_prob - 1.3 * judged.entropy
    };
    let (mut of_mean, mut of_log_std) = ([0.0; 2], [0.0; 2]);
    let law = (&point[..2], &point[2..], &action[..]);
    gaussian::add_gradient(law, (0.7, -1.3), (&mut of_mean, &mut of_log_std));
    agree(&[of_mean, of_log_std].concat(), &differences(&point, value), "normal");
}

#[test]
fn squashed_numbers_have_the_gradient_of_their_law() {
    let (z, by_action, point) = ([0.9, -1.4], [2.0, -0.5], [0.2, -0.8, -0.4, 0.1]);
    let value = |point: &[f64]| {
        let mut action = [0.0; 2];
        let log_prob = gaussian::squash(&point[..2], &point[2..], &z, &mut action);
        0.7 * log_prob + by_action[0] * action[0] + by_action[1] * action[1]
    };
    let mut action = [0.0; 2];
    gaussian::squash(&point[..2], &point[2..], &z, &mut action);
    let (mut of_mean, mut of_log_std) = ([0.0; 2], [0.0; 2]);
    gaussian::add_squashed_gradient(
        (&point[2..], &z, &action),
        (0.7, &by_action),
        (&mut of_mean, &mut of_log_std),
    );
    agree(&[of_mean, of_log_std].concat(), &differences(&point, value), "squashed");
}
