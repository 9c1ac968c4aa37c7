//! Velocities of many islands at once: bodies that hang together in the same way go through the
//! same sequence of operations in every world, and several go through it side by side. Contacts
//! differ; what one world lacks leaves its numbers as they are.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a kernel misses its instructions"
)]

mod touches;

use std::marker::PhantomData;
use std::ops::{Add, Mul, Neg, Sub};

use plugin_api::simd::{Kernel, dispatch};

use super::super::joint::Plain;
use super::super::vector::Vec2;
use super::{Island, Motion, Rounds};
use touches::Touches;

/// Islands that are solved at once.
const SIDE_BY_SIDE: usize = 16;

/// Solves the velocities of all islands.
pub(crate) fn solve_velocities(islands: Vec<&mut Island>, rounds: usize) {
    let others = solve_alike::<Star, 3, 2>(islands, rounds);
    for island in solve_alike::<Chain, 5, 4>(others, rounds) {
        island.solve_velocities(rounds);
    }
}

/// How bodies hang together: which ones each joint joins.
trait Figure<const LINKS: usize> {
    const LINKED: [[usize; 2]; LINKS];
}

/// Two bodies on one.
struct Star;

impl Figure<2> for Star {
    const LINKED: [[usize; 2]; 2] = [[1, 0], [1, 2]];
}

/// Five bodies in a row, the middle one first in its joints.
struct Chain;

impl Figure<4> for Chain {
    const LINKED: [[usize; 2]; 4] = [[1, 0], [2, 1], [2, 3], [3, 4]];
}

/// Solves the islands of a figure, and returns the others.
fn solve_alike<F: Figure<LINKS>, const BODIES: usize, const LINKS: usize>(
    islands: Vec<&mut Island>,
    rounds: usize,
) -> Vec<&mut Island> {
    let (mut alike, mut others) = (Vec::with_capacity(islands.len()), Vec::new());
    for island in islands {
        match Alike::<BODIES>::of(island, &F::LINKED) {
            Ok(one) => alike.push(one),
            Err(island) => others.push(island),
        }
    }
    // Those with contacts at the same bodies side by side.
    alike.sort_by_key(|one| one.contacts);
    for some in alike.chunks_mut(SIDE_BY_SIDE) {
        // A few are faster one by one.
        if some.len() < 4 {
            for one in some {
                one.island.solve_velocities(rounds);
            }
        } else {
            dispatch(Solve::<F, BODIES, LINKS> { some, rounds, figure: PhantomData });
        }
    }
    others
}

/// An island of a figure.
struct Alike<'a, const BODIES: usize> {
    island: &'a mut Island,
    /// Where the bodies are among those being solved.
    bodies: [usize; BODIES],
    /// How many contacts each has with still ones; they lie in this order.
    contacts: [usize; BODIES],
}

impl<'a, const BODIES: usize> Alike<'a, BODIES> {
    /// The island, where its joints are those of the figure and nothing else moves.
    fn of(island: &'a mut Island, linked: &[[usize; 2]]) -> Result<Self, &'a mut Island> {
        match Self::find(island, linked) {
            Some((bodies, contacts)) => Ok(Self { island, bodies, contacts }),
            None => Err(island),
        }
    }

    fn find(island: &Island, linked: &[[usize; 2]]) -> Option<([usize; BODIES], [usize; BODIES])> {
        if island.links.len() != linked.len() {
            return None;
        }
        let mut bodies = [usize::MAX; BODIES];
        for (link, pair) in island.links.iter().zip(linked) {
            // Nothing where an angle is fixed.
            link.plain()?;
            for (body, place) in pair.iter().zip(link.bodies) {
                if bodies[*body] == usize::MAX {
                    bodies[*body] = place;
                } else if bodies[*body] != place {
                    return None;
                }
            }
        }
        let mut contacts = [0; BODIES];
        let mut latest = 0;
        for pair in island.touching.on_still() {
            let [_, moving] = pair?;
            let body = bodies.iter().position(|place| *place == moving)?;
            if body < latest {
                return None;
            }
            latest = body;
            contacts[body] += 1;
        }
        Some((bodies, contacts))
    }

    /// The number of a body's contact among all of them, if there are so many.
    fn contact(&self, body: usize, at: usize) -> Option<usize> {
        (at < self.contacts[body]).then(|| self.contacts[..body].iter().sum::<usize>() + at)
    }
}

/// A number of each island.
#[derive(Clone, Copy, Debug)]
struct Lanes([f32; SIDE_BY_SIDE]);

macro_rules! operate {
    ($trait:ident, $name:ident, $operator:tt) => {
        impl $trait for Lanes {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                Self(std::array::from_fn(|idx| self.0[idx] $operator other.0[idx]))
            }
        }
    };
}

operate!(Add, add, +);
operate!(Sub, sub, -);
operate!(Mul, mul, *);

