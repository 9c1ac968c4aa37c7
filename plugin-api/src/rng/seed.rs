//! From one seed to many: numpy's `SeedSequence`, and the tree of named seeds built on it.

use super::{Rng, Stream};

const POOL: usize = 4;

/// numpy's `SeedSequence`: spreads entropy of any length over a pool of 128 bits, and hands out
/// words or child sequences that have nothing visible in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedSequence {
    /// 32-bit words, least significant first.
    entropy: Vec<u32>,
    spawn_key: Vec<u32>,
    pool: [u32; POOL],
    children: u32,
}

impl SeedSequence {
    /// `SeedSequence(entropy)`.
    pub fn new(entropy: u64) -> Self {
        Self::from(u128::from(entropy))
    }

    /// `SeedSequence(entropy, spawn_key=spawn_key)`, both as 32-bit words.
    pub fn with_spawn_key(entropy: Vec<u32>, spawn_key: Vec<u32>) -> Self {
        let mut words = entropy.clone();
        if !spawn_key.is_empty() && words.len() < POOL {
            words.resize(POOL, 0);
        }
        words.extend_from_slice(&spawn_key);
        Self { pool: mix_entropy(&words), entropy, spawn_key, children: 0 }
    }

    /// The entropy as 32-bit words, least significant first.
    pub fn entropy(&self) -> &[u32] {
        &self.entropy
    }

    /// What tells this sequence from its parent and its siblings.
    pub fn spawn_key(&self) -> &[u32] {
        &self.spawn_key
    }

    /// `generate_state(n, uint32)`.
    pub fn generate_u32(&self, n: usize) -> Vec<u32> {
        let mut words = vec![0; n];
        self.fill_u32(&mut words);
        words
    }

    /// `generate_state(n, uint64)`.
    pub fn generate_u64(&self, n: usize) -> Vec<u64> {
        let mut words = vec![0; n];
        self.fill_u64(&mut words);
        words
    }

    /// `spawn(n)`: sequences for parts that must be independent. Later calls give other children.
    pub fn spawn(&mut self, n: u32) -> Vec<Self> {
        let first = self.children;
        self.children += n;
        let child = |index| {
            let mut key = self.spawn_key.clone();
            key.push(index);
            Self::with_spawn_key(self.entropy.clone(), key)
        };
        (first..self.children).map(child).collect()
    }

    pub(super) fn fill_u64(&self, out: &mut [u64]) {
        let mut hash = Hash::output();
        let mut source = self.pool.iter().cycle();
        for word in out {
            let mut next = || hash.word(*source.next().expect("a cycle over the pool never ends"));
            let low = next();
            *word = u64::from(next()) << 32 | u64::from(low);
        }
    }

    fn fill_u32(&self, out: &mut [u32]) {
        let mut hash = Hash::output();
        for (word, source) in out.iter_mut().zip(self.pool.iter().cycle()) {
            *word = hash.word(*source);
        }
    }
}

impl From<u128> for SeedSequence {
    fn from(entropy: u128) -> Self {
        let mut words = vec![entropy as u32];
        let mut rest = entropy >> 32;
        while rest > 0 {
            words.push(rest as u32);
            rest >>= 32;
        }
        Self::from(words)
    }
}

impl From<Vec<u32>> for SeedSequence {
    fn from(entropy: Vec<u32>) -> Self {
        Self::with_spawn_key(entropy, Vec::new())
    }
}

/// The seed of the `index`-th part called `name` of whatever `root` seeds.
///
/// It is the first 64-bit word of a [`SeedSequence`] with entropy `root` and the spawn key (bytes
/// in the name, the name in words of four bytes padded with zeros, lower and upper half of the
/// index). In Python:
///
/// ```python
/// name = b"lane"
/// words = numpy.frombuffer(name + bytes(-len(name) % 4), "<u4")
/// key = (len(name), *words.tolist(), index & 0xFFFFFFFF, index >> 32)
/// numpy.random.SeedSequence(root, spawn_key=key).generate_state(1, numpy.uint64)[0]
/// ```
///
/// Names and indices cannot run into each other, so two parts share a seed only by the accident of
/// 64 bits.
pub fn derive(root: u64, name: &str, index: u64) -> u64 {
    let entropy = SeedSequence::new(root).entropy;
    let mut key = vec![name.len() as u32];
    for chunk in name.as_bytes().chunks(4) {
        let mut bytes = [0; 4];
        bytes[..chunk.len()].copy_from_slice(chunk);
        key.push(u32::from_le_bytes(bytes));
    }
    key.extend([index as u32, (index >> 32) as u32]);
    let mut seed = [0];
    SeedSequence::with_spawn_key(entropy, key).fill_u64(&mut seed);
    seed[0]
}

