//! From observation rows to what nets are fed with: choices as one-hots, numbers as they are or
//! in deviations from their running mean.

use kit::running::Running;
use kit::{Eyes, Matrix};
use plugin_api::prelude::*;

/// The largest number of a place of an image.
const WHITE: f32 = 255.0;

/// Number of filters, side of a window and places between two, for images of less than 64 places a
/// side and for larger ones.
const SMALL: &[(usize, usize, usize)] = &[(16, 6, 3), (32, 4, 2)];
const LARGE: &[(usize, usize, usize)] = &[(16, 8, 4), (32, 4, 2)];

/// The smallest side that the filters for small images can look at.
const SIDE_MIN: usize = 15;

/// Turns observation rows into inputs.
#[derive(Clone, Debug)]
pub(crate) struct Encoder {
    /// Width of the one-hot of each element, and what it counts from; `None` for a plain number.
    elements: Vec<Option<(usize, f32)>>,
    width: usize,
    /// Rows, places of a row and channels of observations that are images.
    image: Option<(usize, usize, usize)>,
    /// Present when inputs are normalised.
    running: Option<Running>,
    /// An encoded row before it is normalised.
    row: Vec<f32>,
}

impl Encoder {
    pub(crate) fn new(space: &Space, normalise: bool) -> Self {
        let mut elements = Vec::with_capacity(space.width());
        for (_, leaf) in space.leaves() {
            match leaf {
                Space::Discrete { n, start } => elements.push(Some((*n, *start as f32))),
                Space::MultiDiscrete { n, start } => {
                    let pairs = n.iter().zip(start);
                    elements.extend(pairs.map(|(&n, &start)| Some((n, start as f32))));
                }
                Space::Text { max, charset, .. } => {
                    elements.extend(vec![Some((charset.chars().count(), 0.0)); *max]);
                }
                leaf => elements.extend(vec![None; leaf.width()]),
            }
        }
        let widths = elements.iter().map(|element| element.map_or(1, |(width, _)| width));
        let width = widths.sum();
        let running = normalise.then(|| Running::new(width));
        Self { elements, width, image: image(space), running, row: vec![0.0; width] }
    }

    /// What looks at observations before the dense layers do; nothing unless they are images.
    pub(crate) fn eyes(&self) -> Option<Eyes<'static>> {
        let image = self.image?;
        let filters = if image.0.min(image.1) < 64 { SMALL } else { LARGE };
        Some(Eyes { image, filters })
    }

    /// Numbers of an encoded row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Writes the encoded rows to the first columns of a matrix.
    pub(crate) fn encode(&self, rows: Rows<'_>, into: &mut Matrix) {
        self.encode_some(rows.iter(), into);
    }

    /// The same for rows one by one.
    pub(crate) fn encode_some<'a>(
        &self,
        rows: impl ExactSizeIterator<Item = &'a [f32]>,
        into: &mut Matrix,
    ) {
        into.fill_from(rows, |from, to| {
            let to = &mut to[..self.width];
            if self.width == self.elements.len() {
                match &self.running {
                    Some(running) => running.apply(from, to),
                    None if self.image.is_some() => {
                        to.iter_mut().zip(from).for_each(|(to, &from)| *to = from / WHITE);
                    }
                    None => to.copy_from_slice(from),
                }
            } else {
                self.one_hots(from, to);
                if let Some(running) = &self.running {
                    running.apply_in_place(to);
                }
            }
        });
    }

    fn one_hots(&self, from: &[f32], to: &mut [f32]) {
        let mut place = 0;
        for (&value, element) in from.iter().zip(&self.elements) {
            let Some((width, start)) = element else {
                to[place] = value;
                place += 1;
                continue;
            };
            let here = &mut to[place..][..*width];
            here.fill(0.0);
            let choice = value - start;
            if let Some(hot) = here.get_mut(choice as usize).filter(|_| choice >= 0.0) {
                *hot = 1.0;
            }
            place += width;
        }
    }

    /// Counts these rows in mean and deviation.
    pub(crate) fn count(&mut self, rows: Rows<'_>) {
        let Some(mut running) = self.running.take() else { return };
        let mut row = std::mem::take(&mut self.row);
        for from in rows {
            if self.width == self.elements.len() {
                running.add(from);
            } else {
                self.one_hots(from, &mut row);
                running.add(&row);
            }
        }
        running.refresh();
        (self.running, self.row) = (Some(running), row);
    }

    pub(crate) fn state(&mut self, archive: &mut Archive) {
        if let Some(running) = &mut self.running {
            archive.scope("observations", |archive| running.state(archive));
        }
    }
}

/// An image is a box of bytes from 0 to 255 with rows, places and channels.
fn image(space: &Space) -> Option<(usize, usize, usize)> {
    let Space::Box { low, high, shape, dtype: plugin_api::Dtype::U8 } = space else { return None };
    let &[height, width, channels] = &shape[..] else { return None };
    let bytes = (low.at(0) as i64, high.at(0) as i64) == (0, WHITE as i64);
    (bytes && height.min(width) >= SIDE_MIN).then_some((height, width, channels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_parts_of_white_and_other_numbers_stay() {
        let encoded = |space: &Space, row: &[f32]| {
            let encoder = Encoder::new(space, false);
            let mut into = Matrix::new(1, encoder.width());
            encoder.encode(Rows::new(row, row.len()), &mut into);
            (into.row(0).to_vec(), encoder.eyes().map(|eyes| eyes.image))
        };
        let row: Vec<f32> = (0..256).map(|byte| byte as f32).collect();
        let image = Space::range::<u8>(0.0, 255.0, &[16, 16, 1]);
        let (seen, eyes) = encoded(&image, &row);
        assert!(seen.iter().zip(&row).all(|(seen, byte)| (seen - byte / 255.0).abs() < 1e-7));
        assert_eq!(eyes, Some((16, 16, 1)));
        for space in [
            Space::range::<u8>(0.0, 255.0, &[256]),
            Space::range::<u8>(0.0, 99.0, &[16, 16, 1]),
            Space::range::<f32>(0.0, 255.0, &[16, 16, 1]),
        ] {
            assert_eq!(encoded(&space, &row), (row.clone(), None), "{space}");
        }
    }
}
