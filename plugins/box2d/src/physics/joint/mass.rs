//! The mass that two joined bodies show at their joint: two directions and a turn.

use super::super::vector::{Vec2, inverse_or_zero};

/// A symmetric matrix, and what solving with it needs again and again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mat33 {
    pub(super) columns: [Vec3; 3],
    pub(super) cross: Vec3,
    pub(super) inverse_det: f32,
    pub(super) inverse_det_22: f32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vec3 {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) z: f32,
}

impl Vec3 {
    #[inline]
    fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    #[inline]
    fn cross(self, b: Self) -> Self {
        Self {
            x: self.y * b.z - self.z * b.y,
            y: self.z * b.x - self.x * b.z,
            z: self.x * b.y - self.y * b.x,
        }
    }
}

impl Mat33 {
    fn new(columns: [Vec3; 3]) -> Self {
        let [a, b, c] = columns;
        let cross = b.cross(c);
        Self {
            columns,
            cross,
            inverse_det: inverse_or_zero(a.dot(cross)),
            inverse_det_22: inverse_or_zero(a.x * b.y - b.x * a.y),
        }
    }

    #[inline]
    pub(super) fn solve(&self, v: Vec3) -> Vec3 {
        let [a, b, c] = self.columns;
        Vec3 {
            x: self.inverse_det * v.dot(self.cross),
            y: self.inverse_det * a.dot(v.cross(c)),
            z: self.inverse_det * a.dot(b.cross(v)),
        }
    }

    /// With the first two rows and columns alone.
    #[inline]
    pub(super) fn solve_22(&self, v: Vec2) -> Vec2 {
        let [a, b, _] = self.columns;
        Vec2::new(
            self.inverse_det_22 * (b.y * v.x - b.x * v.y),
            self.inverse_det_22 * (a.x * v.y - a.y * v.x),
        )
    }
}

/// How pushes at the shared point and a torque change the speeds there.
pub(super) fn of_joint([ra, rb]: [Vec2; 2], [ma, mb]: [f32; 2], [ia, ib]: [f32; 2]) -> Mat33 {
    let xx = ma + mb + ra.y * ra.y * ia + rb.y * rb.y * ib;
    let xy = -ra.y * ra.x * ia - rb.y * rb.x * ib;
    let xz = -ra.y * ia - rb.y * ib;
    let yy = ma + mb + ra.x * ra.x * ia + rb.x * rb.x * ib;
    let yz = ra.x * ia + rb.x * ib;
    let zz = ia + ib;
    Mat33::new([
        Vec3 { x: xx, y: xy, z: xz },
        Vec3 { x: xy, y: yy, z: yz },
        Vec3 { x: xz, y: yz, z: zz },
    ])
}
