//! Velocities of many islands at once: what two joints hold together, without contacts, is the same
//! sequence of operations in every world, and several go through it side by side.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a kernel misses its instructions"
)]

use std::ops::{Add, Mul, Neg, Sub};

use plugin_api::simd::{Kernel, dispatch};

use super::super::joint::{Link, Plain};
use super::super::vector::Vec2;
use super::{Island, Motion};

/// Islands that are solved at once.
const SIDE_BY_SIDE: usize = 16;

/// Solves the velocities of all islands.
pub(crate) fn solve_velocities(islands: Vec<&mut Island>, rounds: usize) {
    let (mut alike, others): (Vec<_>, Vec<_>) =
        islands.into_iter().partition(|island| is_star(island));
    for island in others {
        island.solve_velocities(rounds);
    }
    for some in alike.chunks_mut(SIDE_BY_SIDE) {
        // A few are faster one by one.
        if some.len() < 4 {
            for island in some {
                island.solve_velocities(rounds);
            }
        } else {
            dispatch(Solve { islands: some, rounds });
        }
    }
}

/// Whether two joints hold three bodies together, the second body with either other, and nothing
/// else happens.
fn is_star(island: &Island) -> bool {
    let free = |link: &Link, bodies| link.bodies == bodies && link.plain().is_some();
    island.touching.is_empty()
        && island.motions.len() == 3
        && matches!(&island.links[..], [a, b] if free(a, [1, 0]) && free(b, [1, 2]))
}

/// A number of each island.
#[derive(Clone, Copy)]
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

    #[inline(always)]
    fn differs_from_zero(self) -> [bool; SIDE_BY_SIDE] {
        self.0.map(|number| number != 0.0)
    }

    #[inline(always)]
    fn is_positive(self) -> [bool; SIDE_BY_SIDE] {
        self.0.map(|number| number > 0.0)
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
        let zero = Lanes([0.0; SIDE_BY_SIDE]);
        self.forces =
            [hold_x + push_x, hold_y + push_y, Lanes::select(&holds, total, zero), driven];
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

struct Solve<'a, 'b> {
    islands: &'a mut [&'b mut Island],
    rounds: usize,
}

impl Kernel for Solve<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [mut one, mut middle, mut two] = [0, 1, 2].map(|body| self.bodies(body));
        let [mut first, mut second] = [0, 1].map(|link| self.joints(link));
        for _ in 0..self.rounds {
            first.solve(&mut middle, &mut one);
            second.solve(&mut middle, &mut two);
        }
        self.bring_back(&[one, middle, two], &[first, second]);
    }
}

impl Solve<'_, '_> {
    /// A number of each island; the last one fills the places that are left.
    #[inline(always)]
    fn read(&self, number: impl Fn(&Island) -> f32) -> Lanes {
        let last = self.islands.len() - 1;
        Lanes(std::array::from_fn(|idx| number(self.islands[idx.min(last)])))
    }

    #[inline(always)]
    fn bodies(&self, body: usize) -> Bodies {
        Bodies {
            x: self.read(|island| island.motions[body].velocity.x),
            y: self.read(|island| island.motions[body].velocity.y),
            spin: self.read(|island| island.motions[body].spin),
        }
    }

    #[inline(always)]
    fn joints(&self, link: usize) -> Joints {
        let plain = |island: &Island| island.links[link].plain().expect("no angle is fixed");
        let all: Vec<Plain> = self.islands.iter().map(|island| plain(island)).collect();
        let last = all.len() - 1;
        let column = |number: &dyn Fn(&Plain) -> f32| {
            Lanes(std::array::from_fn(|idx| number(&all[idx.min(last)])))
        };
        Joints {
            arms: std::array::from_fn(|at| column(&|plain| plain.arms[at])),
            inverses: std::array::from_fn(|at| column(&|plain| plain.inverses[at])),
            motor: std::array::from_fn(|at| column(&|plain| plain.motor[at])),
            mass: std::array::from_fn(|at| column(&|plain| plain.mass[at])),
            inverse_dets: std::array::from_fn(|at| column(&|plain| plain.inverse_dets[at])),
            limit: column(&|plain| plain.limit),
            forces: std::array::from_fn(|at| column(&|plain| plain.forces[at])),
        }
    }

    #[inline(always)]
    fn bring_back(self, bodies: &[Bodies; 3], joints: &[Joints; 2]) {
        for (idx, island) in self.islands.iter_mut().enumerate() {
            for (motion, Bodies { x, y, spin }) in island.motions.iter_mut().zip(bodies) {
                *motion = Motion { velocity: Vec2::new(x.0[idx], y.0[idx]), spin: spin.0[idx] };
            }
            for (link, joints) in island.links.iter_mut().zip(joints) {
                link.set_forces(joints.forces.map(|force| force.0[idx]));
            }
        }
    }
}
