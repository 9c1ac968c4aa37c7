//! A balanced tree of boxes that finds what lies near something.
//!
//! A leaf's number is its place among the nodes. Pairs are taken in the order of these numbers, so
//! it matters which node is given out next: the one freed last, or the first never used.

use plugin_api::Archive;

use super::shape::{Bounds, Ray};
use super::vector::Vec2;

/// What is not there.
const NONE: u32 = u32::MAX;

/// Leaves are larger than what they hold, so that they need not follow every move.
const MARGIN: f32 = 0.1;

/// How far ahead of a move a leaf reaches, in moves.
const AHEAD: f32 = 2.0;

#[derive(Clone, Debug, PartialEq)]
struct Node {
    bounds: Bounds,
    /// The node above; for a free one, the next free one.
    parent: u32,
    children: [u32; 2],
    /// Of the tree below; 0 for a leaf.
    height: u32,
    /// What a leaf holds.
    item: u32,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.children[0] == NONE
    }
}

/// The tree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    root: u32,
    free: u32,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: Vec::new(), root: NONE, free: NONE }
    }
}

impl Tree {
    /// Makes the tree as good as new.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        (self.root, self.free) = (NONE, NONE);
    }

    /// All leaves, and what they hold.
    pub(crate) fn leaves(&self) -> impl Iterator<Item = (u32, u32)> {
        let nodes = (0..).zip(&self.nodes);
        nodes.filter(|(_, node)| node.item != NONE).map(|(idx, node)| (idx, node.item))
    }

    /// What a leaf holds.
    #[inline]
    pub(crate) fn item(&self, leaf: u32) -> u32 {
        self.nodes[leaf as usize].item
    }

    /// The box of a leaf.
    #[inline]
    pub(crate) fn bounds(&self, leaf: u32) -> &Bounds {
        &self.nodes[leaf as usize].bounds
    }

    /// A new leaf.
    pub(crate) fn insert(&mut self, bounds: Bounds, item: u32) -> u32 {
        let leaf = self.allocate();
        let node = &mut self.nodes[leaf as usize];
        node.bounds = bounds.grown(MARGIN);
        node.item = item;
        self.attach(leaf);
        leaf
    }

    /// Takes a leaf away.
    pub(crate) fn remove(&mut self, leaf: u32) {
        self.detach(leaf);
        self.release(leaf);
    }

    /// Follows what a leaf holds; false where it is still inside.
    #[inline]
    pub(crate) fn follow(&mut self, leaf: u32, bounds: Bounds, way: Vec2) -> bool {
        if self.nodes[leaf as usize].bounds.contains(&bounds) {
            return false;
        }
        self.detach(leaf);
        let mut bounds = bounds.grown(MARGIN);
        let ahead = AHEAD * way;
        let x = if ahead.x < 0.0 { &mut bounds.lower.x } else { &mut bounds.upper.x };
        *x += ahead.x;
        let y = if ahead.y < 0.0 { &mut bounds.lower.y } else { &mut bounds.upper.y };
        *y += ahead.y;
        self.nodes[leaf as usize].bounds = bounds;
        self.attach(leaf);
        true
    }

    /// Calls `found` for each leaf whose box overlaps.
    pub(crate) fn overlapping(&self, bounds: &Bounds, mut found: impl FnMut(u32)) {
        let mut stack = Stack::new(self.root);
        while let Some(idx) = stack.pop() {
            let node = &self.nodes[idx as usize];
            if !node.bounds.overlaps(bounds) {
                continue;
            }
            if node.is_leaf() {
                found(idx);
            } else {
                stack.push(node.children);
            }
        }
    }

    /// Calls `meet` with the items a ray may meet; it says which part of the ray still counts.
    pub(crate) fn along(&self, mut ray: Ray, mut meet: impl FnMut(u32, Ray) -> f32) -> f32 {
        let across = (ray.to - ray.from).direction().left(1.0);
        let width = Vec2::new(across.x.abs(), across.y.abs());
        let mut bounds = ray_bounds(ray);
        let mut stack = Stack::new(self.root);
        while let Some(idx) = stack.pop() {
            let node = &self.nodes[idx as usize];
            if !node.bounds.overlaps(&bounds) {
                continue;
            }
            let middle = 0.5 * (node.bounds.lower + node.bounds.upper);
            let half = 0.5 * (node.bounds.upper - node.bounds.lower);
            if across.dot(ray.from - middle).abs() > width.dot(half) {
                continue;
            }
            if !node.is_leaf() {
                stack.push(node.children);
                continue;
            }
            let part = meet(node.item, ray);
            if part < ray.part {
                ray.part = part;
                bounds = ray_bounds(ray);
            }
        }
        ray.part
    }

    /// Names all nodes, for saving and loading alike.
    pub(crate) fn state(&mut self, archive: &mut Archive) {
        let mut boxes = Vec::with_capacity(4 * self.nodes.len());
        let mut links = Vec::with_capacity(5 * self.nodes.len() + 2);
        for Node { bounds: Bounds { lower, upper }, parent, children, height, item } in &self.nodes
        {
            boxes.extend([lower.x, lower.y, upper.x, upper.y]);
            links.extend([*parent, children[0], children[1], *height, *item]);
        }
        links.extend([self.root, self.free]);
        archive.list("tree_boxes", &mut boxes);
        archive.list("tree_links", &mut links);
        if archive.is_loading() {
            self.load(&boxes, &links, archive);
        }
    }

    fn load(&mut self, boxes: &[f32], links: &[u32], archive: &mut Archive) {
        let count = boxes.len() / 4;
        let fits = boxes.len() == 4 * count && links.len() == 5 * count + 2;
        let known = |link: &&u32| **link == NONE || (**link as usize) < count;
        let nodes = links.chunks_exact(5);
        let links_fit = nodes.clone().all(|node| node[..3].iter().filter(known).count() == 3)
            && nodes.remainder().iter().filter(known).count() == 2;
        if !fits || !links_fit {
            let message = "the saved tree of boxes is damaged; take an older snapshot";
            return archive.fail(plugin_api::Error::argument(message));
        }
        self.nodes.clear();
        for (corners, links) in boxes.chunks_exact(4).zip(nodes.clone()) {
            self.nodes.push(Node {
                bounds: Bounds {
                    lower: Vec2::new(corners[0], corners[1]),
                    upper: Vec2::new(corners[2], corners[3]),
                },
                parent: links[0],
                children: [links[1], links[2]],
                height: links[3],
                item: links[4],
            });
        }
        [self.root, self.free] = nodes.remainder().try_into().expect("two were counted");
    }

    fn allocate(&mut self) -> u32 {
        let fresh = Node {
            bounds: Bounds::default(),
            parent: NONE,
            children: [NONE; 2],
            height: 0,
            item: NONE,
        };
        if self.free == NONE {
            self.nodes.push(fresh);
            return self.nodes.len() as u32 - 1;
        }
        let idx = self.free;
        self.free = self.nodes[idx as usize].parent;
        self.nodes[idx as usize] = fresh;
        idx
    }

    fn release(&mut self, idx: u32) {
        let node = &mut self.nodes[idx as usize];
        (node.parent, node.item) = (self.free, NONE);
        self.free = idx;
    }

    fn attach(&mut self, leaf: u32) {
        if self.root == NONE {
            self.root = leaf;
            self.nodes[leaf as usize].parent = NONE;
            return;
        }
        let bounds = self.nodes[leaf as usize].bounds;
        let sibling = self.sibling_for(&bounds);
        let above = self.nodes[sibling as usize].parent;
        let parent = self.allocate();
        let beside = &self.nodes[sibling as usize];
        let (height, bounds) = (beside.height + 1, bounds.union(beside.bounds));
        let node = &mut self.nodes[parent as usize];
        *node = Node { bounds, parent: above, children: [sibling, leaf], height, item: NONE };
        self.replace_child(above, sibling, parent);
        self.nodes[sibling as usize].parent = parent;
        self.nodes[leaf as usize].parent = parent;
        self.repair(parent);
    }

    /// Where a box adds least to the perimeters of all boxes.
    fn sibling_for(&self, bounds: &Bounds) -> u32 {
        let mut idx = self.root;
        loop {
            let node = &self.nodes[idx as usize];
            if node.is_leaf() {
                return idx;
            }
            let area = node.bounds.perimeter();
            let combined = node.bounds.union(*bounds).perimeter();
            let here = 2.0 * combined;
            let inherited = 2.0 * (combined - area);
            let below = node.children.map(|child| {
                let child = &self.nodes[child as usize];
                let grown = bounds.union(child.bounds).perimeter();
                if child.is_leaf() {
                    grown + inherited
                } else {
                    (grown - child.bounds.perimeter()) + inherited
                }
            });
            if here < below[0] && here < below[1] {
                return idx;
            }
            idx = node.children[usize::from(below[0] >= below[1])];
        }
    }

    fn detach(&mut self, leaf: u32) {
        if leaf == self.root {
            self.root = NONE;
            return;
        }
        let parent = self.nodes[leaf as usize].parent;
        let Node { children, parent: above, .. } = self.nodes[parent as usize];
        let sibling = if children[0] == leaf { children[1] } else { children[0] };
        self.replace_child(above, parent, sibling);
        self.nodes[sibling as usize].parent = above;
        self.release(parent);
        self.repair(above);
    }

    /// Puts `new` where `old` was below `above`, or at the root.
    fn replace_child(&mut self, above: u32, old: u32, new: u32) {
        if above == NONE {
            self.root = new;
        } else {
            let children = &mut self.nodes[above as usize].children;
            children[usize::from(children[0] != old)] = new;
        }
    }

    /// Balances and measures the nodes from here up.
    fn repair(&mut self, mut idx: u32) {
        while idx != NONE {
            idx = self.balanced(idx);
            self.measure(idx);
            idx = self.nodes[idx as usize].parent;
        }
    }

    fn measure(&mut self, idx: u32) {
        let [a, b] = self.nodes[idx as usize].children.map(|child| &self.nodes[child as usize]);
        let (height, bounds) = (1 + a.height.max(b.height), a.bounds.union(b.bounds));
        let node = &mut self.nodes[idx as usize];
        (node.height, node.bounds) = (height, bounds);
    }

    /// Lifts the higher child above this node if the other is lower by more than one, and returns
    /// who is above then.
    fn balanced(&mut self, idx: u32) -> u32 {
        let node = &self.nodes[idx as usize];
        if node.is_leaf() || node.height < 2 {
            return idx;
        }
        let above = node.parent;
        let children = node.children;
        let heights = children.map(|child| self.nodes[child as usize].height);
        let side = if heights[1] > heights[0] + 1 {
            1
        } else if heights[0] > heights[1] + 1 {
            0
        } else {
            return idx;
        };
        let lifted = children[side];
        let grandchildren = self.nodes[lifted as usize].children;
        let [first, second] = grandchildren.map(|child| self.nodes[child as usize].height);
        // The higher grandchild stays with the lifted node, the other one changes places with it.
        let (stays, moves) = if first > second {
            (grandchildren[0], grandchildren[1])
        } else {
            (grandchildren[1], grandchildren[0])
        };
        self.replace_child(above, idx, lifted);
        let node = &mut self.nodes[lifted as usize];
        (node.children, node.parent) = ([idx, stays], above);
        let node = &mut self.nodes[idx as usize];
        node.children[side] = moves;
        node.parent = lifted;
        self.nodes[moves as usize].parent = idx;
        self.measure(idx);
        self.measure(lifted);
        lifted
    }
}

fn ray_bounds(ray: Ray) -> Bounds {
    let end = ray.from + ray.part * (ray.to - ray.from);
    Bounds { lower: ray.from.lower(end), upper: ray.from.upper(end) }
}

/// Nodes still to be visited. A balanced tree of all that fits into memory is not deeper.
struct Stack {
    nodes: [u32; 64],
    len: usize,
}

impl Stack {
    fn new(root: u32) -> Self {
        let mut stack = Self { nodes: [NONE; 64], len: 0 };
        if root != NONE {
            stack.nodes[0] = root;
            stack.len = 1;
        }
        stack
    }

    fn push(&mut self, children: [u32; 2]) {
        self.nodes[self.len..self.len + 2].copy_from_slice(&children);
        self.len += 2;
    }

    fn pop(&mut self) -> Option<u32> {
        self.len = self.len.checked_sub(1)?;
        Some(self.nodes[self.len])
    }
}
