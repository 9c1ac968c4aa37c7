//! Shapes: edges and convex polygons, their boxes, masses, and where a ray meets them.

use std::sync::Arc;

use super::POLYGON_RADIUS;
use super::vector::{Place, Vec2};

/// Most corners of a polygon.
pub(crate) const CORNERS_MAX: usize = 8;

/// A shape. All have the same thin skin around them.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line between two points.
    Edge([Vec2; 2]),
    /// A convex polygon, shared by all that have the same.
    Polygon(Arc<Polygon>),
}

/// A convex polygon, its corners to the left around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygon {
    corners: [Vec2; CORNERS_MAX],
    normals: [Vec2; CORNERS_MAX],
    count: usize,
    pub(crate) centroid: Vec2,
}

/// Mass, center and moment of inertia around the origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mass {
    pub(crate) amount: f32,
    pub(crate) center: Vec2,
    pub(crate) inertia: f32,
}

/// A ray, as the points at its parts 0 and 1, and the part of it that still counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ray {
    pub(crate) from: Vec2,
    pub(crate) to: Vec2,
    pub(crate) part: f32,
}

/// A box with upright sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) lower: Vec2,
    pub(crate) upper: Vec2,
}

impl Bounds {
    #[inline]
    pub(crate) fn union(self, other: Self) -> Self {
        Self { lower: self.lower.lower(other.lower), upper: self.upper.upper(other.upper) }
    }

    #[inline]
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.lower.x <= other.lower.x
            && self.lower.y <= other.lower.y
            && other.upper.x <= self.upper.x
            && other.upper.y <= self.upper.y
    }

    #[inline]
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (right, left) = (other.lower - self.upper, self.lower - other.upper);
        !(right.x > 0.0 || right.y > 0.0 || left.x > 0.0 || left.y > 0.0)
    }

    #[inline]
    pub(crate) fn perimeter(&self) -> f32 {
        let size = self.upper - self.lower;
        2.0 * (size.x + size.y)
    }

    #[inline]
    pub(crate) fn grown(self, margin: f32) -> Self {
        let margin = Vec2::new(margin, margin);
        Self { lower: self.lower - margin, upper: self.upper + margin }
    }
}

impl Shape {
    /// The convex hull of some points.
    pub fn polygon(points: &[Vec2]) -> Self {
        Self::Polygon(Arc::new(Polygon::hull(points)))
    }

    /// A rectangle around the origin, given half its width and height.
    pub fn rectangle(half_width: f32, half_height: f32) -> Self {
        Self::Polygon(Arc::new(Polygon::rectangle(half_width, half_height)))
    }

    /// The points that span the shape.
    #[inline]
    pub fn corners(&self) -> &[Vec2] {
        match self {
            Self::Edge(ends) => ends,
            Self::Polygon(polygon) => polygon.corners(),
        }
    }

    /// The box around the shape at a place.
    #[inline]
    pub(crate) fn bounds(&self, place: Place) -> Bounds {
        let mut bounds = match self {
            Self::Edge([a, b]) => {
                let (a, b) = (place.apply(*a), place.apply(*b));
                Bounds { lower: a.lower(b), upper: a.upper(b) }
            }
            Self::Polygon(polygon) => {
                let (first, rest) = polygon.corners().split_first().expect("a polygon has corners");
                let first = place.apply(*first);
                let mut bounds = Bounds { lower: first, upper: first };
                for corner in rest {
                    let corner = place.apply(*corner);
                    bounds.lower = bounds.lower.lower(corner);
                    bounds.upper = bounds.upper.upper(corner);
                }
                bounds
            }
        };
        bounds = bounds.grown(POLYGON_RADIUS);
        bounds
    }

    /// Which part of the ray lies before the shape, if it is met from outside.
    pub(crate) fn meets(&self, ray: Ray, place: Place) -> Option<f32> {
        let from = place.undo(ray.from);
        let way = place.undo(ray.to) - from;
        match self {
            Self::Edge(ends) => edge_meets(*ends, from, way, ray.part),
            Self::Polygon(polygon) => polygon.meets(from, way, ray.part),
        }
    }
}

fn edge_meets([start, end]: [Vec2; 2], from: Vec2, way: Vec2, part: f32) -> Option<f32> {
    let along = end - start;
    let normal = Vec2::new(along.y, -along.x).direction();
    let (distance, speed) = (normal.dot(start - from), normal.dot(way));
    if speed == 0.0 {
        return None;
    }
    let at = distance / speed;
    if at < 0.0 || part < at {
        return None;
    }
    let square = along.dot(along);
    let place = (from + at * way - start).dot(along) / square;
    (square != 0.0 && (0.0..=1.0).contains(&place)).then_some(at)
}

