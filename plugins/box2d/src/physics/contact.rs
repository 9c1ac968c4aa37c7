//! Contacts: two fixtures whose boxes overlap, and where they touch.

use plugin_api::Archive;

use super::BodyId;
use super::body::Fixture;
use super::collide::{Feature, Manifold, Side, Touch};
use super::shape::Shape;

/// Two fixtures close to each other.
#[expect(clippy::struct_excessive_bools, reason = "each says something else")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contact {
    /// An edge comes first, else the older tree leaf.
    pub(crate) fixtures: [u32; 2],
    pub(crate) bodies: [BodyId; 2],
    pub(crate) friction: f32,
    pub(crate) is_sensor: bool,
    pub(crate) manifold: Manifold,
    pub(crate) is_touching: bool,
    /// Off for the rest of a step when an impact turned out to be none.
    pub(crate) is_enabled: bool,
    /// The part of the step at which the fixtures meet, once it is known.
    pub(crate) impact: Option<f32>,
    /// Impacts of this step so far.
    pub(crate) impacts: u32,
    pub(crate) is_in_island: bool,
}

impl Contact {
    /// The contact of two fixtures, unless neither kind of shape can touch the other.
    pub(crate) fn between(fixtures: &[Fixture], [a, b]: [u32; 2]) -> Option<Self> {
        let shape = |idx: u32| &fixtures[idx as usize].plan.shape;
        let order = match (shape(a), shape(b)) {
            (Shape::Edge(_), Shape::Edge(_)) => return None,
            (Shape::Polygon(_), Shape::Edge(_)) => [b, a],
            _ => [a, b],
        };
        let [one, other] = order.map(|idx| &fixtures[idx as usize]);
        Some(Self {
            fixtures: order,
            bodies: [one.body, other.body],
            friction: (one.plan.friction * other.plan.friction).sqrt(),
            is_sensor: one.plan.is_sensor || other.plan.is_sensor,
            manifold: Manifold::default(),
            is_touching: false,
            is_enabled: true,
            impact: None,
            impacts: 0,
            is_in_island: false,
        })
    }

    /// The other body, if one of the two is this one.
    #[inline]
    pub(crate) fn other(&self, body: usize) -> Option<usize> {
        let [a, b] = self.bodies.map(|id| id.0 as usize);
        if a == body {
            Some(b)
        } else if b == body {
            Some(a)
        } else {
            None
        }
    }

    /// Replaces the manifold; touches that were there before keep what pushed there.
    #[inline]
    pub(crate) fn renew(&mut self, mut manifold: Manifold) {
        let count = manifold.count;
        for touch in &mut manifold.touches[..count] {
            let same = |old: &&Touch| old.feature == touch.feature;
            if let Some(old) = self.manifold.touches().iter().find(same) {
                (touch.push, touch.rub) = (old.push, old.rub);
            }
        }
        self.manifold = manifold;
    }

    /// The numbers of a contact, for saving; the rest follows from its fixtures.
    pub(crate) fn numbers(&self) -> ([f32; 12], [u32; 7]) {
        let Manifold { side, normal, point, count, touches } = self.manifold;
        let [a, b] = touches;
        let key = |Feature { indices: [i, j], sides: [k, l] }: Feature| {
            u32::from_le_bytes([i, j, k.into(), l.into()])
        };
        (
            [
                normal.x, normal.y, point.x, point.y, a.point.x, a.point.y, a.push, a.rub,
                b.point.x, b.point.y, b.push, b.rub,
            ],
            [
                self.fixtures[0],
                self.fixtures[1],
                u32::from(side == Side::OfB),
                count as u32,
                key(a.feature),
                key(b.feature),
                u32::from(self.is_touching) | u32::from(self.is_enabled) << 1,
            ],
        )
    }

    /// A contact from saved numbers; nothing if they do not fit the fixtures.
    pub(crate) fn from_numbers(
        fixtures: &[Fixture],
        numbers: &[f32],
        marks: &[u32],
    ) -> Option<Self> {
        let &[nx, ny, px, py, ax, ay, a_push, a_rub, bx, by, b_push, b_rub] = numbers else {
            return None;
        };
        let &[first, second, side, count, a_key, b_key, flags] = marks else { return None };
        let known = [first, second].iter().all(|&idx| (idx as usize) < fixtures.len());
        if !known || count > 2 {
            return None;
        }
        let vec = super::vector::Vec2::new;
        let feature = |key: u32| {
            let [i, j, k, l] = key.to_le_bytes();
            Feature { indices: [i, j], sides: [k != 0, l != 0] }
        };
        let touch = |point, push, rub, key| Touch { point, push, rub, feature: feature(key) };
        let contact = Self::between(fixtures, [first, second])?;
        Some(Self {
            manifold: Manifold {
                side: if side == 0 { Side::OfA } else { Side::OfB },
                normal: vec(nx, ny),
                point: vec(px, py),
                count: count as usize,
                touches: [
                    touch(vec(ax, ay), a_push, a_rub, a_key),
                    touch(vec(bx, by), b_push, b_rub, b_key),
                ],
            },
            is_touching: flags & 1 != 0,
            is_enabled: flags & 2 != 0,
            ..contact
        })
    }
}

/// Names all contacts, for saving and loading alike.
pub(crate) fn state(contacts: &mut Vec<Contact>, fixtures: &[Fixture], archive: &mut Archive) {
    let (mut numbers, mut marks) = (Vec::new(), Vec::new());
    for contact in contacts.iter() {
        let (part, mark) = contact.numbers();
        numbers.extend(part);
        marks.extend(mark);
    }
    archive.list("contact_numbers", &mut numbers);
    archive.list("contact_marks", &mut marks);
    if !archive.is_loading() {
        return;
    }
    let loaded: Option<Vec<_>> = numbers
        .chunks(12)
        .zip(marks.chunks(7))
        .map(|(numbers, marks)| Contact::from_numbers(fixtures, numbers, marks))
        .collect();
    let fits = |len: usize| 12 * len == numbers.len() && 7 * len == marks.len();
    match loaded.filter(|loaded| fits(loaded.len())) {
        Some(loaded) => *contacts = loaded,
        None => archive.fail(plugin_api::Error::argument(
            "the saved contacts do not fit the bodies; take an older snapshot",
        )),
    }
}
