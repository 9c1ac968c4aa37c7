//! A matrix whose rows are padded with zeros, and the loops over all its numbers.

#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

use crate::product::PAD;
use crate::real::Real;
use crate::threads;
use plugin_api::Rows;
use plugin_api::simd::{Kernel, dispatch};

/// Rows of numbers, each padded with zeros to a multiple of [`PAD`].
#[derive(Clone, Debug, Default)]
pub struct Matrix<T = f32> {
    rows: usize,
    columns: usize,
    data: Vec<T>,
}

/// So many numbers, padded.
#[inline]
pub fn padded(columns: usize) -> usize {
    columns.next_multiple_of(PAD)
}

impl<T: Real> Matrix<T> {
    /// A matrix of zeros.
    pub fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns, data: vec![T::ZERO; rows * padded(columns)] }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, without padding.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Distance between two rows.
    pub fn stride(&self) -> usize {
        padded(self.columns)
    }

    /// Makes it a matrix of so many rows; memory is needed only for more than ever before.
    pub fn set_rows(&mut self, rows: usize) {
        if rows != self.rows {
            self.rows = rows;
            self.data.resize(rows * self.stride(), T::ZERO);
        }
    }

    /// A row, without padding.
    #[inline]
    pub fn row(&self, row: usize) -> &[T] {
        &self.data[row * self.stride()..][..self.columns]
    }

    /// A row, to be written.
    #[inline]
    pub fn row_mut(&mut self, row: usize) -> &mut [T] {
        let stride = self.stride();
        &mut self.data[row * stride..][..self.columns]
    }

    /// All numbers with their padding.
    pub fn flat(&self) -> &[T] {
        &self.data
    }

    /// All numbers with their padding, which must stay zero.
    pub fn flat_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Takes over these rows; each is put through `with`.
    pub fn fill_from<'a>(
        &mut self,
        rows: impl ExactSizeIterator<Item = &'a [f32]>,
        mut with: impl FnMut(&[f32], &mut [T]),
    ) {
        self.set_rows(rows.len());
        for (row, from) in rows.enumerate() {
            with(from, self.row_mut(row));
        }
    }

    /// Zeros everywhere.
    pub fn clear(&mut self) {
        self.data.fill(T::ZERO);
    }
}

impl Matrix<f32> {
    /// Takes over all rows as they are.
    pub fn copy_rows(&mut self, rows: Rows<'_>) {
        self.fill_from(rows.iter(), |from, to| to[..from.len()].copy_from_slice(from));
    }
}

/// Runs a loop compiled for the widest vectors of this machine.
#[inline]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    struct Work<F>(F);
    impl<R, F: FnOnce() -> R> Kernel for Work<F> {
        type Output = R;

        #[inline(always)]
        fn run(self) -> R {
            (self.0)()
        }
    }
    dispatch(Work(work))
}

/// Puts every number through a function.
#[inline]
pub fn map<T: Real>(numbers: &mut [T], with: impl Fn(T) -> T) {
    vectorised(|| numbers.iter_mut().for_each(|number| *number = with(*number)));
}

/// Puts every number and its partner through a function.
#[inline]
pub fn map_with<T: Real>(numbers: &mut [T], partners: &[T], with: impl Fn(T, T) -> T + Sync) {
    let piece = piece_len(numbers.len());
    let pieces = numbers.chunks_mut(piece).zip(partners.chunks(piece));
    threads::each(pieces, |(numbers, partners)| {
        vectorised(|| {
            for (number, &partner) in numbers.iter_mut().zip(partners) {
                *number = with(*number, partner);
            }
        });
    });
}

/// Numbers of a piece of a loop over so many of them, which threads share where it is long.
pub(crate) fn piece_len(numbers: usize) -> usize {
    let parts = threads::parts(numbers, LOOP_LEAST);
    numbers.div_ceil(parts).next_multiple_of(PAD).max(PAD)
}

/// Numbers to loop over that a thread is woken for.
const LOOP_LEAST: usize = 1 << 16;

/// Sum of the squares of all numbers, always in the same order.
pub fn sum_of_squares<T: Real>(numbers: &[T]) -> f64 {
    vectorised(|| {
        let mut sums = [T::ZERO; 16];
        let chunks = numbers.chunks_exact(16);
        for (sum, &number) in sums.iter_mut().zip(chunks.remainder()) {
            *sum += number * number;
        }
        for chunk in chunks {
            for (sum, &number) in sums.iter_mut().zip(chunk) {
                *sum += number * number;
            }
        }
        sums.iter().map(|sum| sum.wide()).sum()
    })
}

/// Writes the transpose of `rows` rows of `columns` numbers each, as rows of `stride` numbers;
/// only the first `to.len() / stride` of them.
pub(crate) fn transpose<T: Real>(
    from: &[T],
    rows: usize,
    columns: usize,
    to: &mut [T],
    stride: usize,
) {
    assert!(stride >= rows && from.len() >= rows * columns, "a matrix and room for a row");
    let taken = columns.min(to.len() / stride);
    let parts = threads::parts(rows * taken, TRANSPOSED_LEAST);
    let columns_of_part = taken.div_ceil(parts).next_multiple_of(TILE);
    let pieces = to[..taken * stride].chunks_mut(columns_of_part * stride).enumerate();
    threads::each(pieces, |(idx, to)| {
        let start = idx * columns_of_part;
        transpose_some((from, rows, columns), (start, to.len() / stride), to, stride);
    });
}

/// Side of the square that numbers go through on their way.
const TILE: usize = 16;

/// Numbers to transpose that a thread is woken for.
const TRANSPOSED_LEAST: usize = 1 << 15;

/// The same for so many columns, the first of which is `start`.
fn transpose_some<T: Real>(
    (from, rows, columns): (&[T], usize, usize),
    (start, taken): (usize, usize),
    to: &mut [T],
    stride: usize,
) {
    let mut tile = [T::ZERO; TILE * TILE];
    for first_row in (0..rows).step_by(TILE) {
        let height = TILE.min(rows - first_row);
        for first in (0..taken).step_by(TILE) {
            let width = TILE.min(taken - first);
            // Through a tile, because rows that lie a power of two apart push each other out.
            for i in 0..height {
                let from = &from[(first_row + i) * columns + start + first..][..width];
                for (j, &number) in from.iter().enumerate() {
                    tile[j * TILE + i] = number;
                }
            }
            for j in 0..width {
                to[(first + j) * stride + first_row..][..height]
                    .copy_from_slice(&tile[j * TILE..][..height]);
            }
        }
    }
}
