//! Contacts while they are solved: they push along the normal, never pull, and rub beside it.

use super::super::collide::{InWorld, Manifold, Side};
use super::super::contact::Contact;
use super::super::vector::{Mat22, Place, Vec2, clamp, greater, lesser};
use super::super::{POLYGON_RADIUS, body::Body};
use super::{Motion, Pose, overlap_push};

/// How hard overlaps are corrected in a round, and which are small enough to stay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Correction {
    pub(crate) share: f32,
    pub(crate) rest: f32,
}

/// The contacts of an island.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contacts {
    lines: Vec<Line>,
}

/// A contact.
#[derive(Clone, Debug)]
struct Line {
    contact: usize,
    /// Places of the bodies among those being solved.
    bodies: [usize; 2],
    inv_mass: [f32; 2],
    inv_inertia: [f32; 2],
    /// Centers of mass, seen from the bodies.
    centers: [Vec2; 2],
    friction: f32,
    manifold: Manifold,
    normal: Vec2,
    points: [Point; 2],
    /// Points whose velocities are solved: one, where two say nearly the same.
    count: usize,
    /// How pushes at both points change the speeds there, and how to get back.
    coupling: Mat22,
    decoupling: Mat22,
}

/// A contact of a still body with one that moves, as plain numbers, to be solved beside others.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain {
    /// Those of the body that moves.
    pub(crate) inv_mass: f32,
    pub(crate) inv_inertia: f32,
    pub(crate) friction: f32,
    pub(crate) normal: [f32; 2],
    /// How many points count, and what they are.
    pub(crate) count: usize,
    pub(crate) points: [PlainPoint; 2],
    /// Two columns, and those of the way back.
    pub(crate) coupling: [f32; 4],
    pub(crate) decoupling: [f32; 4],
}

/// A point of such a contact.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PlainPoint {
    /// From the center of mass of the body that moves.
    pub(crate) arm: [f32; 2],
    /// How the still body moves there: zeros with signs, which sums may show.
    pub(crate) still: [f32; 2],
    pub(crate) push_mass: f32,
    pub(crate) rub_mass: f32,
    /// What pushes and what rubs.
    pub(crate) forces: [f32; 2],
}

#[derive(Clone, Copy, Debug, Default)]
struct Point {
    /// From the centers of mass.
    arms: [Vec2; 2],
    push: f32,
    rub: f32,
    push_mass: f32,
    rub_mass: f32,
}

/// Two points whose pushes are harder to tell apart than this count as one.
const CONDITION_MAX: f32 = 1000.0;

impl Contacts {
    /// Takes contacts over. Their forces of the last step act again, times a ratio; with none they
    /// start from nothing.
    pub(crate) fn fill(
        &mut self,
        indices: &[usize],
        contacts: &[Contact],
        bodies: &[Body],
        ratio: Option<f32>,
    ) {
        self.lines.clear();
        for &contact in indices {
            let Contact { bodies: ids, friction, manifold, .. } = &contacts[contact];
            let of = |read: fn(&Body) -> f32| ids.map(|id| read(&bodies[id.0 as usize]));
            let points = manifold.touches.map(|touch| Point {
                push: ratio.map_or(0.0, |ratio| ratio * touch.push),
                rub: ratio.map_or(0.0, |ratio| ratio * touch.rub),
                ..Point::default()
            });
            self.lines.push(Line {
                contact,
                bodies: ids.map(|id| bodies[id.0 as usize].in_island),
                inv_mass: of(|body| body.inv_mass),
                inv_inertia: of(|body| body.inv_inertia),
                centers: ids.map(|id| bodies[id.0 as usize].sweep.local),
                friction: *friction,
                manifold: *manifold,
                normal: Vec2::ZERO,
                points,
                count: manifold.count,
                coupling: Mat22::default(),
                decoupling: Mat22::default(),
            });
        }
    }

    /// Measures arms and masses where the bodies are.
    pub(crate) fn measure(&mut self, poses: &[Pose]) {
        for line in &mut self.lines {
            line.measure(poses);
        }
    }

    /// Lets the forces act that are already known.
    pub(crate) fn warm_start(&self, motions: &mut [Motion]) {
        for line in &self.lines {
            let tangent = line.normal.right(1.0);
            line.with(motions, |bodies| {
                for point in line.points() {
                    let push = point.push * line.normal + point.rub * tangent;
                    // Turning comes first here, which shows in nothing but the reading.
                    line.apply(bodies, point, push);
                }
            });
        }
    }

    #[inline]
    pub(crate) fn solve_velocities(&mut self, motions: &mut [Motion]) {
        for line in &mut self.lines {
            line.solve_velocity(motions);
        }
    }

    /// The bodies of each contact, as places among those being solved; nothing for one whose first
    /// body is not still.
    pub(crate) fn on_still(&self) -> impl Iterator<Item = Option<[usize; 2]>> {
        self.lines.iter().map(|line| {
            let is_still = line.inv_mass[0] == 0.0 && line.inv_inertia[0] == 0.0;
            is_still.then_some(line.bodies)
        })
    }

