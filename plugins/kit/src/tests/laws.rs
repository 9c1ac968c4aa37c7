//! Laws add up to one, their entropies are what sums over them say, and first weights are spread
//! as they should be.

use crate::categorical;
use crate::gaussian;
use crate::init::Init;
use crate::matrix::padded;
use crate::real::Real;
use plugin_api::Rng;

#[test]
fn chances_add_up_and_forbidden_choices_have_none() {
    let logits = [1.0_f32, 80.0, -3.0, 500.0];
    for (mask, certain) in [(&[][..], 3), (&[1, 1, 1, 0][..], 1), (&[1, 0, 1, 0][..], 0)] {
        let (mut probs, mut logs) = ([0.0; 4], [0.0; 4]);
        let judged = categorical::judge(&logits, mask, certain, &mut probs, &mut logs);
        assert!((probs.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(probs[certain] > 0.9 && judged.log_prob.is_finite() && judged.entropy >= 0.0);
        for (choice, allowed) in mask.iter().enumerate() {
            assert!(*allowed == 1 || probs[choice] == 0.0);
        }
    }
    let (mut probs, mut logs) = ([0.0; 3], [0.0; 3]);
    let judged = categorical::judge(&[0.0_f64; 3], &[1, 0, 1], 2, &mut probs, &mut logs);
    assert!((judged.entropy - 2.0_f64.ln()).abs() < 1e-12);
    assert!((judged.log_prob + 2.0_f64.ln()).abs() < 1e-12);
}

/// A sum over a fine grid is 1 for a density, and the entropy for its expected logarithm.
#[test]
fn normal_densities_add_up() {
    let (mean, log_std, step) = ([0.3], [-0.4], 1e-3);
    let (mut mass, mut entropy) = (0.0, 0.0);
    for i in -8000..8000 {
        let judged = gaussian::judge(&mean, &log_std, &[f64::from(i) * step]);
        mass += judged.log_prob.exp() * step;
        entropy -= judged.log_prob.exp() * judged.log_prob * step;
    }
    assert!((mass - 1.0).abs() < 1e-6);
    let half_ln = 0.5 * (2.0 * std::f64::consts::PI * std::f64::consts::E).ln();
    assert!((entropy - (half_ln - 0.4)).abs() < 1e-6);
    let said = gaussian::judge(&mean, &log_std, &[0.0]).entropy;
    assert!((said - entropy).abs() < 1e-6);
}

/// The density of a squashed number is that of the number before, divided by the slope of tanh.
#[test]
fn squashed_densities_divide_by_the_slope() {
    for u in [-6.0, -1.0, 0.0, 0.5, 3.0_f64] {
        let (mean, log_std) = ([0.2], [-0.3]);
        let z = (u - 0.2) * 0.3_f64.exp();
        let mut action = [0.0];
        let said = gaussian::squash(&mean, &log_std, &[z], &mut action);
        let plain = gaussian::judge(&mean, &log_std, &[u]).log_prob;
        let right = plain - (1.0 - u.tanh().powi(2)).ln();
        assert!((said - right).abs() < 1e-8, "{u}: {said} {right}");
        assert!((action[0] - u.tanh()).abs() < 1e-12);
    }
    // Far out, where 1 - tanh² is 0 in f32, it is still a number.
    let far = gaussian::squash(&[40.0_f32], &[0.0], &[0.0], &mut [0.0]);
    assert!(Real::is_finite(far) && far > 70.0);
}

#[test]
fn orthogonal_weights_are_orthogonal() {
    for (inputs, outputs) in [(4, 64), (64, 64), (64, 2)] {
        let mut weight = vec![0.0_f64; inputs * padded(outputs)];
        let mut bias = vec![1.0; padded(outputs)];
        let init = Init::Orthogonal(std::f64::consts::SQRT_2);
        init.fill((inputs, outputs), &mut weight, &mut bias, &mut Rng::seeded(3));
        let at = |row: usize, column: usize| weight[row * padded(outputs) + column];
        let short = inputs.min(outputs);
        for i in 0..short {
            for j in 0..short {
                let dot: f64 = if inputs <= outputs {
                    (0..outputs).map(|k| at(i, k) * at(j, k)).sum()
                } else {
                    (0..inputs).map(|k| at(k, i) * at(k, j)).sum()
                };
                assert!((dot - if i == j { 2.0 } else { 0.0 }).abs() < 1e-9);
            }
        }
        assert!(bias.iter().all(|&bias| bias == 0.0));
    }
}

#[test]
fn uniform_weights_fill_their_bounds() {
    let (inputs, outputs) = (25, 40);
    let mut weight = vec![0.0_f64; inputs * padded(outputs)];
    let mut bias = vec![0.0; padded(outputs)];
    Init::Uniform.fill((inputs, outputs), &mut weight, &mut bias, &mut Rng::seeded(3));
    let dense: Vec<f64> =
        weight.chunks(padded(outputs)).flat_map(|row| &row[..outputs]).copied().collect();
    assert!(dense.iter().all(|weight| weight.abs() <= 0.2));
    let variance = dense.iter().map(|weight| weight * weight).sum::<f64>() / dense.len() as f64;
    assert!((variance - 0.04 / 3.0).abs() < 1e-3, "{variance}");
    assert!(weight.chunks(padded(outputs)).all(|row| row[outputs..].iter().all(|&x| x == 0.0)));
    assert!(bias[..outputs].iter().any(|bias| bias.abs() > 0.1));
}
