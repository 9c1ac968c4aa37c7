//! Running statistics equal those of all numbers at once, however they were cut.

use crate::noise::ParameterNoise;
use crate::running::{ReturnScale, Running};
use crate::weights::Weights;
use plugin_api::{Archive, Rng, TERMINATED, TRUNCATED};

fn rows() -> Vec<Vec<f32>> {
    let mut rng = Rng::seeded(8);
    (0..500).map(|_| vec![3.0 + rng.standard_normal() as f32, rng.random_f32() * 1e3]).collect()
}

#[test]
fn mean_and_variance_are_those_of_all_rows() {
    let rows = rows();
    let mut running = Running::new(2);
    for row in &rows {
        running.add(row);
    }
    for column in 0..2 {
        let all = || rows.iter().map(|row| f64::from(row[column]));
        let mean = all().sum::<f64>() / 500.0;
        let variance = all().map(|x| (x - mean).powi(2)).sum::<f64>() / 500.0;
        // The first 1e-4 of a row is part of both.
        assert!((running.mean(column) - mean).abs() < 1e-6 * mean.abs());
        assert!((running.variance(column) / variance - 1.0).abs() < 1e-5);
    }
}

/// What two groups of rows come to together (Chan and others, 1979).
fn merged(one: (f64, f64, f64), other: (f64, f64, f64)) -> (f64, f64, f64) {
    let (count, apart) = (one.0 + other.0, other.1 - one.1);
    let mean = one.1 + apart * other.0 / count;
    (count, mean, one.2 + other.2 + apart * apart * one.0 * other.0 / count)
}

/// Cut into rollouts of any length, with the statistics brought up to date after each, they are the
/// same to the bit; and the same within rounding as those of parts that are counted apart.
#[test]
fn mean_and_variance_are_those_of_any_split() {
    let rows = rows();
    let split = |length: usize| {
        let mut running = Running::new(2);
        for part in rows.chunks(length) {
            for row in part {
                running.add(row);
            }
            running.refresh();
        }
        running
    };
    let whole = split(500);
    for length in [1, 3, 64, 499] {
        assert_eq!(split(length), whole, "in parts of {length}");
        for column in 0..2 {
            let apart = rows.chunks(length).map(|part| {
                let all = || part.iter().map(|row| f64::from(row[column]));
                let mean = all().sum::<f64>() / part.len() as f64;
                (part.len() as f64, mean, all().map(|x| (x - mean).powi(2)).sum::<f64>())
            });
            let (count, mean, squares) = apart.fold((1e-4, 0.0, 1e-4), merged);
            assert!((whole.mean(column) / mean - 1.0).abs() < 1e-12);
            assert!((whole.variance(column) / (squares / count) - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn statistics_are_used_once_they_are_refreshed_and_come_back_from_a_file() {
    let mut running = Running::new(2);
    for row in &rows() {
        running.add(row);
    }
    let mut before = [0.0; 2];
    running.apply(&[5.0, 0.5], &mut before);
    assert_eq!(before, [5.0, 0.5], "as it was");
    running.refresh();
    let mut after = [0.0; 2];
    running.apply(&[5.0, 1e9], &mut after);
    assert!((after[0] - 2.0).abs() < 0.2 && after[1] == 10.0, "{after:?}");

    let mut archive = Archive::saving();
    running.state(&mut archive);
    let mut other = Running::new(2);
    other.state(&mut Archive::loading(archive.finish().expect("it is saved")));
    assert_eq!(other, running);
}

#[test]
fn returns_start_anew_after_every_end() {
    let mut scale = ReturnScale::default();
    let (rewards, flags) = ([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], [0, TRUNCATED, 0, 0, TERMINATED, 0]);
    scale.add((&rewards, &flags), (2, &[]), 0.5);
    let returns = [1.0, 2.0, 1.5, 2.0, 1.75, 3.0];
    let mean = returns.iter().sum::<f64>() / 6.0;
    let variance = returns.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 6.0;
    assert!((scale.deviation() / variance.sqrt() - 1.0).abs() < 1e-3);
}

#[test]
fn parameter_noise_is_steered_and_leaves_norms_alone() {
    let mut weights: Weights = Weights::new();
    weights.add("net/weight".into(), 3, 5);
    weights.add("net/gain".into(), 1, 5);
    let mut numbers = weights.values.clone();
    ParameterNoise::draw(weights.spans(), &mut numbers, &mut Rng::seeded(1));
    assert_eq!(numbers.iter().filter(|x| **x != 0.0).count(), 15, "neither gain nor padding");
    let mut noise = ParameterNoise::new(0.1, 0.2);
    noise.adapt(0.3);
    assert!((noise.deviation - 0.1 / 1.01).abs() < 1e-12);
    noise.adapt(0.1);
    noise.adapt(0.1);
    assert!((noise.deviation - 0.1 * 1.01).abs() < 1e-12);
}
