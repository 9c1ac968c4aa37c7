//! Tests of draws of real numbers: their densities, their bounds, their noise.

use super::*;

#[test]
fn gaussian_actions_are_unclipped_for_learners_and_clipped_for_worlds() {
    let space = Space::range::<f32>(-1.0, 1.0, &[2]);
    let sampler = sampler(Head::Gaussian, Explore::Policy, space);
    let (mean, log_std) = ([0.5, -2.0_f32], [0.3, -1.0_f32]);
    let drawn = draw_many(&sampler, &[mean[0], mean[1], log_std[0], log_std[1]], &[], 50_000);
    let mut sums = [0.0; 2];
    for (action, log_prob) in drawn.rows() {
        let mut exact = 0.0;
        for element in 0..2 {
            let std = f64::from(log_std[element]).exp();
            let z = (f64::from(action[element]) - f64::from(mean[element])) / std;
            exact += -0.5 * z * z - std.ln() - 0.5 * std::f64::consts::TAU.ln();
            sums[element] += z * z;
        }
        assert!((f64::from(log_prob) - exact).abs() < 1e-4, "{log_prob} is not {exact}");
    }
    for sum in sums {
        assert!((sum / 50_000.0 - 1.0).abs() < 0.04, "variance {sum}");
    }
    for (row, bytes) in drawn.actions.iter().zip(drawn.env_actions.as_chunks::<4>().0) {
        assert_eq!(f32::from_ne_bytes(*bytes), row.clamp(-1.0, 1.0));
    }
}

/// The same density as that of a draw of the host's, and the very number that the policy drew.
#[test]
fn draws_of_the_policy_s_own_are_taken_as_they_are() {
    let (mean, log_std, z) = (0.5_f32, -1.0_f32, 1.25_f32);
    for (head, squashed) in [(Head::DrawnGaussian, false), (Head::DrawnSquashedGaussian, true)] {
        let sampler = sampler(head, Explore::Policy, Space::range::<f32>(-1.0, 1.0, &[1]));
        let drawn = draw_many(&sampler, &[mean, log_std, z], &[], 3);
        let u = f64::from(mean) + f64::from(log_std).exp() * f64::from(z);
        let action = if squashed { u.tanh() } else { u };
        let slope = if squashed { (1.0 - action * action).ln() } else { 0.0 };
        let exact = -0.5 * f64::from(z * z) - f64::from(log_std);
        let exact = exact - 0.5 * std::f64::consts::TAU.ln() - slope;
        for (row, log_prob) in drawn.rows() {
            assert!((f64::from(row[0]) - action).abs() < 1e-6, "{head:?}: {row:?}, not {action}");
            assert!((f64::from(log_prob) - exact).abs() < 1e-5, "{log_prob}, not {exact}");
        }
        let rows = (&[mean, log_std, z][..], &[][..]);
        let calm = draw_pieces(&sampler, moment(Mode::Evaluate), rows, &[1]).expect("it draws");
        let best = if squashed { mean.tanh() } else { mean };
        assert!((calm.actions[0] - best).abs() < 1e-6, "{head:?}: judged without noise");
    }
}

#[test]
fn squashed_densities_integrate_to_one_and_stay_finite() {
    let space = Space::bounded::<f64>(&[-2.0], &[6.0]);
    let sampler = sampler(Head::SquashedGaussian, Explore::Policy, space);
    let drawn = draw_many(&sampler, &[0.3, -0.7], &[], 200_000);
    // The mean of 1 / density over the draws is the length of what they cover.
    let cells = |x: f32| ((x + 2.0) / 0.1) as usize;
    let mut counts = [0.0; 80];
    let mut masses = [0.0; 80];
    for (action, log_prob) in drawn.rows() {
        assert!((-2.0..=6.0).contains(&action[0]));
        counts[cells(action[0])] += 1.0;
        masses[cells(action[0])] += f64::from(log_prob).exp();
    }
    for (count, mass) in counts.into_iter().zip(masses).filter(|(count, _)| *count > 4000.0) {
        let density: f64 = count / 200_000.0 / 0.1;
        assert!((mass / count / density - 1.0).abs() < 0.08, "{density} and {}", mass / count);
    }
    let far = draw_many(&sampler, &[30.0, 0.0], &[], 100);
    assert!(far.log_probs.iter().all(|x| x.is_finite()), "no ln of 1 - tanh²");
    assert!(far.actions.iter().all(|&x| x == 6.0));
}