/// A place in the tree of seeds below one root seed.
///
/// ```
/// use plugin_api::rng::SeedTree;
///
/// let run = SeedTree::new(42);
/// let mut third_lane = run.child("env", 0).rng("lane", 3);
/// assert_ne!(third_lane.random(), run.child("eval", 0).rng("lane", 3).random());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedTree {
    seed: u64,
}

impl SeedTree {
    /// The tree of one root seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed of a part: see [`derive()`].
    pub fn seed(self, name: &str, index: u64) -> u64 {
        derive(self.seed, name, index)
    }

    /// The tree below a part.
    #[must_use]
    pub fn child(self, name: &str, index: u64) -> Self {
        Self::new(self.seed(name, index))
    }

    /// The generator of a part.
    pub fn rng(self, name: &str, index: u64) -> Rng {
        Rng::seeded(self.seed(name, index))
    }

    /// The stream of one lane of a part; the lanes of a part share one key.
    pub fn stream(self, name: &str, lane: u64) -> Stream {
        Stream::new(self.seed(name, 0), lane)
    }
}

/// The running multiplier of a hash, which makes every word of a sequence hash differently.
struct Hash {
    constant: u32,
    multiplier: u32,
}

impl Hash {
    fn input() -> Self {
        Self { constant: 0x43b0_d7e5, multiplier: 0x931e_8875 }
    }

    fn output() -> Self {
        Self { constant: 0x8b51_f9dd, multiplier: 0x58f3_8ded }
    }

    fn word(&mut self, word: u32) -> u32 {
        let word = word ^ self.constant;
        self.constant = self.constant.wrapping_mul(self.multiplier);
        let word = word.wrapping_mul(self.constant);
        word ^ word >> 16
    }
}

fn mix_entropy(entropy: &[u32]) -> [u32; POOL] {
    let mut hash = Hash::input();
    let mut pool = [0; POOL];
    for (at, word) in pool.iter_mut().enumerate() {
        *word = hash.word(entropy.get(at).copied().unwrap_or(0));
    }
    for from in 0..POOL {
        for to in 0..POOL {
            if from != to {
                pool[to] = mix(pool[to], hash.word(pool[from]));
            }
        }
    }
    for &word in entropy.iter().skip(POOL) {
        for slot in &mut pool {
            *slot = mix(*slot, hash.word(word));
        }
    }
    pool
}

fn mix(x: u32, y: u32) -> u32 {
    let mixed = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
    mixed ^ mixed >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_differ_and_go_on() {
        let mut parent = SeedSequence::new(5);
        let first = parent.spawn(2);
        let second = parent.spawn(1);
        assert_eq!(second[0].spawn_key(), [2]);
        assert_ne!(first[0].generate_u64(1), first[1].generate_u64(1));
        assert_ne!(first[1].generate_u64(1), second[0].generate_u64(1));
    }

    #[test]
    fn names_and_indices_do_not_run_into_each_other() {
        let mut seeds = Vec::new();
        for name in ["", "\0", "a", "ab", "abcd", "abcd\0", "abcde"] {
            for index in [0, 1, 97, 1 << 32, u64::MAX] {
                for root in [0, 1, 1 << 32, u64::MAX] {
                    seeds.push(derive(root, name, index));
                }
            }
        }
        let count = seeds.len();
        seeds.sort_unstable();
        seeds.dedup();
        assert_eq!(seeds.len(), count);
    }
}
