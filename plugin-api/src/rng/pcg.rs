//! PCG64 (XSL-RR, 128 bits of state, 64 bits of output) with numpy's buffered 32-bit half, and the
//! uniform draws that are nothing but its output scaled.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::seed::SeedSequence;

const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

/// The distance of numpy's `jumped`: 2^128 divided by the golden ratio.
const JUMP: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// Marks a buffered half in the last word of [`Rng::words`].
const HALF_PRESENT: u64 = 1 << 32;

/// The generator of `numpy.random.default_rng(seed)`, draw for draw and bit for bit.
///
/// One 64-bit output serves two 32-bit draws: the upper half waits until the next 32-bit draw, also
/// across 64-bit draws in between, exactly as in numpy. Two generators are equal when all their
/// future draws are equal.
///
/// The normal and the exponential law call `exp` and `ln_1p` of the platform on about one draw in a
/// hundred, as numpy does; everything else is integer arithmetic and exact scaling.
///
/// ```
/// use plugin_api::rng::Rng;
///
/// let mut rng = Rng::seeded(42);
/// assert_eq!(rng.random(), 0.7739560485559633);
/// assert_eq!(rng.integers(0, 10), 6);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "[u64; 5]", try_from = "[u64; 5]")]
pub struct Rng {
    state: u128,
    /// Odd, or the generator would lose most of its period.
    increment: u128,
    /// The upper half of an output whose lower half has been drawn.
    half: Option<u32>,
}

/// Saved words that no generator can have produced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidWords;

impl Rng {
    /// `default_rng(seed)`.
    pub fn seeded(seed: u64) -> Self {
        Self::from_sequence(&SeedSequence::new(seed))
    }

    /// `default_rng(sequence)`.
    pub fn from_sequence(sequence: &SeedSequence) -> Self {
        let mut words = [0; 4];
        sequence.fill_u64(&mut words);
        let [state, start, stream, end] = words.map(u128::from);
        let increment = (stream << 64 | end) << 1 | 1;
        let state = step(increment.wrapping_add(state << 64 | start), increment);
        Self { state, increment, half: None }
    }

    /// The exact state: state and increment, upper word first, then the buffered half.
    pub fn words(&self) -> [u64; 5] {
        [
            (self.state >> 64) as u64,
            self.state as u64,
            (self.increment >> 64) as u64,
            self.increment as u64,
            self.half.map_or(0, |half| HALF_PRESENT | u64::from(half)),
        ]
    }

    /// The generator whose [`words`](Self::words) these are.
    pub fn from_words(words: [u64; 5]) -> Result<Self, InvalidWords> {
        let [state, start, stream, end, half] = words;
        let possible = end & 1 == 1 && (half == 0 || half >> 32 == 1);
        let join = |upper: u64, lower: u64| u128::from(upper) << 64 | u128::from(lower);
        possible
            .then(|| Self {
                state: join(state, start),
                increment: join(stream, end),
                half: (half != 0).then_some(half as u32),
            })
            .ok_or(InvalidWords)
    }

    /// The next 64 bits. A buffered half stays where it is.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.state = step(self.state, self.increment);
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    /// The next 32 bits: the buffered half if there is one, else the lower half of the next 64.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let bits = self.next_u64();
        self.half = Some((bits >> 32) as u32);
        bits as u32
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    #[inline]
    pub fn random(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in [0, 1), a multiple of 2^-24, from 32 bits: `random(dtype=float32)`.
    #[inline]
    pub fn random_f32(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform between `low` and `high`, of which the first can occur and the second only by
    /// rounding.
    #[inline]
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        let range = high - low;
        low + range * self.random()
    }

    /// True with the given probability.
    #[inline]
    pub fn chance(&mut self, probability: f64) -> bool {
        self.random() < probability
    }

    /// Goes forward by `steps` 64-bit draws in the time of a few, and drops the buffered half.
    /// To go back by n, pass `n.wrapping_neg()`.
    pub fn advance(&mut self, steps: u128) {
        let (mut multiplier, mut increment) = (MULTIPLIER, self.increment);
        let mut remaining = steps;
        while remaining > 0 {
            if remaining & 1 == 1 {
                self.state = self.state.wrapping_mul(multiplier).wrapping_add(increment);
            }
            increment = multiplier.wrapping_add(1).wrapping_mul(increment);
            multiplier = multiplier.wrapping_mul(multiplier);
            remaining >>= 1;
        }
        self.half = None;
    }

    /// A generator `jumps` long jumps ahead, as numpy's `PCG64.jumped`: the numbers of two
    /// generators that are jumps apart do not overlap in practice.
    #[must_use]
    pub fn jumped(&self, jumps: u64) -> Self {
        let mut ahead = self.clone();
        ahead.advance(JUMP.wrapping_mul(u128::from(jumps)));
        ahead
    }
}

impl From<Rng> for [u64; 5] {
    fn from(rng: Rng) -> Self {
        rng.words()
    }
}

impl TryFrom<[u64; 5]> for Rng {
    type Error = InvalidWords;

