//! Draws from spaces as Gymnasium does: `space.seed(seed)`, then `space.sample()` again and again.

#[cfg(test)]
mod golden;

use super::{Bounds, Space};
use crate::element::{Dtype, Element};
use crate::error::Result;
use crate::rng::{Rng, laws};

/// The draws of a space, equal to those of Gymnasium 1.4 to the bit.
///
/// Each leaf of a Dict or Tuple has random numbers of its own, seeded from those of its parent.
///
/// ```
/// use plugin_api::space::{Space, SpaceSampler};
///
/// let mut sampler = SpaceSampler::new(&Space::discrete(5), 42)?;
/// let mut row = [0_i64];
/// sampler.sample(None, &mut row);
/// assert_eq!(row, [0]);
/// sampler.sample(Some(&[0, 0, 0, 0, 1]), &mut row);
/// assert_eq!(row, [4]);
/// # Ok::<(), plugin_api::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct SpaceSampler {
    leaves: Vec<Leaf>,
    width: usize,
    mask_width: usize,
}

#[derive(Clone, Debug)]
struct Leaf {
    /// Where its values begin in the row.
    start: usize,
    law: Law,
    rng: Rng,
}

/// A leaf as the laws take it, with room for a draw.
#[derive(Clone, Debug)]
enum Law {
    F32 { low: Vec<f32>, high: Vec<f32>, drawn: Vec<f32> },
    F64 { low: Vec<f64>, high: Vec<f64>, drawn: Vec<f64> },
    I64 { low: Vec<Option<i64>>, high: Vec<Option<i64>>, drawn: Vec<i64> },
    U8 { low: Vec<u8>, high: Vec<u8>, drawn: Vec<u8> },
    Discrete { n: i64, start: i64 },
    MultiDiscrete { n: Vec<i64>, start: Vec<i64>, drawn: Vec<i64> },
    MultiBinary { drawn: Vec<u8> },
    Text { min: usize, characters: usize, drawn: Vec<usize> },
}

impl SpaceSampler {
    /// The draws of a space after `space.seed(seed)`, or why there are none.
    pub fn new(space: &Space, seed: u64) -> Result<Self> {
        space.validate()?;
        let mut sampler = Self { leaves: Vec::new(), width: 0, mask_width: space.mask_width() };
        sampler.push(space, seed);
        Ok(sampler)
    }

    fn push(&mut self, space: &Space, seed: u64) {
        let children: Vec<&Space> = match space {
            Space::Dict(children) => children.iter().map(|(_, child)| child).collect(),
            Space::Tuple(children) => children.iter().collect(),
            leaf => {
                let rng = Rng::seeded(seed);
                self.leaves.push(Leaf { start: self.width, law: Law::of(leaf), rng });
                self.width += leaf.width();
                return;
            }
        };
        for (child, seed) in children.iter().zip(laws::child_seeds(seed, children.len())) {
            self.push(child, seed);
        }
    }

    /// Draws a value into a row; under a mask only allowed choices, where the space takes a mask.
    ///
    /// If the mask allows none of the choices, the first one is drawn.
    ///
    /// # Panics
    /// When row or mask do not fit the space.
    pub fn sample<T: Element>(&mut self, mask: Option<&[u8]>, row: &mut [T]) {
        assert_eq!(row.len(), self.width, "a row has a place for each element");
        if let Some(mask) = mask {
            assert_eq!(mask.len(), self.mask_width, "a mask has a place for each choice");
        }
        for Leaf { start, law, rng } in &mut self.leaves {
            law.draw(rng, mask, &mut row[*start..]);
        }
    }
}

