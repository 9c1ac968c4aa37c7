//! A tree of sums: draws leaves in proportion to their weight.

use super::frozen::{Rows, Shared, column};
use super::held::Held;
use super::store::next_epoch;
use plugin_api::archive::Entry;
use std::ops::Range;

/// Children of a node: as many as share a cache line.
const FAN: usize = 8;

/// Nodes of the lowest level that lie in one block, as a power of two: 4 KiB, since what is learned
/// from lies anywhere, and the block of each is copied if a snapshot holds it.
const BLOCK_SHIFT: u32 = 6;
const BLOCK_NODES: usize = 1 << BLOCK_SHIFT;

/// Weights, and sums of eight of them, of eight of those, and so on.
///
/// A node is always recomputed from its children, in a fixed order, never corrected by differences:
/// the sums depend on the present weights alone, and nothing drifts however often weights change.
#[derive(Clone, Debug)]
pub struct SumTree {
    /// The leaves, in blocks that a snapshot shares with the tree until they change.
    bottom: Held<Block>,
    blocks: usize,
    /// The levels above, each in whole nodes, and at last the one node of the top.
    levels: Vec<Vec<[f64; FAN]>>,
    leaves: usize,
    epoch: u64,
}

/// Some nodes of the lowest level. The stamp lies beside the count of those who hold it.
#[derive(Clone, Debug)]
#[repr(C)]
struct Block {
    /// The epoch it was last written in.
    stamp: u64,
    nodes: Vec<[f64; FAN]>,
}

impl SumTree {
    /// A tree of leaves that weigh nothing.
    pub fn new(leaves: usize) -> Self {
        let mut nodes = leaves.div_ceil(FAN).max(1);
        let epoch = next_epoch();
        let block = |first: usize| {
            let nodes = vec![[0.0; FAN]; BLOCK_NODES.min(nodes - first)];
            Block { stamp: epoch, nodes }
        };
        let bottom = Held::new((0..nodes).step_by(BLOCK_NODES).map(block));
        let blocks = nodes.div_ceil(BLOCK_NODES);
        let mut levels = Vec::new();
        while nodes > 1 {
            nodes = nodes.div_ceil(FAN);
            levels.push(vec![[0.0; FAN]; nodes]);
        }
        Self { bottom, blocks, levels, leaves, epoch }
    }

    /// Number of leaves.
    pub fn len(&self) -> usize {
        self.leaves
    }

    /// Whether there is no leaf.
    pub fn is_empty(&self) -> bool {
        self.leaves == 0
    }

    /// The weight of a leaf.
    pub fn get(&self, leaf: usize) -> f64 {
        self.node(leaf / FAN)[leaf % FAN]
    }

    /// Changes the weight of a leaf; weights are finite and not negative.
    pub fn set(&mut self, leaf: usize, weight: f64) {
        debug_assert!(weight >= 0.0 && weight.is_finite(), "weights are finite and not negative");
        let mut place = leaf / FAN;
        let block = self.bottom.get_mut(place >> BLOCK_SHIFT);
        block.stamp = self.epoch;
        let node = &mut block.nodes[place % BLOCK_NODES];
        node[leaf % FAN] = weight;
        let mut weight = sum(node);
        for level in &mut self.levels {
            let node = &mut level[place / FAN];
            node[place % FAN] = weight;
            weight = sum(node);
            place /= FAN;
        }
    }

    /// The leaves as they are now; whoever holds them keeps them so.
    pub(super) fn share(&mut self) -> Shared {
        self.epoch = next_epoch();
        let (bundles, blocks) = (self.bottom.share(self.blocks), self.blocks);
        Shared { bundles, blocks, shift: BLOCK_SHIFT + FAN.trailing_zeros() }
    }

    fn node(&self, node: usize) -> &[f64; FAN] {
        &self.bottom.get(node >> BLOCK_SHIFT).nodes[node % BLOCK_NODES]
    }

    /// The sum of all weights.
    pub fn total(&self) -> f64 {
        sum(self.levels.last().map_or(self.node(0), |top| &top[0]))
    }

