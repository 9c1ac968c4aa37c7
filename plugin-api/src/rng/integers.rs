//! Bounded integers in numpy's ways: Lemire's multiplication over 32, 64 or buffered 8 bits, and
//! the masked rejection that shuffling uses.

use super::Rng;

impl Rng {
    /// `integers(low, high)` for the 64- and 32-bit dtypes: uniform in low..high. A range of one
    /// number draws nothing, a range that fits in 32 bits draws 32.
    ///
    /// # Panics
    /// When the range is empty.
    #[inline]
    pub fn integers(&mut self, low: i64, high: i64) -> i64 {
        assert!(low < high, "integers() needs low < high, got {low} and {high}");
        self.integers_inclusive(low, high - 1)
    }

    /// `integers(low, high, endpoint=True)`: uniform in low..=high.
    ///
    /// # Panics
    /// When the range is empty.
    #[inline]
    pub fn integers_inclusive(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "integers_inclusive() needs low <= high, got {low} and {high}");
        low.wrapping_add(self.up_to(high.wrapping_sub(low) as u64) as i64)
    }

    /// `integers(low, high, dtype=int32)`.
    ///
    /// # Panics
    /// When the range is empty.
    #[inline]
    pub fn integers_i32(&mut self, low: i32, high: i32) -> i32 {
        self.integers(i64::from(low), i64::from(high)) as i32
    }

    /// `integers(low, high, dtype=uint32)`.
    ///
    /// # Panics
    /// When the range is empty.
    #[inline]
    pub fn integers_u32(&mut self, low: u32, high: u32) -> u32 {
        self.integers(i64::from(low), i64::from(high)) as u32
    }

    /// `integers(low, high, dtype=uint8)`: unlike the wider types, from one byte of a fresh 32
    /// bits. `high` may be 256.
    ///
    /// # Panics
    /// When the range is empty or leaves the type.
    #[inline]
    pub fn integers_u8(&mut self, low: u8, high: u16) -> u8 {
        let mut out = [0];
        self.fill_integers_u8(low, high, &mut out);
        out[0]
    }

    /// `integers(low, high, size=out.len(), dtype=uint8)`: four draws share 32 bits, and what is
    /// left of them at the end is dropped. The values for int8 are the same.
    ///
    /// # Panics
    /// When the range is empty or leaves the type.
    pub fn fill_integers_u8(&mut self, low: u8, high: u16, out: &mut [u8]) {
        assert!(
            u16::from(low) < high && high <= 256,
            "8-bit integers need low < high <= 256, got {low} and {high}"
        );
        let last = (high - 1 - u16::from(low)) as u8;
        let mut bytes = Bytes { rng: self, word: 0, left: 0 };
        for value in out {
            *value = low.wrapping_add(bytes.up_to(last));
        }
    }

    /// Uniform in 0..n, as `integers(n)`.
    ///
    /// # Panics
    /// When `n` is zero.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "below() needs at least one number to choose from");
        self.up_to(n as u64 - 1) as usize
    }

    /// Uniform in 0..=last.
    #[inline]
    pub(super) fn up_to(&mut self, last: u64) -> u64 {
        match last {
            0 => 0,
            1..=0xffff_fffe => u64::from(self.lemire_u32(last as u32)),
            0xffff_ffff => u64::from(self.next_u32()),
            u64::MAX => self.next_u64(),
            _ => self.lemire_u64(last),
        }
    }

    /// Uniform in 0..=last by cutting random bits to size and trying again while they are too
    /// large. numpy shuffles with this one, so it cannot be replaced by the faster one above.
    #[inline]
    pub(super) fn masked_up_to(&mut self, last: u64) -> u64 {
        if last == 0 {
            return 0;
        }
        let mask = u64::MAX >> last.leading_zeros();
        let narrow = mask >> 32 == 0;
        loop {
            let bits = if narrow { u64::from(self.next_u32()) } else { self.next_u64() };
            if bits & mask <= last {
                return bits & mask;
            }
        }
    }

    #[inline]
    fn lemire_u32(&mut self, last: u32) -> u32 {
        let count = last + 1;
        let mut product = u64::from(self.next_u32()) * u64::from(count);
        if (product as u32) < count {
            let threshold = (u32::MAX - last) % count;
            while (product as u32) < threshold {
                product = u64::from(self.next_u32()) * u64::from(count);
            }
        }
        (product >> 32) as u32
    }

    fn lemire_u64(&mut self, last: u64) -> u64 {
        let count = last + 1;
        let mut product = u128::from(self.next_u64()) * u128::from(count);
        if (product as u64) < count {
            let threshold = (u64::MAX - last) % count;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(count);
            }
        }
        (product >> 64) as u64
    }
}

/// Single bytes of 32-bit draws, the lowest first.
struct Bytes<'a> {
    rng: &'a mut Rng,
    word: u32,
    left: u8,
}

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        if self.left == 0 {
            self.word = self.rng.next_u32();
            self.left = 4;
        } else {
            self.word >>= 8;
        }
        self.left -= 1;
        self.word as u8
    }

    fn up_to(&mut self, last: u8) -> u8 {
        match last {
            0 => 0,
            u8::MAX => self.next(),
            _ => {
                let count = last + 1;
                let threshold = (u8::MAX - last) % count;
                loop {
                    let product = u16::from(self.next()) * u16::from(count);
                    if product as u8 >= threshold {
                        return (product >> 8) as u8;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_seed_42() {
        let mut rng = Rng::seeded(42);
        let draws: Vec<i64> = (0..8).map(|_| rng.integers(0, 10)).collect();
        assert_eq!(draws, [0, 7, 6, 4, 4, 8, 0, 6]);
    }

    #[test]
    fn a_range_of_one_draws_nothing() {
        let mut rng = Rng::seeded(1);
        assert_eq!(rng.integers(-3, -2), -3);
        assert_eq!(rng.below(1), 0);
        assert_eq!(rng.integers_u8(255, 256), 255);
        assert_eq!(rng, Rng::seeded(1));
    }

    #[test]
    fn the_widest_ranges_do_not_overflow() {
        let mut rng = Rng::seeded(1);
        let bits = rng.clone().next_u64();
        assert_eq!(rng.integers_inclusive(i64::MIN, i64::MAX), i64::MIN.wrapping_add(bits as i64));
        assert!(rng.integers(i64::MIN, i64::MAX) < i64::MAX);
    }

    #[test]
    #[should_panic(expected = "needs low < high, got 3 and 3")]
    fn an_empty_range_is_our_mistake() {
        Rng::seeded(1).integers(3, 3);
    }
}
