//! The exact model of a small, known world: a table of transitions, for planning and for judging
//! agents.

use serde::{Deserialize, Serialize};

/// A finite Markov decision process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Number of states; a state is the observation's index.
    pub states: usize,
    /// Number of actions.
    pub actions: usize,
    /// Chance of each state to be the first one.
    pub start: Vec<f64>,
    /// What may follow, for each state and action: `[states * actions]`, actions within states.
    pub outcomes: Vec<Vec<Outcome>>,
    /// Allowed actions of each state, like `outcomes`; empty when all are allowed.
    pub allowed: Vec<bool>,
}

/// One thing that may follow an action.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// How likely it is.
    pub chance: f64,
    /// The state that follows.
    pub next: usize,
    /// The reward.
    pub reward: f64,
    /// Whether the world ends there.
    pub terminated: bool,
}

impl Model {
    /// What may follow `action` in `state`.
    pub fn outcomes(&self, state: usize, action: usize) -> &[Outcome] {
        &self.outcomes[state * self.actions + action]
    }

    /// Whether `action` is allowed in `state`.
    pub fn allows(&self, state: usize, action: usize) -> bool {
        self.allowed.get(state * self.actions + action).copied().unwrap_or(true)
    }
}