    /// The leaf under `place`, a number from 0 to the total, when the weights lie end to end. Never
    /// a leaf that weighs nothing, as long as any does not.
    pub fn find(&self, place: f64) -> usize {
        let (mut node, mut left) = (0, place);
        for level in (0..=self.levels.len()).rev() {
            let children = match level.checked_sub(1) {
                Some(above) => &self.levels[above][node],
                None => self.node(node),
            };
            let mut last = (0, f64::INFINITY);
            for (child, &weight) in children.iter().enumerate().filter(|&(_, &weight)| weight > 0.0)
            {
                last = (child, left);
                if left < weight {
                    break;
                }
                left -= weight;
            }
            // Sums are rounded, so that a little may be left over at the end: it belongs to the
            // last child.
            let (child, inside) = last;
            left = if inside < children[child] { inside } else { f64::INFINITY };
            node = node * FAN + child;
        }
        node
    }
}

impl PartialEq for SumTree {
    fn eq(&self, other: &Self) -> bool {
        let leaves = |tree: &Self| (0..tree.leaves).map(|leaf| tree.get(leaf)).collect::<Vec<_>>();
        leaves(self) == leaves(other) && self.levels == other.levels
    }
}

impl Rows for Block {
    fn stamp(&self) -> u64 {
        self.stamp
    }

    fn columns(&self, rows: &[Range<usize>]) -> Vec<Entry> {
        column("priorities", self.nodes.as_flattened(), 1, rows).into_iter().collect()
    }
}

/// In pairs: as exact as a sum of eight gets, and always the same bits.
fn sum(children: &[f64; FAN]) -> f64 {
    let [a, b, c, d, e, f, g, h] = children;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Rng;

    #[test]
    fn the_root_is_the_sum_of_the_leaves_after_a_million_updates() {
        let mut rng = Rng::seeded(4);
        let mut tree = SumTree::new(10_007);
        for _ in 0..1_000_000 {
            let weight = if rng.chance(0.1) { 0.0 } else { rng.random() * 10.0 };
            tree.set(rng.below(10_007), weight);
        }
        let leaves = (0..tree.len()).map(|leaf| tree.get(leaf));
        let sum: f64 = leaves.clone().sum();
        let ulp = f64::EPSILON * sum;
        assert!((tree.total() - sum).abs() <= ulp * 10_007.0);
        let mut rebuilt = SumTree::new(10_007);
        leaves.enumerate().for_each(|(leaf, weight)| rebuilt.set(leaf, weight));
        assert_eq!(tree, rebuilt, "the way to the present weights leaves no trace");
    }

    #[test]
    fn places_find_the_leaf_they_lie_under() {
        for leaves in [1, 7, 8, 9, 64, 65, 600] {
            let mut tree = SumTree::new(leaves);
            // Small whole numbers, whose sums are exact.
            let weights: Vec<u32> = (0..leaves).map(|leaf| (leaf * 7 % 5) as u32).collect();
            weights.iter().enumerate().for_each(|(leaf, &w)| tree.set(leaf, f64::from(w)));
            let mut place = 0.0;
            for (leaf, &weight) in weights.iter().enumerate() {
                for _ in 0..weight {
                    assert_eq!(tree.find(place), leaf);
                    assert_eq!(tree.find(place + 0.999), leaf);
                    place += 1.0;
                }
            }
            assert!((tree.total() - place).abs() < 1e-12);
        }
    }

    #[test]
    fn leaves_without_weight_are_never_found() {
        let mut rng = Rng::seeded(1);
        for round in 0..200 {
            let leaves = 1 + rng.below(300);
            let mut tree = SumTree::new(leaves);
            for _ in 0..=rng.below(4) {
                tree.set(rng.below(leaves), if round % 2 == 0 { rng.random() } else { 1e-300 });
            }
            if tree.total() > 0.0 {
                let total = tree.total();
                for place in [0.0, total * rng.random(), total, total * 1.1, f64::INFINITY] {
                    assert!(tree.get(tree.find(place)) > 0.0, "{place} of {total}");
                }
            }
        }
    }
}
