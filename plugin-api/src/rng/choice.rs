//! Orders and selections as numpy's `Generator` draws them.

use super::Rng;

/// A free slot of the set of chosen numbers.
const FREE: u64 = u64::MAX;

impl Rng {
    /// `shuffle` of a one-dimensional array, in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.masked_up_to(last as u64) as usize;
            items.swap(last, other);
        }
    }

    /// `permutation(n)`: the numbers 0..n in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// `choice(n)`: uniform in 0..n.
    ///
    /// # Panics
    /// When `n` is zero.
    #[inline]
    pub fn choice(&mut self, n: usize) -> usize {
        self.below(n)
    }

    /// `choice(len, p=weights)`: an index, drawn in proportion to its weight. The weights need not
    /// sum to one; numpy, which insists on it, divides by their sum all the same.
    ///
    /// # Panics
    /// When a weight is negative or not finite, or all are zero.
    pub fn choice_weighted(&mut self, weights: &[f64]) -> usize {
        let mut total = 0.0;
        for &weight in weights {
            assert!(weight >= 0.0, "a weight must be zero or more, got {weight}");
            total += weight;
        }
        assert!(
            total > 0.0 && total < f64::INFINITY,
            "weights must have a positive finite sum, got {total}"
        );
        let u = self.random();
        let mut sum = 0.0;
        weights
            .iter()
            .position(|weight| {
                sum += weight;
                sum / total > u
            })
            .expect("the last sum divided by the total is 1, and u is below 1")
    }

    /// `choice(n, size=k, replace=False)`: k different numbers of 0..n in random order.
    ///
    /// # Panics
    /// When `k` exceeds `n`.
    pub fn choice_without_replacement(&mut self, n: usize, k: usize) -> Vec<usize> {
        assert!(k <= n, "cannot choose {k} different numbers out of {n}");
        if n > 10_000 && k > n / 50 {
            let mut all: Vec<usize> = (0..n).collect();
            self.shuffle_from((n - k).max(1), &mut all);
            return all.split_off(n - k);
        }
        let mut chosen = self.choose_in_order(n, k);
        self.shuffle_from(1, &mut chosen);
        chosen
    }

    /// Floyd's algorithm: Bentley and Floyd, "A sample of brilliance", 1987.
    fn choose_in_order(&mut self, n: usize, k: usize) -> Vec<usize> {
        // numpy's size: a set of a power of two, filled to five sixths at most.
        let wanted = (1.2 * k as f64) as u64;
        let mask = u64::MAX.checked_shr(wanted.leading_zeros()).unwrap_or(0);
        let mut set = vec![FREE; mask as usize + 1];
        let mut insert = |value: u64| {
            let mut slot = value & mask;
            while set[slot as usize] != FREE && set[slot as usize] != value {
                slot = (slot + 1) & mask;
            }
            let new = set[slot as usize] == FREE;
            set[slot as usize] = value;
            new
        };
        let mut chosen = Vec::with_capacity(k);
        for last in (n - k) as u64..n as u64 {
            let value = self.up_to(last);
            if insert(value) {
                chosen.push(value as usize);
            } else {
                insert(last);
                chosen.push(last as usize);
            }
        }
        chosen
    }

    /// Settles the items from the end down to `first`.
    fn shuffle_from(&mut self, first: usize, items: &mut [usize]) {
        for last in (first..items.len()).rev() {
            let other = self.up_to(last as u64) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_nothing() {
        let mut rng = Rng::seeded(1);
        assert!(rng.permutation(0).is_empty());
        assert!(rng.choice_without_replacement(0, 0).is_empty());
        assert!(rng.choice_without_replacement(5, 0).is_empty());
        assert_eq!(rng, Rng::seeded(1));
    }

    #[test]
    fn weight_zero_is_never_chosen() {
        let mut rng = Rng::seeded(1);
        let mut counts = [0; 4];
        for _ in 0..1000 {
            counts[rng.choice_weighted(&[0.0, 3.0, 0.0, 1.0])] += 1;
        }
        assert_eq!(counts[0] + counts[2], 0);
        assert!((690..810).contains(&counts[1]), "{counts:?}");
    }

    #[test]
    #[should_panic(expected = "positive finite sum, got 0")]
    fn no_weight_at_all() {
        Rng::seeded(1).choice_weighted(&[0.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "zero or more, got NaN")]
    fn a_weight_that_is_no_number() {
        Rng::seeded(1).choice_weighted(&[1.0, f64::NAN]);
    }
}
