//! Images as rows of windows: a layer of filters is a dense layer over them.
//!
//! An image lies row by row, its channels side by side in each place. What a filter layer puts out
//! lies the same way, a channel for each filter.

use crate::matrix::Matrix;
use crate::real::Real;

/// Which windows of an image are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patches {
    /// Rows of the image.
    pub height: usize,
    /// Places of a row.
    pub width: usize,
    /// Numbers of a place.
    pub channels: usize,
    /// Side of a window.
    pub size: usize,
    /// Places between two windows.
    pub stride: usize,
}

impl Patches {
    /// Windows above one another, and side by side.
    pub fn grid(&self) -> (usize, usize) {
        let count = |side: usize| (side - self.size) / self.stride + 1;
        (count(self.height), count(self.width))
    }

    /// All windows.
    pub fn count(&self) -> usize {
        let (down, across) = self.grid();
        down * across
    }

    /// Numbers of a window.
    pub fn len(&self) -> usize {
        self.size * self.size * self.channels
    }

    /// Whether a window holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers of the image.
    pub fn image(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Where each row of each window begins, in the image and in the rows of windows.
    fn pieces(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let Self { width, channels, size, stride, .. } = *self;
        let (down, across) = self.grid();
        (0..down * across).flat_map(move |window| {
            let (top, left) = (window / across * stride, window % across * stride);
            (0..size).map(move |line| {
                (window, ((top + line) * width + left) * channels, line * size * channels)
            })
        })
    }

    /// Writes the windows of all images, a row each.
    pub(crate) fn gather<T: Real>(&self, images: &Matrix<T>, windows: &mut Matrix<T>) {
        windows.set_rows(images.rows() * self.count());
        let run = self.size * self.channels;
        for row in 0..images.rows() {
            let image = images.row(row);
            for (window, from, to) in self.pieces() {
                let into = windows.row_mut(row * self.count() + window);
                into[to..][..run].copy_from_slice(&image[from..][..run]);
            }
        }
    }

    /// Sums what lies in the windows into the images.
    pub(crate) fn scatter<T: Real>(&self, windows: &Matrix<T>, images: &mut Matrix<T>) {
        images.clear();
        let run = self.size * self.channels;
        for row in 0..images.rows() {
            let image = images.row_mut(row);
            for (window, to, from) in self.pieces() {
                let from = &windows.row(row * self.count() + window)[from..][..run];
                image[to..][..run].iter_mut().zip(from).for_each(|(to, &from)| *to += from);
            }
        }
    }
}
