//! Ways there and back, and the steps of optimisers: our kernels, the backend, and libtorch's own
//! gradients agree.

use kit::backend::{Backend, NetOps, OptimiserOps, TapeOps, WeightOps};
use kit::matrix::padded;
use kit::{Activation, Eyes, Init, Matrix, Mlp, MlpSpec, Own, Rule, Weights};
use plugin_api::{Params, Rng};
use tch::{Kind, Tensor};
use torch_agents::{Torch, TorchParams};

const ROWS: usize = 9;

pub(crate) fn torch() -> Torch {
    Torch::open(&TorchParams::default()).expect("libtorch is linked")
}

/// The same numbers to one part in 10⁵ of the largest.
#[track_caller]
pub(crate) fn agree(ours: &[f32], right: &[f32], what: &str) {
    assert_eq!(ours.len(), right.len(), "{what}");
    let largest = right.iter().fold(1e-3f32, |most, x| most.max(x.abs()));
    for (idx, (ours, right)) in ours.iter().zip(right).enumerate() {
        let close = (ours - right).abs() <= 1e-5 * largest;
        assert!(close, "{what}, number {idx}: {ours}, not {right}");
    }
    assert!(right.iter().any(|x| x.abs() > 1e-4), "{what}: nothing to compare");
}

fn spec(activation: Activation, layer_norm: bool, hidden: &[usize]) -> MlpSpec<'_> {
    let init = (Init::Orthogonal(1.3), Init::Uniform);
    MlpSpec { inputs: 5, hidden, outputs: 3, activation, layer_norm, init }
}

/// A net with weights none of which is as it begins, and rows to go in.
fn sample(spec: &MlpSpec<'_>) -> (Mlp, Weights, Matrix) {
    seeing(None, spec)
}

/// The same for a net that may look at an image first.
fn seeing(eyes: Option<&Eyes<'_>>, spec: &MlpSpec<'_>) -> (Mlp, Weights, Matrix) {
    let mut rng = Rng::seeded(7);
    let mut weights = Weights::new();
    let net = Mlp::seeing("net", eyes, spec, &mut weights, &mut rng);
    for span in weights.spans().to_vec() {
        let stride = padded(span.columns);
        for row in weights.values[span.start..][..span.len()].chunks_exact_mut(stride) {
            for value in &mut row[..span.columns] {
                *value += 0.3 * rng.standard_normal() as f32;
            }
        }
    }
    let mut inputs = Matrix::new(ROWS, spec.inputs);
    for row in 0..ROWS {
        inputs.row_mut(row).fill_with(|| rng.standard_normal() as f32);
    }
    (net, weights, inputs)
}

fn flat(rows: &Matrix) -> Vec<f32> {
    (0..rows.rows()).flat_map(|row| rows.row(row).to_vec()).collect()
}

/// Outputs, gradients of all weights with their padding, and those of the inputs, of
/// `Σ sin(i) y` over all outputs y.
fn passed<B: Backend>(backend: &B, sample: &(Mlp, Weights, Matrix)) -> [Vec<f32>; 3] {
    let (net, weights, inputs) = sample;
    let weights = backend.weights(weights.clone());
    let net = backend.net(net.clone());
    let mut tape = net.tape();
    let mut gradients = weights.zeros();
    net.forward(&weights, inputs, &mut tape);
    let columns = tape.output().columns();
    let (_, gradient) = tape.output_and_gradient();
    for row in 0..ROWS {
        for (column, slope) in gradient.row_mut(row).iter_mut().enumerate() {
            *slope = ((row * columns + column) as f32).sin();
        }
    }
    net.back(&weights, inputs, &mut tape, Some(&mut gradients), true);
    let mut all = vec![0.0; sample.1.values.len()];
    gradients.read(0, &mut all);
    [flat(tape.output()), all, flat(tape.input_gradient())]
}

