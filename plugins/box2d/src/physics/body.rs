//! Bodies and the fixtures that give them shape and mass.

use std::ops::Range;

use super::BodyId;
use super::shape::Shape;
use super::vector::{Place, Sweep, Turn, Vec2};

/// A fixture as it is built: a shape with its surface.
#[derive(Clone, Debug, PartialEq)]
pub struct FixturePlan {
    /// The shape.
    pub shape: Shape,
    /// Mass by area.
    pub density: f32,
    /// Friction.
    pub friction: f32,
    /// What it is, as a bit, and what it collides with.
    pub category: u16,
    /// Categories with which it collides.
    pub mask: u16,
    /// Whether it only notices what it touches.
    pub is_sensor: bool,
}

impl FixturePlan {
    /// A shape with the surface that nothing else was said about.
    pub fn new(shape: Shape) -> Self {
        Self { shape, density: 0.0, friction: 0.2, category: 1, mask: u16::MAX, is_sensor: false }
    }
}

/// A fixture of a body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fixture {
    pub(crate) plan: FixturePlan,
    pub(crate) body: BodyId,
    pub(crate) leaf: u32,
}

/// How many numbers of a body change.
pub(crate) const NUMBERS: usize = 18;

/// A body: still, or moved by forces.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// Whether it can move at all.
    pub(crate) is_dynamic: bool,
    pub(crate) is_awake: bool,
    pub(crate) place: Place,
    pub(crate) sweep: Sweep,
    pub(crate) velocity: Vec2,
    pub(crate) spin: f32,
    pub(crate) force: Vec2,
    pub(crate) torque: f32,
    pub(crate) mass: f32,
    pub(crate) inv_mass: f32,
    pub(crate) inv_inertia: f32,
    /// How long it has hardly moved.
    pub(crate) rest_time: f32,
    /// Its fixtures among those of the world, newest last.
    pub(crate) fixtures: Range<usize>,
    /// Its place among the bodies being solved.
    pub(crate) in_island: usize,
    pub(crate) is_in_island: bool,
}

impl Body {
    pub(crate) fn new(at: Vec2, angle: f32, is_dynamic: bool) -> Self {
        let mass = if is_dynamic { 1.0 } else { 0.0 };
        Self {
            is_dynamic,
            is_awake: true,
            place: Place { at, turn: Turn::by(angle) },
            sweep: Sweep {
                local: Vec2::ZERO,
                center0: at,
                center: at,
                angle0: angle,
                angle,
                start: 0.0,
            },
            velocity: Vec2::ZERO,
            spin: 0.0,
            force: Vec2::ZERO,
            torque: 0.0,
            mass,
            inv_mass: mass,
            inv_inertia: 0.0,
            rest_time: 0.0,
            fixtures: 0..0,
            in_island: 0,
            is_in_island: false,
        }
    }

    /// Where its origin lies.
    #[inline]
    pub fn position(&self) -> Vec2 {
        self.place.at
    }

    /// Where it lies and how it is turned.
    #[inline]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The angle it has turned to the left.
    #[inline]
    pub fn angle(&self) -> f32 {
        self.sweep.angle
    }

    /// The velocity of its center of mass.
    #[inline]
    pub fn velocity(&self) -> Vec2 {
        self.velocity
    }

    /// How fast it turns to the left.
    #[inline]
    pub fn spin(&self) -> f32 {
        self.spin
    }

    /// Whether it moves, or did so a moment ago.
    #[inline]
    pub fn is_awake(&self) -> bool {
        self.is_awake
    }

    /// A force on the center of mass, until the next step is over.
    #[inline]
    pub fn push(&mut self, force: Vec2) {
        self.wake();
        self.force += force;
    }

    /// A torque, until the next step is over.
    #[inline]
    pub fn twist(&mut self, torque: f32) {
        self.wake();
        self.torque += torque;
    }

    /// A blow at a point.
    #[inline]
    pub fn kick(&mut self, impulse: Vec2, at: Vec2) {
        self.wake();
        self.velocity += self.inv_mass * impulse;
        self.spin += self.inv_inertia * (at - self.sweep.center).cross(impulse);
    }

    #[inline]
    pub(crate) fn wake(&mut self) {
        if !self.is_awake {
            self.is_awake = true;
            self.rest_time = 0.0;
        }
    }

    pub(crate) fn sleep(&mut self) {
        self.is_awake = false;
        self.rest_time = 0.0;
        (self.velocity, self.spin) = (Vec2::ZERO, 0.0);
        (self.force, self.torque) = (Vec2::ZERO, 0.0);
    }

    #[inline]
    pub(crate) fn moves(&self) -> bool {
        self.is_awake && self.is_dynamic
    }

    /// Puts the body where its sweep ends.
    #[inline]
    pub(crate) fn settle(&mut self) {
        self.place = Place::around(self.sweep.center, self.sweep.angle, self.sweep.local);
    }

    /// Moves the body to a part of the step, and forgets the rest of it.
    pub(crate) fn advance(&mut self, part: f32) {
        self.sweep.advance(part);
        self.sweep.center = self.sweep.center0;
        self.sweep.angle = self.sweep.angle0;
        self.settle();
    }

    /// Weighs the fixtures; newest first, since sums round.
    pub(crate) fn weigh(&mut self, fixtures: &[Fixture]) {
        if !self.is_dynamic {
            return;
        }
        let (mut mass, mut inertia, mut center) = (0.0, 0.0, Vec2::ZERO);
        for fixture in fixtures[self.fixtures.clone()].iter().rev() {
            let FixturePlan { shape, density, .. } = &fixture.plan;
            let Shape::Polygon(polygon) = shape else { continue };
            if *density == 0.0 {
                continue;
            }
            let part = polygon.mass(*density);
            mass += part.amount;
            center += part.amount * part.center;
            inertia += part.inertia;
        }
        (self.mass, self.inv_mass) = if mass > 0.0 { (mass, 1.0 / mass) } else { (1.0, 1.0) };
        if mass > 0.0 {
            center = Vec2::new(center.x * self.inv_mass, center.y * self.inv_mass);
        }
        self.inv_inertia =
            if inertia > 0.0 { 1.0 / (inertia - self.mass * center.dot(center)) } else { 0.0 };
        let before = self.sweep.center;
        self.sweep.local = center;
        self.sweep.center = self.place.apply(center);
        self.sweep.center0 = self.sweep.center;
        self.velocity += (self.sweep.center - before).left(self.spin);
    }

    /// The numbers that change from step to step.
    pub(crate) fn numbers(&mut self) -> [&mut f32; NUMBERS] {
        let Sweep { center0, center, angle0, angle, start, .. } = &mut self.sweep;
        let Place { at, turn } = &mut self.place;
        let (velocity, force) = (&mut self.velocity, &mut self.force);
        [
            &mut at.x,
            &mut at.y,
            &mut turn.sin,
            &mut turn.cos,
            &mut center0.x,
            &mut center0.y,
            &mut center.x,
            &mut center.y,
            angle0,
            angle,
            start,
            &mut velocity.x,
            &mut velocity.y,
            &mut self.spin,
            &mut force.x,
            &mut force.y,
            &mut self.torque,
            &mut self.rest_time,
        ]
    }
}
