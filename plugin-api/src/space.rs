//! Spaces: what observations and actions look like, and how one value lies in a row.
//!
//! A row holds a Discrete as its value (start included), a Text as character indices padded with
//! -1, and a Dict or Tuple as its children in order. One-hot is the learner's encoding, see
//! [`Space::flatten`].

mod sampler;
mod validate;

pub use sampler::SpaceSampler;

use crate::element::{Dtype, Element};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// What observations or actions look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Space {
    /// Numbers within bounds, each element with its own.
    Box {
        /// Lower bounds; `-inf` where there is none.
        low: Bounds,
        /// Upper bounds; `inf` where there is none.
        high: Bounds,
        /// Extent of every axis, row-major.
        shape: Vec<usize>,
        /// Number type.
        dtype: Dtype,
    },
    /// One of `n` choices, counted from `start`.
    Discrete {
        /// Number of choices.
        n: usize,
        /// Value of the first choice.
        start: i64,
    },
    /// Several independent choices.
    MultiDiscrete {
        /// Number of choices of each.
        n: Vec<usize>,
        /// Value of the first choice of each.
        start: Vec<i64>,
    },
    /// `n` independent bits.
    MultiBinary {
        /// Number of bits.
        n: usize,
    },
    /// A string.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// The characters a value may hold, each once.
        charset: String,
    },
    /// Named children, sorted by name.
    Dict(Vec<(String, Space)>),
    /// Children in order.
    Tuple(Vec<Space>),
}

/// Bounds of a box: one for all elements, or one each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Bounds {
    /// The same bound for every element.
    All(f64),
    /// A bound for each element, row-major.
    Each(Vec<f64>),
}

impl Bounds {
    /// The bound of element `idx`.
    pub fn at(&self, idx: usize) -> f64 {
        match self {
            Self::All(bound) => *bound,
            Self::Each(bounds) => bounds[idx],
        }
    }
}

impl Space {
    /// One of `n` choices, counted from 0.
    pub fn discrete(n: usize) -> Self {
        Self::Discrete { n, start: 0 }
    }

    /// One of `n` choices, counted from `start`.
    pub fn discrete_from(n: usize, start: i64) -> Self {
        Self::Discrete { n, start }
    }

    /// Numbers that all lie within `low..=high`; the bounds of floats are rounded to their type.
    pub fn range<T: Element>(low: f64, high: f64, shape: &[usize]) -> Self {
        let round = |bound| match T::DTYPE {
            Dtype::F32 | Dtype::F64 => T::from_f64(bound).to_f64(),
            Dtype::I64 | Dtype::U8 => bound,
        };
        let (low, high) = (Bounds::All(round(low)), Bounds::All(round(high)));
        Self::Box { low, high, shape: shape.to_vec(), dtype: T::DTYPE }
    }

    /// Numbers with bounds of their own: `low[i]..=high[i]`.
    pub fn bounded<T: Element>(low: &[T], high: &[T]) -> Self {
        assert_eq!(low.len(), high.len(), "as many lower as upper bounds");
        let wide = |bounds: &[T]| Bounds::Each(bounds.iter().map(|b| b.to_f64()).collect());
        Self::Box { low: wide(low), high: wide(high), shape: vec![low.len()], dtype: T::DTYPE }
    }

    /// Numbers without bounds.
    pub fn unbounded<T: Element>(shape: &[usize]) -> Self {
        Self::range::<T>(f64::NEG_INFINITY, f64::INFINITY, shape)
    }

    /// Several independent choices, each counted from 0.
    pub fn multi_discrete(n: &[usize]) -> Self {
        Self::MultiDiscrete { n: n.to_vec(), start: vec![0; n.len()] }
    }

    /// `n` independent bits.
    pub fn multi_binary(n: usize) -> Self {
        Self::MultiBinary { n }
    }

    /// Strings of `min` to `max` characters out of `charset`.
    pub fn text(min: usize, max: usize, charset: &str) -> Self {
        Self::Text { min, max, charset: charset.to_owned() }
    }

    /// Named children; they are kept sorted by name.
    pub fn dict<const N: usize>(children: [(&str, Space); N]) -> Self {
        let mut children: Vec<_> =
            children.into_iter().map(|(name, space)| (name.to_owned(), space)).collect();
        children.sort_by(|a, b| a.0.cmp(&b.0));
        Self::Dict(children)
    }

