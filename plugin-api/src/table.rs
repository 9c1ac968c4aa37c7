//! A table of values, a row for each state: what tabular agents learn.

use crate::agent::Act;
use crate::archive::Archive;
use crate::error::Result;
use crate::rows::Rows;
use crate::task::Task;
use std::ops::{Index, IndexMut};

/// A value for each state and action, indexed as `table[(state, action)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    actions: usize,
    values: Vec<f64>,
}

impl Table {
    /// A table of `value` for a task whose observations and actions are both Discrete.
    pub fn new(task: &Task, value: f64) -> Result<Self> {
        let (states, actions) = (task.observations.choices()?, task.actions.choices()?);
        Ok(Self { actions, values: vec![value; states * actions] })
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.values.len() / self.actions
    }

    /// Number of actions.
    pub fn actions(&self) -> usize {
        self.actions
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

    /// Writes each state's row as its head.
    #[inline]
    pub fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        for (state, head) in obs.iter().zip(out.head.iter_mut()) {
            for (head, value) in head.iter_mut().zip(self.row(state[0] as usize)) {
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
