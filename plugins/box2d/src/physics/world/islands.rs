//! The main part of a step: bodies that hang together are moved together.

use super::super::solver::Island;
use super::super::solver::{Motion, Pose, REST_SPEED_SQUARED, REST_SPIN_SQUARED, REST_TIME};
use super::World;

impl World {
    /// Finds the islands of all that is awake, and readies each for its velocities to be solved.
    pub(super) fn find_islands(&mut self, dt: f32) {
        for idx in &self.dynamic {
            self.bodies[*idx].is_in_island = false;
        }
        for contact in &mut self.contacts {
            contact.is_in_island = false;
        }
        self.scratch.joints_seen.clear();
        self.scratch.joints_seen.resize(self.joints.len(), false);
        let mut islands = std::mem::take(&mut self.scratch.islands);
        self.scratch.used = 0;
        for seed in (0..self.dynamic.len()).rev() {
            let seed = self.dynamic[seed];
            if self.bodies[seed].is_in_island || !self.bodies[seed].is_awake {
                continue;
            }
            if islands.len() == self.scratch.used {
                islands.push(Island::default());
            }
            let island = &mut islands[self.scratch.used];
            self.scratch.used += 1;
            self.gather(seed, island);
            self.ready(island, dt);
            for &body in &island.bodies {
                if !self.bodies[body].is_dynamic {
                    self.bodies[body].is_in_island = false;
                }
            }
        }
        self.scratch.islands = islands;
    }

    /// Moves the islands with the velocities that were found.
    pub(super) fn move_islands(&mut self, dt: f32, position_rounds: usize) {
        let mut islands = std::mem::take(&mut self.scratch.islands);
        for island in &mut islands[..self.scratch.used] {
            island.touching.keep(&mut self.contacts);
            for link in &island.links {
                self.joints[link.joint].keep(link);
            }
            island.integrate(dt);
            let fits = island.solve_positions(position_rounds);
            self.bring_back(island);
            self.rest(island, dt, fits);
        }
        self.scratch.islands = islands;
        for idx in (0..self.dynamic.len()).rev() {
            let idx = self.dynamic[idx];
            if self.bodies[idx].is_in_island {
                self.follow(idx);
            }
        }
        self.find_contacts();
    }

    /// All that hangs together with a body. Still bodies belong to it, but pass nothing on.
    fn gather(&mut self, seed: usize, island: &mut Island) {
        island.clear();
        let mut stack = std::mem::take(&mut self.scratch.stack);
        stack.push(seed);
        self.bodies[seed].is_in_island = true;
        while let Some(idx) = stack.pop() {
            let body = &mut self.bodies[idx];
            body.in_island = island.bodies.len();
            island.bodies.push(idx);
            if !body.is_dynamic {
                continue;
            }
            body.wake();
            for (number, contact) in self.contacts.iter_mut().enumerate().rev() {
                let Some(other) = contact.other(idx) else { continue };
                let counts = contact.is_enabled && contact.is_touching && !contact.is_sensor;
                if contact.is_in_island || !counts {
                    continue;
                }
                contact.is_in_island = true;
                island.contacts.push(number);
                if !self.bodies[other].is_in_island {
                    self.bodies[other].is_in_island = true;
                    stack.push(other);
                }
            }
            for (number, joint) in self.joints.iter().enumerate().rev() {
                let Some(other) = joint.other(idx) else { continue };
                if std::mem::replace(&mut self.scratch.joints_seen[number], true) {
                    continue;
                }
                island.joints.push(number);
                if !self.bodies[other].is_in_island {
                    self.bodies[other].is_in_island = true;
                    stack.push(other);
                }
            }
        }
        self.scratch.stack = stack;
    }

    /// Measures an island, and lets the forces of the last step act again.
    fn ready(&mut self, island: &mut Island, dt: f32) {
        let ratio = self.inverse_dt * dt;
        self.accelerate(island, dt);
        island.touching.fill(&island.contacts, &self.contacts, &self.bodies, Some(ratio));
        island.touching.measure(&island.poses);
        island.touching.warm_start(&mut island.motions);
        for &joint in &island.joints {
            let joint_state = &self.joints[joint];
            let motions = &mut island.motions;
            let link = joint_state.link(joint, &self.bodies, &island.poses, motions, [dt, ratio]);
            island.links.push(link);
        }
    }

    /// Takes poses over, and motions with what gravity and forces add to them.
    fn accelerate(&mut self, island: &mut Island, dt: f32) {
        for &idx in &island.bodies {
            let body = &mut self.bodies[idx];
            let (mut velocity, mut spin) = (body.velocity, body.spin);
            body.sweep.center0 = body.sweep.center;
            body.sweep.angle0 = body.sweep.angle;
            if body.is_dynamic {
                velocity += dt * (self.gravity + body.inv_mass * body.force);
                spin += dt * body.inv_inertia * body.torque;
            }
            island.poses.push(Pose { center: body.sweep.center, angle: body.sweep.angle });
            island.motions.push(Motion { velocity, spin });
        }
    }

    pub(super) fn bring_back(&mut self, island: &Island) {
        for (&idx, (pose, motion)) in
            island.bodies.iter().zip(island.poses.iter().zip(&island.motions))
        {
            let body = &mut self.bodies[idx];
            (body.sweep.center, body.sweep.angle) = (pose.center, pose.angle);
            (body.velocity, body.spin) = (motion.velocity, motion.spin);
            body.settle();
        }
    }

    /// Puts the island to sleep once all of it has rested for a while.
    fn rest(&mut self, island: &Island, dt: f32, fits: bool) {
        let mut least = f32::MAX;
        for &idx in &island.bodies {
            let body = &mut self.bodies[idx];
            if !body.is_dynamic {
                continue;
            }
            let moves = body.spin * body.spin > REST_SPIN_SQUARED
                || body.velocity.dot(body.velocity) > REST_SPEED_SQUARED;
            body.rest_time = if moves { 0.0 } else { body.rest_time + dt };
            least = least.min(body.rest_time);
        }
        if least >= REST_TIME && fits {
            for &idx in &island.bodies {
                if self.bodies[idx].is_dynamic {
                    self.bodies[idx].sleep();
                }
            }
        }
    }
}
