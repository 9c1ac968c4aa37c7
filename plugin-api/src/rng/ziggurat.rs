//! The normal and the exponential law by numpy's ziggurats (Marsaglia and Tsang, "The Ziggurat
//! Method for Generating Random Variables", 2000): a layer and a point in it, kept at once 99 times
//! of 100.

mod tables;

use tables::{
    EXPONENTIAL_DENSITY, EXPONENTIAL_KEEP, EXPONENTIAL_WIDTH, NORMAL_DENSITY, NORMAL_KEEP,
    NORMAL_WIDTH,
};

use super::Rng;

/// Where the lowest layer of the normal ends and its tail begins.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// 1 / `NORMAL_TAIL`.
const NORMAL_TAIL_INVERSE: f64 = 0.273_661_237_329_758_3;

/// Where the lowest layer of the exponential ends and its tail begins.
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;

/// Below this probability numpy draws a geometric number through an exponential one.
const GEOMETRIC_SEARCH: f64 = 1.0 / 3.0;

impl Rng {
    /// Normal with mean 0 and standard deviation 1.
    #[inline]
    pub fn standard_normal(&mut self) -> f64 {
        loop {
            let bits = self.next_u64();
            let layer = (bits & 0xff) as usize;
            let magnitude = bits >> 9 & 0x000f_ffff_ffff_ffff;
            let x = magnitude as f64 * NORMAL_WIDTH[layer];
            // A branch on the sign would be guessed wrong half of the time.
            let x = f64::from_bits(x.to_bits() ^ (bits & 0x100) << 55);
            if magnitude < NORMAL_KEEP[layer] {
                return x;
            }
            if let Some(x) = self.normal_at_edge(layer, magnitude, x) {
                return x;
            }
        }
    }

    /// Normal with the given mean and standard deviation.
    #[inline]
    pub fn normal(&mut self, mean: f64, std: f64) -> f64 {
        mean + std * self.standard_normal()
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn standard_exponential(&mut self) -> f64 {
        loop {
            let bits = self.next_u64();
            let layer = (bits >> 3 & 0xff) as usize;
            let magnitude = bits >> 11;
            let x = magnitude as f64 * EXPONENTIAL_WIDTH[layer];
            if magnitude < EXPONENTIAL_KEEP[layer] {
                return x;
            }
            if let Some(x) = self.exponential_at_edge(layer, x) {
                return x;
            }
        }
    }

    /// Exponential with mean `scale`.
    #[inline]
    pub fn exponential(&mut self, scale: f64) -> f64 {
        scale * self.standard_exponential()
    }

    /// The number of trials up to and including the first success, at least 1.
    ///
    /// # Panics
    /// When `p` is not in (0, 1].
    pub fn geometric(&mut self, p: f64) -> i64 {
        assert!(p > 0.0 && p <= 1.0, "geometric() needs a probability in (0, 1], got {p}");
        if p < GEOMETRIC_SEARCH {
            // The cast saturates, as numpy does.
            return (-self.standard_exponential() / (-p).ln_1p()).ceil() as i64;
        }
        let u = self.random();
        let (mut trials, mut term, mut sum) = (1, p, p);
        while u > sum {
            term *= 1.0 - p;
            sum += term;
            trials += 1;
        }
        trials
    }

    /// Decides about a point outside the part of its layer that lies under the curve for certain.
    #[cold]
    #[inline(never)]
    fn normal_at_edge(&mut self, layer: usize, magnitude: u64, x: f64) -> Option<f64> {
        if layer > 0 {
            let rise = NORMAL_DENSITY[layer - 1] - NORMAL_DENSITY[layer];
            let y = rise * self.random() + NORMAL_DENSITY[layer];
            return (y < (-0.5 * x * x).exp()).then_some(x);
        }
        loop {
            let beyond = -NORMAL_TAIL_INVERSE * (-self.random()).ln_1p();
            let height = -(-self.random()).ln_1p();
            if height + height > beyond * beyond {
                let x = NORMAL_TAIL + beyond;
                return Some(if magnitude >> 8 & 1 == 0 { x } else { -x });
            }
        }
    }

    /// The same for the exponential.
    #[cold]
    #[inline(never)]
    fn exponential_at_edge(&mut self, layer: usize, x: f64) -> Option<f64> {
        if layer == 0 {
            return Some(EXPONENTIAL_TAIL - (-self.random()).ln_1p());
        }
        let rise = EXPONENTIAL_DENSITY[layer - 1] - EXPONENTIAL_DENSITY[layer];
        let y = rise * self.random() + EXPONENTIAL_DENSITY[layer];
        (y < (-x).exp()).then_some(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_of_seed_42() {
        let mut rng = Rng::seeded(42);
        for published in [0.304_717_08, -1.039_984_11, 0.750_451_2] {
            let value = rng.standard_normal();
            assert!((value - published).abs() < 5e-9, "{value} is not {published}");
        }
    }

    #[test]
    fn a_tiny_probability_saturates() {
        assert_eq!(Rng::seeded(1).geometric(1e-300), i64::MAX);
        assert_eq!(Rng::seeded(1).geometric(1.0), 1);
    }
}
