//! Cuts bytes into pieces at places that their content decides.
//!
//! When bytes are inserted or changed, the cuts before and after stay where they were, so that a
//! memory of past steps that was saved before costs only the pieces that changed since.

use std::ops::Range;

/// No piece but the last is shorter.
const SHORTEST: usize = 32 << 10;

/// No piece is longer.
const LONGEST: usize = 512 << 10;

/// A cut falls where these bits of the rolling hash are 0: about every 128 KiB beyond the shortest.
const MASK: u64 = ((1 << 17) - 1) << 40;

/// The ranges of the pieces, in order.
pub(crate) fn pieces(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[from..];
        if rest.is_empty() {
            return None;
        }
        let piece = from..from + first(rest);
        from = piece.end;
        Some(piece)
    })
}

/// Length of the first piece.
fn first(bytes: &[u8]) -> usize {
    let longest = bytes.len().min(LONGEST);
    let mut hash = 0_u64;
    for (idx, &byte) in bytes[..longest].iter().enumerate().skip(SHORTEST.min(longest)) {
        hash = (hash << 1).wrapping_add(GEAR[byte as usize]);
        if hash & MASK == 0 {
            return idx + 1;
        }
    }
    longest
}

/// A number for each byte, in which every bit looks like chance.
static GEAR: [u64; 256] = gear();

const fn gear() -> [u64; 256] {
    let mut gear = [0; 256];
    let mut state = 0x7a3d_91c5_0e64_b82f_u64;
    let mut idx = 0;
    while idx < 256 {
        // The finisher of splitmix64 over a Weyl sequence.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        gear[idx] = word ^ (word >> 31);
        idx += 1;
    }
    gear
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn noise(length: usize) -> Vec<u8> {
        let mut word = 1_u64;
        let next = |_| {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            (word >> 56) as u8
        };
        (0..length).map(next).collect()
    }

    fn set(bytes: &[u8]) -> BTreeSet<Vec<u8>> {
        pieces(bytes).map(|piece| bytes[piece].to_vec()).collect()
    }

    #[test]
    fn pieces_are_all_there_is_and_neither_short_nor_long() {
        for length in [0, 1, SHORTEST, SHORTEST + 1, 3 << 20] {
            let bytes = noise(length);
            let mut at = 0;
            for piece in pieces(&bytes) {
                assert_eq!(piece.start, at);
                at = piece.end;
                assert!(piece.len() <= LONGEST && (piece.len() >= SHORTEST || at == length));
            }
            assert_eq!(at, length);
        }
        let zeros = vec![0; 2 << 20];
        assert!(pieces(&zeros).all(|piece| piece.len() == LONGEST), "nothing to cut at");
    }

    #[test]
    fn what_is_inserted_changes_few_pieces() {
        let before = noise(8 << 20);
        let mut after = before.clone();
        after.splice(1_000_000..1_000_000, noise(77));
        after[5 << 20] ^= 1;
        let (before, after) = (set(&before), set(&after));
        let new: usize = after.difference(&before).map(Vec::len).sum();
        assert!(before.len() > 40 && new < 6 * LONGEST / 4, "{} pieces, {new} new", before.len());
    }
}
