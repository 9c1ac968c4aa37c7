//! Where two shapes touch: up to two points on a side of one of them.

mod edge;
mod polygons;

use super::shape::Shape;
use super::vector::{Place, Vec2};

/// The side lies on the first or on the second shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Side {
    #[default]
    OfA,
    OfB,
}

/// Where two shapes touch, seen from them, so that it stays true while they move a little.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Manifold {
    pub(crate) side: Side,
    /// The outward direction of the side, and a point on it, seen from its shape.
    pub(crate) normal: Vec2,
    pub(crate) point: Vec2,
    pub(crate) count: usize,
    pub(crate) touches: [Touch; 2],
}

/// One point, seen from the other shape, and what pushed there in the last step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Touch {
    pub(crate) point: Vec2,
    pub(crate) push: f32,
    pub(crate) rub: f32,
    pub(crate) feature: Feature,
}

/// Which corners or sides meet: the same ones in the next step are the same touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) indices: [u8; 2],
    pub(crate) sides: [bool; 2],
}

impl Feature {
    /// The same, with the shapes in the other order.
    fn swapped(self) -> Self {
        let ([a, b], [c, d]) = (self.indices, self.sides);
        Self { indices: [b, a], sides: [d, c] }
    }
}

impl Manifold {
    /// The touches.
    #[inline]
    pub(crate) fn touches(&self) -> &[Touch] {
        &self.touches[..self.count]
    }

    fn add(&mut self, point: Vec2, feature: Feature) {
        self.touches[self.count] = Touch { point, feature, ..Touch::default() };
        self.count += 1;
    }
}

/// Where two shapes touch; an edge comes first.
#[inline]
pub(crate) fn collide(shapes: [&Shape; 2], places: [Place; 2]) -> Manifold {
    let found = match shapes {
        [Shape::Edge(ends), Shape::Polygon(polygon)] => edge::collide(*ends, polygon, places),
        [Shape::Polygon(a), Shape::Polygon(b)] => polygons::collide([a, b], places),
        _ => None,
    };
    found.unwrap_or_default()
}

/// A corner of a line that is being cut off.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    at: Vec2,
    feature: Feature,
}

/// What is left of a line below a height along `normal`; nothing where it ends up as less than
/// two points. A cut end belongs to `corner` of the first shape.
#[inline]
fn cut([a, b]: [End; 2], normal: Vec2, height: f32, corner: usize) -> Option<[End; 2]> {
    let (over_a, over_b) = (normal.dot(a.at) - height, normal.dot(b.at) - height);
    let within = |over: f32| over <= 0.0;
    if over_a * over_b < 0.0 {
        let part = over_a / (over_a - over_b);
        let at = a.at + part * (b.at - a.at);
        let indices = [corner as u8, a.feature.indices[1]];
        let end = End { at, feature: Feature { indices, sides: [false, true] } };
        return Some([if within(over_a) { a } else { b }, end]);
    }
    (within(over_a) && within(over_b)).then_some([a, b])
}

/// Touch points in the world, half-way between the skins, and the direction from A to B.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InWorld {
    pub(crate) normal: Vec2,
    pub(crate) points: [Vec2; 2],
}

impl InWorld {
    #[inline]
    pub(crate) fn new(manifold: &Manifold, places: [Place; 2], skin: f32) -> Self {
        let (side, other) = match manifold.side {
            Side::OfA => (places[0], places[1]),
            Side::OfB => (places[1], places[0]),
        };
        let normal = side.turn.apply(manifold.normal);
        let plane = side.apply(manifold.point);
        let points = manifold.touches.map(|touch| {
            let point = other.apply(touch.point);
            let on_side = point + (skin - (point - plane).dot(normal)) * normal;
            let on_other = point - skin * normal;
            0.5 * (on_side + on_other)
        });
        Self { normal: if manifold.side == Side::OfA { normal } else { -normal }, points }
    }
}
