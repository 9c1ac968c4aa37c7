//! What of a world changes after it was built.

use plugin_api::{Archive, Error};

use super::super::joint::Limit;
use super::super::{body, contact, joint};
use super::World;

impl World {
    /// Names all that changes, for saving and loading alike. Bodies, fixtures and joints
    /// themselves must have been built before.
    pub fn state(&mut self, archive: &mut Archive) {
        self.bodies_state(archive);
        self.joints_state(archive);
        contact::state(&mut self.contacts, &self.fixtures, archive);
        self.tree.state(archive);
        archive.value("inverse_dt", &mut self.inverse_dt);
        if archive.is_loading() {
            self.find_leaves(archive);
            // What was built is in the saved tree already, and its contacts were found.
            self.moved.clear();
            self.events.clear();
        }
    }

    /// The leaves of fixtures, as the loaded tree has them.
    fn find_leaves(&mut self, archive: &mut Archive) {
        let mut found = 0;
        for (leaf, item) in self.tree.leaves() {
            let Some(fixture) = self.fixtures.get_mut(item as usize) else { break };
            fixture.leaf = leaf;
            found += 1;
        }
        if found != self.fixtures.len() {
            archive.fail(Error::argument(
                "the saved tree of boxes does not fit the bodies; take an older snapshot",
            ));
        }
    }

    fn bodies_state(&mut self, archive: &mut Archive) {
        let mut numbers = vec![0.0; body::NUMBERS * self.dynamic.len()];
        let mut awake = vec![false; self.dynamic.len()];
        let parts = || self.dynamic.iter().zip(0..);
        for (&idx, part) in parts() {
            let body = &mut self.bodies[idx];
            awake[part] = body.is_awake;
            let to = numbers.chunks_exact_mut(body::NUMBERS).nth(part).expect("one for each");
            to.iter_mut().zip(body.numbers()).for_each(|(to, number)| *to = *number);
        }
        archive.slice("bodies", &mut numbers);
        archive.slice("awake", &mut awake);
        for (&idx, part) in parts() {
            let body = &mut self.bodies[idx];
            body.is_awake = awake[part];
            let from = &numbers[body::NUMBERS * part..];
            body.numbers().into_iter().zip(from).for_each(|(number, from)| *number = *from);
        }
    }

    fn joints_state(&mut self, archive: &mut Archive) {
        let mut numbers = Vec::with_capacity(joint::NUMBERS * self.joints.len());
        let mut limits = Vec::with_capacity(self.joints.len());
        for joint in &mut self.joints {
            limits.push(joint.limit as u8);
            numbers.extend(joint.numbers().map(|number| *number));
        }
        archive.slice("joints", &mut numbers);
        archive.slice("limits", &mut limits);
        let parts = numbers.chunks_exact(joint::NUMBERS).zip(limits);
        for (joint, (numbers, limit)) in self.joints.iter_mut().zip(parts) {
            joint.numbers().into_iter().zip(numbers).for_each(|(to, number)| *to = *number);
            match Limit::ALL.get(usize::from(limit)) {
                Some(limit) => joint.limit = *limit,
                None => archive.fail(Error::argument(format!(
                    "a saved joint is held by limit {limit}, of which there are 4; take an older \
                     snapshot"
                ))),
            }
        }
    }
}
