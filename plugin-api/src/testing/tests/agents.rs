//! Two small agents that can break one promise each, and whether the checks find it.

use super::super::*;
use super::{found, with};
use crate::prelude::*;
use std::cell::Cell;

params! {
    struct LinearParams {
        /// Step size.
        live step_size: f64 = 0.1 in 0.0..=1.0,
        /// Discount.
        live discount: f64 = 0.9 in 0.0..=1.0,
        /// Chance of any action while training.
        live exploration: f64 = 0.2 in 0.0..=1.0,
        /// Value of everything at first.
        start: f64 = 0.0 in -1.0..=1.0,
        /// The promise that is broken.
        fault: String = "none",
    }
}

/// Q-learning with values that are linear in what is seen; `PRESET` chooses among presets.
struct LinearQ<const PRESET: usize> {
    params: LinearParams,
    /// [actions, inputs and a constant].
    weights: Vec<f64>,
    actions: usize,
    lessons: u64,
    asked: Cell<u32>,
}

const PRESETS: [Preset; 3] = [
    Preset { env: "Walk-v0", params: &[("discount", "0.5")], lanes: 2, steps: 100 },
    Preset { env: "Walk-v0", params: &[("discount", "5")], lanes: 2, steps: 100 },
    Preset { env: "Walk-v0", params: &[], lanes: 0, steps: 100 },
];

impl<const PRESET: usize> LinearQ<PRESET> {
    fn value(&self, obs: &[f32], action: usize) -> f64 {
        let width = self.weights.len() / self.actions;
        let weights = &self.weights[action * width..][..width];
        let inputs = obs.iter().map(|&x| f64::from(x)).chain([1.0]);
        weights.iter().zip(inputs).map(|(weight, x)| weight * x).sum()
    }

    fn best(&self, obs: &[f32], mask: &[u8]) -> f64 {
        let allowed = (0..self.actions).filter(|&action| mask.get(action) != Some(&0));
        allowed.map(|action| self.value(obs, action)).fold(f64::NEG_INFINITY, f64::max)
    }

    fn is(&self, fault: &str) -> bool {
        self.params.fault == fault
    }
}

impl<const PRESET: usize> Policy for LinearQ<PRESET> {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.asked.set(self.asked.get() + 1);
        for (row, (obs, head)) in obs.iter().zip(&mut out.head).enumerate() {
            for (action, head) in head.iter_mut().enumerate() {
                if !(self.is("unset") && action == 1) {
                    *head = self.value(obs, action) as f32;
                }
                if self.is("row") {
                    *head += 0.01 * row as f32;
                }
                if self.is("moody") {
                    *head += self.asked.get() as f32;
                }
                if self.is("nan") && self.lessons > 3 {
                    *head = f32::NAN;
                }
            }
        }
    }
}

impl<const PRESET: usize> Agent for LinearQ<PRESET> {
    const NAME: &'static str = "linear-q";
    const PRESETS: &'static [Preset] = {
        assert!(PRESET < PRESETS.len(), "there are three");
        &[PRESETS[PRESET]]
    };
    type Params = LinearParams;

    fn new(params: &LinearParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let actions = task.actions.choices()?;
        match params.fault.as_str() {
            "refuses" => return Err(Error::new("it wants something else")),
            "panics" => panic!("not this one"),
            _ => {}
        }
        let weights = vec![params.start; actions * (task.observations.width() + 1)];
        let (lessons, asked) = (0, Cell::new(0));
        Ok(Self { params: params.clone(), weights, actions, lessons, asked })
    }

    fn needs(&self) -> Needs {
        let head = if self.is("head") { Head::Gaussian } else { Head::Values };
        Needs::rollout(1, head).epsilon_greedy(self.params.exploration)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.lessons += 1;
        for t in batch.transitions() {
            let over = t.terminated || t.truncated && self.is("cut");
            let mask = if self.is("mask") { &[] } else { t.next_mask };
            let mut next = if over { 0.0 } else { self.best(t.next_obs, mask) };
            if self.is("short") {
                next = 0.0;
            }
            let choice = if self.is("shifted") { 1 - t.choice() } else { t.choice() };
            let goal = t.reward + self.params.discount * next;
            let error = goal - self.value(t.obs, choice);
            let obs: &[f32] = if self.is("blind") { &[0.0; 3][..t.obs.len()] } else { t.obs };
            let width = self.weights.len() / self.actions;
            // What is forgotten must matter to be noticed.
            let step = if self.is("forgetful") && self.lessons > 4 { 0.05 } else { 1.0 };
            let step = step * self.params.step_size * if self.is("away") { -0.01 } else { 1.0 };
            for (weight, x) in
                self.weights[choice * width..][..width].iter_mut().zip(obs.iter().chain(&[1.0]))
            {
                *weight += step * error * f64::from(*x);
            }
            learn.log.scalar("error", error.abs());
        }
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.slice("weights", &mut self.weights);
        if !self.is("forgetful") {
            archive.value("lessons", &mut self.lessons);
        }
        if self.is("restless") {
            archive.value("asked", self.asked.get_mut());
        }
    }

    fn acting(&mut self, archive: &mut Archive) {
        if !self.is("acting") {
            archive.slice("weights", &mut self.weights);
        }
    }

    fn params(&mut self) -> &mut LinearParams {
        &mut self.params
    }
}

