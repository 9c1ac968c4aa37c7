//! How a random element of a space is drawn: the laws of Gymnasium 1.4, draw for draw, over plain
//! slices. What a space is, and whether its bounds make sense, is decided by `space`, not here.
//!
//! A mask is a byte per choice: zero forbids it, anything else allows it.

mod boxes;

#[cfg(test)]
mod golden;

pub use boxes::{box_f32, box_f64, box_i64, box_u8};

use super::Rng;

/// The seeds of the `n` children of a Dict, Tuple, `OneOf` or Sequence that is itself seeded with
/// `seed`.
pub fn child_seeds(seed: u64, n: usize) -> Vec<u64> {
    let mut rng = Rng::seeded(seed);
    (0..n).map(|_| rng.integers(0, i64::from(i32::MAX)) as u64).collect()
}

/// Uniform in start..start + n.
///
/// # Panics
/// When `n` is not positive.
pub fn discrete(rng: &mut Rng, n: i64, start: i64) -> i64 {
    start.wrapping_add(rng.integers(0, n))
}

/// Uniform over the allowed values. If none is allowed, it is `start`.
pub fn discrete_masked(rng: &mut Rng, mask: &[u8], start: i64) -> i64 {
    start.wrapping_add(masked_index(rng, mask) as i64)
}

/// Each value with its probability.
///
/// # Panics
/// When a probability is negative or not a number, or all are zero.
pub fn discrete_weighted(rng: &mut Rng, probability: &[f64], start: i64) -> i64 {
    start.wrapping_add(rng.choice_weighted(probability) as i64)
}

/// One uniform value in start..start + n for each pair of the two slices.
///
/// Unlike [`discrete`] it scales a 53-bit number: that is how Gymnasium draws, and for more than
/// 2^53 values some are never drawn.
///
/// # Panics
/// When the slices differ in length.
pub fn multi_discrete(rng: &mut Rng, counts: &[i64], start: &[i64], out: &mut [i64]) {
    assert_paired(counts, start, out);
    for ((value, &count), &first) in out.iter_mut().zip(counts).zip(start) {
        *value = ((rng.random() * count as f64) as i64).wrapping_add(first);
    }
}

/// The same under a mask, in which the choices of all values follow each other.
///
/// # Panics
/// When the slices do not fit together.
pub fn multi_discrete_masked(
    rng: &mut Rng,
    counts: &[i64],
    start: &[i64],
    mask: &[u8],
    out: &mut [i64],
) {
    assert_paired(counts, start, out);
    for ((value, choices), &first) in out.iter_mut().zip(split(mask, counts)).zip(start) {
        *value = discrete_masked(rng, choices, first);
    }
}

/// The same with probabilities, laid out as the mask.
///
/// # Panics
/// When the slices do not fit together, or as [`discrete_weighted`].
pub fn multi_discrete_weighted(
    rng: &mut Rng,
    counts: &[i64],
    start: &[i64],
    probability: &[f64],
    out: &mut [i64],
) {
    assert_paired(counts, start, out);
    for ((value, choices), &first) in out.iter_mut().zip(split(probability, counts)).zip(start) {
        *value = discrete_weighted(rng, choices, first);
    }
}

/// Fair coins: 0 or 1.
pub fn multi_binary(rng: &mut Rng, out: &mut [u8]) {
    rng.fill_integers_u8(0, 2, out);
}

/// Fair coins where the mask is 2; 0 and 1 are taken from it. This mask is one of values, not of
/// choices, and a coin is tossed everywhere.
///
/// # Panics
/// When the slices differ in length.
pub fn multi_binary_masked(rng: &mut Rng, mask: &[u8], out: &mut [u8]) {
    assert_eq!(mask.len(), out.len(), "a mask has an entry for each bit");
    multi_binary(rng, out);
    for (value, &fixed) in out.iter_mut().zip(mask) {
        if fixed != 2 {
            *value = fixed;
        }
    }
}

/// 1 with the given probability, 0 otherwise.
///
/// # Panics
/// When the slices differ in length.
pub fn multi_binary_weighted(rng: &mut Rng, probability: &[f64], out: &mut [u8]) {
    assert_eq!(probability.len(), out.len(), "there is a probability for each bit");
    for (value, &p) in out.iter_mut().zip(probability) {
        *value = u8::from(rng.random() <= p);
    }
}

/// The length of a text: uniform, both bounds included.
///
/// # Panics
/// When `min` exceeds `max`.
pub fn text_length(rng: &mut Rng, min: usize, max: usize) -> usize {
    rng.integers_inclusive(min as i64, max as i64) as usize
}

/// A text of `out.len()` characters, as indices into an alphabet of `n`.
///
/// # Panics
/// When the alphabet is empty and the text is not.
pub fn text(rng: &mut Rng, n: usize, out: &mut [usize]) {
    text_weighted(rng, &vec![1.0 / n as f64; n], out);
}

