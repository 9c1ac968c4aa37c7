//! Two polygons.

use super::super::POLYGON_RADIUS;
use super::super::shape::Polygon;
use super::super::vector::Place;
use super::{End, Feature, Manifold, Side, cut};

const SKINS: f32 = POLYGON_RADIUS + POLYGON_RADIUS;

/// A polygon and where it lies.
type Placed<'a> = (&'a Polygon, Place);

pub(super) fn collide([a, b]: [&Polygon; 2], places: [Place; 2]) -> Option<Manifold> {
    let (a, b) = ((a, places[0]), (b, places[1]));
    let (side_a, from_a) = widest(a, b);
    if from_a > SKINS {
        return None;
    }
    let (side_b, from_b) = widest(b, a);
    if from_b > SKINS {
        return None;
    }
    if from_b > 0.98 * from_a + 0.001 {
        on_side(b, side_b, a, Side::OfB)
    } else {
        on_side(a, side_a, b, Side::OfA)
    }
}

/// How far the other polygon is from the line of a side.
fn separation((polygon, place): Placed<'_>, side: usize, (other, other_place): Placed<'_>) -> f32 {
    let normal = place.turn.apply(polygon.normals()[side]);
    let seen = other_place.turn.undo(normal);
    let (mut nearest, mut least) = (0, f32::MAX);
    for (idx, corner) in other.corners().iter().enumerate() {
        let along = corner.dot(seen);
        if along < least {
            (nearest, least) = (idx, along);
        }
    }
    let on_side = place.apply(polygon.corners()[side]);
    let on_other = other_place.apply(other.corners()[nearest]);
    (on_other - on_side).dot(normal)
}

/// The side from which the other polygon is furthest: uphill from the one that faces its middle.
fn widest(this: Placed<'_>, that: Placed<'_>) -> (usize, f32) {
    let (polygon, place) = this;
    let way = that.1.apply(that.0.centroid) - place.apply(polygon.centroid);
    let way = place.turn.undo(way);
    let (mut side, mut most) = (0, -f32::MAX);
    for (idx, normal) in polygon.normals().iter().enumerate() {
        let along = normal.dot(way);
        if along > most {
            (side, most) = (idx, along);
        }
    }
    let here = separation(this, side, that);
    let (before, after) = (polygon.before(side), polygon.after(side));
    let (at_before, at_after) = (separation(this, before, that), separation(this, after, that));
    let (mut best, forward) = if at_before > here && at_before > at_after {
        ((before, at_before), false)
    } else if at_after > here {
        ((after, at_after), true)
    } else {
        return (side, here);
    };
    loop {
        let next = if forward { polygon.after(best.0) } else { polygon.before(best.0) };
        let at_next = separation(this, next, that);
        if at_next > best.1 {
            best = (next, at_next);
        } else {
            return best;
        }
    }
}

/// The side of `other` that looks most against a side of `polygon`.
fn against((polygon, place): Placed<'_>, side: usize, (other, seen_from): Placed<'_>) -> [End; 2] {
    let normal = seen_from.turn.undo(place.turn.apply(polygon.normals()[side]));
    let (mut against, mut least) = (0, f32::MAX);
    for (idx, candidate) in other.normals().iter().enumerate() {
        let along = normal.dot(*candidate);
        if along < least {
            (against, least) = (idx, along);
        }
    }
    [against, other.after(against)].map(|corner| End {
        at: seen_from.apply(other.corners()[corner]),
        feature: Feature { indices: [side as u8, corner as u8], sides: [true, false] },
    })
}

fn on_side(this: Placed<'_>, side: usize, that: Placed<'_>, which: Side) -> Option<Manifold> {
    let (polygon, place) = this;
    let corners = [side, polygon.after(side)];
    let [start, end] = corners.map(|corner| polygon.corners()[corner]);
    let along = (end - start).direction();
    let mut manifold = Manifold {
        side: which,
        normal: along.right(1.0),
        point: 0.5 * (start + end),
        ..Manifold::default()
    };
    let tangent = place.turn.apply(along);
    let normal = tangent.right(1.0);
    let (start, end) = (place.apply(start), place.apply(end));
    let line = against(this, side, that);
    let line = cut(line, -tangent, -tangent.dot(start) + SKINS, corners[0])?;
    let line = cut(line, tangent, tangent.dot(end) + SKINS, corners[1])?;
    let height = normal.dot(start);
    for End { at, feature } in line {
        if normal.dot(at) - height <= SKINS {
            let feature = if which == Side::OfA { feature } else { feature.swapped() };
            manifold.add(that.1.undo(at), feature);
        }
    }
    Some(manifold)
}
