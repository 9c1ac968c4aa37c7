//! A world of bodies, joints and contacts, and one step of it.

mod impacts;
mod islands;
mod saving;

use super::BodyId;
use super::body::{Body, Fixture, FixturePlan};
use super::collide::collide;
use super::contact::Contact;
use super::distance::overlap;
use super::joint::{Joint, JointPlan};
use super::shape::{Ray, Shape};
use super::solver::{Island, wide};
use super::tree::Tree;
use super::vector::{Place, Vec2};

/// Two bodies began or ended to touch with one fixture each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whether they began to.
    pub begins: bool,
    /// The bodies.
    pub bodies: [BodyId; 2],
}

/// A world.
#[derive(Clone, Debug, Default)]
pub struct World {
    gravity: Vec2,
    bodies: Vec<Body>,
    /// Those that move, oldest first.
    dynamic: Vec<usize>,
    fixtures: Vec<Fixture>,
    joints: Vec<Joint>,
    /// Oldest first.
    contacts: Vec<Contact>,
    tree: Tree,
    /// Leaves that moved since contacts were looked for.
    moved: Vec<u32>,
    /// One over the length of the last step.
    inverse_dt: f32,
    events: Vec<Event>,
    scratch: Scratch,
}

/// How a step is taken: its length, and how many rounds velocities and positions are solved.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The length.
    pub dt: f32,
    /// Rounds for velocities.
    pub velocity_rounds: usize,
    /// Most rounds for positions.
    pub position_rounds: usize,
}

/// Room for what a step needs; nothing in it outlives the step.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Those of this step first.
    islands: Vec<Island>,
    used: usize,
    impact: Island,
    stack: Vec<usize>,
    joints_seen: Vec<bool>,
    pairs: Vec<[u32; 2]>,
    /// Still bodies whose sweep was advanced.
    advanced: Vec<usize>,
}

impl World {
    /// An empty world.
    pub fn new(gravity: Vec2) -> Self {
        Self { gravity, ..Self::default() }
    }

    /// Takes all bodies away, in this order. What is built afterwards may get other places in the
    /// tree than in a new world, and so pairs are looked at in another order.
    pub fn destroy(&mut self, order: impl IntoIterator<Item = BodyId>) {
        for body in order {
            for idx in self.bodies[body.0 as usize].fixtures.clone().rev() {
                self.tree.remove(self.fixtures[idx].leaf);
            }
        }
        self.forget();
    }

    /// Makes the world as good as new.
    pub fn clear(&mut self) {
        self.tree.clear();
        self.forget();
    }

    fn forget(&mut self) {
        self.inverse_dt = 0.0;
        self.bodies.clear();
        self.dynamic.clear();
        self.fixtures.clear();
        self.joints.clear();
        self.contacts.clear();
        self.moved.clear();
        self.events.clear();
    }

    /// Adds a body that does not move.
    pub fn add_still(&mut self, at: Vec2) -> BodyId {
        self.bodies.push(Body::new(at, 0.0, false));
        BodyId(self.bodies.len() as u32 - 1)
    }

    /// Adds a body that moves.
    pub fn add_moving(&mut self, at: Vec2, angle: f32) -> BodyId {
        self.dynamic.push(self.bodies.len());
        self.bodies.push(Body::new(at, angle, true));
        BodyId(self.bodies.len() as u32 - 1)
    }

    /// Gives a body another fixture; all of one body are made in a row.
    pub fn fix(&mut self, body: BodyId, plan: FixturePlan) {
        let idx = self.fixtures.len();
        let owner = &mut self.bodies[body.0 as usize];
        if owner.fixtures.is_empty() {
            owner.fixtures = idx..idx;
        }
        assert_eq!(owner.fixtures.end, idx, "another body got a fixture in between");
        owner.fixtures.end += 1;
        let leaf = self.tree.insert(plan.shape.bounds(owner.place), idx as u32);
        let has_mass = plan.density > 0.0;
        self.moved.push(leaf);
        self.fixtures.push(Fixture { plan, body, leaf });
        if has_mass {
            owner.weigh(&self.fixtures);
        }
    }

    /// Gives a fixture of a body another shape, before the state of a world with it is loaded: the
    /// tree does not notice.
    pub(crate) fn reshape(&mut self, body: BodyId, fixture: usize, shape: Shape) {
        let first = self.bodies[body.0 as usize].fixtures.start;
        self.fixtures[first + fixture].plan.shape = shape;
    }

