//! How far two shapes are apart: the method of Gilbert, Johnson and Keerthi.
//!
//! A corner of one shape minus a corner of the other is a point of their difference; the shapes
//! are as far apart as that difference is from the origin. A simplex of up to three such points
//! walks towards the origin.

use super::POLYGON_RADIUS;
use super::vector::{EPSILON, Place, Vec2};

const ROUNDS_MAX: usize = 20;

/// The corners nearest to each other when a pair was last looked at: where to start next time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nearest {
    metric: f32,
    pub(crate) count: usize,
    pub(crate) corners: [[usize; 2]; 3],
}

/// A point of the difference.
#[derive(Clone, Copy, Default)]
struct Point {
    corners: [usize; 2],
    on_a: Vec2,
    on_b: Vec2,
    difference: Vec2,
    /// Its share of the point nearest to the origin.
    share: f32,
}

struct Pair<'a> {
    corners: [&'a [Vec2]; 2],
    places: [Place; 2],
}

impl Pair<'_> {
    #[inline]
    fn point(&self, corners: [usize; 2]) -> Point {
        let on_a = self.places[0].apply(self.corners[0][corners[0]]);
        let on_b = self.places[1].apply(self.corners[1][corners[1]]);
        Point { corners, on_a, on_b, difference: on_b - on_a, share: 0.0 }
    }
}

/// The corner that lies furthest in a direction.
#[inline]
pub(crate) fn furthest(corners: &[Vec2], direction: Vec2) -> usize {
    let (mut best, mut most) = (0, corners[0].dot(direction));
    for (idx, corner) in corners.iter().enumerate().skip(1) {
        let along = corner.dot(direction);
        if along > most {
            (best, most) = (idx, along);
        }
    }
    best
}

/// The distance between two shapes, their skins left out.
pub(crate) fn distance(corners: [&[Vec2]; 2], places: [Place; 2], nearest: &mut Nearest) -> f32 {
    let pair = Pair { corners, places };
    let mut simplex = Simplex::from(&pair, nearest);
    for _ in 0..ROUNDS_MAX {
        let seen = simplex.points.map(|point| point.corners);
        let seen = &seen[..simplex.count];
        simplex.reduce();
        if simplex.count == 3 {
            break;
        }
        let direction = simplex.direction();
        if direction.square() < EPSILON * EPSILON {
            break;
        }
        let next = [
            furthest(corners[0], places[0].turn.undo(-direction)),
            furthest(corners[1], places[1].turn.undo(direction)),
        ];
        simplex.points[simplex.count] = pair.point(next);
        if seen.contains(&next) {
            break;
        }
        simplex.count += 1;
    }
    *nearest = Nearest {
        metric: simplex.metric(),
        count: simplex.count,
        corners: simplex.points.map(|point| point.corners),
    };
    let (on_a, on_b) = simplex.witnesses();
    (on_a - on_b).length()
}

/// Whether two shapes with their skins overlap.
pub(crate) fn overlap(corners: [&[Vec2]; 2], places: [Place; 2]) -> bool {
    const SKINS: f32 = POLYGON_RADIUS + POLYGON_RADIUS;
    let apart = distance(corners, places, &mut Nearest::default());
    let apart = if apart > SKINS { apart - SKINS } else { 0.0 };
    apart < 10.0 * EPSILON
}

struct Simplex {
    points: [Point; 3],
    count: usize,
}

impl Simplex {
    fn from(pair: &Pair<'_>, nearest: &Nearest) -> Self {
        let mut simplex = Self { points: [Point::default(); 3], count: nearest.count };
        for (point, corners) in simplex.points.iter_mut().zip(nearest.corners).take(nearest.count) {
            *point = pair.point(corners);
        }
        if simplex.count > 1 {
            let (before, now) = (nearest.metric, simplex.metric());
            if now < 0.5 * before || 2.0 * before < now || now < EPSILON {
                simplex.count = 0;
            }
        }
        if simplex.count == 0 {
            simplex.points[0] = Point { share: 1.0, ..pair.point([0, 0]) };
            simplex.count = 1;
        }
        simplex
    }

