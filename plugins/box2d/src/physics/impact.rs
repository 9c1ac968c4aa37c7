//! When two moving shapes touch: conservative advancement along separating axes.

use super::distance::{Nearest, distance, furthest};
use super::shape::CORNERS_MAX;
use super::vector::{Place, Sweep, Vec2};
use super::{LINEAR_SLOP, POLYGON_RADIUS};

/// How close shapes come: their skins overlap a little.
const TARGET: f32 = {
    let left = (POLYGON_RADIUS + POLYGON_RADIUS) - 3.0 * LINEAR_SLOP;
    if LINEAR_SLOP > left { LINEAR_SLOP } else { left }
};
const TOLERANCE: f32 = 0.25 * LINEAR_SLOP;

const ROUNDS_MAX: usize = 20;
/// The original may push shapes back as often as a polygon of its own can have corners.
const PUSHES_MAX: usize = 2 * CORNERS_MAX;
const ROOT_STEPS_MAX: usize = 50;

/// The part of the step after which two shapes touch, if they were apart before.
pub(crate) fn time_of_impact(corners: [&[Vec2]; 2], mut sweeps: [Sweep; 2]) -> Option<f32> {
    sweeps.iter_mut().for_each(Sweep::normalize);
    let mut nearest = Nearest::default();
    let mut time = 0.0;
    for _ in 0..ROUNDS_MAX {
        let places = [sweeps[0].place(time), sweeps[1].place(time)];
        let apart = distance(corners, places, &mut nearest);
        if apart <= 0.0 {
            return None;
        }
        if apart < TARGET + TOLERANCE {
            return Some(time);
        }
        let axis = Axis::between(corners, &sweeps, &nearest, places);
        match axis.advance(time) {
            Advance::To(later) => time = later,
            Advance::Touches(at) => return Some(at),
            Advance::Never => return None,
        }
    }
    None
}

/// What following an axis has shown.
enum Advance {
    /// Up to here the shapes stay apart along it.
    To(f32),
    Touches(f32),
    /// They stay apart for the whole step, or no answer can be found.
    Never,
}

/// A direction in which shapes are apart.
enum Kind {
    /// Fixed in the world.
    Points(Vec2),
    /// The normal of a side of a shape, and the middle of that side.
    Side { of: usize, normal: Vec2, middle: Vec2 },
}

struct Axis<'a> {
    corners: [&'a [Vec2]; 2],
    sweeps: &'a [Sweep; 2],
    kind: Kind,
}

impl<'a> Axis<'a> {
    fn between(
        corners: [&'a [Vec2]; 2],
        sweeps: &'a [Sweep; 2],
        nearest: &Nearest,
        places: [Place; 2],
    ) -> Self {
        let [first, second, _] = nearest.corners;
        let kind = if nearest.count == 1 {
            let on_a = places[0].apply(corners[0][first[0]]);
            let on_b = places[1].apply(corners[1][first[1]]);
            Kind::Points((on_b - on_a).direction())
        } else {
            // The shape of which two corners are near shows a side.
            let of = usize::from(first[0] == second[0]);
            let (a, b) = (corners[of][first[of]], corners[of][second[of]]);
            let normal = (b - a).right(1.0).direction();
            let middle = 0.5 * (a + b);
            let other = 1 - of;
            let point = places[other].apply(corners[other][first[other]]);
            let outside = point - places[of].apply(middle);
            let points_away = outside.dot(places[of].turn.apply(normal)) < 0.0;
            Kind::Side { of, normal: if points_away { -normal } else { normal }, middle }
        };
        Self { corners, sweeps, kind }
    }

    fn places(&self, time: f32) -> [Place; 2] {
        [self.sweeps[0].place(time), self.sweeps[1].place(time)]
    }

    /// The corners that are nearest to each other along the axis at some time, and how far apart
    /// they are. A side stands for itself.
    fn closest(&self, time: f32) -> ([usize; 2], f32) {
        let places = self.places(time);
        let found = match self.kind {
            Kind::Points(axis) => [
                furthest(self.corners[0], places[0].turn.undo(axis)),
                furthest(self.corners[1], places[1].turn.undo(-axis)),
            ],
            Kind::Side { of, normal, .. } => {
                let (other, normal) = (1 - of, places[of].turn.apply(normal));
                [furthest(self.corners[other], places[other].turn.undo(-normal)); 2]
            }
        };
        (found, self.separation(found, places))
    }

    fn separation(&self, [a, b]: [usize; 2], places: [Place; 2]) -> f32 {
        match self.kind {
            Kind::Points(axis) => {
                let on_a = places[0].apply(self.corners[0][a]);
                let on_b = places[1].apply(self.corners[1][b]);
                (on_b - on_a).dot(axis)
            }
            Kind::Side { of, normal, middle } => {
                let other = 1 - of;
                let point = places[other].apply(self.corners[other][a]);
                (point - places[of].apply(middle)).dot(places[of].turn.apply(normal))
            }
        }
    }

    fn at(&self, found: [usize; 2], time: f32) -> f32 {
        self.separation(found, self.places(time))
    }

    /// From a time at which the shapes are apart, how far the step can go.
    fn advance(&self, time: f32) -> Advance {
        let mut late = 1.0;
        for _ in 0..PUSHES_MAX {
            let (found, separation) = self.closest(late);
            if separation > TARGET + TOLERANCE {
                return Advance::Never;
            }
            if separation > TARGET - TOLERANCE {
                return Advance::To(late);
            }
            let before = self.at(found, time);
            if before < TARGET - TOLERANCE {
                return Advance::Never;
            }
            if before <= TARGET + TOLERANCE {
                return Advance::Touches(time);
            }
            late = self.root(found, (time, before), (late, separation)).unwrap_or(late);
        }
        Advance::To(time)
    }

    /// When two corners are as far apart as they should be, by halving and by secants in turn.
    fn root(&self, found: [usize; 2], from: (f32, f32), to: (f32, f32)) -> Option<f32> {
        let ((mut early, mut more), (mut late, mut less)) = (from, to);
        for step in 0..ROOT_STEPS_MAX {
            let time = if step % 2 == 1 {
                early + (TARGET - more) * (late - early) / (less - more)
            } else {
                0.5 * (early + late)
            };
            let separation = self.at(found, time);
            if (separation - TARGET).abs() < TOLERANCE {
                return Some(time);
            }
            if separation > TARGET {
                (early, more) = (time, separation);
            } else {
                (late, less) = (time, separation);
            }
        }
        None
    }
}