    /// Joins two bodies and returns the number of the joint.
    pub fn join(&mut self, plan: JointPlan) -> usize {
        self.joints.push(Joint::new(plan));
        self.joints.len() - 1
    }

    /// A body.
    #[inline]
    pub fn body(&self, body: BodyId) -> &Body {
        &self.bodies[body.0 as usize]
    }

    /// A body, to push it.
    #[inline]
    pub fn body_mut(&mut self, body: BodyId) -> &mut Body {
        &mut self.bodies[body.0 as usize]
    }

    /// Corners of a body's fixtures in the world, oldest fixture first.
    pub fn outlines(&self, body: BodyId) -> impl Iterator<Item = Vec<Vec2>> {
        let Body { place, fixtures, .. } = &self.bodies[body.0 as usize];
        self.fixtures[fixtures.clone()].iter().map(|fixture| {
            let shape = &fixture.plan.shape;
            shape.corners().iter().map(|corner| place.apply(*corner)).collect()
        })
    }

    /// The angle of a joint.
    #[inline]
    pub fn joint_angle(&self, joint: usize) -> f32 {
        let JointPlan { bodies: [a, b], reference, .. } = self.joints[joint].plan;
        self.body(b).angle() - self.body(a).angle() - reference
    }

    /// How fast a joint turns.
    #[inline]
    pub fn joint_speed(&self, joint: usize) -> f32 {
        let [a, b] = self.joints[joint].plan.bodies;
        self.body(b).spin() - self.body(a).spin()
    }

    /// Sets the speed that a motor tries to reach, and the strongest it can turn.
    #[inline]
    pub fn drive(&mut self, joint: usize, speed: f32, torque_max: f32) {
        let plan = &mut self.joints[joint].plan;
        (plan.speed, plan.torque_max) = (speed, torque_max);
        for body in plan.bodies {
            self.bodies[body.0 as usize].wake();
        }
    }

    /// Which part of the way from one point to another is free of fixtures of these categories.
    pub fn look(&self, from: Vec2, to: Vec2, categories: u16) -> f32 {
        let ray = Ray { from, to, part: 1.0 };
        self.tree.along(ray, |item, ray| {
            let Fixture { plan, body, .. } = &self.fixtures[item as usize];
            if plan.category & categories == 0 {
                return ray.part;
            }
            plan.shape.meets(ray, self.body(*body).place).unwrap_or(ray.part)
        })
    }

