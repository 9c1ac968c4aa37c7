//! A grid of colored points, and how lines, areas and circles are drawn on it.

/// Points of a character, side by side and one above the other.
const CELL: (usize, usize) = (2, 4);

/// Corners with which a circle is drawn.
const CIRCLE_CORNERS: usize = 64;

/// A grid of points, two by four to a character. Coordinates are points, y growing downwards.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    columns: usize,
    rows: usize,
    points: Vec<Option<Point>>,
}

/// Something that was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) color: [u8; 3],
    /// Whether it belongs to a line rather than to an area.
    pub(super) is_line: bool,
}

impl Canvas {
    /// A canvas for a picture of this size, as large as the room allows, and its points per unit.
    pub(super) fn fitting(
        width: f64,
        height: f64,
        columns: usize,
        rows: usize,
    ) -> Option<(Self, f64)> {
        if !(width > 0.0 && height > 0.0) || columns == 0 || rows == 0 {
            return None;
        }
        let room = ((columns * CELL.0) as f64, (rows * CELL.1) as f64);
        let scale = (room.0 / width).min(room.1 / height);
        let cells = |size: f64, cell: usize, most: usize| {
            (((size * scale / cell as f64) - 1e-6).ceil() as usize).clamp(1, most)
        };
        let (columns, rows) = (cells(width, CELL.0, columns), cells(height, CELL.1, rows));
        let points = vec![None; columns * CELL.0 * rows * CELL.1];
        Some((Self { columns, rows, points }, scale)).filter(|_| scale.is_finite())
    }

    /// Columns and rows of characters.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.columns, self.rows)
    }

    /// Columns and rows of points.
    pub(super) fn points(&self) -> (usize, usize) {
        (self.columns * CELL.0, self.rows * CELL.1)
    }

    /// What was drawn there.
    pub(super) fn point(&self, x: usize, y: usize) -> Option<Point> {
        self.points[y * self.columns * CELL.0 + x]
    }

    /// Sets a point of an area.
    pub(super) fn set(&mut self, x: usize, y: usize, color: [u8; 3]) {
        self.points[y * self.columns * CELL.0 + x] = Some(Point { color, is_line: false });
    }

    fn set_of_line(&mut self, x: usize, y: usize, color: [u8; 3]) {
        self.points[y * self.columns * CELL.0 + x] = Some(Point { color, is_line: true });
    }

    /// Draws a line through points.
    pub(super) fn stroke(&mut self, points: &[[f64; 2]], color: [u8; 3]) {
        for pair in points.windows(2) {
            self.line(pair[0], pair[1], color);
        }
    }

    /// Fills the area between points, by the rule of even and odd.
    pub(super) fn fill(&mut self, points: &[[f64; 2]], color: [u8; 3]) {
        let (wide, high) = self.points();
        let mut crossings = Vec::new();
        for y in 0..high {
            let middle = y as f64 + 0.5;
            crossings.clear();
            for (idx, &[x0, y0]) in points.iter().enumerate() {
                let [x1, y1] = points[(idx + 1) % points.len()];
                if (y0 <= middle) != (y1 <= middle) {
                    crossings.push(x0 + (middle - y0) / (y1 - y0) * (x1 - x0));
                }
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                // A point belongs to an area when its middle does.
                let from = (pair[0] - 0.5).ceil().clamp(0.0, wide as f64) as usize;
                let to = (pair[1] - 0.5).ceil().clamp(0.0, wide as f64) as usize;
                (from..to).for_each(|x| self.set(x, y, color));
            }
        }
    }

    /// Draws or fills a circle.
    pub(super) fn circle(&mut self, center: [f64; 2], radius: f64, fill: bool, color: [u8; 3]) {
        let corner = |idx: usize| {
            let angle = std::f64::consts::TAU * idx as f64 / CIRCLE_CORNERS as f64;
            [center[0] + radius * angle.cos(), center[1] + radius * angle.sin()]
        };
        let corners: Vec<_> = (0..=CIRCLE_CORNERS).map(corner).collect();
        if fill { self.fill(&corners, color) } else { self.stroke(&corners, color) }
    }

    fn line(&mut self, from: [f64; 2], to: [f64; 2], color: [u8; 3]) {
        let (wide, high) = self.points();
        let Some((from, to)) = clip(from, to, [wide as f64, high as f64]) else { return };
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let steps = dx.abs().max(dy.abs()).ceil().max(1.0);
        for step in 0..=steps as usize {
            let part = step as f64 / steps;
            let (x, y) = (from[0] + part * dx, from[1] + part * dy);
            let x = (x as usize).min(wide - 1);
            let y = (y as usize).min(high - 1);
            self.set_of_line(x, y, color);
        }
    }
}

/// The part of a line that lies within `0..=most` (Liang and Barsky, 1984).
fn clip(from: [f64; 2], to: [f64; 2], most: [f64; 2]) -> Option<([f64; 2], [f64; 2])> {
    if !from.iter().chain(&to).all(|number| number.is_finite()) {
        return None;
    }
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let (start, length) = (from[axis], to[axis] - from[axis]);
        if length == 0.0 {
            if !(0.0..=most[axis]).contains(&start) {
                return None;
            }
            continue;
        }
        let (at_zero, at_most) = (-start / length, (most[axis] - start) / length);
        first = first.max(at_zero.min(at_most));
        last = last.min(at_zero.max(at_most));
    }
    let at = |part: f64| {
        let axis = |axis: usize| from[axis] + part * (to[axis] - from[axis]);
        [axis(0).clamp(0.0, most[0]), axis(1).clamp(0.0, most[1])]
    };
    (first <= last).then(|| (at(first), at(last)))
}