    /// A contact as plain numbers.
    #[inline]
    pub(crate) fn plain(&self, idx: usize) -> Plain {
        self.lines[idx].plain()
    }

    /// Takes over what pushes and rubs at the points of a contact, found elsewhere.
    #[inline]
    pub(crate) fn set_forces(&mut self, idx: usize, forces: [[f32; 2]; 2]) {
        let line = &mut self.lines[idx];
        for (point, [push, rub]) in line.points[..line.count].iter_mut().zip(forces) {
            (point.push, point.rub) = (push, rub);
        }
    }

    /// What the solver changes from round to round.
    pub(crate) fn forces(&self) -> impl Iterator<Item = f32> {
        self.lines.iter().flat_map(|line| line.points.iter().flat_map(|p| [p.push, p.rub]))
    }

    /// Hands the forces back, for the next step to begin with.
    pub(crate) fn keep(&self, contacts: &mut [Contact]) {
        for line in &self.lines {
            let touches = &mut contacts[line.contact].manifold.touches;
            for (touch, point) in touches.iter_mut().zip(line.points()) {
                (touch.push, touch.rub) = (point.push, point.rub);
            }
        }
    }

    /// One round against overlaps; only the first `movable` bodies move, where that is given.
    /// Whether all overlaps are small enough.
    pub(crate) fn solve_positions(
        &self,
        poses: &mut [Pose],
        correction: Correction,
        movable: Option<usize>,
    ) -> bool {
        let mut least = 0.0;
        for line in &self.lines {
            least = line.solve_position(poses, correction.share, movable, least);
        }
        least >= correction.rest
    }
}

impl Line {
    #[inline]
    fn points(&self) -> &[Point] {
        &self.points[..self.count]
    }

    #[inline]
    fn plain(&self) -> Plain {
        let numbers = |Mat22 { first: a, second: b }| [a.x, a.y, b.x, b.y];
        let point = |point: Point| {
            let still = point.arms[0].left(0.0);
            PlainPoint {
                arm: [point.arms[1].x, point.arms[1].y],
                still: [still.x, still.y],
                push_mass: point.push_mass,
                rub_mass: point.rub_mass,
                forces: [point.push, point.rub],
            }
        };
        Plain {
            inv_mass: self.inv_mass[1],
            inv_inertia: self.inv_inertia[1],
            friction: self.friction,
            normal: [self.normal.x, self.normal.y],
            count: self.count,
            points: self.points.map(point),
            coupling: numbers(self.coupling),
            decoupling: numbers(self.decoupling),
        }
    }

    fn places(&self, poses: [Pose; 2]) -> [Place; 2] {
        [0, 1].map(|idx| Place::around(poses[idx].center, poses[idx].angle, self.centers[idx]))
    }

    fn measure(&mut self, poses: &[Pose]) {
        let poses = self.bodies.map(|body| poses[body]);
        let world = InWorld::new(&self.manifold, self.places(poses), POLYGON_RADIUS);
        self.normal = world.normal;
        let (normal, tangent) = (world.normal, world.normal.right(1.0));
        for (idx, at) in world.points.into_iter().enumerate().take(self.count) {
            let arms = poses.map(|pose| at - pose.center);
            let inverse = |mass: f32| if mass > 0.0 { 1.0 / mass } else { 0.0 };
            let push_mass = inverse(self.mass_between(arms, arms, normal));
            let rub_mass = inverse(self.mass_between(arms, arms, tangent));
            let Point { push, rub, .. } = self.points[idx];
            self.points[idx] = Point { arms, push, rub, push_mass, rub_mass };
        }
        if self.count == 2 {
            self.couple();
        }
    }

    /// How much a push on one arm speeds up the other, along a direction.
    fn mass_between(&self, one: [Vec2; 2], other: [Vec2; 2], along: Vec2) -> f32 {
        let [ma, mb] = self.inv_mass;
        let [ia, ib] = self.inv_inertia;
        let ([ra1, rb1], [ra2, rb2]) =
            (one.map(|arm| arm.cross(along)), other.map(|arm| arm.cross(along)));
        ma + mb + ia * ra1 * ra2 + ib * rb1 * rb2
    }

    fn couple(&mut self) {
        let [one, two] = self.points.map(|point| point.arms);
        let k11 = self.mass_between(one, one, self.normal);
        let k22 = self.mass_between(two, two, self.normal);
        let k12 = self.mass_between(one, two, self.normal);
        if k11 * k11 < CONDITION_MAX * (k11 * k22 - k12 * k12) {
            self.coupling = Mat22 { first: Vec2::new(k11, k12), second: Vec2::new(k12, k22) };
            self.decoupling = self.coupling.inverse();
        } else {
            self.count = 1;
        }
    }

    #[inline]
    fn with(&self, motions: &mut [Motion], change: impl FnOnce(&mut [Motion; 2])) {
        let mut bodies = self.bodies.map(|body| motions[body]);
        change(&mut bodies);
        [motions[self.bodies[0]], motions[self.bodies[1]]] = bodies;
    }

