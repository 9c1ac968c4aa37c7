//! What several seeds say together: the interquartile mean with its interval, and how likely one
//! group is better than another (Agarwal et al., 2021).

/// The mean of the middle half: the lowest and the highest quarter do not count.
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let out = sorted.len() / 4;
    let middle = &sorted[out..sorted.len() - out];
    (!middle.is_empty()).then(|| middle.iter().sum::<f64>() / middle.len() as f64)
}

/// Samples of which an interval is made.
const SAMPLES: usize = 2000;

/// The 95 % interval of the interquartile mean, by drawing as many values again and again with
/// replacement; the same each time.
pub fn interval(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 33) as usize * bound) >> 31
    };
    let mut means: Vec<f64> = (0..SAMPLES)
        .filter_map(|_| {
            let drawn: Vec<f64> = values.iter().map(|_| values[below(values.len())]).collect();
            interquartile_mean(&drawn)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |part: f64| means.get(((means.len() as f64 - 1.0) * part).round() as usize).copied();
    Some((at(0.025)?, at(0.975)?))
}

/// How likely a value of the first group is larger than one of the second; equal ones count half.
pub fn better(first: &[f64], second: &[f64]) -> Option<f64> {
    let pairs = first.iter().flat_map(|a| second.iter().map(move |b| (a, b)));
    let score = |(a, b): (&f64, &f64)| match a.total_cmp(b) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let count = first.len() * second.len();
    (count > 0).then(|| pairs.map(score).sum::<f64>() / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_half_counts() {
        let cases: [(&[f64], Option<f64>); 5] = [
            (&[], None),
            (&[7.0], Some(7.0)),
            (&[1.0, 2.0, 3.0], Some(2.0)),
            (&[-100.0, 2.0, 4.0, 1000.0], Some(3.0)),
            (&[8.0, 1.0, 7.0, 2.0, 6.0, 3.0, 5.0, 4.0], Some(4.5)),
        ];
        for (values, expected) in cases {
            assert_eq!(interquartile_mean(values), expected, "{values:?}");
        }
    }

    #[test]
    fn intervals_hold_the_mean_and_shrink_with_more_seeds() {
        let noise = |count: usize| -> Vec<f64> {
            (0..count).map(|idx| ((idx * 7919) % 101) as f64).collect()
        };
        let (few, many) = (noise(8), noise(80));
        let width = |values: &[f64]| {
            let (low, high) = interval(values).expect("there are several");
            let mean = interquartile_mean(values).expect("there are several");
            assert!(low <= mean && mean <= high, "{low} {mean} {high}");
            high - low
        };
        assert!(width(&many) < 0.7 * width(&few));
        assert_eq!(interval(&[1.0]), None);
        assert_eq!(interval(&[5.0; 6]), Some((5.0, 5.0)));
    }

    #[test]
    fn one_group_is_better_by_counting_pairs() {
        assert_eq!(better(&[2.0, 3.0], &[1.0]), Some(1.0));
        assert_eq!(better(&[1.0, 3.0], &[2.0, 3.0]), Some((0.0 + 0.0 + 1.0 + 0.5) / 4.0));
        assert_eq!(better(&[], &[1.0]), None);
    }
}