/// The same with the allowed characters only. If none is allowed, Gymnasium makes the text empty,
/// after it has drawn the length.
///
/// # Panics
/// When no character is allowed and the text is not empty.
pub fn text_masked(rng: &mut Rng, mask: &[u8], out: &mut [usize]) {
    let allowed = mask.iter().filter(|&&choice| choice != 0).count();
    assert!(
        allowed > 0 || out.is_empty(),
        "the mask allows no character for a text of {}",
        out.len()
    );
    let weight = |&choice: &u8| f64::from(choice != 0) / allowed as f64;
    let probability: Vec<f64> = mask.iter().map(weight).collect();
    text_weighted(rng, &probability, out);
}

/// The same with a probability for each character.
///
/// # Panics
/// As [`discrete_weighted`].
pub fn text_weighted(rng: &mut Rng, probability: &[f64], out: &mut [usize]) {
    for character in out {
        *character = rng.choice_weighted(probability);
    }
}

/// The length of a Sequence: geometric, 4 on average, at least 1.
pub fn sequence_length(rng: &mut Rng) -> usize {
    rng.geometric(0.25) as usize
}

/// The index of an allowed choice, the first if none is allowed; a single one draws nothing.
fn masked_index(rng: &mut Rng, mask: &[u8]) -> usize {
    let allowed = || mask.iter().enumerate().filter(|&(_, &choice)| choice != 0);
    let count = allowed().count();
    if count == 0 {
        return 0;
    }
    let chosen = rng.below(count);
    allowed().nth(chosen).expect("the chosen one is below their count").0
}

fn assert_paired(counts: &[i64], start: &[i64], out: &[i64]) {
    let lengths = [counts.len(), start.len()];
    assert_eq!(lengths, [out.len(); 2], "counts, starts and values must pair up");
}

/// Cuts what holds the choices of all values into one slice a value.
fn split<'a, T>(mut choices: &'a [T], counts: &'a [i64]) -> impl Iterator<Item = &'a [T]> {
    let total: i64 = counts.iter().sum();
    assert_eq!(choices.len() as i64, total, "a mask has an entry for each choice of each value");
    counts.iter().map(move |&count| {
        let (own, rest) = choices.split_at(count as usize);
        choices = rest;
        own
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_seed_42() {
        let mut rng = Rng::seeded(42);
        let draws: Vec<i64> = (0..10).map(|_| discrete(&mut rng, 5, 0)).collect();
        assert_eq!(draws, [0, 3, 3, 2, 2, 4, 0, 3, 1, 0]);
        let mut values = [0.0; 3];
        box_f32(&mut Rng::seeded(42), &[-1.0; 3], &[1.0; 3], &mut values);
        for (value, published) in values.into_iter().zip([0.547_912_1, -0.122_243_12, 0.717_195_9])
        {
            assert!((value - published).abs() < 1e-7, "{value} is not {published}");
        }
    }

    #[test]
    fn children_of_a_dict_seeded_with_42() {
        let seeds = child_seeds(42, 2);
        assert_eq!(seeds, [191_664_963, 1_662_057_957]);
        let mut bits = [0; 4];
        multi_binary(&mut Rng::seeded(seeds[1]), &mut bits);
        assert_eq!((discrete(&mut Rng::seeded(seeds[0]), 3, 0), bits), (0, [0, 0, 0, 1]));
    }

    #[test]
    fn the_greatest_bound_stays_in_range() {
        let mut rng = Rng::seeded(1);
        let mut values = [0; 1000];
        box_i64(&mut rng, &[Some(i64::MAX - 3); 1000], &[Some(i64::MAX); 1000], &mut values);
        assert!(values.iter().all(|&value| value >= i64::MAX - 3), "{values:?}");
    }

    #[test]
    #[should_panic(expected = "wider than numbers reach")]
    fn a_box_as_wide_as_all_numbers() {
        box_f64(&mut Rng::seeded(1), &[f64::MIN], &[f64::MAX], &mut [0.0]);
    }

    #[test]
    #[should_panic(expected = "must pair up")]
    fn slices_of_different_lengths() {
        box_u8(&mut Rng::seeded(1), &[0; 2], &[1; 3], &mut [0; 3]);
    }

    #[test]
    #[should_panic(expected = "an entry for each choice of each value")]
    fn a_mask_that_is_too_long() {
        multi_discrete_masked(&mut Rng::seeded(1), &[2, 3], &[0, 0], &[1; 6], &mut [0; 2]);
    }

    #[test]
    #[should_panic(expected = "allows no character")]
    fn a_text_without_characters() {
        text_masked(&mut Rng::seeded(1), &[0, 0], &mut [0; 3]);
    }
}
