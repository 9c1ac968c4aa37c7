//! Do streams look random along every direction of their address? All draws are fixed by their
//! addresses, so a test that passes once passes always.

use super::{SeedTree, Stream};

const DRAWS: u64 = 100_000;

/// Names a direction and gives the stream and the counter of its i-th draw.
type Direction = (&'static str, fn(u64) -> (Stream, u64));

const DIRECTIONS: [Direction; 5] = [
    ("counters", |at| (Stream::new(1, 2), at)),
    ("lanes", |at| (Stream::new(1, at), 2)),
    ("keys", |at| (Stream::new(at, 1), 2)),
    ("lanes and counters", |at| (Stream::new(1, at % 64), at / 64)),
    ("derived keys", |at| (SeedTree::new(at).stream("noise", 0), 0)),
];

#[test]
fn numbers_fill_their_range_evenly() {
    for (direction, place) in DIRECTIONS {
        let mut random = [0; 256];
        let mut words = [0; 256];
        let mut below = [0; 6];
        for (stream, counter) in (0..DRAWS).map(place) {
            random[(stream.random(counter) * 256.0) as usize] += 1;
            words[(stream.word(counter) >> 24) as usize] += 1;
            below[stream.below(counter, 6)] += 1;
        }
        assert_even(&random, direction);
        assert_even(&words, direction);
        assert_even(&below, direction);
    }
}

#[test]
fn every_bit_is_set_half_of_the_time() {
    for (direction, place) in DIRECTIONS {
        let mut counts = [0_u64; 96];
        for (stream, counter) in (0..DRAWS).map(place) {
            let bits = u128::from(stream.bits(counter)) << 32 | u128::from(stream.word(counter));
            for (bit, count) in counts.iter_mut().enumerate() {
                *count += (bits >> bit & 1) as u64;
            }
        }
        for (bit, count) in counts.into_iter().enumerate() {
            let deviation = (count as f64 - DRAWS as f64 / 2.0) / (DRAWS as f64 / 4.0).sqrt();
            assert!(deviation.abs() < 4.5, "bit {bit} along {direction}: {deviation} deviations");
        }
    }
}

#[test]
fn neighbours_are_uncorrelated() {
    for (direction, place) in DIRECTIONS {
        let of = |draw: fn(Stream, u64) -> f64| -> Vec<f64> {
            (0..DRAWS).map(place).map(|(stream, counter)| draw(stream, counter) - 0.5).collect()
        };
        let random = of(Stream::random);
        let word = of(|stream, counter| f64::from(stream.word(counter)) / 4_294_967_296.0);
        for distance in [1, 2, 16, 64] {
            assert_uncorrelated(&random, &random[distance..], direction);
            assert_uncorrelated(&word, &word[distance..], direction);
        }
        assert_uncorrelated(&random, &word, direction);
    }
}

#[test]
fn normals_have_the_moments_and_the_tails_of_the_law() {
    for (direction, place) in DIRECTIONS {
        let mut moments = [0.0; 4];
        let mut within = [0.0; 3];
        for (stream, counter) in (0..DRAWS).map(place) {
            let x = stream.normal(counter);
            for (moment, power) in moments.iter_mut().zip(1..) {
                *moment += x.powi(power) / DRAWS as f64;
            }
            for (count, bound) in within.iter_mut().zip([1.0, 2.0, 3.0]) {
                *count += f64::from(x.abs() < bound) / DRAWS as f64;
            }
        }
        // A mean of n powers deviates by sqrt((E x^2k - (E x^k)^2) / n).
        for (moment, (law, variance)) in
            moments.into_iter().zip([(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0_f64)])
        {
            let deviation = (moment - law) / (variance / DRAWS as f64).sqrt();
            assert!(deviation.abs() < 4.0, "{moments:?} along {direction}");
        }
        for (share, law) in within.into_iter().zip([0.682_689_5, 0.954_499_7, 0.997_300_2_f64]) {
            let deviation = (share - law) / (law * (1.0 - law) / DRAWS as f64).sqrt();
            assert!(deviation.abs() < 4.0, "{within:?} along {direction}");
        }
    }
}

/// Chi-square, made nearly normal by Wilson and Hilferty.
#[track_caller]
fn assert_even(counts: &[u32], direction: &str) {
    let expected = DRAWS as f64 / counts.len() as f64;
    let square = |count: &u32| (f64::from(*count) - expected).powi(2) / expected;
    let freedom = counts.len() as f64 - 1.0;
    let ratio = counts.iter().map(square).sum::<f64>() / freedom;
    let spread = 2.0 / (9.0 * freedom);
    let deviation = (ratio.cbrt() - 1.0 + spread) / spread.sqrt();
    assert!(deviation.abs() < 4.0, "{direction}: {deviation} deviations");
}

/// Both are uniform in [-1/2, 1/2), where products have the variance 1/144.
#[track_caller]
fn assert_uncorrelated(left: &[f64], right: &[f64], direction: &str) {
    let count = left.len().min(right.len()) as f64;
    let sum: f64 = left.iter().zip(right).map(|(x, y)| x * y).sum();
    let deviation = sum * 12.0 / count.sqrt();
    assert!(deviation.abs() < 4.5, "{direction}: {deviation} deviations");
}
