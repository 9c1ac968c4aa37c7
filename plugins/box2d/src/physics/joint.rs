//! Revolute joints: two bodies share a point and turn around it, within limits, driven by a motor.

mod mass;

use super::body::Body;
use super::solver::{Motion, Pose};
use super::vector::{Mat22, Turn, Vec2, clamp};
use super::{ANGULAR_SLOP, BodyId, LINEAR_SLOP};
use mass::{Mat33, Vec3};

const CORRECTION_MAX: f32 = 8.0 / 180.0 * std::f32::consts::PI;

/// A joint as it is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JointPlan {
    /// The two bodies.
    pub bodies: [BodyId; 2],
    /// The shared point, seen from each.
    pub anchors: [Vec2; 2],
    /// The angle between the bodies that counts as 0.
    pub reference: f32,
    /// Least and greatest angle.
    pub limits: [f32; 2],
    /// The strongest the motor can turn.
    pub torque_max: f32,
    /// The speed the motor tries to reach.
    pub speed: f32,
}

/// How many numbers of a joint change.
pub(crate) const NUMBERS: usize = 6;

/// Which limit holds the joint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Limit {
    #[default]
    None,
    Lower,
    Upper,
    /// The limits are so close that the angle is fixed.
    Both,
}

impl Limit {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Lower, Self::Upper, Self::Both];
}

/// A joint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Joint {
    pub(crate) plan: JointPlan,
    pub(crate) limit: Limit,
    /// What holds the point together, and what holds the angle within its limits.
    hold: Vec2,
    stop: f32,
    drive: f32,
}

/// What a joint needs while a step is solved.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) joint: usize,
    /// Places of the bodies among those being solved.
    pub(crate) bodies: [usize; 2],
    anchors: [Vec2; 2],
    inv_mass: [f32; 2],
    inv_inertia: [f32; 2],
    reference: f32,
    limits: [f32; 2],
    speed: f32,
    drive_max: f32,
    /// From the centers of mass to the shared point.
    arms: [Vec2; 2],
    mass: Mat33,
    drive_mass: f32,
    limit: Limit,
    hold: Vec2,
    stop: f32,
    drive: f32,
}

/// A link as plain numbers, to be solved beside others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    pub(crate) arms: [f32; 4],
    /// Inverse masses and inertias.
    pub(crate) inverses: [f32; 4],
    /// The motor's speed, its greatest impulse and its negative mass.
    pub(crate) motor: [f32; 3],
    /// Three columns, and the cross product of the last two.
    pub(crate) mass: [f32; 12],
    /// Of the first two rows and columns, and of all.
    pub(crate) inverse_dets: [f32; 2],
    /// -1 at the lower limit, 1 at the upper one, 0 at none.
    pub(crate) limit: f32,
    /// What holds the point, what stops at the limit, and what drives.
    pub(crate) forces: [f32; 4],
}

impl Joint {
    pub(crate) fn new(plan: JointPlan) -> Self {
        Self { plan, limit: Limit::None, hold: Vec2::ZERO, stop: 0.0, drive: 0.0 }
    }

    /// Whether it joins these bodies, which then do not collide.
    pub(crate) fn connects(&self, [a, b]: [BodyId; 2]) -> bool {
        self.plan.bodies == [a, b] || self.plan.bodies == [b, a]
    }

    /// The other body, if one of the two is this one.
    #[inline]
    pub(crate) fn other(&self, body: usize) -> Option<usize> {
        let [a, b] = self.plan.bodies.map(|id| id.0 as usize);
        if a == body {
            Some(b)
        } else if b == body {
            Some(a)
        } else {
            None
        }
    }

    /// Takes over what was found while solving.
    pub(crate) fn keep(&mut self, link: &Link) {
        (self.limit, self.hold, self.stop, self.drive) =
            (link.limit, link.hold, link.stop, link.drive);
    }

    /// The numbers that change from step to step.
    pub(crate) fn numbers(&mut self) -> [&mut f32; NUMBERS] {
        let Self { plan, hold, stop, drive, .. } = self;
        [&mut hold.x, &mut hold.y, stop, drive, &mut plan.torque_max, &mut plan.speed]
    }