    /// Children in order.
    pub fn tuple<const N: usize>(children: [Space; N]) -> Self {
        Self::Tuple(children.into())
    }

    /// Elements of a row that holds one value.
    pub fn width(&self) -> usize {
        match self {
            Self::Box { shape, .. } => shape.iter().product(),
            Self::Discrete { .. } => 1,
            Self::MultiDiscrete { n, .. } => n.len(),
            Self::MultiBinary { n } => *n,
            Self::Text { max, .. } => *max,
            Self::Dict(children) => children.iter().map(|(_, space)| space.width()).sum(),
            Self::Tuple(children) => children.iter().map(Self::width).sum(),
        }
    }

    /// Number type of a row; children of different types are joined to one that holds all.
    pub fn dtype(&self) -> Dtype {
        let join = |types: &mut dyn Iterator<Item = Dtype>| {
            types.reduce(Dtype::join).unwrap_or(Dtype::F32)
        };
        match self {
            Self::Box { dtype, .. } => *dtype,
            Self::Discrete { .. } | Self::MultiDiscrete { .. } | Self::Text { .. } => Dtype::I64,
            Self::MultiBinary { .. } => Dtype::U8,
            Self::Dict(children) => join(&mut children.iter().map(|(_, space)| space.dtype())),
            Self::Tuple(children) => join(&mut children.iter().map(Self::dtype)),
        }
    }

    /// Number of choices of a Discrete space that starts at 0: what a table is made for.
    pub fn choices(&self) -> Result<usize> {
        match self {
            Self::Discrete { n, start: 0 } => Ok(*n),
            other => {
                Err(Error::argument(format!("needs a Discrete space from 0, this one is {other}")))
            }
        }
    }

    /// Width of an action mask: a place for every choice; 0 where masks do not apply.
    pub fn mask_width(&self) -> usize {
        match self {
            Self::Discrete { n, .. } => *n,
            Self::MultiDiscrete { n, .. } => n.iter().sum(),
            _ => 0,
        }
    }

    /// The leaves from left to right, each with the place of its first element in the row.
    pub fn leaves(&self) -> Vec<(usize, &Space)> {
        let mut leaves = Vec::new();
        self.push_leaves(0, &mut leaves);
        leaves
    }

    fn push_leaves<'a>(&'a self, start: usize, leaves: &mut Vec<(usize, &'a Space)>) -> usize {
        match self {
            Self::Dict(children) => {
                children.iter().fold(start, |at, (_, space)| space.push_leaves(at, leaves))
            }
            Self::Tuple(children) => {
                children.iter().fold(start, |at, space| space.push_leaves(at, leaves))
            }
            leaf => {
                leaves.push((start, leaf));
                start + leaf.width()
            }
        }
    }

    /// Where a named child of a Dict lies in the row.
    pub fn child(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let Self::Dict(children) = self else { return None };
        let mut start = 0;
        for (child, space) in children {
            let width = space.width();
            if child == name {
                return Some(start..start + width);
            }
            start += width;
        }
        None
    }

    /// Whether the row holds a value of this space; says which element does not fit.
    pub fn check(&self, row: &[f64]) -> Result<()> {
        if row.len() != self.width() {
            return Err(Error::argument(format!(
                "a row of {} elements does not fit {self}, which has {}",
                row.len(),
                self.width()
            )));
        }
        for (start, leaf) in self.leaves() {
            let values = &row[start..start + leaf.width()];
            if let Some(idx) = leaf.misfit(values) {
                let value = values[idx];
                let place = start + idx;
                return Err(Error::argument(format!(
                    "element {place} is {value}, which is outside of {leaf}"
                )));
            }
        }
        Ok(())
    }

