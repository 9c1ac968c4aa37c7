//! What several runs came to together: the mean of the middle half, and how sure it is.
//!
//! Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", 2021.

use plugin_api::Rng;

/// Samples of the runs from which the interval is read.
const RESAMPLES: usize = 10_000;

/// What several runs came to together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aggregate {
    /// Mean of the middle half.
    pub iqm: f64,
    /// Ends of its 95 % interval.
    pub low: f64,
    /// The upper one.
    pub high: f64,
}

/// The mean of the scores without the lowest and the highest quarter, rounded down.
pub fn iqm(scores: &mut [f64]) -> f64 {
    scores.sort_unstable_by(f64::total_cmp);
    let cut = scores.len() / 4;
    let middle = &scores[cut..scores.len() - cut];
    middle.iter().sum::<f64>() / middle.len() as f64
}

/// The aggregate of one score for each run of one task; `None` without scores. Runs are drawn with
/// replacement within the task, which is what a bootstrap stratified by task does.
pub fn aggregate(scores: &[f64]) -> Option<Aggregate> {
    if scores.is_empty() {
        return None;
    }
    let mut rng = Rng::seeded(0);
    let mut drawn = scores.to_vec();
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            drawn.fill_with(|| scores[rng.below(scores.len())]);
            iqm(&mut drawn)
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let quantile = |part: f64| means[(part * (RESAMPLES - 1) as f64).round() as usize];
    drawn.copy_from_slice(scores);
    Some(Aggregate { iqm: iqm(&mut drawn), low: quantile(0.025), high: quantile(0.975) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_half_counts() {
        let check = |scores: &[f64], expected: f64| {
            assert!((iqm(&mut scores.to_vec()) - expected).abs() < 1e-12, "{scores:?}");
        };
        check(&[5.0], 5.0);
        check(&[1.0, 3.0], 2.0);
        check(&[100.0, 1.0, 2.0, -50.0], 1.5);
        check(&[8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 900.0], 5.0);
    }

    /// Of two runs at 0 and 1, each of the three means of two draws has a known chance.
    #[test]
    fn the_interval_holds_what_resampling_gives() {
        assert_eq!(aggregate(&[]), None);
        let same = aggregate(&[3.0; 5]).expect("five runs");
        assert_eq!(same, Aggregate { iqm: 3.0, low: 3.0, high: 3.0 });
        let two = aggregate(&[0.0, 1.0]).expect("two runs");
        assert_eq!(two, Aggregate { iqm: 0.5, low: 0.0, high: 1.0 });
        // The mean of twenty middle ones of forty: its deviation is about that of a normal law's
        // middle mean, 1.09 / √40 = 0.17 for a deviation of 1.
        let mut rng = Rng::seeded(4);
        let many: Vec<f64> = (0..40).map(|_| rng.standard_normal()).collect();
        let many = aggregate(&many).expect("forty runs");
        assert!(many.low < many.iqm && many.iqm < many.high);
        assert!((0.4..1.0).contains(&(many.high - many.low)), "{many:?}");
    }
}
