//! All weights of one optimiser, side by side: tensors are spans of one slice, so that steps,
//! norms and averages are single loops.

use crate::matrix::{map, map_with, padded};
use crate::real::Real;
use plugin_api::{Archive, Error, Result};

/// Where a tensor lies among the weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its name, such as `actor/layer0/weight`.
    pub name: String,
    /// Rows.
    pub rows: usize,
    /// Columns, without padding.
    pub columns: usize,
    /// Place of its first number.
    pub start: usize,
}

impl Span {
    /// Numbers it takes, with padding.
    pub fn len(&self) -> usize {
        self.rows * padded(self.columns)
    }

    /// Whether it takes none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Weights, or gradients, averages and targets of the same layout.
#[derive(Clone, Debug, Default)]
pub struct Weights<T = f32> {
    /// All numbers; padding is zero.
    pub values: Vec<T>,
    spans: Vec<Span>,
}

impl<T: Real> Weights<T> {
    /// No weights yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor of zeros; returns the place of its first number.
    pub fn add(&mut self, name: String, rows: usize, columns: usize) -> usize {
        let start = self.values.len();
        let span = Span { name, rows, columns, start };
        self.values.resize(start + span.len(), T::ZERO);
        self.spans.push(span);
        start
    }

    /// The tensors.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The tensors, and all numbers to be changed.
    pub fn parts(&mut self) -> (&[Span], &mut [T]) {
        (&self.spans, &mut self.values)
    }

    /// The same layout, all zeros.
    #[must_use]
    pub fn zeros(&self) -> Self {
        Self { values: vec![T::ZERO; self.values.len()], spans: self.spans.clone() }
    }

    /// The same layout in another number type.
    #[must_use]
    pub fn to<U: Real>(&self) -> Weights<U> {
        let values = self.values.iter().map(|value| U::of(value.wide())).collect();
        Weights { values, spans: self.spans.clone() }
    }

    /// Zeros everywhere.
    pub fn clear(&mut self) {
        self.values.fill(T::ZERO);
    }

    /// Takes over the values of weights of the same layout.
    pub fn copy_from(&mut self, other: &Self) {
        self.values.copy_from_slice(&other.values);
    }

    /// `self = (1 - rate) self + rate other` (Polyak averaging).
    pub fn follow(&mut self, other: &Self, rate: T) {
        let keep = T::ONE - rate;
        map_with(&mut self.values, &other.values, |mine, theirs| keep * mine + rate * theirs);
    }

    /// Multiplies all numbers.
    pub fn scale(&mut self, factor: T) {
        map(&mut self.values, |value| factor * value);
    }

    /// An error that names the first tensor with a number that is not finite.
    pub fn check_finite(&self, what: &str) -> Result<()> {
        for span in &self.spans {
            let values = &self.values[span.start..][..span.len()];
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                let (name, value) = (&span.name, value.wide());
                return Err(Error::new(format!(
                    "{what} `{name}` holds {value}: learning diverged; try a smaller learning \
                     rate, or clip gradients more"
                )));
            }
        }
        Ok(())
    }

    /// Names every tensor, without padding, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        for span in &self.spans {
            let stride = padded(span.columns);
            let numbers = &mut self.values[span.start..][..span.len()];
            let rows = numbers.chunks_exact(stride.max(1));
            let mut dense: Vec<T> = rows.flat_map(|row| &row[..span.columns]).copied().collect();
            if span.rows == 1 {
                archive.slice(&span.name, &mut dense);
            } else {
                archive.tensor(&span.name, &[span.rows, span.columns], &mut dense);
            }
            if archive.is_loading() {
                let rows = numbers.chunks_exact_mut(stride.max(1));
                for (row, dense) in rows.zip(dense.chunks_exact(span.columns.max(1))) {
                    row[..span.columns].copy_from_slice(dense);
                }
            }
        }
    }
}
