//! Points, rotations and placements in single precision, each operation in the one order that
//! gives the bits of the original.

use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

use maths::single::sin_cos;

/// Lengths below this count as zero.
pub(crate) const EPSILON: f32 = f32::EPSILON;

/// A point or a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vec2 {
    /// To the right.
    pub x: f32,
    /// Upwards.
    pub y: f32,
}

impl Vec2 {
    /// The origin.
    pub const ZERO: Self = Self { x: 0.0, y: 0.0 };

    /// A point.
    #[inline]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// A point given in double precision, as the worlds compute them.
    #[inline]
    pub fn of(x: f64, y: f64) -> Self {
        Self { x: x as f32, y: y as f32 }
    }

    /// Along another direction.
    #[inline]
    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// The area between two directions, positive when `other` lies to the left.
    #[inline]
    pub fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    /// A quarter to the right, `factor` times as long.
    #[inline]
    #[must_use]
    pub fn right(self, factor: f32) -> Self {
        Self::new(factor * self.y, -factor * self.x)
    }

    /// A quarter to the left, `factor` times as long: how a point moves that turns around 0.
    #[inline]
    #[must_use]
    pub fn left(self, factor: f32) -> Self {
        Self::new(-factor * self.y, factor * self.x)
    }

    /// The square of the length.
    #[inline]
    pub fn square(self) -> f32 {
        self.x * self.x + self.y * self.y
    }

    /// The length.
    #[inline]
    pub fn length(self) -> f32 {
        self.square().sqrt()
    }

    /// The direction and the length; what has none keeps its own and gets the length 0.
    #[inline]
    pub fn unit(self) -> (Self, f32) {
        let length = self.length();
        if length < EPSILON {
            return (self, 0.0);
        }
        let inverse = 1.0 / length;
        (Self::new(self.x * inverse, self.y * inverse), length)
    }

    /// The direction alone.
    #[inline]
    #[must_use]
    pub fn direction(self) -> Self {
        self.unit().0
    }

    #[inline]
    pub(crate) fn lower(self, other: Self) -> Self {
        Self::new(lesser(self.x, other.x), lesser(self.y, other.y))
    }

    #[inline]
    pub(crate) fn upper(self, other: Self) -> Self {
        Self::new(greater(self.x, other.x), greater(self.y, other.y))
    }
}

impl Add for Vec2 {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Vec2 {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl Neg for Vec2 {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y)
    }
}

impl Mul<Vec2> for f32 {
    type Output = Vec2;

    #[inline]
    fn mul(self, vector: Vec2) -> Vec2 {
        Vec2::new(self * vector.x, self * vector.y)
    }
}

impl AddAssign for Vec2 {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Vec2 {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// The lesser of two numbers; the second where they are equal, which tells zeros apart.
#[inline]
pub(crate) fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greater of two numbers; the second where they are equal.
#[inline]
pub(crate) fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// A number moved between two bounds.
#[inline]
pub(crate) fn clamp(number: f32, low: f32, high: f32) -> f32 {
    greater(low, lesser(number, high))
}

/// A rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Sine of the angle.
    pub sin: f32,
    /// Cosine of the angle.
    pub cos: f32,
}

impl Turn {
    /// By an angle, to the left.
    #[inline]
    pub fn by(angle: f32) -> Self {
        let (sin, cos) = sin_cos(angle);
        Self { sin, cos }
    }

    /// A direction, turned.
    #[inline]
    pub fn apply(self, v: Vec2) -> Vec2 {
        Vec2::new(self.cos * v.x - self.sin * v.y, self.sin * v.x + self.cos * v.y)
    }

    /// A direction, turned back.
    #[inline]
    pub fn undo(self, v: Vec2) -> Vec2 {
        Vec2::new(self.cos * v.x + self.sin * v.y, -self.sin * v.x + self.cos * v.y)
    }