#[test]
fn noise_comes_in_units_of_half_the_range_and_stays_within_it() {
    let space = || Space::range::<f32>(-2.0, 2.0, &[1]);
    let small = sampler(Head::Action, Explore::Gaussian { std: 0.1.into() }, space());
    let drawn = draw_many(&small, &[0.5], &[], 50_000);
    let variance = drawn.actions.iter().map(|x| f64::from(x - 0.5).powi(2)).sum::<f64>() / 5e4;
    assert!((variance.sqrt() - 0.2).abs() < 0.005, "deviation {}", variance.sqrt());
    for (action, log_prob) in drawn.rows() {
        let z = (f64::from(action[0]) - 0.5) / 0.2;
        let exact = -0.5 * z * z - 0.2_f64.ln() - 0.5 * std::f64::consts::TAU.ln();
        assert!((f64::from(log_prob) - exact).abs() < 1e-4);
    }
    let large = sampler(Head::Action, Explore::Gaussian { std: 9.0.into() }, space());
    assert!(draw_many(&large, &[0.5], &[], 1000).actions.iter().all(|x| x.abs() <= 2.0));
    let none = sampler(Head::Action, Explore::Gaussian { std: 0.0.into() }, space());
    assert!(draw_many(&none, &[0.5], &[], 100).rows().all(|row| row == (&[0.5], 0.0)));
}

#[test]
fn ornstein_uhlenbeck_has_its_stationary_variance_and_starts_at_zero() {
    let (theta, sigma, dt) = (0.15, 0.2, 0.5);
    let explore = Explore::OrnsteinUhlenbeck { theta, sigma: sigma.into(), dt };
    let sampler = sampler(Head::Action, explore, Space::unbounded::<f32>(&[1]));
    let lanes = 4000;
    let (mut noise, mut actions) = (sampler.noise(lanes), vec![0.0; lanes]);
    let mut step = |noise: &mut Noise, lane_step| {
        let draw = Draw {
            head: &vec![0.0; lanes],
            masks: &[],
            actions: &mut actions,
            env_actions: &mut vec![0; 4 * lanes],
            log_probs: &mut vec![0.0; lanes],
        };
        let moment = Moment { lane_step, ..moment(Mode::Train) };
        sampler.draw(moment, draw, noise).expect("it draws");
        actions.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / lanes as f64
    };
    let first = step(&mut noise, 0);
    let mut last = 0.0;
    for lane_step in 1..100 {
        last = step(&mut noise, lane_step);
    }
    noise.restart_ended(&vec![1; lanes]);
    let again = step(&mut noise, 100);
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 0.1;
    assert!(close(first, sigma * sigma * dt) && close(again, first), "{first} {again}");
    let stationary = sigma * sigma / (2.0 * theta - theta * theta * dt);
    assert!(close(last, stationary), "{last} is not {stationary}");
}

#[test]
fn the_process_of_noise_is_saved_and_restored() {
    let explore = Explore::OrnsteinUhlenbeck { theta: 0.1, sigma: 0.3.into(), dt: 1.0 };
    let sampler = sampler(Head::Action, explore, Space::unbounded::<f32>(&[2]));
    let mut noise = sampler.noise(3);
    noise.row(1).copy_from_slice(&[0.25, -4.0]);
    let mut archive = plugin_api::Archive::saving();
    noise.state(&mut archive);
    let state = archive.finish().expect("it saves");
    let mut other = sampler.noise(3);
    let mut archive = plugin_api::Archive::loading(state);
    other.state(&mut archive);
    archive.finish().expect("it loads");
    assert_eq!(noise.row(1), other.row(1));
    assert_eq!(noise.row(2), other.row(2));
}

#[test]
fn reals_without_bounds_have_gymnasiums_law() {
    let (low, high) = (Bounds::Each(vec![f64::NEG_INFINITY, 2.0]), Bounds::All(f64::INFINITY));
    let space = Space::Box { low, high, shape: vec![2], dtype: Dtype::F32 };
    let sampler = sampler(Head::Action, Explore::Uniform, space);
    let drawn = draw_many(&sampler, &[0.0, 0.0], &[], 20_000);
    let mut mean = 0.0;
    for (action, log_prob) in drawn.rows() {
        let (z, distance) = (f64::from(action[0]), f64::from(action[1]) - 2.0);
        let exact = -0.5 * z * z - maths::LN_SQRT_TAU - distance;
        assert!((f64::from(log_prob) - exact).abs() < 1e-4);
        mean += distance / 20_000.0;
    }
    assert!((mean - 1.0).abs() < 0.03, "mean distance {mean}");
}