/// The same by libtorch's own gradients, with weights named as in the layout.
fn autograd(
    eyes: Option<&Eyes<'_>>,
    spec: &MlpSpec<'_>,
    (_, weights, inputs): &(Mlp, Weights, Matrix),
) -> [Vec<f32>; 3] {
    let tensors: Vec<Tensor> = weights
        .spans()
        .iter()
        .map(|span| {
            let numbers = &weights.values[span.start..][..span.len()];
            let shape = [span.rows as i64, padded(span.columns) as i64];
            let tensor = Tensor::from_slice(numbers).view(shape);
            tensor.narrow(1, 0, span.columns as i64).copy().set_requires_grad(true)
        })
        .collect();
    let rows = Tensor::from_slice(&flat(inputs)).view([ROWS as i64, spec.inputs as i64]);
    let rows = rows.set_requires_grad(true);
    let (mut x, mut left) = (rows.shallow_clone(), tensors.iter());
    if let Some(eyes) = eyes {
        let (height, width, mut channels) = eyes.image;
        x = x.view([ROWS as i64, height as i64, width as i64, channels as i64]);
        x = x.permute([0, 3, 1, 2]);
        for &(filters, size, stride) in eyes.filters {
            let mut next = || left.next().expect("as many tensors as the layers have");
            let [side, depth, count] = [size, channels, filters].map(|number| number as i64);
            let weight = next().view([side, side, depth, count]).permute([3, 2, 0, 1]);
            let stride = [stride as i64; 2];
            x = x.conv2d(&weight, Some(next().view([-1])), stride, [0, 0], [1, 1], 1);
            x = if spec.activation == Activation::Tanh { x.tanh() } else { x.relu() };
            channels = filters;
        }
        x = x.permute([0, 2, 3, 1]).reshape([ROWS as i64, -1]);
    }
    for layer in 0..=spec.hidden.len() {
        let mut next = || left.next().expect("as many tensors as the layers have");
        let hidden = layer < spec.hidden.len();
        x = x.matmul(next()) + next();
        if hidden && spec.layer_norm {
            let columns = [spec.hidden[layer] as i64];
            x = x.layer_norm(columns, None::<&Tensor>, None::<&Tensor>, 1e-5, false) * next()
                + next();
        }
        if hidden {
            x = if spec.activation == Activation::Tanh { x.tanh() } else { x.relu() };
        }
    }
    let slopes: Vec<f32> = (0..x.numel()).map(|idx| (idx as f32).sin()).collect();
    let loss = (&x * Tensor::from_slice(&slopes).view_as(&x)).sum(Kind::Float);
    let all: Vec<&Tensor> = tensors.iter().chain([&rows]).collect();
    let mut gradients = Tensor::run_backward(&[loss], &all, false, false);
    let numbers = |tensor: &Tensor| {
        let mut numbers = vec![0.0; tensor.numel()];
        tensor.contiguous().copy_data(&mut numbers, tensor.numel());
        numbers
    };
    let of_rows = gradients.pop().expect("a gradient of the rows");
    let mut padded_ones = weights.zeros();
    for (span, gradient) in weights.spans().iter().zip(&gradients) {
        let stride = padded(span.columns);
        let places = padded_ones.values[span.start..][..span.len()].chunks_exact_mut(stride);
        for (place, row) in places.zip(numbers(gradient).chunks_exact(span.columns)) {
            place[..span.columns].copy_from_slice(row);
        }
    }
    [numbers(&x.detach()), padded_ones.values, numbers(&of_rows)]
}

#[test]
fn every_kind_of_layer_goes_there_and_back_alike() {
    for hidden in [&[][..], &[16], &[20, 7]] {
        for (activation, layer_norm) in [
            (Activation::Tanh, false),
            (Activation::Relu, false),
            (Activation::Tanh, true),
            (Activation::Relu, true),
        ] {
            check(None, &spec(activation, layer_norm, hidden));
        }
    }
}

#[track_caller]
fn check(eyes: Option<&Eyes<'_>>, spec: &MlpSpec<'_>) {
    let sample = seeing(eyes, spec);
    let right = autograd(eyes, spec, &sample);
    let (own, torch) = (passed(&Own, &sample), passed(&torch(), &sample));
    for (idx, what) in ["outputs", "weights", "inputs"].into_iter().enumerate() {
        let MlpSpec { activation, layer_norm, hidden, .. } = spec;
        let what = format!("{activation:?} {layer_norm} {hidden:?} {what}");
        agree(&own[idx], &right[idx], &format!("ours: {what}"));
        agree(&torch[idx], &right[idx], &format!("the backend's: {what}"));
    }
}