    /// Length or doubled area.
    fn metric(&self) -> f32 {
        let [a, b, c] = self.points.map(|point| point.difference);
        match self.count {
            1 => 0.0,
            2 => (a - b).length(),
            _ => (b - a).cross(c - a),
        }
    }

    /// Towards the origin.
    fn direction(&self) -> Vec2 {
        let [a, b, _] = self.points.map(|point| point.difference);
        if self.count == 1 {
            return -a;
        }
        let along = b - a;
        if along.cross(-a) > 0.0 { along.left(1.0) } else { along.right(1.0) }
    }

    /// The nearest points of the two shapes.
    fn witnesses(&self) -> (Vec2, Vec2) {
        let [a, b, c] = &self.points;
        match self.count {
            1 => (a.on_a, a.on_b),
            2 => (a.share * a.on_a + b.share * b.on_a, a.share * a.on_b + b.share * b.on_b),
            _ => {
                let inside = a.share * a.on_a + b.share * b.on_a + c.share * c.on_a;
                (inside, inside)
            }
        }
    }

    /// Keeps the points between which the one nearest to the origin lies.
    fn reduce(&mut self) {
        match self.count {
            2 => self.reduce_line(),
            3 => self.reduce_triangle(),
            _ => {}
        }
    }

    fn keep_one(&mut self, point: usize) {
        self.points[point].share = 1.0;
        self.points[0] = self.points[point];
        self.count = 1;
    }

    fn keep_two(&mut self, kept: [usize; 2], weights: [f32; 2]) {
        let inverse = 1.0 / (weights[0] + weights[1]);
        let [a, b] = kept.map(|idx| self.points[idx]);
        self.points[0] = Point { share: weights[0] * inverse, ..a };
        self.points[1] = Point { share: weights[1] * inverse, ..b };
        self.count = 2;
    }

    fn reduce_line(&mut self) {
        let weights = line_weights(self.points[0].difference, self.points[1].difference);
        if weights[1] <= 0.0 {
            self.keep_one(0);
        } else if weights[0] <= 0.0 {
            self.keep_one(1);
        } else {
            self.keep_two([0, 1], weights);
        }
    }

    fn reduce_triangle(&mut self) {
        let [a, b, c] = self.points.map(|point| point.difference);
        let (ab, ac, bc) = (line_weights(a, b), line_weights(a, c), line_weights(b, c));
        let area = (b - a).cross(c - a);
        let inside = [area * b.cross(c), area * c.cross(a), area * a.cross(b)];
        let between = |weights: [f32; 2]| weights[0] > 0.0 && weights[1] > 0.0;
        if ab[1] <= 0.0 && ac[1] <= 0.0 {
            self.keep_one(0);
        } else if between(ab) && inside[2] <= 0.0 {
            self.keep_two([0, 1], ab);
        } else if between(ac) && inside[1] <= 0.0 {
            self.keep_two([0, 2], ac);
        } else if ab[0] <= 0.0 && bc[1] <= 0.0 {
            self.keep_one(1);
        } else if ac[0] <= 0.0 && bc[0] <= 0.0 {
            self.keep_one(2);
        } else if between(bc) && inside[0] <= 0.0 {
            // The third point takes the place of the first.
            self.keep_two([2, 1], [bc[1], bc[0]]);
        } else {
            let inverse = 1.0 / (inside[0] + inside[1] + inside[2]);
            for (point, weight) in self.points.iter_mut().zip(inside) {
                point.share = weight * inverse;
            }
        }
    }
}

/// Shares of two points in the point nearest to the origin on the line through them, not yet
/// divided by their sum.
fn line_weights(a: Vec2, b: Vec2) -> [f32; 2] {
    let along = b - a;
    [b.dot(along), -a.dot(along)]
}
