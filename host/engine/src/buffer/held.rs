//! Blocks of rows that a snapshot takes hold of in bundles, which are few. Whoever writes to a
//! block meanwhile copies the list of its bundle, then the block; everybody else reads on.

use super::frozen::{Bundle, Rows};
use std::hint::black_box;
use std::sync::Arc;

/// Blocks of a bundle, as a power of two: copying a list of so many takes as little time as copying
/// a block.
const BUNDLE_SHIFT: u32 = 4;

/// Blocks, one after another.
#[derive(Clone, Debug)]
pub(super) struct Held<B>(Vec<Arc<Vec<Arc<B>>>>);

impl<B: Rows + Clone + 'static> Held<B> {
    pub(super) fn new(blocks: impl IntoIterator<Item = B>) -> Self {
        let blocks: Vec<Arc<B>> = blocks.into_iter().map(Arc::new).collect();
        Self(blocks.chunks(1 << BUNDLE_SHIFT).map(|some| Arc::new(some.to_vec())).collect())
    }

    #[inline]
    pub(super) fn get(&self, block: usize) -> &B {
        &self.0[block >> BUNDLE_SHIFT][block & ((1 << BUNDLE_SHIFT) - 1)]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, block: usize) -> &mut B {
        let bundle = &mut self.0[block >> BUNDLE_SHIFT];
        if Arc::get_mut(bundle).is_none() {
            *bundle = copied(bundle);
        }
        let blocks = Arc::get_mut(bundle).expect("it is held by nobody else now");
        Arc::make_mut(&mut blocks[block & ((1 << BUNDLE_SHIFT) - 1)])
    }

    /// The first blocks, at least so many.
    pub(super) fn share(&self, blocks: usize) -> Vec<Arc<dyn Bundle>> {
        let bundles = blocks.div_ceil(1 << BUNDLE_SHIFT);
        self.0[..bundles].iter().map(|bundle| Arc::clone(bundle) as Arc<dyn Bundle>).collect()
    }
}

/// A list of the same blocks.
#[cold]
fn copied<B: Rows>(bundle: &[Arc<B>]) -> Arc<Vec<Arc<B>>> {
    // They lie far apart. Reading them waits for many at once, taking hold for one at a time.
    black_box(bundle.iter().map(|block| block.stamp()).fold(0, u64::max));
    Arc::new(bundle.to_vec())
}

impl<B: Rows + 'static> Bundle for Vec<Arc<B>> {
    fn blocks(&self) -> Vec<Arc<dyn Rows>> {
        self.iter().map(|block| Arc::clone(block) as Arc<dyn Rows>).collect()
    }
}