/// libtorch's own is a true convolution; windows overlap, and some places are in none.
#[test]
fn filters_go_there_and_back_alike() {
    for activation in [Activation::Tanh, Activation::Relu] {
        let eyes = Eyes { image: (9, 12, 3), filters: &[(16, 4, 2), (32, 2, 1)] };
        let seen = MlpSpec { inputs: 9 * 12 * 3, ..spec(activation, false, &[20]) };
        check(Some(&eyes), &seen);
    }
}

/// Weights after some steps along gradients that change with them.
fn stepped<B: Backend>(backend: &B, rule: Rule) -> Vec<f32> {
    let (net, weights, inputs) = sample(&spec(Activation::Tanh, true, &[16]));
    let count = weights.values.len();
    let (net, mut weights) = (backend.net(net), backend.weights(weights));
    let mut optimiser = backend.optimiser(rule, &weights);
    let mut gradients = weights.zeros();
    let mut tape = net.tape();
    for _ in 0..50 {
        net.forward(&weights, &inputs, &mut tape);
        let (outputs, gradient) = tape.output_and_gradient();
        for row in 0..ROWS {
            gradient.row_mut(row).copy_from_slice(outputs.row(row));
        }
        gradients.clear();
        net.backward(&weights, &inputs, &mut tape, &mut gradients);
        gradients.clip_norm(2.0).expect("all are finite");
        optimiser.step(&mut weights, &gradients, 0.01);
    }
    let mut numbers = vec![0.0; count];
    weights.read(0, &mut numbers);
    numbers
}

#[test]
fn optimisers_move_weights_alike() {
    for rule in [
        Rule::Sgd { momentum: 0.0 },
        Rule::Sgd { momentum: 0.9 },
        Rule::RmsProp { alpha: 0.99, epsilon: 1e-3, epsilon_inside: false },
        Rule::RmsProp { alpha: 0.99, epsilon: 1e-3, epsilon_inside: true },
        Rule::adam(1e-5),
        Rule::Adam { betas: (0.8, 0.99), epsilon: 1e-5, decay: 0.1 },
    ] {
        let (own, torch) = (stepped(&Own, rule), stepped(&torch(), rule));
        let largest = own.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        for (own, torch) in own.iter().zip(&torch) {
            assert!((own - torch).abs() <= 1e-4 * largest, "{rule:?}: {torch}, ours {own}");
        }
    }
}

#[test]
fn copies_sums_and_products_of_weights_are_alike() {
    fn worked<B: Backend>(backend: &B) -> Vec<f32> {
        let (_, weights, _) = sample(&spec(Activation::Relu, false, &[4]));
        let count = weights.values.len();
        let first = backend.weights(weights);
        let (mut second, mut third) = (first.copy(), first.zeros());
        second.rewrite(|spans, numbers| {
            for span in spans {
                numbers[span.start] = 0.5;
            }
        });
        third.set_sum(&first, &second, &first);
        second.set_product(&third, &first);
        third.follow(&second, 0.25);
        third.write(0, &[3.0, 4.0]);
        let mut numbers = vec![0.0; count];
        third.read(0, &mut numbers);
        numbers
    }
    agree(&worked(&torch()), &worked(&Own), "weights");
}

#[test]
fn a_gradient_that_is_not_finite_is_named() {
    let (_, weights, _) = sample(&spec(Activation::Relu, false, &[4]));
    let place = weights.spans()[2].start;
    let mut gradients = torch().weights(weights);
    gradients.write(place, &[f32::NAN]);
    let error = gradients.clip_norm(1.0).expect_err("one is not finite").to_string();
    assert!(error.contains("`net/layer1/weight` holds NaN"), "{error}");
}

#[test]
fn a_card_that_is_not_there_is_told_with_the_way_out() {
    if tch::Cuda::is_available() {
        return;
    }
    let mut params = TorchParams::default();
    params.set("device", &plugin_api::params::Value::Text("cuda".into())).expect("a device");
    let error = Torch::open(&params).expect_err("there is no card").to_string();
    assert!(error.contains("`device=cpu`") && error.contains("--cuda"), "{error}");
}