impl Neg for Lanes {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(|number| -number))
    }
}

impl Lanes {
    #[inline(always)]
    fn select(which: &[bool; SIDE_BY_SIDE], these: Self, others: Self) -> Self {
        let pick = |idx: usize| if which[idx] { these.0[idx] } else { others.0[idx] };
        Self(std::array::from_fn(pick))
    }

    const ZERO: Self = Self([0.0; SIDE_BY_SIDE]);

    /// Whether all bits are the same.
    #[inline(always)]
    fn is(&self, other: &Self) -> bool {
        let differ = |(a, b): (&f32, &f32)| a.to_bits() ^ b.to_bits();
        self.0.iter().zip(&other.0).map(differ).fold(0, |all, bits| all | bits) == 0
    }

    #[inline(always)]
    fn differs_from_zero(self) -> [bool; SIDE_BY_SIDE] {
        self.0.map(|number| number != 0.0)
    }

    #[inline(always)]
    fn is_positive(self) -> [bool; SIDE_BY_SIDE] {
        self.0.map(|number| number > 0.0)
    }

    /// Where neither number is below zero.
    #[inline(always)]
    fn both_reach_zero(self, other: Self) -> [bool; SIDE_BY_SIDE] {
        std::array::from_fn(|idx| self.0[idx] >= 0.0 && other.0[idx] >= 0.0)
    }

    /// Between minus the most and the most.
    #[inline(always)]
    fn clamp(self, most: Self) -> Self {
        Self(std::array::from_fn(|idx| {
            let (number, most) = (self.0[idx], most.0[idx]);
            let below = if number < most { number } else { most };
            if -most > below { -most } else { below }
        }))
    }
}

/// A body of each island.
#[derive(Clone, Copy)]
struct Bodies {
    x: Lanes,
    y: Lanes,
    spin: Lanes,
}

/// A joint of each island.
#[derive(Clone, Copy)]
struct Joints {
    arms: [Lanes; 4],
    inverses: [Lanes; 4],
    motor: [Lanes; 3],
    mass: [Lanes; 12],
    inverse_dets: [Lanes; 2],
    limit: Lanes,
    forces: [Lanes; 4],
}

impl Joints {
    /// One round, as `Link::solve_velocity` has it for one island. Both ways of holding the point
    /// are followed, with and without the limit, and each lane takes what is right for it.
    #[inline(always)]
    fn solve(&mut self, a: &mut Bodies, b: &mut Bodies) {
        let ([rax, ray, rbx, rby], [ma, mb, ia, ib]) = (self.arms, self.inverses);
        let [speed, drive_max, minus_mass] = self.motor;
        let [px, py, pz, qx, qy, qz, rx, ry, rz, cx, cy, cz] = self.mass;
        let [det_22, det] = self.inverse_dets;
        let [hold_x, hold_y, stop, drive] = self.forces;

        let excess = b.spin - a.spin - speed;
        let driven = (drive + minus_mass * excess).clamp(drive_max);
        let push = driven - drive;
        a.spin = a.spin - ia * push;
        b.spin = b.spin + ib * push;

        let x = b.x + -b.spin * rby - a.x - -a.spin * ray;
        let y = b.y + b.spin * rbx - a.y - a.spin * rax;
        let z = b.spin - a.spin;
        // With the limit: unless it would have to pull, all three at once.
        let held_x = -(det * (x * cx + y * cy + z * cz));
        let held_y =
            -(det * (px * (y * rz - z * ry) + py * (z * rx - x * rz) + pz * (x * ry - y * rx)));
        let held_z =
            -(det * (px * (qy * z - qz * y) + py * (qz * x - qx * z) + pz * (qx * y - qy * x)));
        let total = stop + held_z;
        let limited = self.limit.differs_from_zero();
        let pulls = (self.limit * total).is_positive();
        let holds = std::array::from_fn(|idx| limited[idx] && !pulls[idx]);
        // Without it, or as it lets go.
        let rest_x = Lanes::select(&limited, -x + stop * rx, -x);
        let rest_y = Lanes::select(&limited, -y + stop * ry, -y);
        let free_x = det_22 * (qy * rest_x - qx * rest_y);
        let free_y = det_22 * (px * rest_y - py * rest_x);

        let push_x = Lanes::select(&holds, held_x, free_x);
        let push_y = Lanes::select(&holds, held_y, free_y);
        let turn = Lanes::select(&holds, held_z, -stop);
        self.forces =
            [hold_x + push_x, hold_y + push_y, Lanes::select(&holds, total, Lanes::ZERO), driven];
        a.x = a.x - ma * push_x;
        a.y = a.y - ma * push_y;
        b.x = b.x + mb * push_x;
        b.y = b.y + mb * push_y;
        let turn_a = rax * push_y - ray * push_x;
        let turn_b = rbx * push_y - rby * push_x;
        a.spin = a.spin - ia * Lanes::select(&limited, turn_a + turn, turn_a);
        b.spin = b.spin + ib * Lanes::select(&limited, turn_b + turn, turn_b);
    }
}