fn linear(fault: &str) -> Findings {
    let plugin = local::<OneAgent<LinearQ<0>>>().expect("it describes itself");
    check_agent_of(&plugin, "linear-q", &with("fault", fault))
}

#[test]
fn an_agent_that_keeps_its_promises_passes() {
    let findings = linear("none");
    findings.assert_passed();
    let passed = findings.list.iter().filter(|finding| finding.verdict == Verdict::Passed);
    assert_eq!(passed.count(), findings.list.len(), "{findings}");
}

#[test]
fn agents_that_cannot_be_used_are_found() {
    found(
        &linear("refuses"),
        "made",
        "none of the small worlds there are to check it in: it wants",
    );
    found(&linear("panics"), "made", "it panics over Discrete states, Discrete actions: not this");
    found(&linear("head"), "needs", "a gaussian head needs Box actions of f32 or f64");
}

#[test]
fn policies_that_depend_on_more_than_they_may_are_found() {
    found(&linear("unset"), "act", "element 1 of the head is NaN; `act` sets every one");
    found(&linear("moody"), "act", "asked twice the same: element 0 of the head");
    found(&linear("restless"), "act", "acting changes the state that it saves");
    found(&linear("row"), "rows", "row 1 alone and among 5: element 0 of the head");
    found(&linear("nan"), "learn", "element 0 of the head is NaN");
    found(&linear("acting"), "policy", "agent and policy differ after learning");
}

#[test]
fn a_state_that_leaves_something_out_is_found() {
    found(&linear("forgetful"), "state", "lessons and loaded elsewhere, it ends in another state");
}

#[test]
fn every_rung_finds_its_own_mistake() {
    found(&linear("away"), "probe: a constant", "state 0 is worth -");
    found(&linear("blind"), "probe: what is seen", "right is -1.20 to -0.80");
    found(&linear("short"), "probe: a step ahead", "state 0 is worth 0.0");
    found(&linear("shifted"), "probe: what is done", "it does 0 in state 0; right is 1");
    found(&linear("cut"), "probe: a step limit", "right is 12.00 to 110.00");
    found(&linear("mask"), "probe: a mask", "state 0 is worth 0.0");
}

#[test]
fn presets_nobody_can_read_are_found() {
    let broken = check_agent::<LinearQ<1>>();
    found(&broken, "presets", "the one for Walk-v0: `discount` lies in 0 to 1, not at 5");
    found(&check_agent::<LinearQ<2>>(), "presets", "the one for Walk-v0 has no lanes");
}

/// A policy gradient with a normal head of one number, for actions that are real.
struct Hill {
    /// Of the mean, then of the value: [inputs and a constant] each.
    weights: Vec<f64>,
    params: (),
}

impl Hill {
    fn sum(weights: &[f64], obs: &[f32]) -> f64 {
        let inputs = obs.iter().map(|&x| f64::from(x)).chain([1.0]);
        weights.iter().zip(inputs).map(|(weight, x)| weight * x).sum()
    }

    fn parts(&self) -> (&[f64], &[f64]) {
        self.weights.split_at(self.weights.len() / 2)
    }
}

impl Policy for Hill {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let (mean, value) = self.parts();
        for (row, obs) in obs.iter().enumerate() {
            out.head[row].copy_from_slice(&[Self::sum(mean, obs) as f32, -0.7]);
            out.values[row] = Self::sum(value, obs) as f32;
        }
    }
}

impl Agent for Hill {
    const NAME: &'static str = "hill";
    type Params = ();

    fn new((): &(), task: &Task, _rng: &mut Rng) -> Result<Self> {
        Head::Gaussian.width(&task.actions)?;
        Ok(Self { weights: vec![0.0; 2 * (task.observations.width() + 1)], params: () })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(16, Head::Gaussian).returns(Returns::Gae { discount: 0.99, lambda: 0.9 })
    }

    fn learn(&mut self, batch: &Batch<'_>, _learn: &mut Learn<'_>) -> Result<()> {
        let half = self.weights.len() / 2;
        for t in batch.transitions() {
            let mean = Self::sum(self.parts().0, t.obs);
            let error = f64::from(batch.returns[t.row]) - Self::sum(self.parts().1, t.obs);
            let away = (f64::from(t.action[0]) - mean) / (-1.4_f64).exp();
            let climb = 0.005 * f64::from(batch.advantages[t.row]) * away;
            for (idx, x) in t.obs.iter().chain(&[1.0]).enumerate() {
                self.weights[idx] += climb * f64::from(*x);
                self.weights[half + idx] += 0.05 * error * f64::from(*x);
            }
        }
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.slice("weights", &mut self.weights);
    }

    fn params(&mut self) -> &mut () {
        &mut self.params
    }
}

#[test]
fn an_agent_of_real_actions_climbs_the_ladder() {
    let findings = check_agent::<Hill>();
    findings.assert_passed();
    let limit = findings.list.iter().find(|finding| finding.check == "probe: a step limit");
    let limit = limit.expect("every rung is tried");
    assert_eq!(limit.verdict, Verdict::Skipped, "{limit}");
}
