//! What makes a table of transitions a model: whoever takes one from elsewhere asks here first.

use super::Model;
use crate::error::{Error, Result};

/// How far the chances of all that may follow can be from 1.
const CHANCE_SLACK: f64 = 1e-9;

impl Model {
    /// Whether the tables have the sizes they must have, every state that follows is one of the
    /// model's, and chances add up to 1; the error says where they do not.
    pub fn validate(&self) -> Result<()> {
        let pairs = self.states.checked_mul(self.actions);
        let sizes = [
            ("chances of first states", self.start.len(), Some(self.states)),
            ("lists of outcomes", self.outcomes.len(), pairs),
        ];
        for (what, found, wanted) in sizes {
            if Some(found) != wanted {
                let (states, actions) = (self.states, self.actions);
                return Err(Error::new(format!(
                    "its model of {states} states and {actions} actions has {found} {what}"
                )));
            }
        }
        if !self.allowed.is_empty() && Some(self.allowed.len()) != pairs {
            let found = self.allowed.len();
            return Err(Error::new(format!("its model says of {found} pairs what is allowed")));
        }
        sums_to_one(&self.start).map_err(|sum| {
            Error::new(format!("in its model the chances of first states add up to {sum}"))
        })?;
        (0..self.outcomes.len()).try_for_each(|pair| self.validate_pair(pair))
    }

    fn validate_pair(&self, pair: usize) -> Result<()> {
        let (state, action) = (pair / self.actions, pair % self.actions);
        let outcomes = &self.outcomes[pair];
        let fault = |what: String| {
            Error::new(format!("in its model, action {action} in state {state} {what}"))
        };
        // Nothing follows where nothing can be done, as in a last state.
        if outcomes.is_empty() {
            return Ok(());
        }
        for outcome in outcomes {
            if outcome.next >= self.states {
                return Err(fault(format!("leads to state {}", outcome.next)));
            }
            if !outcome.reward.is_finite() {
                return Err(fault(format!("brings a reward of {}", outcome.reward)));
            }
        }
        let chances: Vec<f64> = outcomes.iter().map(|outcome| outcome.chance).collect();
        sums_to_one(&chances).map_err(|sum| fault(format!("has chances that add up to {sum}")))
    }
}

/// Otherwise the sum; a chance below 0 spoils it.
fn sums_to_one(chances: &[f64]) -> Result<(), f64> {
    let negative = chances.iter().copied().find(|&chance| chance < 0.0);
    let sum: f64 = chances.iter().sum();
    let fits = negative.is_none() && (sum - 1.0).abs() <= CHANCE_SLACK;
    if fits { Ok(()) } else { Err(negative.unwrap_or(sum)) }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::*;

    /// Two states: stay in the first or end in the second.
    fn sound() -> Model {
        let to = |next, terminated| vec![Outcome { chance: 1.0, next, reward: 0.0, terminated }];
        Model {
            states: 2,
            actions: 2,
            start: vec![1.0, 0.0],
            outcomes: vec![to(0, false), to(1, true), vec![], vec![]],
            allowed: vec![],
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Model), sentence: &str) {
        let mut model = sound();
        model.validate().expect("the model is sound before the change");
        change(&mut model);
        assert_eq!(model.validate().expect_err("it has a flaw").message, sentence);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let sizes = "its model of 2 states and 2 actions has";
        check(|m| m.start.push(0.0), &format!("{sizes} 3 chances of first states"));
        check(|m| _ = m.outcomes.pop(), &format!("{sizes} 3 lists of outcomes"));
        check(|m| m.allowed = vec![true], "its model says of 1 pairs what is allowed");
        check(|m| m.start[1] = 0.5, "in its model the chances of first states add up to 1.5");
        let pair = "in its model, action 1 in state 0";
        check(|m| m.outcomes[1][0].next = 2, &format!("{pair} leads to state 2"));
        check(|m| m.outcomes[1][0].reward = f64::NAN, &format!("{pair} brings a reward of NaN"));
        check(
            |m| m.outcomes[1][0].chance = 0.25,
            &format!("{pair} has chances that add up to 0.25"),
        );
        check(
            |m| {
                let outcome = m.outcomes[1][0];
                m.outcomes[1] =
                    vec![Outcome { chance: -1.0, ..outcome }, Outcome { chance: 2.0, ..outcome }];
            },
            &format!("{pair} has chances that add up to -1"),
        );
    }
}
