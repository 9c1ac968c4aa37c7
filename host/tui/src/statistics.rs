//! What several seeds say together: the interquartile mean with its interval, how likely one group
//! is better than another (Agarwal et al., 2021), and what lies under a curve.

/// The mean of the middle half: the lowest and the highest quarter do not count.
pub fn interquartile_mean(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let out = sorted.len() / 4;
    let middle = &sorted[out..sorted.len() - out];
    (!middle.is_empty()).then(|| middle.iter().sum::<f64>() / middle.len() as f64)
}

/// Samples of which an interval is made, and one of many that make a band.
pub const SAMPLES: usize = 2000;
/// Samples of each interval along a band.
pub const SAMPLES_BAND: usize = 200;

/// The 95 % interval of the interquartile mean by the percentiles of so many samples, each as many
/// values drawn with replacement; the same each time. Groups are drawn from one by one, so theirs
/// are the strata.
pub fn interval(values: &[f64], samples: usize) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 33) as usize * bound) >> 31
    };
    let mut drawn = vec![0.0; values.len()];
    let mut means: Vec<f64> = (0..samples)
        .filter_map(|_| {
            for value in &mut drawn {
                *value = values[below(values.len())];
            }
            interquartile_mean(&drawn)
        })
        .collect();
    means.sort_by(f64::total_cmp);
    Some((percentile(&means, 0.025)?, percentile(&means, 0.975)?))
}

/// The value below which a part of sorted values lies, along straight lines between them.
fn percentile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * (sorted.len() as f64 - 1.0);
    let (low, high) = (*sorted.get(place.floor() as usize)?, *sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

/// What lies under a curve, divided by its width: the mean return over all steps. Taken along
/// straight lines as points come; numbers that are none are passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    sum: f64,
    first: f64,
    last: Option<(f64, f64)>,
}

impl Area {
    /// Adds a point.
    pub fn push(&mut self, x: f64, y: f64) {
        if !y.is_finite() {
            return;
        }
        match self.last {
            Some((before, value)) => self.sum += 0.5 * (value + y) * (x - before),
            None => self.first = x,
        }
        self.last = Some((x, y));
    }

    /// The mean; the value of the only point where there is one.
    pub fn mean(&self) -> Option<f64> {
        let (x, y) = self.last?;
        let wide = x - self.first;
        Some(if wide > 0.0 { self.sum / wide } else { y })
    }
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
            let (low, high) = interval(values, SAMPLES).expect("there are several");
            let mean = interquartile_mean(values).expect("there are several");
            assert!(low <= mean && mean <= high, "{low} {mean} {high}");
            high - low
        };
        assert!(width(&many) < 0.7 * width(&few));
        assert_eq!(interval(&[1.0], SAMPLES), None);
        assert_eq!(interval(&[5.0; 6], SAMPLES), Some((5.0, 5.0)));
    }

    #[test]
    fn one_group_is_better_by_counting_pairs() {
        assert_eq!(better(&[2.0, 3.0], &[1.0]), Some(1.0));
        assert_eq!(better(&[1.0, 3.0], &[2.0, 3.0]), Some((0.0 + 0.0 + 1.0 + 0.5) / 4.0));
        assert_eq!(better(&[], &[1.0]), None);
    }

    /// Groups of values, and what numpy and scipy make of them; the script lies beside the file.
    #[test]
    fn numbers_are_those_of_numpy_and_scipy() {
        let numbers = |line: &str| -> Vec<f64> {
            line.split(' ').map(|number| number.parse().expect("a number")).collect()
        };
        let lines: Vec<&str> = include_str!("../tests/golden/statistics.txt").lines().collect();
        assert!(lines.len() >= 80);
        for case in lines.chunks(4) {
            let (a, b, x) = (numbers(case[0]), numbers(case[1]), numbers(case[2]));
            let mut area = Area::default();
            x.iter().zip(&a).for_each(|(x, y)| area.push(*x, *y));
            let (low, high) = interval(&a, SAMPLES).expect("there are several");
            let mean = interquartile_mean(&a).expect("there are several");
            let better = better(&a, &b).expect("there are several");
            let ours = [mean, low, high, better, area.mean().expect("there are several")];
            for (ours, theirs) in ours.iter().zip(numbers(case[3])) {
                let far = (ours - theirs).abs() / theirs.abs().max(1.0);
                assert!(far <= 1e-9, "{ours} {theirs} for {a:?}");
            }
        }
    }
}
