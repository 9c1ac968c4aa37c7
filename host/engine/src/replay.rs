//! Replays: episodes are recorded as what was done, and played again as what happens then.
//!
//! A [`Tape`] runs along with the lanes of a shard; a [`Player`] steps through what it recorded,
//! forwards and backwards, and compares every step with what was seen.

mod player;
pub(crate) mod tape;

pub use player::{Level, Moment, Player};
pub use tape::{Pass, Recording, Tape};

/// Continues the hash of what was seen with one more step.
pub(crate) fn chained(hash: u64, obs: &[u8], reward: f64, flags: u8) -> u64 {
    let mut hash = mixed(hash ^ u64::from(flags), reward.to_bits());
    let (words, rest) = obs.as_chunks::<8>();
    for word in words {
        hash = mixed(hash, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mixed(hash, u64::from_le_bytes(last))
}

fn mixed(hash: u64, word: u64) -> u64 {
    let hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}