    fn try_from(words: [u64; 5]) -> Result<Self, InvalidWords> {
        Self::from_words(words)
    }
}

impl fmt::Display for InvalidWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "these five words are not the state of a generator (its increment must be odd and its \
             buffered half marked); take them from `Rng::words`",
        )
    }
}

impl std::error::Error for InvalidWords {}

#[inline]
fn step(state: u128, increment: u128) -> u128 {
    state.wrapping_mul(MULTIPLIER).wrapping_add(increment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_of_seed_42_is_the_published_one() {
        let words = Rng::seeded(42).words();
        let state = [0xcea4_4f67_9879_8f2a, 0xacbc_7c9d_6886_0ac8];
        let increment = [0xfa50_5436_c9a8_416e, 0x66ca_f2e2_8d25_abff];
        assert_eq!(words, [state[0], state[1], increment[0], increment[1], 0]);
    }

    #[test]
    fn raw_and_scaled_draws_of_seed_42() {
        let mut rng = Rng::seeded(42);
        let raw = [0xc621_fbcd_16d9_2688, 0x705a_5661_a791_ffc1, 0xdbcd_12c2_6eda_1624];
        assert_eq!([rng.next_u64(), rng.next_u64(), rng.next_u64()], raw);
        let mut rng = Rng::seeded(42);
        let scaled = [rng.random(), rng.random(), rng.random()];
        for (value, published) in scaled.into_iter().zip([0.773_956_05, 0.438_878_44, 0.858_597_92])
        {
            assert!((value - published).abs() < 5e-9, "{value} is not {published}");
        }
    }

    #[test]
    fn words_carry_the_buffered_half() {
        let mut rng = Rng::seeded(3);
        rng.next_u32();
        let mut copy = Rng::from_words(rng.words()).expect("these words were just saved");
        assert_eq!(copy, rng);
        assert_eq!(copy.next_u32(), rng.next_u32());
        assert_eq!(copy.next_u32(), rng.next_u32());
        assert_ne!(copy.next_u64(), Rng::seeded(3).next_u64());
    }

    #[test]
    fn impossible_words_are_refused() {
        let [state, start, stream, end, half] = Rng::seeded(3).words();
        assert_eq!(Rng::from_words([state, start, stream, end & !1, half]), Err(InvalidWords));
        assert_eq!(Rng::from_words([state, start, stream, end, 7]), Err(InvalidWords));
        assert_eq!(Rng::from_words([state, start, stream, end, 1 << 33]), Err(InvalidWords));
    }

    #[test]
    fn serde_keeps_the_state() {
        let mut rng = Rng::seeded(9);
        rng.next_u32();
        let text = ron::to_string(&rng).expect("five integers can be written");
        assert_eq!(ron::from_str::<Rng>(&text).expect("and read back"), rng);
    }

    #[test]
    fn advancing_equals_drawing_and_can_go_back() {
        let mut drawn = Rng::seeded(11);
        let mut advanced = drawn.clone();
        for _ in 0..1000 {
            drawn.next_u64();
        }
        advanced.advance(1000);
        assert_eq!(drawn, advanced);
        advanced.advance(1000_u128.wrapping_neg());
        assert_eq!(advanced, Rng::seeded(11));
    }
}