    /// Measures the joint where its bodies are, and lets the last step's forces act again.
    pub(crate) fn link(
        &self,
        joint: usize,
        worlds: &[Body],
        poses: &[Pose],
        motions: &mut [Motion],
        step: [f32; 2],
    ) -> Link {
        let [dt, dt_ratio] = step;
        let plan = &self.plan;
        let bodies = plan.bodies.map(|body| worlds[body.0 as usize].in_island);
        let of = |read: fn(&Body) -> f32| plan.bodies.map(|body| read(&worlds[body.0 as usize]));
        let [ma, mb] = of(|body| body.inv_mass);
        let [ia, ib] = of(|body| body.inv_inertia);
        let centers = plan.bodies.map(|body| worlds[body.0 as usize].sweep.local);
        let angles = bodies.map(|body| poses[body].angle);
        let anchors = [plan.anchors[0] - centers[0], plan.anchors[1] - centers[1]];
        let [ra, rb] = [0, 1].map(|idx| Turn::by(angles[idx]).apply(anchors[idx]));
        let mut link = Link {
            joint,
            bodies,
            anchors,
            inv_mass: [ma, mb],
            inv_inertia: [ia, ib],
            reference: plan.reference,
            limits: plan.limits,
            speed: plan.speed,
            drive_max: dt * plan.torque_max,
            arms: [ra, rb],
            mass: mass::of_joint([ra, rb], [ma, mb], [ia, ib]),
            drive_mass: if ia + ib > 0.0 { 1.0 / (ia + ib) } else { ia + ib },
            limit: self.limit,
            hold: self.hold,
            stop: self.stop,
            drive: self.drive,
        };
        link.find_limit(angles);
        link.hold = Vec2::new(link.hold.x * dt_ratio, link.hold.y * dt_ratio);
        link.stop *= dt_ratio;
        link.drive *= dt_ratio;
        let hold = link.hold;
        let [a, b] = motions.get_disjoint_mut(bodies).expect("a joint has two bodies");
        a.velocity -= ma * hold;
        a.spin -= ia * (ra.cross(hold) + link.drive + link.stop);
        b.velocity += mb * hold;
        b.spin += ib * (rb.cross(hold) + link.drive + link.stop);
        link
    }
}

impl Link {
    fn find_limit(&mut self, angles: [f32; 2]) {
        let angle = angles[1] - angles[0] - self.reference;
        let [lower, upper] = self.limits;
        let before = self.limit;
        self.limit = if (upper - lower).abs() < 2.0 * ANGULAR_SLOP {
            Limit::Both
        } else if angle <= lower {
            Limit::Lower
        } else if angle >= upper {
            Limit::Upper
        } else {
            Limit::None
        };
        if self.limit == Limit::None || (self.limit != before && self.limit != Limit::Both) {
            self.stop = 0.0;
        }
    }

    /// The link as plain numbers; nothing where its limits fix the angle.
    #[inline]
    pub(crate) fn plain(&self) -> Option<Plain> {
        let limit = match self.limit {
            Limit::None => 0.0,
            Limit::Lower => -1.0,
            Limit::Upper => 1.0,
            Limit::Both => return None,
        };
        let ([ra, rb], [ma, mb], [ia, ib]) = (self.arms, self.inv_mass, self.inv_inertia);
        let Mat33 { columns: [p, q, r], cross, inverse_det, inverse_det_22 } = self.mass;
        Some(Plain {
            arms: [ra.x, ra.y, rb.x, rb.y],
            inverses: [ma, mb, ia, ib],
            motor: [self.speed, self.drive_max, -self.drive_mass],
            mass: [p.x, p.y, p.z, q.x, q.y, q.z, r.x, r.y, r.z, cross.x, cross.y, cross.z],
            inverse_dets: [inverse_det_22, inverse_det],
            limit,
            forces: self.forces(),
        })
    }

    /// Takes over forces that were found elsewhere.
    pub(crate) fn set_forces(&mut self, [x, y, stop, drive]: [f32; 4]) {
        (self.hold, self.stop, self.drive) = (Vec2::new(x, y), stop, drive);
    }

    /// What the solver changes from round to round.
    #[inline]
    pub(crate) fn forces(&self) -> [f32; 4] {
        [self.hold.x, self.hold.y, self.stop, self.drive]
    }