    #[inline]
    fn apply(&self, [a, b]: &mut [Motion; 2], point: &Point, push: Vec2) {
        a.velocity -= self.inv_mass[0] * push;
        a.spin -= self.inv_inertia[0] * point.arms[0].cross(push);
        b.velocity += self.inv_mass[1] * push;
        b.spin += self.inv_inertia[1] * point.arms[1].cross(push);
    }

    #[inline]
    fn solve_velocity(&mut self, motions: &mut [Motion]) {
        let mut bodies = self.bodies.map(|body| motions[body]);
        let tangent = self.normal.right(1.0);
        for idx in 0..self.count {
            let point = self.points[idx];
            let speed = drift(&bodies, &point).dot(tangent);
            let most = self.friction * point.push;
            let rub = clamp(point.rub + point.rub_mass * -speed, -most, most);
            self.apply(&mut bodies, &point, (rub - point.rub) * tangent);
            self.points[idx].rub = rub;
        }
        if self.count == 1 {
            let point = self.points[0];
            let speed = drift(&bodies, &point).dot(self.normal);
            let wanted = point.push + -point.push_mass * speed;
            let push = greater(wanted, 0.0);
            self.apply(&mut bodies, &point, (push - point.push) * self.normal);
            self.points[0].push = push;
        } else {
            self.solve_both(&mut bodies);
        }
        [motions[self.bodies[0]], motions[self.bodies[1]]] = bodies;
    }

    /// Two points at once: of the four ways in which each may push or let go, the first that fits.
    #[inline]
    fn solve_both(&mut self, bodies: &mut [Motion; 2]) {
        let [one, two] = self.points;
        let before = Vec2::new(one.push, two.push);
        let speed_one = drift(bodies, &one).dot(self.normal);
        let speed_two = drift(bodies, &two).dot(self.normal);
        let free = Vec2::new(speed_one, speed_two) - self.coupling.apply(before);

        let both = -self.decoupling.apply(free);
        let first = -one.push_mass * free.x;
        let second = -two.push_mass * free.y;
        let pushes = if both.x >= 0.0 && both.y >= 0.0 {
            both
        } else if first >= 0.0 && self.coupling.first.y * first + free.y >= 0.0 {
            Vec2::new(first, 0.0)
        } else if second >= 0.0 && self.coupling.second.x * second + free.x >= 0.0 {
            Vec2::new(0.0, second)
        } else if free.x >= 0.0 && free.y >= 0.0 {
            Vec2::ZERO
        } else {
            return;
        };
        let change = pushes - before;
        let (push_one, push_two) = (change.x * self.normal, change.y * self.normal);
        let [a, b] = bodies;
        let turns = |side: usize| {
            self.inv_inertia[side]
                * (one.arms[side].cross(push_one) + two.arms[side].cross(push_two))
        };
        a.velocity -= self.inv_mass[0] * (push_one + push_two);
        a.spin -= turns(0);
        b.velocity += self.inv_mass[1] * (push_one + push_two);
        b.spin += turns(1);
        (self.points[0].push, self.points[1].push) = (pushes.x, pushes.y);
    }

    fn solve_position(
        &self,
        poses: &mut [Pose],
        share: f32,
        movable: Option<usize>,
        mut least: f32,
    ) -> f32 {
        let moves = self.bodies.map(|body| movable.is_none_or(|count| body < count));
        let masses = |values: [f32; 2]| [0, 1].map(|i| if moves[i] { values[i] } else { 0.0 });
        let [ma, mb] = masses(self.inv_mass);
        let [ia, ib] = masses(self.inv_inertia);
        let [mut a, mut b] = self.bodies.map(|body| poses[body]);
        for touch in self.manifold.touches() {
            let places = self.places([a, b]);
            let (side, other) = match self.manifold.side {
                Side::OfA => (places[0], places[1]),
                Side::OfB => (places[1], places[0]),
            };
            let normal = side.turn.apply(self.manifold.normal);
            let plane = side.apply(self.manifold.point);
            let at = other.apply(touch.point);
            let separation = (at - plane).dot(normal) - POLYGON_RADIUS - POLYGON_RADIUS;
            let normal = if self.manifold.side == Side::OfA { normal } else { -normal };

            least = lesser(least, separation);
            let (ra, rb) = (at - a.center, at - b.center);
            let (na, nb) = (ra.cross(normal), rb.cross(normal));
            let mass = ma + mb + ia * na * na + ib * nb * nb;
            let push = overlap_push(separation, share, mass) * normal;
            a.center -= ma * push;
            a.angle -= ia * ra.cross(push);
            b.center += mb * push;
            b.angle += ib * rb.cross(push);
        }
        [poses[self.bodies[0]], poses[self.bodies[1]]] = [a, b];
        least
    }
}

/// How the bodies move apart at a point.
#[inline]
fn drift([a, b]: &[Motion; 2], point: &Point) -> Vec2 {
    b.at(point.arms[1]) - a.velocity - point.arms[0].left(a.spin)
}
