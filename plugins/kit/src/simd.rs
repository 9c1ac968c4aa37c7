//! The matrix kernel: blocks of the result are kept in vector registers while their sums run.
//!
//! An element is one chain of fused multiply-adds from the first term to the last, whatever the
//! block it falls into, so AVX2 and AVX-512 give the same bits for any number of rows.

#![expect(clippy::inline_always, reason = "what is not inlined into a kernel misses its class")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

use crate::product::{PAD, Product, Side, Start};
use crate::threads;
use plugin_api::simd::{Class, Kernel, dispatch_in};

/// Some `f32` at once.
trait Pack: Copy {
    /// How many.
    const WIDTH: usize;

    fn splat(value: f32) -> Self;
    /// The first `WIDTH` numbers of a slice.
    fn load(from: &[f32]) -> Self;
    fn store(self, to: &mut [f32]);
    /// `self + a · b`.
    #[must_use]
    fn plus_product(self, a: Self, b: Self) -> Self;
}

/// What every machine has: the compiler makes of it what it can.
#[derive(Clone, Copy)]
struct Four([f32; 4]);

impl Pack for Four {
    const WIDTH: usize = 4;

    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        Self(from[..4].try_into().expect("four numbers"))
    }

    #[inline(always)]
    fn store(self, to: &mut [f32]) {
        to[..4].copy_from_slice(&self.0);
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + a.0[i] * b.0[i]))
    }
}

/// Products that a thread is woken for.
const PART_LEAST: usize = 1 << 20;

/// Rows that are computed together: parts hold a multiple of them.
const ROWS_TOGETHER: usize = 12;

/// Computes a product with the widest vectors of this machine, and a large one on as many threads
/// as were asked for, each of which takes rows of the result.
#[inline]
pub(crate) fn multiply(product: Product<'_, f32>) {
    let cost = product.rows * product.inner * product.columns;
    let parts = threads::parts(cost, PART_LEAST);
    if parts == 1 {
        return multiply_in(Class::best(), product);
    }
    let Product { a, a_stride, side, b, c, start, rows, inner, columns } = product;
    let rows_of_part = rows.div_ceil(parts).next_multiple_of(ROWS_TOGETHER);
    let pieces = c[..rows * columns].chunks_mut(rows_of_part * columns).enumerate();
    let pieces = pieces.map(|(idx, c)| {
        let first = idx * rows_of_part;
        let a = match side {
            Side::Plain => &a[first * a_stride..],
            Side::Transposed => &a[first..],
        };
        Product { a, a_stride, side, b, rows: c.len() / columns, c, start, inner, columns }
    });
    threads::each(pieces, |piece| multiply_in(Class::best(), piece));
}

/// Computes a product in a class that this machine has.
pub(crate) fn multiply_in(class: Class, product: Product<'_, f32>) {
    assert!(product.columns.is_multiple_of(PAD), "columns are padded");
    assert!(product.c.len() >= product.rows * product.columns, "room for the result");
    #[cfg(target_arch = "x86_64")]
    match class.min(Class::best()) {
        Class::Avx512 => return dispatch_in(Class::Avx512, avx512::Multiply(product)),
        Class::Avx2 => return dispatch_in(Class::Avx2, avx2::Multiply(product)),
        Class::Baseline => {}
    }
    dispatch_in(class, Multiply(product));
}

struct Multiply<'a>(Product<'a, f32>);

impl Kernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut product = self.0;
        let mut column = 0;
        while column < product.columns {
            rows_of::<Four, 4, 2>(&mut product, column);
            column += 2 * Four::WIDTH;
        }
    }
}

/// All rows of the `VECTORS * WIDTH` columns from `column` on, `ROWS` at a time.
#[inline(always)]
fn rows_of<P: Pack, const ROWS: usize, const VECTORS: usize>(
    product: &mut Product<'_, f32>,
    column: usize,
) {
    let mut row = 0;
    while row + ROWS <= product.rows {
        block::<P, ROWS, VECTORS>(product, row, column);
        row += ROWS;
    }
    if ROWS > 8 && row + 8 <= product.rows {
        block::<P, 8, VECTORS>(product, row, column);
        row += 8;
    }
    if ROWS > 4 && row + 4 <= product.rows {
        block::<P, 4, VECTORS>(product, row, column);
        row += 4;
    }
    if row + 2 <= product.rows {
        block::<P, 2, VECTORS>(product, row, column);
        row += 2;
    }
    if row < product.rows {
        block::<P, 1, VECTORS>(product, row, column);
    }
}

/// One block of the result.
#[inline(always)]
fn block<P: Pack, const ROWS: usize, const VECTORS: usize>(
    product: &mut Product<'_, f32>,
    row: usize,
    column: usize,
) {
    let (columns, inner) = (product.columns, product.inner);
    let width = VECTORS * P::WIDTH;
    let mut sums = [[P::splat(0.0); VECTORS]; ROWS];
    match product.start {
        Start::Zero => {}
        Start::Bias(bias) => {
            let bias = load::<P, VECTORS>(&bias[column..][..width]);
            sums = [bias; ROWS];
        }
        Start::There => {
            for (i, sums) in sums.iter_mut().enumerate() {
                *sums = load(&product.c[(row + i) * columns + column..][..width]);
            }
        }
    }
    if inner > 0 {
        let b = product.b[column..][..(inner - 1) * columns + width].chunks(columns);
        match product.side {
            Side::Plain => {
                let rows: [&[f32]; ROWS] =
                    std::array::from_fn(|i| &product.a[(row + i) * product.a_stride..][..inner]);
                for (k, b) in b.enumerate() {
                    let b = load::<P, VECTORS>(&b[..width]);
                    for i in 0..ROWS {
                        let a = P::splat(rows[i][k]);
                        for j in 0..VECTORS {
                            sums[i][j] = sums[i][j].plus_product(a, b[j]);
                        }
                    }
                }
            }
            Side::Transposed => {
                let a = product.a[row..][..(inner - 1) * product.a_stride + ROWS]
                    .chunks(product.a_stride);
                for (a, b) in a.zip(b) {
                    let (a, b) = (&a[..ROWS], load::<P, VECTORS>(&b[..width]));
                    for i in 0..ROWS {
                        let a = P::splat(a[i]);
                        for j in 0..VECTORS {
                            sums[i][j] = sums[i][j].plus_product(a, b[j]);
                        }
                    }
                }
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        let to = &mut product.c[(row + i) * columns + column..][..width];
        for (sum, to) in sums.iter().zip(to.chunks_exact_mut(P::WIDTH)) {
            sum.store(to);
        }
    }
}

#[inline(always)]
fn load<P: Pack, const VECTORS: usize>(from: &[f32]) -> [P; VECTORS] {
    std::array::from_fn(|j| P::load(&from[j * P::WIDTH..]))
}
