//! Noise that a lane keeps for some steps. The policy remembers the seed of it, so that nothing
//! else has to be saved, sent to other threads or told when an episode begins.

use plugin_api::prelude::*;
use plugin_api::rng::Stream;

/// Numbers of a lane's memory: steps that the seed was kept for, and the seed in parts that a
/// number of 24 bits can hold.
pub(crate) const WIDTH: usize = 4;

const PART: u32 = 21;

/// The seed that this lane's noise is made from at this step: a new one at the beginning of an
/// episode, and after `every` steps unless that is 0.
pub(crate) fn seed(memory: &mut [f32], every: usize, (key, lane): (u64, u64)) -> u64 {
    let [kept, parts @ ..] = memory else { return 0 };
    if *kept == 0.0 || (every > 0 && *kept >= every as f32) {
        *kept = 0.0;
        let bits = Stream::new(key, lane).bits(0);
        for (idx, part) in parts.iter_mut().enumerate() {
            *part = (bits >> (PART * idx as u32) & ((1 << PART) - 1)) as f32;
        }
    }
    *kept = if every > 0 { *kept + 1.0 } else { 1.0 };
    parts.iter().rev().fold(0, |seed, &part| seed << PART | part as u64)
}

/// Noise made from seeds, a place for each row of a call: what was made last is used again as long
/// as the seed is the same.
#[derive(Clone, Debug)]
pub(crate) struct Made<T> {
    places: Vec<(Option<u64>, T)>,
}

impl<T> Default for Made<T> {
    fn default() -> Self {
        Self { places: Vec::new() }
    }
}

impl<T> Made<T> {
    /// The noise of a row: what `empty` gives room for and `make` fills.
    pub(crate) fn of(
        &mut self,
        (row, seed): (usize, u64),
        empty: impl Fn() -> T,
        make: impl FnOnce(&mut T, &mut Rng),
    ) -> &mut T {
        while self.places.len() <= row {
            self.places.push((None, empty()));
        }
        let (known, noise) = &mut self.places[row];
        if *known != Some(seed) {
            make(noise, &mut Rng::seeded(seed));
            *known = Some(seed);
        }
        noise
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_kept_for_so_many_steps_and_forgotten_with_the_episode() {
        let mut memory = [0.0; WIDTH];
        let seeds: Vec<u64> = (0..9).map(|key| seed(&mut memory, 3, (key, 5))).collect();
        assert!(seeds[0] == seeds[1] && seeds[1] == seeds[2] && seeds[3] == seeds[5], "{seeds:?}");
        assert!(seeds[2] != seeds[3] && seeds[5] != seeds[6], "{seeds:?}");
        memory.fill(0.0);
        assert_ne!(seed(&mut memory, 3, (9, 5)), seeds[8]);
        let ever = seed(&mut memory, 0, (10, 5));
        assert!((11..40).all(|key| seed(&mut memory, 0, (key, 5)) == ever));
    }

    #[test]
    fn a_seed_depends_on_key_and_lane_and_comes_back_whole() {
        let first = |key, lane| seed(&mut [0.0; WIDTH], 4, (key, lane));
        let mut all: Vec<u64> = (0..64).map(|idx| first(idx / 8, idx % 8)).collect();
        assert_eq!(all[9], Stream::new(1, 1).bits(0) & ((1 << 63) - 1));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 64);
        assert_eq!(seed(&mut [2.0, 1.0, 2.0, 3.0], 9, (7, 7)), 3 << 42 | 2 << 21 | 1);
    }

    #[test]
    fn noise_is_made_once_for_a_seed() {
        let mut made: Made<f64> = Made::default();
        let mut count = 0;
        let mut of = |row, seed| {
            *made.of(
                (row, seed),
                || 0.0,
                |noise, rng| {
                    count += 1;
                    *noise = rng.standard_normal();
                },
            )
        };
        let (first, other) = (of(2, 1), of(2, 3));
        assert!(first != other && of(2, 3) == other && of(0, 3) == other && of(2, 1) == first);
        assert_eq!(count, 4);
    }
}
