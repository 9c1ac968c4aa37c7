//! The end of a step: what would pass through something still is stopped where it meets it.

use super::super::contact::Contact;
use super::super::impact::time_of_impact;
use super::super::shape::Shape;
use super::super::solver::{Island, Motion, Pose};
use super::super::vector::{EPSILON, lesser};
use super::World;

/// Impacts of one contact in a step; more are left to overlap.
const IMPACTS_MAX: u32 = 8;
const CONTACTS_MAX: usize = 32;
const BODIES_MAX: usize = 2 * CONTACTS_MAX;

impl World {
    /// Handles impacts in the order in which they happen.
    pub(super) fn solve_impacts(&mut self, dt: f32, velocity_rounds: usize) {
        for idx in &self.dynamic {
            let body = &mut self.bodies[*idx];
            body.is_in_island = false;
            body.sweep.start = 0.0;
        }
        for contact in &mut self.contacts {
            contact.is_in_island = false;
            (contact.impact, contact.impacts) = (None, 0);
        }
        let mut island = std::mem::take(&mut self.scratch.impact);
        while let Some((contact, part)) = self.first_impact() {
            if self.meet(contact, part, &mut island) {
                self.solve_impact(&mut island, (1.0 - part) * dt, velocity_rounds);
            }
        }
        self.scratch.impact = island;
        while let Some(idx) = self.scratch.advanced.pop() {
            self.bodies[idx].sweep.start = 0.0;
        }
    }

    /// The contact whose fixtures meet first, and when; nothing if none meet within the step.
    fn first_impact(&mut self) -> Option<(usize, f32)> {
        let (mut first, mut least) = (None, 1.0);
        for idx in (0..self.contacts.len()).rev() {
            let Contact { is_enabled, impacts, impact, .. } = self.contacts[idx];
            if !is_enabled || impacts > IMPACTS_MAX {
                continue;
            }
            let Some(part) = impact.or_else(|| self.find_impact(idx)) else { continue };
            if part < least {
                (first, least) = (Some(idx), part);
            }
        }
        let in_time = 1.0 - 10.0 * EPSILON >= least;
        first.filter(|_| in_time).map(|idx| (idx, least))
    }

    /// When the fixtures of a contact meet, 1 for never; nothing where that is not looked for: only
    /// still bodies stop others.
    fn find_impact(&mut self, idx: usize) -> Option<f32> {
        let Contact { bodies, fixtures, is_sensor, .. } = self.contacts[idx];
        let [a, b] = bodies.map(|body| body.0 as usize);
        if is_sensor
            || !(self.bodies[a].moves() || self.bodies[b].moves())
            || (self.bodies[a].is_dynamic && self.bodies[b].is_dynamic)
        {
            return None;
        }
        let starts = [a, b].map(|body| self.bodies[body].sweep.start);
        let start = if starts[0] < starts[1] {
            self.advance_sweep(a, starts[1]);
            starts[1]
        } else {
            if starts[1] < starts[0] {
                self.advance_sweep(b, starts[0]);
            }
            starts[0]
        };
        let shapes = fixtures.map(|fixture| &self.fixtures[fixture as usize].plan.shape);
        let sweeps = [a, b].map(|body| self.bodies[body].sweep);
        let time = time_of_impact(shapes.map(Shape::corners), sweeps);
        let part = time.map_or(1.0, |time| lesser(start + (1.0 - start) * time, 1.0));
        self.contacts[idx].impact = Some(part);
        Some(part)
    }

    fn advance_sweep(&mut self, idx: usize, to: f32) {
        self.bodies[idx].sweep.advance(to);
        self.note_advanced(idx);
    }

    fn note_advanced(&mut self, idx: usize) {
        if !self.bodies[idx].is_dynamic {
            self.scratch.advanced.push(idx);
        }
    }

    fn advance_body(&mut self, idx: usize, to: f32) {
        self.bodies[idx].advance(to);
        self.note_advanced(idx);
    }

    /// Moves two bodies to where they meet and gathers what else they touch there; false if they
    /// do not touch after all.
    fn meet(&mut self, contact: usize, part: f32, island: &mut Island) -> bool {
        let bodies = self.contacts[contact].bodies.map(|body| body.0 as usize);
        let sweeps = bodies.map(|body| self.bodies[body].sweep);
        for body in bodies {
            self.advance_body(body, part);
        }
        self.renew_contact(contact);
        let met = &mut self.contacts[contact];
        met.impact = None;
        met.impacts += 1;
        if !met.is_touching {
            met.is_enabled = false;
            for (body, sweep) in bodies.into_iter().zip(sweeps) {
                self.bodies[body].sweep = sweep;
                self.bodies[body].settle();
            }
            return false;
        }
        met.is_in_island = true;
        island.clear();
        island.contacts.push(contact);
        for body in bodies {
            self.bodies[body].wake();
            self.enter(body, island);
        }
        for body in bodies {
            if self.bodies[body].is_dynamic {
                self.gather_touching(body, part, island);
            }
        }
        true
    }

    fn enter(&mut self, body: usize, island: &mut Island) {
        self.bodies[body].is_in_island = true;
        self.bodies[body].in_island = island.bodies.len();
        island.bodies.push(body);
    }

    /// Adds the still bodies that a body touches at some part of the step.
    fn gather_touching(&mut self, body: usize, part: f32, island: &mut Island) {
        for idx in (0..self.contacts.len()).rev() {
            let contact = &self.contacts[idx];
            let Some(other) = contact.other(body) else { continue };
            if island.bodies.len() == BODIES_MAX || island.contacts.len() == CONTACTS_MAX {
                return;
            }
            if contact.is_in_island || contact.is_sensor || self.bodies[other].is_dynamic {
                continue;
            }
            let sweep = self.bodies[other].sweep;
            if !self.bodies[other].is_in_island {
                self.advance_body(other, part);
            }
            self.renew_contact(idx);
            if !self.contacts[idx].is_touching {
                self.bodies[other].sweep = sweep;
                self.bodies[other].settle();
                continue;
            }
            self.contacts[idx].is_in_island = true;
            island.contacts.push(idx);
            if !self.bodies[other].is_in_island {
                self.enter(other, island);
            }
        }
    }

    /// Parts what has met, and lets it go on for the rest of the step.
    fn solve_impact(&mut self, island: &mut Island, dt: f32, velocity_rounds: usize) {
        for &idx in &island.bodies {
            let body = &self.bodies[idx];
            island.poses.push(Pose { center: body.sweep.center, angle: body.sweep.angle });
            island.motions.push(Motion { velocity: body.velocity, spin: body.spin });
        }
        island.touching.fill(&island.contacts, &self.contacts, &self.bodies, None);
        island.part_at_impact();
        for (&idx, pose) in island.bodies.iter().zip(&island.poses).take(2) {
            let sweep = &mut self.bodies[idx].sweep;
            (sweep.center0, sweep.angle0) = (pose.center, pose.angle);
        }
        island.touching.measure(&island.poses);
        island.solve_velocities(velocity_rounds);
        island.integrate(dt);
        self.bring_back(island);
        for &idx in &island.bodies {
            self.bodies[idx].is_in_island = false;
            if !self.bodies[idx].is_dynamic {
                continue;
            }
            self.follow(idx);
            for contact in &mut self.contacts {
                if contact.other(idx).is_some() {
                    (contact.impact, contact.is_in_island) = (None, false);
                }
            }
        }
        self.find_contacts();
    }
}