    /// What began and ended to touch since the last call, in order.
    pub fn take_events(&mut self) -> std::vec::Drain<'_, Event> {
        self.events.drain(..)
    }

    /// One step of time.
    pub fn step(&mut self, pace: Pace) {
        self.begin(pace);
        for island in &mut self.scratch.islands[..self.scratch.used] {
            island.solve_velocities(pace.velocity_rounds);
        }
        self.finish(pace);
    }

    /// One step of time in many worlds. What they have in common is solved for several of them at
    /// once, with the same bits.
    pub fn step_all<'a>(worlds: impl Iterator<Item = &'a mut Self>, pace: Pace) {
        let mut worlds: Vec<&mut Self> = worlds.collect();
        let mut islands: Vec<&mut Island> = Vec::with_capacity(worlds.len());
        for world in &mut worlds {
            world.begin(pace);
            let used = world.scratch.used;
            islands.extend(&mut world.scratch.islands[..used]);
        }
        wide::solve_velocities(islands, pace.velocity_rounds);
        for world in worlds {
            world.finish(pace);
        }
    }

    /// All of a step before velocities are solved.
    fn begin(&mut self, pace: Pace) {
        if !self.moved.is_empty() {
            self.find_contacts();
        }
        self.renew_contacts();
        self.find_islands(pace.dt);
    }

    /// All of a step after velocities were solved.
    fn finish(&mut self, Pace { dt, velocity_rounds, position_rounds }: Pace) {
        self.move_islands(dt, position_rounds);
        self.solve_impacts(dt, velocity_rounds);
        self.inverse_dt = 1.0 / dt;
        for idx in &self.dynamic {
            let body = &mut self.bodies[*idx];
            (body.force, body.torque) = (Vec2::ZERO, 0.0);
        }
    }

    fn places(&self, bodies: [BodyId; 2]) -> [Place; 2] {
        bodies.map(|body| self.bodies[body.0 as usize].place)
    }

    /// Looks at all contacts again, and lets those go whose boxes are apart.
    fn renew_contacts(&mut self) {
        for idx in (0..self.contacts.len()).rev() {
            let Contact { bodies, fixtures, .. } = self.contacts[idx];
            if !bodies.iter().any(|body| self.bodies[body.0 as usize].moves()) {
                continue;
            }
            let [a, b] = fixtures.map(|fixture| self.fixtures[fixture as usize].leaf);
            if self.tree.bounds(a).overlaps(self.tree.bounds(b)) {
                self.renew_contact(idx);
            } else {
                self.drop_contact(idx);
            }
        }
    }

    fn drop_contact(&mut self, idx: usize) {
        let contact = self.contacts.remove(idx);
        if contact.is_touching {
            self.events.push(Event { begins: false, bodies: contact.bodies });
        }
        if contact.manifold.count > 0 && !contact.is_sensor {
            self.wake(contact.bodies);
        }
    }

    fn wake(&mut self, bodies: [BodyId; 2]) {
        for body in bodies {
            self.bodies[body.0 as usize].wake();
        }
    }

    /// Looks where the fixtures of a contact touch now.
    fn renew_contact(&mut self, idx: usize) {
        let Contact { fixtures, bodies, is_sensor, is_touching: before, .. } = self.contacts[idx];
        let places = self.places(bodies);
        let shapes = fixtures.map(|fixture| &self.fixtures[fixture as usize].plan.shape);
        let contact = &mut self.contacts[idx];
        contact.is_enabled = true;
        if is_sensor {
            contact.is_touching = overlap(shapes.map(Shape::corners), places);
        } else {
            contact.renew(collide(shapes, places));
            contact.is_touching = contact.manifold.count > 0;
        }
        let now = contact.is_touching;
        if now != before {
            if !is_sensor {
                self.wake(bodies);
            }
            self.events.push(Event { begins: now, bodies });
        }
    }

    /// Makes contacts of what the moved leaves have come near to.
    fn find_contacts(&mut self) {
        let mut pairs = std::mem::take(&mut self.scratch.pairs);
        let moves = |leaf: u32| {
            let fixture = &self.fixtures[self.tree.item(leaf) as usize];
            self.bodies[fixture.body.0 as usize].is_dynamic
        };
        for &leaf in &self.moved {
            let one_moves = moves(leaf);
            self.tree.overlapping(self.tree.bounds(leaf), |other| {
                // Two that stand still never touch.
                if other != leaf && (one_moves || moves(other)) {
                    pairs.push([leaf.min(other), leaf.max(other)]);
                }
            });
        }
        self.moved.clear();
        pairs.sort_unstable();
        pairs.dedup();
        for pair in pairs.drain(..) {
            self.add_pair(pair.map(|leaf| self.tree.item(leaf)));
        }
        self.scratch.pairs = pairs;
    }

    fn add_pair(&mut self, fixtures: [u32; 2]) {
        let [a, b] = fixtures.map(|fixture| &self.fixtures[fixture as usize]);
        if a.body == b.body
            || a.plan.mask & b.plan.category == 0
            || a.plan.category & b.plan.mask == 0
            || self.joints.iter().any(|joint| joint.connects([a.body, b.body]))
        {
            return;
        }
        let swapped = [fixtures[1], fixtures[0]];
        let is_known = |contact: &Contact| [fixtures, swapped].contains(&contact.fixtures);
        if self.contacts.iter().any(is_known) {
            return;
        }
        if let Some(contact) = Contact::between(&self.fixtures, fixtures) {
            let (bodies, is_sensor) = (contact.bodies, contact.is_sensor);
            self.contacts.push(contact);
            if !is_sensor {
                self.wake(bodies);
            }
        }
    }

    /// Lets the boxes of a body's fixtures follow its last move.
    fn follow(&mut self, idx: usize) {
        let body = &self.bodies[idx];
        let before = Place::around(body.sweep.center0, body.sweep.angle0, body.sweep.local);
        let now = body.place;
        for fixture in self.fixtures[body.fixtures.clone()].iter().rev() {
            let Fixture { plan, leaf, .. } = fixture;
            let bounds = plan.shape.bounds(before).union(plan.shape.bounds(now));
            if self.tree.follow(*leaf, bounds, now.at - before.at) {
                self.moved.push(*leaf);
            }
        }
    }
}
