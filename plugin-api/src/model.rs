//! The exact model of a small, known world: a table of transitions, for planning and for judging
//! agents.
//!
//! Values are found by going backwards in time from the end of an episode, so that the step limit
//! counts.

use serde::{Deserialize, Serialize};

mod validate;

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

/// Sweeps, and outcomes looked at, before a value without a step limit is called endless.
const SWEEPS_MAX: usize = 1_000_000;
const WORK_MAX: usize = 200_000_000;
/// Relative change at which a value without a step limit has settled.
const SETTLED: f64 = 1e-13;

impl Model {
    /// A model whose outcomes a function knows; every action is allowed in every state.
    pub fn new(
        actions: usize,
        start: Vec<f64>,
        outcomes: impl Fn(usize, usize) -> Vec<Outcome>,
    ) -> Self {
        let states = start.len();
        let pairs = (0..states * actions).map(|pair| (pair / actions, pair % actions));
        let outcomes = pairs.map(|(state, action)| outcomes(state, action)).collect();
        Self { states, actions, start, outcomes, allowed: Vec::new() }
    }

    /// What may follow `action` in `state`.
    pub fn outcomes(&self, state: usize, action: usize) -> &[Outcome] {
        &self.outcomes[state * self.actions + action]
    }

    /// Whether `action` is allowed in `state`.
    pub fn allows(&self, state: usize, action: usize) -> bool {
        self.allowed.get(state * self.actions + action).copied().unwrap_or(true)
    }

    /// The largest expected return of one episode, by a policy that may look at the clock.
    ///
    /// The episode is cut after `max_steps` steps; 0 means never.
    pub fn optimum(&self, max_steps: u32) -> f64 {
        let counts = self.reached(|choice| self.allowed.get(choice) != Some(&false));
        self.settle(max_steps, &counts, |state, q| {
            let allowed = q.iter().enumerate().filter(|&(action, _)| self.allows(state, action));
            let best = allowed.map(|(_, &q)| q).fold(f64::NEG_INFINITY, f64::max);
            // A state that allows nothing is as good as its end.
            if best == f64::NEG_INFINITY { 0.0 } else { best }
        })
    }

    /// The expected return of one episode under a policy, given as the chance of each action in
    /// each state, `[states * actions]`.
    ///
    /// The episode is cut after `max_steps` steps; 0 means never.
    /// Without a limit, a policy that collects for ever is worth an infinity.
    pub fn value_of(&self, policy: &[f64], max_steps: u32) -> f64 {
        assert_eq!(policy.len(), self.outcomes.len(), "a chance for each state and action");
        let counts = self.reached(|choice| policy[choice] > 0.0);
        self.settle(max_steps, &counts, |state, q| {
            let chances = &policy[state * self.actions..][..self.actions];
            q.iter().zip(chances).filter(|(_, chance)| **chance > 0.0).map(|(q, p)| q * p).sum()
        })
    }

    /// The states that an episode may come to when it takes only choices that are `taken`.
    fn reached(&self, taken: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut reached: Vec<bool> = self.start.iter().map(|chance| *chance > 0.0).collect();
        let mut open: Vec<usize> = (0..self.states).filter(|&state| reached[state]).collect();
        while let Some(state) = open.pop() {
            let choices = state * self.actions..(state + 1) * self.actions;
            for outcome in choices.filter(|&choice| taken(choice)).flat_map(|c| &self.outcomes[c]) {
                let goes_on = outcome.chance > 0.0 && !outcome.terminated;
                if goes_on && !std::mem::replace(&mut reached[outcome.next], true) {
                    open.push(outcome.next);
                }
            }
        }
        reached
    }

    /// Expected value of the first state after as many sweeps as an episode has steps. Without a
    /// limit the values of the states that count must settle.
    fn settle(
        &self,
        max_steps: u32,
        counts: &[bool],
        backup: impl Fn(usize, &[f64]) -> f64,
    ) -> f64 {
        let work: usize = self.outcomes.iter().map(Vec::len).sum();
        let endless = SWEEPS_MAX.min(WORK_MAX / work.max(1));
        let sweeps_max = if max_steps == 0 { endless } else { max_steps as usize };
        let mut values = vec![0.0; self.states];
        let mut change = 0.0;
        for _ in 0..sweeps_max {
            let next = self.sweep(&values, &backup);
            change = self.expected(&next) - self.expected(&values);
            let mut pairs = values.iter().zip(&next).zip(counts).filter(|(_, counts)| **counts);
            let settled = pairs.all(|((a, b), _)| (b - a).abs() <= SETTLED * b.abs());
            values = next;
            if max_steps == 0 && settled {
                return self.expected(&values);
            }
        }
        if max_steps == 0 { f64::INFINITY.copysign(change) } else { self.expected(&values) }
    }

    /// V'(s) = backup over a of Q(s, a), where Q(s, a) = Σ p·(r + V(s')), and V = 0 after the end.
    fn sweep(&self, values: &[f64], backup: &impl Fn(usize, &[f64]) -> f64) -> Vec<f64> {
        let mut q = vec![0.0; self.actions];
        let states = self.outcomes.chunks_exact(self.actions.max(1)).enumerate();
        let backed_up = states.map(|(state, row)| {
            for (q, outcomes) in q.iter_mut().zip(row) {
                *q = outcomes.iter().map(|outcome| outcome.chance * outcome.worth(values)).sum();
            }
            backup(state, &q)
        });
        backed_up.collect()
    }

    /// Mean of `values` over the first states.
    fn expected(&self, values: &[f64]) -> f64 {
        self.start.iter().zip(values).filter(|(p, _)| **p > 0.0).map(|(p, v)| p * v).sum()
    }
}

impl Outcome {
    /// The only thing that can follow.
    pub fn sure(next: usize, reward: f64, terminated: bool) -> Self {
        Self { chance: 1.0, next, reward, terminated }
    }

    fn worth(&self, values: &[f64]) -> f64 {
        if self.terminated { self.reward } else { self.reward + values[self.next] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One state: action 0 waits for 1, action 1 ends with 5, action 2 would end with 100 but is
    /// forbidden.
    fn waiting() -> Model {
        let sure = |reward, terminated| vec![Outcome::sure(0, reward, terminated)];
        let outcomes = [sure(1.0, false), sure(5.0, true), sure(100.0, true)];
        let model = Model::new(3, vec![1.0], |_, action| outcomes[action].clone());
        Model { allowed: vec![true, true, false], ..model }
    }

    #[track_caller]
    fn check(value: f64, expected: f64) {
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn the_best_policy_looks_at_the_clock() {
        check(waiting().optimum(1), 5.0);
        check(waiting().optimum(10), 14.0);
        assert!(waiting().optimum(0).is_infinite());
    }

    #[test]
    fn what_a_policy_would_do_elsewhere_does_not_count() {
        // The end is one step away; behind it lies a place that one never gets out of.
        let outcome = |state, _| vec![Outcome::sure(state, -1.0, state == 0)];
        let model = Model::new(1, vec![1.0, 0.0], outcome);
        check(model.value_of(&[1.0, 1.0], 0), -1.0);
        check(model.optimum(0), -1.0);
    }

    #[test]
    fn a_policy_is_worth_the_mean_of_what_it_does() {
        check(waiting().value_of(&[0.5, 0.5, 0.0], 2), 0.5 * 5.0 + 0.5 * (1.0 + 3.0));
        // V = (1 + V) / 2 + 5 / 2.
        check(waiting().value_of(&[0.5, 0.5, 0.0], 0), 6.0);
        check(waiting().value_of(&[1.0, 0.0, 0.0], 7), 7.0);
    }
}
