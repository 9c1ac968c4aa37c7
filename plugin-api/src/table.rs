//! A table of values, a row for each state: what tabular agents learn.

use crate::agent::Act;
use crate::archive::Archive;
use crate::error::{Error, Result};
use crate::rows::Rows;
use crate::space::Space;
use crate::task::Task;
use std::ops::{Index, IndexMut};

/// Most states of a table: rows hold whole numbers as f32, which are exact up to here.
const STATES_MAX: usize = 1 << 24;

/// A value for each state and action, indexed as `table[(state, action)]`.
///
/// Where an observation is one Discrete from 0, its value is the state. Other finite observations,
/// such as a Tuple of Discretes, are numbered row-major, see [`Table::state_of`].
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// How each element of an observation counts towards its number.
    places: Vec<Place>,
    actions: usize,
    values: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// What the element counts from.
    first: f32,
    stride: usize,
}

impl Table {
    /// A table of `value` for a task with finitely many observations and Discrete actions.
    ///
    /// Learners see choices counted from 0, wherever the space starts.
    pub fn new(task: &Task, value: f64) -> Result<Self> {
        let (states, places) = number(&task.observations)?;
        let Space::Discrete { n: actions, .. } = task.actions else {
            let actions = &task.actions;
            return Err(Error::argument(format!("a table needs Discrete actions, not {actions}")));
        };
        Ok(Self { places, actions, values: vec![value; states * actions] })
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.values.len() / self.actions
    }

    /// Number of actions.
    pub fn actions(&self) -> usize {
        self.actions
    }

    /// The number of the state that an observation shows.
    #[inline]
    pub fn state_of(&self, obs: &[f32]) -> usize {
        if let ([place], [value]) = (self.places.as_slice(), obs) {
            return (value - place.first) as usize;
        }
        let places = self.places.iter().zip(obs);
        places.map(|(place, value)| (value - place.first) as usize * place.stride).sum()
    }

    /// The values of a state.
    #[inline]
    pub fn row(&self, state: usize) -> &[f64] {
        &self.values[state * self.actions..][..self.actions]
    }

    /// The values of a state, writable.
    #[inline]
    pub fn row_mut(&mut self, state: usize) -> &mut [f64] {
        &mut self.values[state * self.actions..][..self.actions]
    }

    /// The first best action of a state and its value, among those the mask allows; an empty mask
    /// allows all.
    #[inline]
    pub fn best(&self, state: usize, mask: &[u8]) -> (usize, f64) {
        let mut best = (0, f64::NEG_INFINITY);
        for (action, &value) in self.row(state).iter().enumerate() {
            if value > best.1 && mask.get(action) != Some(&0) {
                best = (action, value);
            }
        }
        best
    }

    /// The largest value of a state among the actions the mask allows; an empty mask allows all.
    ///
    /// A state that allows nothing is worth 0, as if it were the end.
    #[inline]
    pub fn max(&self, state: usize, mask: &[u8]) -> f64 {
        let larger = |a: f64, &b: &f64| if b > a { b } else { a };
        let row = self.row(state);
        if mask.is_empty() {
            return row.iter().fold(f64::NEG_INFINITY, larger);
        }
        let allowed = row.iter().zip(mask).filter(|(_, allowed)| **allowed != 0);
        let max = allowed.map(|(value, _)| value).fold(f64::NEG_INFINITY, larger);
        if max == f64::NEG_INFINITY { 0.0 } else { max }
    }

    /// Writes each state's row as its head.
    #[inline]
    pub fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        for (obs, head) in obs.iter().zip(out.head.iter_mut()) {
            for (head, value) in head.iter_mut().zip(self.row(self.state_of(obs))) {
                *head = *value as f32;
            }
        }
    }

    /// Names the values, for saving and loading.
    pub fn state(&mut self, name: &str, archive: &mut Archive) {
        let shape = [self.states(), self.actions];
        archive.tensor(name, &shape, &mut self.values);
    }
}

