//! Contacts of a body with still ones, one in each island that has as many.

use super::super::touching::{Plain, PlainPoint};
use super::{Alike, Bodies, Lanes, SIDE_BY_SIDE, read};

/// Which islands something is true of.
type Which = [bool; SIDE_BY_SIDE];

/// The contact with the same number of the same body, in each island that has one.
pub(super) struct Touches {
    pub(super) body: usize,
    /// Which one of the body's.
    pub(super) at: usize,
    /// Where there is one with one point, and one with two.
    singles: Which,
    pairs: Which,
    has_singles: bool,
    has_pairs: bool,
    inv_mass: Lanes,
    inv_inertia: Lanes,
    friction: Lanes,
    normal: [Lanes; 2],
    points: [Point; 2],
    coupling: [Lanes; 4],
    decoupling: [Lanes; 4],
}

#[derive(Clone, Copy)]
struct Point {
    arm: [Lanes; 2],
    still: [Lanes; 2],
    push_mass: Lanes,
    rub_mass: Lanes,
    push: Lanes,
    rub: Lanes,
}

/// All contacts of some islands, body by body.
pub(super) fn of<const BODIES: usize>(some: &[Alike<'_, BODIES>]) -> Vec<Touches> {
    let most = |body: usize| some.iter().map(|one| one.contacts[body]).max().unwrap_or(0);
    let places = (0..BODIES).flat_map(|body| (0..most(body)).map(move |at| (body, at)));
    let touches = |(body, at)| {
        let mut all = [Plain::default(); SIDE_BY_SIDE];
        for (plain, one) in all.iter_mut().zip(some) {
            if let Some(contact) = one.contact(body, at) {
                *plain = one.island.touching.plain(contact);
            }
        }
        Touches::new(body, at, &all)
    };
    places.map(touches).collect()
}

impl Point {
    fn new(all: &[Plain; SIDE_BY_SIDE], idx: usize) -> Self {
        let column = |number: fn(&PlainPoint) -> f32| read(all, |plain| number(&plain.points[idx]));
        Self {
            arm: [column(|point| point.arm[0]), column(|point| point.arm[1])],
            still: [column(|point| point.still[0]), column(|point| point.still[1])],
            push_mass: column(|point| point.push_mass),
            rub_mass: column(|point| point.rub_mass),
            push: column(|point| point.forces[0]),
            rub: column(|point| point.forces[1]),
        }
    }

    /// How fast the bodies move apart here along a direction.
    #[inline(always)]
    fn speed(&self, body: &Bodies, along: [Lanes; 2]) -> Lanes {
        let x = body.x + -body.spin * self.arm[1] - self.still[0];
        let y = body.y + body.spin * self.arm[0] - self.still[1];
        x * along[0] + y * along[1]
    }

    /// How a push here turns the body, but for its inertia.
    #[inline(always)]
    fn turn(&self, push: [Lanes; 2]) -> Lanes {
        self.arm[0] * push[1] - self.arm[1] * push[0]
    }
}

impl Touches {
    fn new(body: usize, at: usize, all: &[Plain; SIDE_BY_SIDE]) -> Self {
        let [singles, pairs] = [1, 2].map(|count| all.map(|plain| plain.count == count));
        Self {
            body,
            at,
            singles,
            pairs,
            has_singles: singles.contains(&true),
            has_pairs: pairs.contains(&true),
            inv_mass: read(all, |plain| plain.inv_mass),
            inv_inertia: read(all, |plain| plain.inv_inertia),
            friction: read(all, |plain| plain.friction),
            normal: std::array::from_fn(|at| read(all, |plain| plain.normal[at])),
            points: [Point::new(all, 0), Point::new(all, 1)],
            coupling: std::array::from_fn(|at| read(all, |plain| plain.coupling[at])),
            decoupling: std::array::from_fn(|at| read(all, |plain| plain.decoupling[at])),
        }
    }

    /// What pushes and rubs.
    #[inline(always)]
    pub(super) fn forces(&self) -> [Lanes; 4] {
        let [one, two] = &self.points;
        [one.push, one.rub, two.push, two.rub]
    }

    /// What pushes and rubs at the points of an island's contact.
    pub(super) fn forces_of(&self, idx: usize) -> [[f32; 2]; 2] {
        self.points.map(|point| [point.push.0[idx], point.rub.0[idx]])
    }

    /// One round, as `Line::solve_velocity` has it for one island.
    #[inline(always)]
    pub(super) fn solve(&mut self, body: &mut Bodies) {
        let any: Which = std::array::from_fn(|idx| self.singles[idx] || self.pairs[idx]);
        self.rub(0, &any, body);
        if self.has_pairs {
            self.rub(1, &{ self.pairs }, body);
        }
        if self.has_singles {
            self.push_one(body);
        }
        if self.has_pairs {
            self.push_both(body);
        }
    }

    #[inline(always)]
    fn rub(&mut self, idx: usize, which: &Which, body: &mut Bodies) {
        let point = self.points[idx];
        let tangent = [self.normal[1], -self.normal[0]];
        let speed = point.speed(body, tangent);
        let rub = (point.rub + point.rub_mass * -speed).clamp(self.friction * point.push);
        let rub = Lanes::select(which, rub, point.rub);
        let change = rub - point.rub;
        let push = tangent.map(|part| change * part);
        self.apply(which, push, point.turn(push), body);
        self.points[idx].rub = rub;
    }

    #[inline(always)]
    fn push_one(&mut self, body: &mut Bodies) {
        let point = self.points[0];
        let wanted = point.push + -point.push_mass * point.speed(body, self.normal);
        let positive = Lanes::select(&wanted.is_positive(), wanted, Lanes::ZERO);
        let pushed = Lanes::select(&self.singles, positive, point.push);
        let change = pushed - point.push;
        let push = self.normal.map(|part| change * part);
        self.apply(&self.singles, push, point.turn(push), body);
        self.points[0].push = pushed;
    }

    /// Of the four ways in which two points may push or let go, the first that fits.
    #[inline(always)]
    fn push_both(&mut self, body: &mut Bodies) {
        let [one, two] = self.points;
        let [k, l, m, n] = self.coupling;
        let [p, q, r, s] = self.decoupling;
        let (before_x, before_y) = (one.push, two.push);
        let x = one.speed(body, self.normal) - (k * before_x + m * before_y);
        let y = two.speed(body, self.normal) - (l * before_x + n * before_y);

        let (both_x, both_y) = (-(p * x + r * y), -(q * x + s * y));
        let first = -one.push_mass * x;
        let second = -two.push_mass * y;
        let fits = |a: Lanes, b: Lanes| a.both_reach_zero(b);
        let (both, neither) = (fits(both_x, both_y), fits(x, y));
        let (only_first, only_second) = (fits(first, l * first + y), fits(second, m * second + x));

        let lone_y = Lanes::select(&only_second, second, Lanes::ZERO);
        let lone_x = Lanes::select(&only_first, first, Lanes::ZERO);
        let lone_y = Lanes::select(&only_first, Lanes::ZERO, lone_y);
        let which: Which = std::array::from_fn(|idx| {
            let any = both[idx] || only_first[idx] || only_second[idx] || neither[idx];
            self.pairs[idx] && any
        });
        let push_x = Lanes::select(&which, Lanes::select(&both, both_x, lone_x), before_x);
        let push_y = Lanes::select(&which, Lanes::select(&both, both_y, lone_y), before_y);
        let (change_x, change_y) = (push_x - before_x, push_y - before_y);
        let push_one = self.normal.map(|part| change_x * part);
        let push_two = self.normal.map(|part| change_y * part);
        let push = [push_one[0] + push_two[0], push_one[1] + push_two[1]];
        self.apply(&which, push, one.turn(push_one) + two.turn(push_two), body);
        (self.points[0].push, self.points[1].push) = (push_x, push_y);
    }

    #[inline(always)]
    fn apply(&self, which: &Which, push: [Lanes; 2], turn: Lanes, body: &mut Bodies) {
        body.x = Lanes::select(which, body.x + self.inv_mass * push[0], body.x);
        body.y = Lanes::select(which, body.y + self.inv_mass * push[1], body.y);
        body.spin = Lanes::select(which, body.spin + self.inv_inertia * turn, body.spin);
    }
}