struct Solve<'a, 'b, F, const BODIES: usize, const LINKS: usize> {
    some: &'a mut [Alike<'b, BODIES>],
    rounds: usize,
    figure: PhantomData<F>,
}

impl<F: Figure<LINKS>, const BODIES: usize, const LINKS: usize> Kernel
    for Solve<'_, '_, F, BODIES, LINKS>
{
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let mut now = State {
            bodies: std::array::from_fn::<_, BODIES, _>(|body| self.bodies(body)),
            joints: std::array::from_fn::<_, LINKS, _>(|link| self.joints(link)),
            touches: touches::of(self.some),
        };
        let mut rounds = Rounds::new(self.rounds);
        let mut seen = Vec::new();
        while rounds.are_left() {
            for (joints, [a, b]) in now.joints.iter_mut().zip(F::LINKED) {
                let (mut one, mut two) = (now.bodies[a], now.bodies[b]);
                joints.solve(&mut one, &mut two);
                (now.bodies[a], now.bodies[b]) = (one, two);
            }
            for touches in &mut now.touches {
                touches.solve(&mut now.bodies[touches.body]);
            }
            if rounds.after(|| now.is(&seen)) {
                seen.clear();
                seen.extend(now.numbers());
            }
        }
        self.bring_back(&now);
    }
}

/// What the solver changes from round to round, and what it needs for that.
struct State<const BODIES: usize, const LINKS: usize> {
    bodies: [Bodies; BODIES],
    joints: [Joints; LINKS],
    touches: Vec<Touches>,
}

impl<const BODIES: usize, const LINKS: usize> State<BODIES, LINKS> {
    /// All that changes.
    #[inline(always)]
    fn numbers(&self) -> impl Iterator<Item = Lanes> {
        let bodies = self.bodies.iter().flat_map(|bodies| [bodies.x, bodies.y, bodies.spin]);
        let joints = self.joints.iter().flat_map(|joints| joints.forces);
        bodies.chain(joints).chain(self.touches.iter().flat_map(Touches::forces))
    }

    #[inline(always)]
    fn is(&self, seen: &[Lanes]) -> bool {
        self.numbers().zip(seen).all(|(now, then)| now.is(then))
    }
}

impl<F, const BODIES: usize, const LINKS: usize> Solve<'_, '_, F, BODIES, LINKS> {
    #[inline(always)]
    fn bodies(&self, body: usize) -> Bodies {
        let motion = |one: &Alike<'_, BODIES>| one.island.motions[one.bodies[body]];
        Bodies {
            x: read(self.some, |one| motion(one).velocity.x),
            y: read(self.some, |one| motion(one).velocity.y),
            spin: read(self.some, |one| motion(one).spin),
        }
    }

    #[inline(always)]
    fn joints(&self, link: usize) -> Joints {
        let plain =
            |one: &Alike<'_, BODIES>| one.island.links[link].plain().expect("no angle is fixed");
        let all: Vec<Plain> = self.some.iter().map(plain).collect();
        Joints {
            arms: std::array::from_fn(|at| read(&all, |plain| plain.arms[at])),
            inverses: std::array::from_fn(|at| read(&all, |plain| plain.inverses[at])),
            motor: std::array::from_fn(|at| read(&all, |plain| plain.motor[at])),
            mass: std::array::from_fn(|at| read(&all, |plain| plain.mass[at])),
            inverse_dets: std::array::from_fn(|at| read(&all, |plain| plain.inverse_dets[at])),
            limit: read(&all, |plain| plain.limit),
            forces: std::array::from_fn(|at| read(&all, |plain| plain.forces[at])),
        }
    }

    #[inline(always)]
    fn bring_back(self, now: &State<BODIES, LINKS>) {
        for (idx, one) in self.some.iter_mut().enumerate() {
            for (place, Bodies { x, y, spin }) in one.bodies.iter().zip(&now.bodies) {
                one.island.motions[*place] =
                    Motion { velocity: Vec2::new(x.0[idx], y.0[idx]), spin: spin.0[idx] };
            }
            for (link, joints) in one.island.links.iter_mut().zip(&now.joints) {
                link.set_forces(joints.forces.map(|force| force.0[idx]));
            }
            for touches in &now.touches {
                if let Some(contact) = one.contact(touches.body, touches.at) {
                    one.island.touching.set_forces(contact, touches.forces_of(idx));
                }
            }
        }
    }
}

/// A number of each of some; the last one fills the places that are left.
#[inline(always)]
fn read<T>(all: &[T], number: impl Fn(&T) -> f32) -> Lanes {
    let last = all.len() - 1;
    Lanes(std::array::from_fn(|idx| number(&all[idx.min(last)])))
}