/// How many values a finite space has, and how each element of a row counts towards the value's
/// number.
fn number(space: &Space) -> Result<(usize, Vec<Place>)> {
    let infinite = || {
        Error::argument(format!("a table needs observations made of Discrete spaces, not {space}"))
    };
    let mut elements = Vec::new();
    for (_, leaf) in space.leaves() {
        match leaf {
            Space::Discrete { n, start } => elements.push((*n, *start)),
            Space::MultiDiscrete { n, start } => {
                elements.extend(n.iter().copied().zip(start.iter().copied()));
            }
            Space::MultiBinary { n } => elements.extend(vec![(2, 0); *n]),
            _ => return Err(infinite()),
        }
    }
    let mut places = vec![Place { first: 0.0, stride: 1 }; elements.len()];
    let mut states = 1_usize;
    for (place, &(n, start)) in places.iter_mut().zip(&elements).rev() {
        *place = Place { first: start as f32, stride: states };
        states = states.saturating_mul(n);
    }
    if states > STATES_MAX {
        return Err(Error::argument(format!(
            "{space} has too many values for a table, which holds up to {STATES_MAX}"
        )));
    }
    Ok((states, places))
}

impl Index<(usize, usize)> for Table {
    type Output = f64;

    #[inline]
    fn index(&self, (state, action): (usize, usize)) -> &f64 {
        &self.row(state)[action]
    }
}

impl IndexMut<(usize, usize)> for Table {
    #[inline]
    fn index_mut(&mut self, (state, action): (usize, usize)) -> &mut f64 {
        &mut self.row_mut(state)[action]
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "whole numbers are compared")]

    use super::*;

    fn table(observations: Space, actions: usize) -> Result<Table> {
        Table::new(&Task::new(observations, Space::discrete(actions), 0), 0.0)
    }

    #[test]
    fn a_discrete_observation_is_its_own_number() {
        let table = table(Space::discrete(500), 6).expect("a table of Taxi's size");
        assert_eq!((table.states(), table.actions()), (500, 6));
        assert_eq!(table.state_of(&[386.0]), 386);
    }

    #[test]
    fn every_value_of_a_tuple_has_a_number_of_its_own() {
        let space = Space::tuple([
            Space::discrete_from(3, 10),
            Space::multi_discrete(&[2, 2]),
            Space::multi_binary(1),
        ]);
        let table = table(space, 2).expect("a finite space");
        let mut numbers = Vec::new();
        for (a, b) in (10..13).flat_map(|a| (0..8).map(move |b| (a, b))) {
            let row = [a as f32, (b >> 2) as f32, (b >> 1 & 1) as f32, (b & 1) as f32];
            numbers.push(table.state_of(&row));
        }
        assert_eq!(numbers, (0..24).collect::<Vec<_>>());
        assert_eq!(table.states(), 24);
    }

    #[test]
    fn what_a_table_cannot_hold_is_refused() {
        let refusal = |space| table(space, 2).expect_err("no table").to_string();
        assert!(refusal(Space::unbounded::<f32>(&[2])).contains("made of Discrete"));
        assert!(refusal(Space::multi_binary(40)).contains("too many values"));
        assert!(refusal(Space::discrete(usize::MAX)).contains("too many values"));
        let real = Task::new(Space::discrete(3), Space::unbounded::<f32>(&[1]), 0);
        let refusal = Table::new(&real, 0.0).expect_err("no table").to_string();
        assert!(refusal.contains("Discrete actions, not Box"), "{refusal}");
    }

    #[test]
    fn the_largest_value_is_one_that_is_allowed() {
        let mut table = table(Space::discrete(1), 3).expect("a finite space");
        table.row_mut(0).copy_from_slice(&[-3.0, 7.0, 5.0]);
        assert_eq!(table.max(0, &[]), 7.0);
        assert_eq!(table.max(0, &[1, 0, 1]), 5.0);
        assert_eq!(table.max(0, &[1, 0, 0]), -3.0);
        assert_eq!(table.max(0, &[0, 0, 0]), 0.0);
        assert_eq!(table.best(0, &[1, 0, 1]), (2, 5.0));
    }
}