    /// One round: first the motor, then the point and the limits.
    #[inline]
    pub(crate) fn solve_velocity(&mut self, motions: &mut [Motion]) {
        let [a, b] = self.bodies;
        let (mut body_a, mut body_b) = (motions[a], motions[b]);
        let ([ma, mb], [ia, ib], [ra, rb]) = (self.inv_mass, self.inv_inertia, self.arms);
        if self.limit != Limit::Both {
            let excess = body_b.spin - body_a.spin - self.speed;
            let before = self.drive;
            let wanted = before + -self.drive_mass * excess;
            self.drive = clamp(wanted, -self.drive_max, self.drive_max);
            let push = self.drive - before;
            body_a.spin -= ia * push;
            body_b.spin += ib * push;
        }
        let drift = body_b.at(rb) - body_a.velocity - ra.left(body_a.spin);
        let (push, stop) = if self.limit == Limit::None {
            let push = self.mass.solve_22(-drift);
            self.hold += push;
            (push, None)
        } else {
            let (push, stop) = self.held(drift, body_b.spin - body_a.spin);
            (push, Some(stop))
        };
        body_a.velocity -= ma * push;
        body_b.velocity += mb * push;
        match stop {
            None => {
                body_a.spin -= ia * ra.cross(push);
                body_b.spin += ib * rb.cross(push);
            }
            Some(stop) => {
                body_a.spin -= ia * (ra.cross(push) + stop);
                body_b.spin += ib * (rb.cross(push) + stop);
            }
        }
        (motions[a], motions[b]) = (body_a, body_b);
    }

    /// At a limit: what holds point and angle together, unless the limit would have to pull.
    #[inline]
    fn held(&mut self, drift: Vec2, turning: f32) -> (Vec2, f32) {
        let solved = self.mass.solve(Vec3 { x: drift.x, y: drift.y, z: turning });
        let (push, stop) = (Vec2::new(-solved.x, -solved.y), -solved.z);
        let total = self.stop + stop;
        let pulls = match self.limit {
            Limit::Lower => total < 0.0,
            Limit::Upper => total > 0.0,
            _ => false,
        };
        if pulls {
            let corner = self.mass.columns[2];
            let rest = -drift + self.stop * Vec2::new(corner.x, corner.y);
            let push = self.mass.solve_22(rest);
            let stop = -self.stop;
            self.hold += push;
            self.stop = 0.0;
            (push, stop)
        } else {
            self.hold += push;
            self.stop = total;
            (push, stop)
        }
    }

    /// One round of bringing the bodies to where they belong; whether they are close enough.
    pub(crate) fn solve_position(&self, poses: &mut [Pose]) -> bool {
        let [a, b] = self.bodies;
        let (mut pose_a, mut pose_b) = (poses[a], poses[b]);
        let ([ma, mb], [ia, ib]) = (self.inv_mass, self.inv_inertia);
        let mut angle_error = 0.0;
        if self.limit != Limit::None {
            let angle = pose_b.angle - pose_a.angle - self.reference;
            let (push, error) = self.limit_push(angle);
            pose_a.angle -= ia * push;
            pose_b.angle += ib * push;
            angle_error = error;
        }
        let ra = Turn::by(pose_a.angle).apply(self.anchors[0]);
        let rb = Turn::by(pose_b.angle).apply(self.anchors[1]);
        let gap = pose_b.center + rb - pose_a.center - ra;
        let xy = -ia * ra.x * ra.y - ib * rb.x * rb.y;
        let mass = Mat22 {
            first: Vec2::new(ma + mb + ia * ra.y * ra.y + ib * rb.y * rb.y, xy),
            second: Vec2::new(xy, ma + mb + ia * ra.x * ra.x + ib * rb.x * rb.x),
        };
        let push = -mass.solve(gap);
        pose_a.center -= ma * push;
        pose_a.angle -= ia * ra.cross(push);
        pose_b.center += mb * push;
        pose_b.angle += ib * rb.cross(push);
        (poses[a], poses[b]) = (pose_a, pose_b);
        gap.length() <= LINEAR_SLOP && angle_error <= ANGULAR_SLOP
    }

    fn limit_push(&self, angle: f32) -> (f32, f32) {
        let [lower, upper] = self.limits;
        let (correction, error) = match self.limit {
            Limit::None => return (0.0, 0.0),
            Limit::Both => {
                let over = clamp(angle - lower, -CORRECTION_MAX, CORRECTION_MAX);
                (over, over.abs())
            }
            Limit::Lower => {
                let over = angle - lower;
                (clamp(over + ANGULAR_SLOP, -CORRECTION_MAX, 0.0), -over)
            }
            Limit::Upper => {
                let over = angle - upper;
                (clamp(over - ANGULAR_SLOP, 0.0, CORRECTION_MAX), over)
            }
        };
        (-self.drive_mass * correction, error)
    }
}
