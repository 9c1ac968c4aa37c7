//! An edge and a polygon. The edge has two sides; the one that counts faces the polygon.

use super::super::shape::{CORNERS_MAX, Polygon};
use super::super::vector::{Place, Vec2, lesser};
use super::super::{ANGULAR_SLOP, POLYGON_RADIUS};
use super::{End, Feature, Manifold, Side, cut};

const SKINS: f32 = 2.0 * POLYGON_RADIUS;

/// The polygon, seen from the edge.
struct Seen {
    corners: [Vec2; CORNERS_MAX],
    normals: [Vec2; CORNERS_MAX],
    count: usize,
}

impl Seen {
    #[inline]
    fn new(polygon: &Polygon, place: Place) -> Self {
        let mut seen = Self {
            corners: [Vec2::ZERO; CORNERS_MAX],
            normals: [Vec2::ZERO; CORNERS_MAX],
            count: polygon.corners().len(),
        };
        for (to, corner) in seen.corners.iter_mut().zip(polygon.corners()) {
            *to = place.apply(*corner);
        }
        for (to, normal) in seen.normals.iter_mut().zip(polygon.normals()) {
            *to = place.turn.apply(*normal);
        }
        seen
    }

    fn sides(&self) -> impl Iterator<Item = (Vec2, Vec2)> {
        self.corners.into_iter().zip(self.normals).take(self.count)
    }
}

pub(super) fn collide(
    [start, end]: [Vec2; 2],
    polygon: &Polygon,
    places: [Place; 2],
) -> Option<Manifold> {
    let place = places[0].to(places[1]);
    let middle = place.apply(polygon.centroid);
    let along = (end - start).direction();
    let right = Vec2::new(along.y, -along.x);
    let in_front = right.dot(middle - start) >= 0.0;
    let facing = if in_front { right } else { -right };

    let seen = Seen::new(polygon, place);
    let from_edge = seen.sides().fold(f32::MAX, |least, (corner, _)| {
        let separation = facing.dot(corner - start);
        if separation < least { separation } else { least }
    });
    if from_edge > SKINS {
        return None;
    }
    let from_polygon = polygon_axis(&seen, [start, end], facing);
    if from_polygon.is_some_and(|(_, separation)| separation > SKINS) {
        return None;
    }
    match from_polygon {
        Some((side, separation)) if separation > 0.98 * from_edge + 0.001 => {
            on_polygon(polygon, &seen, side, [start, end])
        }
        _ => {
            let ends = if in_front { [start, end] } else { [end, start] };
            on_edge(&seen, place, facing, ends, in_front)
        }
    }
}

/// The side of the polygon from which the edge is furthest apart. Sides that face away from it by
/// more than a little do not count, unless they part the two for certain.
fn polygon_axis(seen: &Seen, [start, end]: [Vec2; 2], facing: Vec2) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (side, (corner, normal)) in seen.sides().enumerate() {
        let inward = -normal;
        let separation = lesser(inward.dot(corner - start), inward.dot(corner - end));
        if separation > SKINS {
            return Some((side, separation));
        }
        if (inward - -facing).dot(facing) < -ANGULAR_SLOP {
            continue;
        }
        if separation > best.map_or(-f32::MAX, |(_, most)| most) {
            best = Some((side, separation));
        }
    }
    best
}

fn on_edge(
    seen: &Seen,
    place: Place,
    facing: Vec2,
    ends: [Vec2; 2],
    in_front: bool,
) -> Option<Manifold> {
    let (mut against, mut least) = (0, facing.dot(seen.normals[0]));
    for (side, (_, normal)) in seen.sides().enumerate().skip(1) {
        let value = facing.dot(normal);
        if value < least {
            (against, least) = (side, value);
        }
    }
    let next = if against + 1 < seen.count { against + 1 } else { 0 };
    let line = [against, next].map(|corner| End {
        at: seen.corners[corner],
        feature: Feature { indices: [0, corner as u8], sides: [true, false] },
    });
    let corners = if in_front { [0, 1] } else { [1, 0] };
    let line = between(line, ends, facing, corners)?;
    let mut manifold =
        Manifold { side: Side::OfA, normal: facing, point: ends[0], ..Manifold::default() };
    for end in line {
        if facing.dot(end.at - ends[0]) <= SKINS {
            manifold.add(place.undo(end.at), end.feature);
        }
    }
    Some(manifold)
}

fn on_polygon(
    polygon: &Polygon,
    seen: &Seen,
    side: usize,
    [start, end]: [Vec2; 2],
) -> Option<Manifold> {
    let line = [start, end]
        .map(|at| End { at, feature: Feature { indices: [0, side as u8], sides: [false, true] } });
    let corners = [side, polygon.after(side)];
    let ends = corners.map(|corner| seen.corners[corner]);
    let normal = seen.normals[side];
    let line = between(line, ends, normal, corners)?;
    let mut manifold = Manifold {
        side: Side::OfB,
        normal: polygon.normals()[side],
        point: polygon.corners()[side],
        ..Manifold::default()
    };
    for end in line {
        if normal.dot(end.at - ends[0]) <= SKINS {
            manifold.add(end.at, end.feature.swapped());
        }
    }
    Some(manifold)
}

/// The part of a line that lies beside a side, between its ends.
fn between(line: [End; 2], ends: [Vec2; 2], normal: Vec2, corners: [usize; 2]) -> Option<[End; 2]> {
    let back = Vec2::new(normal.y, -normal.x);
    let line = cut(line, back, back.dot(ends[0]), corners[0])?;
    cut(line, -back, (-back).dot(ends[1]), corners[1])
}
