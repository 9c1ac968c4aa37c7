//! Products of matrices, in the three forms a net needs, and the literal version of them.

use crate::real::Real;

/// Columns of every matrix that is written are a multiple of this.
pub const PAD: usize = 16;

/// Which way the left matrix lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Row by row: element (i, k) at `i * stride + k`.
    Plain,
    /// Transposed: element (i, k) at `k * stride + i`.
    Transposed,
}

/// What the sums start from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a, T> {
    /// Nothing.
    Zero,
    /// The same row everywhere.
    Bias(&'a [T]),
    /// What is there already.
    There,
}

/// `C = start + A · B`, each element summed from the first term to the last.
///
/// B and C have rows of `columns` elements, a multiple of [`PAD`], one after another.
#[derive(Debug)]
pub struct Product<'a, T> {
    /// The left matrix.
    pub a: &'a [T],
    /// Distance of its rows, or of its columns when it is transposed.
    pub a_stride: usize,
    /// Which way it lies.
    pub side: Side,
    /// The right matrix.
    pub b: &'a [T],
    /// The result.
    pub c: &'a mut [T],
    /// What the sums start from.
    pub start: Start<'a, T>,
    /// Rows of A and C.
    pub rows: usize,
    /// Columns of A, rows of B.
    pub inner: usize,
    /// Columns of B and C.
    pub columns: usize,
}

/// The product, element by element.
pub fn literal<T: Real>(product: Product<'_, T>) {
    let Product { a, a_stride, side, b, c, start, rows, inner, columns } = product;
    for row in 0..rows {
        for column in 0..columns {
            let mut sum = match start {
                Start::Zero => T::ZERO,
                Start::Bias(bias) => bias[column],
                Start::There => c[row * columns + column],
            };
            for k in 0..inner {
                let left = match side {
                    Side::Plain => a[row * a_stride + k],
                    Side::Transposed => a[k * a_stride + row],
                };
                sum += left * b[k * columns + column];
            }
            c[row * columns + column] = sum;
        }
    }
}
