//! Rows with canaries on both sides: whoever writes beside the rows is found.

use crate::abi::rows::{bytes, bytes_mut, cast, cast_mut};
use crate::element::sealed::Plain;

/// Words of canaries on either side: a cache line.
const FENCE: usize = 8;
const CANARY: u8 = 0xa5;

/// Aligned bytes between canaries.
#[derive(Clone, Debug)]
pub(super) struct Fenced {
    words: Vec<u64>,
    len: usize,
}

impl Fenced {
    /// Room for `len` bytes, all 0.
    pub(super) fn new(len: usize) -> Self {
        let mut words = vec![0; len.div_ceil(8) + 2 * FENCE];
        let all = bytes_mut(&mut words);
        all[..8 * FENCE].fill(CANARY);
        all[8 * FENCE + len..].fill(CANARY);
        Self { words, len }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &bytes(&self.words)[8 * FENCE..][..self.len]
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytes_mut(&mut self.words)[8 * FENCE..][..self.len]
    }

    pub(super) fn numbers<T: Plain>(&self) -> &[T] {
        cast(self.bytes(), "rows").expect("words are aligned for every number")
    }

    pub(super) fn numbers_mut<T: Plain>(&mut self) -> &mut [T] {
        cast_mut(self.bytes_mut(), "rows").expect("words are aligned for every number")
    }

    /// Row `idx` of rows of `width` bytes.
    pub(super) fn row(&self, idx: usize, width: usize) -> &[u8] {
        &self.bytes()[idx * width..][..width]
    }

    pub(super) fn row_mut(&mut self, idx: usize, width: usize) -> &mut [u8] {
        &mut self.bytes_mut()[idx * width..][..width]
    }

    /// Whether all canaries live.
    pub(super) fn is_intact(&self) -> bool {
        let all = bytes(&self.words);
        let beside = all[..8 * FENCE].iter().chain(&all[8 * FENCE + self.len..]);
        beside.into_iter().all(|&byte| byte == CANARY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_beside_the_rows_is_noticed() {
        for len in [0, 1, 7, 8, 9, 64] {
            let mut rows = Fenced::new(len);
            rows.bytes_mut().fill(7);
            assert!(rows.is_intact());
            for at in [8 * FENCE - 1, 8 * FENCE + len] {
                let mut broken = rows.clone();
                bytes_mut(&mut broken.words)[at] ^= 1;
                assert!(!broken.is_intact(), "byte {at} of {len}");
            }
        }
    }

    #[test]
    fn rows_are_numbers_of_any_type() {
        let mut rows = Fenced::new(24);
        rows.numbers_mut::<f64>()[2] = 0.5;
        assert_eq!(rows.numbers::<f64>(), [0.0, 0.0, 0.5]);
        assert_eq!(rows.row(2, 8), 0.5_f64.to_le_bytes());
    }
}