impl Polygon {
    /// The convex hull of some points, wrapped from the rightmost of them.
    pub fn hull(points: &[Vec2]) -> Self {
        assert!((3..=CORNERS_MAX).contains(&points.len()), "3 to {CORNERS_MAX} corners");
        let mut first = 0;
        for (idx, point) in points.iter().enumerate() {
            let best = points[first];
            if (point.x, -point.y) > (best.x, -best.y) {
                first = idx;
            }
        }
        let mut polygon = Self::default();
        let mut here = first;
        while polygon.count == 0 || here != first {
            polygon.corners[polygon.count] = points[here];
            polygon.count += 1;
            here = rightmost(points, here);
        }
        polygon.finish();
        polygon
    }

    fn rectangle(w: f32, h: f32) -> Self {
        let mut polygon = Self { count: 4, ..Self::default() };
        polygon.corners[..4].copy_from_slice(&[
            Vec2::new(-w, -h),
            Vec2::new(w, -h),
            Vec2::new(w, h),
            Vec2::new(-w, h),
        ]);
        polygon.normals[..4].copy_from_slice(&[
            Vec2::new(0.0, -1.0),
            Vec2::new(1.0, 0.0),
            Vec2::new(0.0, 1.0),
            Vec2::new(-1.0, 0.0),
        ]);
        polygon
    }

    /// The corners.
    #[inline]
    pub fn corners(&self) -> &[Vec2] {
        &self.corners[..self.count]
    }

    /// The outward directions of the sides, each after the corner with its number.
    #[inline]
    pub(crate) fn normals(&self) -> &[Vec2] {
        &self.normals[..self.count]
    }

    /// The number of the side after this one.
    #[inline]
    pub(crate) fn after(&self, side: usize) -> usize {
        if side + 1 < self.count { side + 1 } else { 0 }
    }

    /// The number of the side before this one.
    #[inline]
    pub(crate) fn before(&self, side: usize) -> usize {
        if side > 0 { side - 1 } else { self.count - 1 }
    }

    fn finish(&mut self) {
        for side in 0..self.count {
            let along = self.corners[self.after(side)] - self.corners[side];
            self.normals[side] = along.right(1.0).direction();
        }
        let (mut center, mut area) = (Vec2::ZERO, 0.0);
        for side in 0..self.count {
            let (a, b) = (self.corners[side], self.corners[self.after(side)]);
            let triangle = 0.5 * a.cross(b);
            area += triangle;
            center += (triangle * THIRD) * (Vec2::ZERO + a + b);
        }
        let inverse = 1.0 / area;
        self.centroid = Vec2::new(center.x * inverse, center.y * inverse);
    }

    /// Mass, center and inertia, summed over triangles around the middle of the corners.
    pub(crate) fn mass(&self, density: f32) -> Mass {
        let mut middle = Vec2::ZERO;
        self.corners().iter().for_each(|&corner| middle += corner);
        let share = 1.0 / self.count as f32;
        middle = Vec2::new(middle.x * share, middle.y * share);
        let (mut center, mut area, mut inertia) = (Vec2::ZERO, 0.0, 0.0);
        for side in 0..self.count {
            let a = self.corners[side] - middle;
            let b = self.corners[self.after(side)] - middle;
            let double = a.cross(b);
            let triangle = 0.5 * double;
            area += triangle;
            center += (triangle * THIRD) * (a + b);
            let x = a.x * a.x + b.x * a.x + b.x * b.x;
            let y = a.y * a.y + b.y * a.y + b.y * b.y;
            inertia += (0.25 * THIRD * double) * (x + y);
        }
        let mass = density * area;
        let inverse = 1.0 / area;
        let offset = Vec2::new(center.x * inverse, center.y * inverse);
        let center = offset + middle;
        let inertia = density * inertia + mass * (center.dot(center) - offset.dot(offset));
        Mass { amount: mass, center, inertia }
    }

    fn meets(&self, from: Vec2, way: Vec2, part: f32) -> Option<f32> {
        let (mut enter, mut leave, mut met) = (0.0, part, false);
        for (normal, corner) in self.normals().iter().zip(self.corners()) {
            let (distance, speed) = (normal.dot(*corner - from), normal.dot(way));
            if speed == 0.0 {
                if distance < 0.0 {
                    return None;
                }
            } else if speed < 0.0 && distance < enter * speed {
                enter = distance / speed;
                met = true;
            } else if speed > 0.0 && distance < leave * speed {
                leave = distance / speed;
            }
            if leave < enter {
                return None;
            }
        }
        met.then_some(enter)
    }
}

const THIRD: f32 = 1.0 / 3.0;

/// The point that has all others on its left, seen from the one `here`.
fn rightmost(points: &[Vec2], here: usize) -> usize {
    let mut best = 0;
    for (idx, point) in points.iter().enumerate().skip(1) {
        if best == here {
            best = idx;
            continue;
        }
        let (to_best, to_point) = (points[best] - points[here], *point - points[here]);
        let turn = to_best.cross(to_point);
        if turn < 0.0 || (turn == 0.0 && to_point.square() > to_best.square()) {
            best = idx;
        }
    }
    best
}
