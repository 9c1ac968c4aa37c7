//! Rows: a flat slice seen as equal pieces, one for each lane or transition.

use std::ops::{Index, IndexMut};

/// Read-only rows of equal width over one flat slice.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a, T = f32> {
    data: &'a [T],
    width: usize,
}

impl<T> Default for Rows<'_, T> {
    /// No rows.
    fn default() -> Self {
        Self { data: &[], width: 1 }
    }
}

impl<'a, T> Rows<'a, T> {
    /// Rows of `width` elements; the slice holds a whole number of them, or none.
    pub fn new(data: &'a [T], width: usize) -> Self {
        assert!(data.is_empty() || data.len().is_multiple_of(width), "rows of equal width");
        Self { data, width: width.max(1) }
    }

    /// `count` rows of `width` elements; multiplying is much cheaper than finding the count.
    #[inline]
    pub(crate) fn counted(data: &'a [T], count: usize, width: usize) -> Self {
        assert!(data.len() == count * width && width > 0, "rows of equal width");
        Self { data, width }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.data.len() / self.width
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Elements of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All elements, row after row.
    pub fn flat(&self) -> &'a [T] {
        self.data
    }

    /// The row at `idx`.
    #[inline]
    pub fn row(&self, idx: usize) -> &'a [T] {
        &self.data[idx * self.width..][..self.width]
    }

    /// The rows in order.
    pub fn iter(&self) -> std::slice::ChunksExact<'a, T> {
        self.data.chunks_exact(self.width)
    }
}

impl<T> Index<usize> for Rows<'_, T> {
    type Output = [T];

    #[inline]
    fn index(&self, idx: usize) -> &[T] {
        self.row(idx)
    }
}

impl<'a, T> IntoIterator for Rows<'a, T> {
    type Item = &'a [T];
    type IntoIter = std::slice::ChunksExact<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &Rows<'a, T> {
    type Item = &'a [T];
    type IntoIter = std::slice::ChunksExact<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Writable rows of equal width over one flat slice.
#[derive(Debug)]
pub struct RowsMut<'a, T = f32> {
    data: &'a mut [T],
    width: usize,
}

impl<'a, T> RowsMut<'a, T> {
    /// Rows of `width` elements; the slice holds a whole number of them, or none.
    pub fn new(data: &'a mut [T], width: usize) -> Self {
        assert!(data.is_empty() || data.len().is_multiple_of(width), "rows of equal width");
        Self { data, width: width.max(1) }
    }

    /// `count` rows of `width` elements; multiplying is much cheaper than finding the count.
    #[inline]
    pub(crate) fn counted(data: &'a mut [T], count: usize, width: usize) -> Self {
        assert!(data.len() == count * width && width > 0, "rows of equal width");
        Self { data, width }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.data.len() / self.width
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// Elements of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All elements, row after row.
    pub fn flat(&mut self) -> &mut [T] {
        self.data
    }

    /// The row at `idx`.
    #[inline]
    pub fn row(&mut self, idx: usize) -> &mut [T] {
        &mut self.data[idx * self.width..][..self.width]
    }

    /// The rows in order.
    pub fn iter_mut(&mut self) -> std::slice::ChunksExactMut<'_, T> {
        self.data.chunks_exact_mut(self.width)
    }

    /// The same rows for a shorter time.
    pub fn reborrow(&mut self) -> RowsMut<'_, T> {
        RowsMut { data: self.data, width: self.width }
    }

    /// The same rows, read-only.
    pub fn as_rows(&self) -> Rows<'_, T> {
        Rows { data: self.data, width: self.width }
    }
}

impl<T> Index<usize> for RowsMut<'_, T> {
    type Output = [T];

    #[inline]
    fn index(&self, idx: usize) -> &[T] {
        &self.data[idx * self.width..][..self.width]
    }
}

impl<T> IndexMut<usize> for RowsMut<'_, T> {
    #[inline]
    fn index_mut(&mut self, idx: usize) -> &mut [T] {
        self.row(idx)
    }
}

impl<'a, T> IntoIterator for RowsMut<'a, T> {
    type Item = &'a mut [T];
    type IntoIter = std::slice::ChunksExactMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.data.chunks_exact_mut(self.width)
    }
}

impl<'a, T> IntoIterator for &'a mut RowsMut<'_, T> {
    type Item = &'a mut [T];
    type IntoIter = std::slice::ChunksExactMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
