//! Counter-based random numbers: Philox4x32-10 keyed by the user, addressed by lane and counter.

#![expect(clippy::inline_always, reason = "the batch form takes the vector width of its caller")]

use super::quantile::normal_exceeded_with;

/// Lanes that share sixteen blocks in the batch form.
const TILE: usize = 64;
const TILE_BLOCKS: usize = TILE / 4;

/// The highest bit of an address tells the shared blocks of [`Stream::word`] from a lane's own.
const SHARED: u64 = 1 << 63;

/// The random numbers of one lane: every draw is a pure function of key, lane and counter.
///
/// There is no state to save and no order to keep: a lane draws the same whoever steps it, and
/// when. The bits are those of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel Random
/// Numbers: As Easy as 1, 2, 3", 2011), the same on every machine; the normal law too is free of
/// the platform's mathematics.
///
/// One counter is one draw: [`at`](Self::at), [`bits`](Self::bits), [`random`](Self::random),
/// [`normal`](Self::normal) and [`below`](Self::below) all read the same block, so that two of them
/// at one counter are not independent. [`word`](Self::word) reads other blocks.
///
/// ```
/// use plugin_api::rng::Stream;
///
/// let lane = Stream::new(42, 7);
/// let noise = lane.normal(1000);
/// assert_eq!(noise.to_bits(), Stream::new(42, 7).normal(1000).to_bits());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: u64,
    /// Below [`SHARED`].
    lane: u64,
}

impl Stream {
    /// The stream of a lane.
    ///
    /// # Panics
    /// When `lane` is 2^63 or more.
    #[inline]
    pub fn new(key: u64, lane: u64) -> Self {
        assert!(lane < SHARED, "a stream has lanes below 2^63, got {lane}");
        Self { key, lane }
    }

    /// The block of 128 bits at a counter.
    #[inline]
    pub fn at(self, counter: u64) -> [u32; 4] {
        block(self.key, counter, self.lane)
    }

    /// 64 bits.
    #[inline]
    pub fn bits(self, counter: u64) -> u64 {
        let [low, high, ..] = self.at(counter);
        u64::from(high) << 32 | u64::from(low)
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    #[inline]
    pub fn random(self, counter: u64) -> f64 {
        (self.bits(counter) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in 0..n. Some numbers are likelier than others by a factor of at most 1 + n / 2^64.
    ///
    /// # Panics
    /// When `n` is zero.
    #[inline]
    pub fn below(self, counter: u64, n: usize) -> usize {
        assert!(n > 0, "below() needs at least one number to choose from");
        ((u128::from(self.bits(counter)) * n as u128) >> 64) as usize
    }

    /// Normal with mean 0 and standard deviation 1, never beyond 8.3.
    #[inline]
    pub fn normal(self, counter: u64) -> f64 {
        let bits = self.bits(counter);
        // An odd multiple of 2^-54 below one half: both this and its distance to one half are
        // exact.
        let p = ((bits >> 12) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0);
        let x = normal_exceeded_with(p);
        if bits & 1 == 0 { x } else { -x }
    }

    /// 32 bits that are independent of [`at`](Self::at): the scalar form of
    /// [`fill_u32`](Self::fill_u32).
    ///
    /// 64 lanes share sixteen blocks: the lane `64 t + 16 w + b` has the word `w` of the block at
    /// the address `2^63 + 16 t + b`.
    #[inline]
    pub fn word(self, counter: u64) -> u32 {
        let (tile, lane) = (self.lane / TILE as u64, self.lane as usize % TILE);
        let address = SHARED | (tile * TILE_BLOCKS as u64 + (lane % TILE_BLOCKS) as u64);
        block(self.key, counter, address)[lane / TILE_BLOCKS]
    }

    /// One word for each of a run of lanes: `out[i]` becomes
    /// `Stream::new(key, first_lane + i).word(counter)`.
    ///
    /// It is inlined so that a caller compiled for wider vectors gets them here too. Runs that
    /// start and end at multiples of 64 lanes are the fastest.
    ///
    /// # Panics
    /// When the last lane is 2^63 or more.
    #[inline(always)]
    pub fn fill_u32(key: u64, first_lane: u64, counter: u64, out: &mut [u32]) {
        let end = first_lane.checked_add(out.len() as u64);
        assert!(end.is_some_and(|end| end <= SHARED), "a stream has lanes below 2^63");
        let mut tile = [0; TILE];
        let mut filled = 0;
        while filled < out.len() {
            let lane = first_lane + filled as u64;
            let skipped = lane as usize % TILE;
            let rest = &mut out[filled..];
            let taken = rest.len().min(TILE - skipped);
            fill_tile(key, lane / TILE as u64, counter, &mut tile);
            rest[..taken].copy_from_slice(&tile[skipped..skipped + taken]);
            filled += taken;
        }
    }
}

#[inline(always)]
fn fill_tile(key: u64, tile: u64, counter: u64, out: &mut [u32; TILE]) {
    let address = SHARED | (tile * TILE_BLOCKS as u64);
    for at in 0..TILE_BLOCKS {
        let words = block(key, counter, address | at as u64);
        for (row, word) in words.into_iter().enumerate() {
            out[row * TILE_BLOCKS + at] = word;
        }
    }
}

#[inline(always)]
fn block(key: u64, counter: u64, address: u64) -> [u32; 4] {
    let low = |word: u64| word & 0xffff_ffff;
    philox(key, [low(counter), counter >> 32, low(address), address >> 32])
}

/// Philox4x32-10. The four words are kept in 64 bits, where a product has room: the upper halves of
/// two of them are left over from the products and never read.
#[inline(always)]
fn philox(key: u64, mut words: [u64; 4]) -> [u32; 4] {
    let mut keys = [key as u32, (key >> 32) as u32];
    for _ in 0..10 {
        let first = (words[0] & 0xffff_ffff) * 0xd251_1f53;
        let second = (words[2] & 0xffff_ffff) * 0xcd9e_8d57;
        words = [
            second >> 32 ^ words[1] ^ u64::from(keys[0]),
            second,
            first >> 32 ^ words[3] ^ u64::from(keys[1]),
            first,
        ];
        keys = [keys[0].wrapping_add(0x9e37_79b9), keys[1].wrapping_add(0xbb67_ae85)];
    }
    words.map(|word| word as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the Random123 library.
    #[test]
    fn known_answers() {
        let pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        for (counter, key, answer) in [
            ([0; 4], 0, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([0xffff_ffff; 4], u64::MAX, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (pi, 0x299f_31d0_a409_3822, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
        ] {
            assert_eq!(philox(key, counter), answer);
        }
    }

    #[test]
    fn counter_and_lane_are_the_two_halves_of_the_address() {
        let stream = Stream::new(0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e);
        let answer = [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
        assert_eq!(stream.at(0x85a3_08d3_243f_6a88), answer);
    }

    #[test]
    fn batch_equals_scalar_for_every_alignment() {
        for first in [0, 1, 63, 64, 65, 1000, (1 << 32) - 70, SHARED - 200] {
            for count in [0, 1, 15, 16, 63, 64, 65, 128, 200] {
                for counter in [0, 1, u64::MAX] {
                    let mut words = vec![0; count];
                    Stream::fill_u32(99, first, counter, &mut words);
                    for (lane, word) in (first..).zip(words) {
                        assert_eq!(word, Stream::new(99, lane).word(counter), "lane {lane}");
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "lanes below 2^63")]
    fn lanes_end_where_shared_blocks_begin() {
        Stream::fill_u32(0, SHARED - 3, 0, &mut [0; 4]);
    }
}
