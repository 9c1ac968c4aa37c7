//! Grey pictures of a field of 84 by 84, with any number of places a side.

/// Units along a side of the field. x grows to the right and y downwards.
pub const FIELD: f32 = 84.0;

/// A picture, row by row from the top; 0 is black and 255 white.
#[derive(Clone, Debug)]
pub struct Canvas {
    side: usize,
    places: Vec<u8>,
}

impl Canvas {
    /// A black picture.
    pub fn new(side: usize) -> Self {
        Self { side, places: vec![0; side * side] }
    }

    /// How bright each place is.
    pub fn places(&self) -> &[u8] {
        &self.places
    }

    /// The same for those who keep it.
    pub(crate) fn places_mut(&mut self) -> &mut [u8] {
        &mut self.places
    }

    /// Makes everything black.
    pub fn clear(&mut self) {
        self.places.fill(0);
    }

    /// Paints a rectangle, given its left upper corner and its size. A place that it covers in part
    /// gets that part of its brightness, and what is brighter already stays.
    pub fn rect(&mut self, [left, top]: [f32; 2], [width, height]: [f32; 2], grey: u8) {
        let scale = self.side as f32 / FIELD;
        let across = Reach::of(left * scale, (left + width) * scale, self.side);
        let down = Reach::of(top * scale, (top + height) * scale, self.side);
        for row in down.places() {
            let part = down.part(row) * f32::from(grey);
            for column in across.places() {
                let place = &mut self.places[row * self.side + column];
                *place = (*place).max((part * across.part(column)).round() as u8);
            }
        }
    }
}

/// What a stretch covers of a row of places.
#[derive(Clone, Copy, Debug)]
struct Reach {
    from: f32,
    to: f32,
}

impl Reach {
    fn of(from: f32, to: f32, side: usize) -> Self {
        let within = |x: f32| x.clamp(0.0, side as f32);
        Self { from: within(from), to: within(to) }
    }

    fn places(self) -> std::ops::Range<usize> {
        self.from as usize..self.to.ceil() as usize
    }

    fn part(self, place: usize) -> f32 {
        let (left, right) = (place as f32, (place + 1) as f32);
        (self.to.min(right) - self.from.max(left)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_get_the_part_that_is_covered() {
        let mut canvas = Canvas::new(42);
        canvas.rect([3.0, 2.0], [4.0, 3.0], 200);
        let row = |row: usize| canvas.places()[row * 42..][..5].to_vec();
        assert_eq!([row(0), row(3)], [vec![0; 5], vec![0; 5]]);
        assert_eq!(row(1), [0, 100, 200, 100, 0]);
        assert_eq!(row(2), [0, 50, 100, 50, 0]);
    }

    #[test]
    fn what_lies_outside_is_not_painted_and_what_is_brighter_stays() {
        let mut canvas = Canvas::new(84);
        canvas.rect([-5.0, 80.0], [7.0, 10.0], 90);
        canvas.rect([0.0, 82.0], [1.0, 1.0], 40);
        canvas.rect([90.0, 0.0], [5.0, 84.0], 255);
        let count =
            |grey: u8| canvas.places().iter().map(|one| u32::from(*one == grey)).sum::<u32>();
        assert_eq!((count(90), count(0)), (8, 84 * 84 - 8));
    }
}