impl Law {
    fn of(leaf: &Space) -> Self {
        match leaf {
            Space::Box { low, high, dtype, .. } => Self::of_box(low, high, leaf.width(), *dtype),
            Space::Discrete { n, start } => Self::Discrete { n: *n as i64, start: *start },
            Space::MultiDiscrete { n, start } => Self::MultiDiscrete {
                n: n.iter().map(|&n| n as i64).collect(),
                start: start.clone(),
                drawn: vec![0; n.len()],
            },
            Space::MultiBinary { n } => Self::MultiBinary { drawn: vec![0; *n] },
            Space::Text { min, max, charset } => {
                Self::Text { min: *min, characters: charset.chars().count(), drawn: vec![0; *max] }
            }
            Space::Dict(_) | Space::Tuple(_) => unreachable!("a leaf has no children"),
        }
    }

    fn of_box(low: &Bounds, high: &Bounds, width: usize, dtype: Dtype) -> Self {
        fn each<T>(bounds: &Bounds, width: usize, convert: impl Fn(f64) -> T) -> Vec<T> {
            (0..width).map(|idx| convert(bounds.at(idx))).collect()
        }
        let whole = |bound: f64| bound.is_finite().then_some(bound as i64);
        match dtype {
            Dtype::F32 => Self::F32 {
                low: each(low, width, |bound| bound as f32),
                high: each(high, width, |bound| bound as f32),
                drawn: vec![0.0; width],
            },
            Dtype::F64 => Self::F64 {
                low: each(low, width, |bound| bound),
                high: each(high, width, |bound| bound),
                drawn: vec![0.0; width],
            },
            Dtype::I64 => Self::I64 {
                low: each(low, width, whole),
                high: each(high, width, whole),
                drawn: vec![0; width],
            },
            Dtype::U8 => Self::U8 {
                low: each(low, width, |bound| bound as u8),
                high: each(high, width, |bound| bound as u8),
                drawn: vec![0; width],
            },
        }
    }

    /// Draws a value into the first elements of `row`.
    fn draw<T: Element>(&mut self, rng: &mut Rng, mask: Option<&[u8]>, row: &mut [T]) {
        match self {
            Self::F32 { low, high, drawn } => {
                laws::box_f32(rng, low, high, drawn);
                write(row, drawn.iter().map(|&value| T::from_f64(value.into())));
            }
            Self::F64 { low, high, drawn } => {
                laws::box_f64(rng, low, high, drawn);
                write(row, drawn.iter().map(|&value| T::from_f64(value)));
            }
            Self::I64 { low, high, drawn } => {
                laws::box_i64(rng, low, high, drawn);
                write(row, drawn.iter().map(|&value| T::from_i64(value)));
            }
            Self::U8 { low, high, drawn } => {
                laws::box_u8(rng, low, high, drawn);
                write(row, drawn.iter().map(|&value| T::from_i64(value.into())));
            }
            Self::Discrete { n, start } => {
                row[0] = T::from_i64(match mask {
                    Some(mask) => laws::discrete_masked(rng, mask, *start),
                    None => laws::discrete(rng, *n, *start),
                });
            }
            Self::MultiDiscrete { n, start, drawn } => {
                match mask {
                    Some(mask) => laws::multi_discrete_masked(rng, n, start, mask, drawn),
                    None => laws::multi_discrete(rng, n, start, drawn),
                }
                write(row, drawn.iter().map(|&value| T::from_i64(value)));
            }
            Self::MultiBinary { drawn } => {
                laws::multi_binary(rng, drawn);
                write(row, drawn.iter().map(|&value| T::from_i64(value.into())));
            }
            Self::Text { min, characters, drawn } => {
                let length = laws::text_length(rng, *min, drawn.len());
                laws::text(rng, *characters, &mut drawn[..length]);
                let text = drawn[..length].iter().map(|&character| character as i64);
                let padding = std::iter::repeat_n(-1, drawn.len() - length);
                write(row, text.chain(padding).map(T::from_i64));
            }
        }
    }
}

fn write<T>(row: &mut [T], values: impl Iterator<Item = T>) {
    for (place, value) in row.iter_mut().zip(values) {
        *place = value;
    }
}