    /// First element of a leaf's values that does not fit.
    fn misfit(&self, values: &[f64]) -> Option<usize> {
        let choice = |value: f64, n: usize, start: i64| {
            value.fract() == 0.0 && value >= start as f64 && value < (start + n as i64) as f64
        };
        let padding = |value: &f64| choice(*value, 1, -1);
        let end = values.iter().position(padding).unwrap_or(values.len());
        values.iter().enumerate().position(|(idx, &value)| !match self {
            Self::Box { low, high, dtype, .. } => {
                let whole = matches!(dtype, Dtype::F32 | Dtype::F64) || value.fract() == 0.0;
                whole && value >= low.at(idx) && value <= high.at(idx)
            }
            Self::Discrete { n, start } => choice(value, *n, *start),
            Self::MultiDiscrete { n, start } => choice(value, n[idx], start[idx]),
            Self::MultiBinary { .. } => choice(value, 2, 0),
            // Once a text has ended, nothing but padding follows.
            Self::Text { charset, .. } if idx < end => choice(value, charset.chars().count(), 0),
            Self::Text { min, .. } => idx >= *min && padding(&value),
            Self::Dict(_) | Self::Tuple(_) => false,
        })
    }

    /// Width of the learner's encoding: `Discrete`, `MultiDiscrete` and `Text` as one-hots.
    pub fn flat_width(&self) -> usize {
        self.leaves().into_iter().map(|(_, leaf)| leaf.one_hots().iter().sum::<usize>()).sum()
    }

    /// Writes the learner's encoding of a row.
    pub fn flatten(&self, row: &[f32], out: &mut [f32]) {
        assert_eq!(out.len(), self.flat_width(), "room for the encoding");
        let mut rest = out;
        for (start, leaf) in self.leaves() {
            for (idx, width) in leaf.one_hots().into_iter().enumerate() {
                let (here, after) = rest.split_at_mut(width);
                let value = row[start + idx] - leaf.first_choice(idx);
                match leaf {
                    Self::Box { .. } | Self::MultiBinary { .. } => here[0] = value,
                    _ => {
                        here.fill(0.0);
                        if let Some(hot) = here.get_mut(value as usize).filter(|_| value >= 0.0) {
                            *hot = 1.0;
                        }
                    }
                }
                rest = after;
            }
        }
    }

    /// Places in the encoding of each element of a leaf.
    fn one_hots(&self) -> Vec<usize> {
        match self {
            Self::Discrete { n, .. } => vec![*n],
            Self::MultiDiscrete { n, .. } => n.clone(),
            Self::Text { max, charset, .. } => vec![charset.chars().count(); *max],
            leaf => vec![1; leaf.width()],
        }
    }

    /// What a leaf's element counts from.
    fn first_choice(&self, idx: usize) -> f32 {
        match self {
            Self::Discrete { start, .. } => *start as f32,
            Self::MultiDiscrete { start, .. } => start[idx] as f32,
            _ => 0.0,
        }
    }
}

impl std::fmt::Display for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Box { low, high, shape, dtype } => {
                let number = |bound: &f64| match dtype {
                    Dtype::F32 => (*bound as f32).to_string(),
                    _ => bound.to_string(),
                };
                let each = |bounds: &[f64]| {
                    let numbers: Vec<String> = bounds.iter().map(number).collect();
                    format!("[{}]", numbers.join(", "))
                };
                match (low, high) {
                    (Bounds::All(low), Bounds::All(high)) => {
                        let (low, high) = (number(low), number(high));
                        write!(f, "Box({low}, {high}, {shape:?}, {dtype})")
                    }
                    (Bounds::Each(low), Bounds::Each(high)) if low.len() <= 8 => {
                        write!(f, "Box({}, {}, {dtype})", each(low), each(high))
                    }
                    _ => write!(f, "Box(bounds per element, {shape:?}, {dtype})"),
                }
            }
            Self::Discrete { n, start: 0 } => write!(f, "Discrete({n})"),
            Self::Discrete { n, start } => write!(f, "Discrete({n}, start {start})"),
            Self::MultiDiscrete { n, .. } => write!(f, "MultiDiscrete({n:?})"),
            Self::MultiBinary { n } => write!(f, "MultiBinary({n})"),
            Self::Text { min, max, .. } => write!(f, "Text({min} to {max} characters)"),
            Self::Dict(children) => {
                f.write_str("Dict(")?;
                for (idx, (name, space)) in children.iter().enumerate() {
                    write!(f, "{}{name}: {space}", if idx > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
            Self::Tuple(children) => {
                f.write_str("Tuple(")?;
                for (idx, space) in children.iter().enumerate() {
                    write!(f, "{}{space}", if idx > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}
