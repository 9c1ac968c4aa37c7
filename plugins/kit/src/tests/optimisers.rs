//! Optimisers move as `PyTorch`'s do. `trajectories.py` beside this file wrote the expected values.

use crate::optimiser::{Optimiser, Rule, clip_norm};
use crate::weights::Weights;
use plugin_api::Archive;

fn weights() -> Weights<f64> {
    let mut weights = Weights::new();
    weights.add("w".into(), 1, 3);
    weights.values[..3].copy_from_slice(&[1.0, -2.0, 0.5]);
    weights
}

/// The gradient of `Σ aᵢ (wᵢ - bᵢ)² / 2 + 0.1 sin(5 wᵢ)`.
fn gradient(weights: &Weights<f64>, into: &mut Weights<f64>) {
    for (i, (a, b)) in [(1.0, 0.3), (10.0, -1.0), (0.1, 2.0)].into_iter().enumerate() {
        let w = weights.values[i];
        into.values[i] = a * (w - b) + 0.5 * (5.0 * w).cos();
    }
}

fn after(rule: Rule, rate: f64, steps: usize) -> Vec<f64> {
    let mut weights = weights();
    let mut gradients = weights.zeros();
    let mut optimiser = Optimiser::new(rule, &weights);
    for _ in 0..steps {
        gradient(&weights, &mut gradients);
        optimiser.step(&mut weights, &gradients, rate);
    }
    assert!(weights.values[3..].iter().all(|&padding| padding == 0.0));
    weights.values[..3].to_vec()
}

#[track_caller]
fn check(rule: Rule, rate: f64, expected: [[f64; 3]; 2]) {
    for (steps, expected) in [10, 1000].into_iter().zip(expected) {
        for (ours, right) in after(rule, rate, steps).into_iter().zip(expected) {
            assert!((ours - right).abs() < 1e-6, "{rule:?} after {steps}: {ours}, not {right}");
        }
    }
}
#[test]
fn optimisers_move_as_those_they_are_named_after() {
    check(
        Rule::Sgd { momentum: 0.0 },
        0.01,
        [
            [0.927_776_133_730, -1.349_841_953_616, 0.558_146_222_314],
            [0.733_026_914_906, -1.018_566_650_669, 0.983_426_236_379],
        ],
    );
    check(
        Rule::Sgd { momentum: 0.9 },
        0.01,
        [
            [0.743_806_167_320, -0.392_657_601_182, 0.744_284_116_738],
            [0.733_026_914_884, -1.018_566_650_669, 0.983_426_236_383],
        ],
    );
    check(
        Rule::RmsProp { alpha: 0.99, epsilon: 1e-2, epsilon_inside: false },
        0.001,
        [
            [0.954_589_279_758, -1.950_052_664_573, 0.546_790_896_527],
            [0.733_026_914_884, -1.103_960_147_344, 0.983_426_236_381],
        ],
    );
    check(
        Rule::adam(1e-5),
        0.01,
        [
            [0.901_879_226_755, -1.900_299_977_788, 0.600_504_297_828],
            [0.733_026_914_884, -1.018_566_650_669, 0.983_426_236_383],
        ],
    );
    check(
        Rule::Adam { betas: (0.8, 0.99), epsilon: 1e-8, decay: 0.1 },
        0.01,
        [
            [0.894_216_280_743, -1.881_238_657_900, 0.595_568_152_434],
            [0.732_971_964_489, -1.017_968_191_137, 0.983_320_563_313],
        ],
    );
}

/// With ε below the root, the first step is `η g / √((1 - α) g² + ε)`.
#[test]
fn an_epsilon_may_stand_below_the_root() {
    let rule = Rule::RmsProp { alpha: 0.9, epsilon: 0.5, epsilon_inside: true };
    let mut gradients = weights().zeros();
    gradient(&weights(), &mut gradients);
    let moved = after(rule, 0.01, 1);
    for (i, start) in [1.0, -2.0, 0.5].into_iter().enumerate() {
        let g: f64 = gradients.values[i];
        let right = start - 0.01 * g / (0.1 * g * g + 0.5).sqrt();
        assert!((moved[i] - right).abs() < 1e-12);
    }
}

#[test]
fn gradients_are_cut_to_their_norm_and_the_culprit_is_named() {
    let mut gradients: Weights<f64> = Weights::new();
    gradients.add("actor/layer0/weight".into(), 1, 2);
    gradients.add("critic/layer1/bias".into(), 1, 1);
    gradients.values[0] = 3.0;
    gradients.values[16] = 4.0;
    let norm = clip_norm(&mut gradients, 0.5).expect("all are finite");
    assert!((norm - 5.0).abs() < 1e-12);
    assert!((gradients.values[0] - 0.3).abs() < 1e-6 && (gradients.values[16] - 0.4).abs() < 1e-6);
    clip_norm(&mut gradients, 1.0).expect("all are finite");
    assert!((gradients.values[0] - 0.3).abs() < 1e-6, "what is small stays as it is");
    gradients.values[16] = f64::NAN;
    let error = clip_norm(&mut gradients, 0.5).expect_err("one is not finite").to_string();
    assert!(error.contains("`critic/layer1/bias` holds NaN"), "{error}");
}

#[test]
fn an_optimiser_goes_on_from_a_file() {
    let mut weights = weights();
    let mut gradients = weights.zeros();
    let mut first = Optimiser::new(Rule::adam(1e-8), &weights);
    for _ in 0..7 {
        gradient(&weights, &mut gradients);
        first.step(&mut weights, &gradients, 0.1);
    }
    let mut archive = Archive::saving();
    first.state(&mut archive);
    let mut second = Optimiser::new(Rule::adam(1e-8), &weights);
    second.state(&mut Archive::loading(archive.finish().expect("it is saved")));
    let mut twin = weights.clone();
    gradient(&weights, &mut gradients);
    first.step(&mut weights, &gradients, 0.1);
    second.step(&mut twin, &gradients, 0.1);
    assert_eq!(weights.values, twin.values);
}
