//! Solves bodies that hang together: velocities first, then positions.

pub(crate) mod touching;
pub(crate) mod wide;

use super::joint::Link;
use super::vector::{Vec2, clamp};
use super::{ANGULAR_SLOP, LINEAR_SLOP};
use touching::{Contacts, Correction};

/// How a body moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Motion {
    pub(crate) velocity: Vec2,
    pub(crate) spin: f32,
}

impl Motion {
    /// How a point of the body moves, the center of mass plus an arm.
    #[inline]
    pub(crate) fn at(self, arm: Vec2) -> Vec2 {
        self.velocity + arm.left(self.spin)
    }
}

/// Where a body is, by its center of mass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pose {
    pub(crate) center: Vec2,
    pub(crate) angle: f32,
}

/// Bodies to be solved together, and what holds them together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Island {
    /// Indices into the world.
    pub(crate) bodies: Vec<usize>,
    pub(crate) contacts: Vec<usize>,
    pub(crate) joints: Vec<usize>,
    pub(crate) poses: Vec<Pose>,
    pub(crate) motions: Vec<Motion>,
    pub(crate) links: Vec<Link>,
    pub(crate) touching: Contacts,
    seen: Vec<f32>,
}

/// Counts rounds.
///
/// A round is a function of velocities and forces alone. Once they are what they were some rounds
/// ago, every further round is known, and the rest need not be computed.
#[derive(Debug)]
struct Rounds {
    all: usize,
    solved: usize,
    /// The round after which velocities and forces were remembered, and the one after which they
    /// are next.
    seen_at: usize,
    next_look: usize,
}

impl Rounds {
    #[inline]
    fn new(all: usize) -> Self {
        Self { all, solved: 0, seen_at: 0, next_look: 8 }
    }

    #[inline]
    fn are_left(&self) -> bool {
        self.solved < self.all
    }

    /// Counts a round, after which all may be as it was when it was remembered; whether it has to
    /// be remembered now.
    #[inline]
    fn after(&mut self, is_as_seen: impl FnOnce() -> bool) -> bool {
        self.solved += 1;
        if self.seen_at > 0 && is_as_seen() {
            let period = self.solved - self.seen_at;
            self.solved = self.all - (self.all - self.solved) % period;
            (self.seen_at, self.next_look) = (0, usize::MAX);
            return false;
        }
        let looks = self.solved == self.next_look;
        if looks {
            (self.seen_at, self.next_look) = (self.solved, 2 * self.next_look);
        }
        looks
    }
}

const MOVE_MAX: f32 = 2.0;
const TURN_MAX: f32 = std::f32::consts::FRAC_PI_2;
const TURN_MAX_SQUARED: f32 = TURN_MAX * TURN_MAX;

/// How fast overlaps go, and how much of them may stay.
const CORRECTION: Correction = Correction { share: 0.2, rest: -3.0 * LINEAR_SLOP };
const IMPACT_CORRECTION: Correction = Correction { share: 0.75, rest: -1.5 * LINEAR_SLOP };
const IMPACT_ROUNDS: usize = 20;

impl Island {
    pub(crate) fn clear(&mut self) {
        self.bodies.clear();
        self.contacts.clear();
        self.joints.clear();
        self.poses.clear();
        self.motions.clear();
        self.links.clear();
    }

    /// Rounds over joints and contacts until the velocities agree with them, or time is up.
    pub(crate) fn solve_velocities(&mut self, rounds: usize) {
        let mut rounds = Rounds::new(rounds);
        while rounds.are_left() {
            for link in &mut self.links {
                link.solve_velocity(&mut self.motions);
            }
            self.touching.solve_velocities(&mut self.motions);
            if rounds.after(|| self.is_as_seen()) {
                self.look();
            }
        }
    }

    fn look(&mut self) {
        self.seen.clear();
        for Motion { velocity, spin } in &self.motions {
            self.seen.extend([velocity.x, velocity.y, *spin]);
        }
        for link in &self.links {
            self.seen.extend(link.forces());
        }
        self.touching.forces().for_each(|force| self.seen.push(force));
    }

    fn is_as_seen(&self) -> bool {
        let same = |a: f32, b: f32| a.to_bits() == b.to_bits();
        let (motions, rest) = self.seen.split_at(3 * self.motions.len());
        let (links, contacts) = rest.split_at(4 * self.links.len());
        let same_motion = |(motion, seen): (&Motion, &[f32])| {
            let Motion { velocity: Vec2 { x, y }, spin } = *motion;
            same(x, seen[0]) && same(y, seen[1]) && same(spin, seen[2])
        };
        let same_link = |(link, seen): (&Link, &[f32])| {
            link.forces().into_iter().zip(seen).all(|(now, then)| same(now, *then))
        };
        self.motions.iter().zip(motions.chunks_exact(3)).all(same_motion)
            && self.links.iter().zip(links.chunks_exact(4)).all(same_link)
            && self.touching.forces().zip(contacts).all(|(now, then)| same(now, *then))
    }

    /// Moves all bodies on, not too far at once.
    pub(crate) fn integrate(&mut self, dt: f32) {
        for (pose, motion) in self.poses.iter_mut().zip(&mut self.motions) {
            let way = dt * motion.velocity;
            if way.dot(way) > MOVE_MAX * MOVE_MAX {
                let ratio = MOVE_MAX / way.length();
                motion.velocity = ratio * motion.velocity;
            }
            let turn = dt * motion.spin;
            if turn * turn > TURN_MAX_SQUARED {
                motion.spin *= TURN_MAX / turn.abs();
            }
            pose.center += dt * motion.velocity;
            pose.angle += dt * motion.spin;
        }
    }

    /// Brings bodies to where joints and contacts want them; whether that was reached.
    pub(crate) fn solve_positions(&mut self, rounds: usize) -> bool {
        for _ in 0..rounds {
            let mut fits = self.touching.solve_positions(&mut self.poses, CORRECTION, None);
            for link in &self.links {
                fits &= link.solve_position(&mut self.poses);
            }
            if fits {
                return true;
            }
        }
        false
    }

    /// Parts the two bodies that have just met, the first two; others stay where they are.
    pub(crate) fn part_at_impact(&mut self) {
        for _ in 0..IMPACT_ROUNDS {
            if self.touching.solve_positions(&mut self.poses, IMPACT_CORRECTION, Some(2)) {
                return;
            }
        }
    }
}

/// Speeds below which a body counts as resting, squared, and how long it then takes to sleep.
pub(crate) const REST_SPEED_SQUARED: f32 = 0.01 * 0.01;
pub(crate) const REST_SPIN_SQUARED: f32 = ANGULAR_SLOP * ANGULAR_SLOP;
pub(crate) const REST_TIME: f32 = 0.5;

/// The push that takes away a part of an overlap in one round.
#[inline]
pub(crate) fn overlap_push(separation: f32, share: f32, mass: f32) -> f32 {
    const STEP_MAX: f32 = 0.2;
    let wanted = clamp(share * (separation + LINEAR_SLOP), -STEP_MAX, 0.0);
    if mass > 0.0 { -wanted / mass } else { 0.0 }
}