    /// What leads from this rotation to another one.
    #[inline]
    pub(crate) fn to(self, other: Self) -> Self {
        Self {
            sin: self.cos * other.sin - self.sin * other.cos,
            cos: self.cos * other.cos + self.sin * other.sin,
        }
    }
}

/// Where a body lies: turned first, then moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where the origin of the body lies.
    pub at: Vec2,
    /// How the body is turned.
    pub turn: Turn,
}

impl Place {
    /// A point of the body, in the world.
    #[inline]
    pub fn apply(self, v: Vec2) -> Vec2 {
        let Turn { sin, cos } = self.turn;
        Vec2::new((cos * v.x - sin * v.y) + self.at.x, (sin * v.x + cos * v.y) + self.at.y)
    }

    /// A point of the world, seen from the body.
    #[inline]
    pub fn undo(self, v: Vec2) -> Vec2 {
        self.turn.undo(v - self.at)
    }

    /// Another place, seen from the body.
    #[inline]
    pub(crate) fn to(self, other: Self) -> Self {
        Self { at: self.turn.undo(other.at - self.at), turn: self.turn.to(other.turn) }
    }

    /// The place of a body whose center of mass, `local` to it, lies at `center`.
    #[inline]
    pub(crate) fn around(center: Vec2, angle: f32, local: Vec2) -> Self {
        let turn = Turn::by(angle);
        Self { at: center - turn.apply(local), turn }
    }
}

/// A matrix of two columns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Mat22 {
    pub(crate) first: Vec2,
    pub(crate) second: Vec2,
}

impl Mat22 {
    #[inline]
    pub(crate) fn apply(self, v: Vec2) -> Vec2 {
        let Self { first, second } = self;
        Vec2::new(first.x * v.x + second.x * v.y, first.y * v.x + second.y * v.y)
    }

    #[inline]
    pub(crate) fn inverse(self) -> Self {
        let Self { first: Vec2 { x: a, y: c }, second: Vec2 { x: b, y: d } } = self;
        let det = inverse_or_zero(a * d - b * c);
        Self { first: Vec2::new(det * d, -det * c), second: Vec2::new(-det * b, det * a) }
    }

    /// What this matrix would turn into `b`.
    #[inline]
    pub(crate) fn solve(self, b: Vec2) -> Vec2 {
        let Self { first, second } = self;
        let det = inverse_or_zero(first.x * second.y - second.x * first.y);
        Vec2::new(det * (second.y * b.x - second.x * b.y), det * (first.x * b.y - first.y * b.x))
    }
}

/// 1 / x, or 0 for 0.
#[inline]
pub(crate) fn inverse_or_zero(x: f32) -> f32 {
    if x == 0.0 { x } else { 1.0 / x }
}

/// How a body moves within a step: from `center0` to `center`, turning from `angle0` to `angle`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sweep {
    /// Center of mass, seen from the body.
    pub(crate) local: Vec2,
    pub(crate) center0: Vec2,
    pub(crate) center: Vec2,
    pub(crate) angle0: f32,
    pub(crate) angle: f32,
    /// The part of the step that lies behind `center0`.
    pub(crate) start: f32,
}

impl Sweep {
    /// The place after a part of what is left.
    #[inline]
    pub(crate) fn place(&self, part: f32) -> Place {
        let rest = 1.0 - part;
        let at = rest * self.center0 + part * self.center;
        Place::around(at, rest * self.angle0 + part * self.angle, self.local)
    }

    /// Moves the beginning to a later part of the step.
    #[inline]
    pub(crate) fn advance(&mut self, to: f32) {
        let part = (to - self.start) / (1.0 - self.start);
        let rest = 1.0 - part;
        self.center0 = rest * self.center0 + part * self.center;
        self.angle0 = rest * self.angle0 + part * self.angle;
        self.start = to;
    }

    /// Takes whole turns away.
    #[inline]
    pub(crate) fn normalize(&mut self) {
        const TURN: f32 = std::f32::consts::TAU;
        let turns = TURN * (self.angle0 / TURN).floor();
        self.angle0 -= turns;
        self.angle -= turns;
    }
}
