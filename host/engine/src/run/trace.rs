//! A trace: what the agent thinks of chosen states, told with every report.

use super::Run;
use crate::lanes::Acting;
use crate::mind::{best, softmax};
use crate::sampler::Sampler;
use plugin_api::abi::handle::{ActFrame, AgentHandle};
use plugin_api::needs::Head;
use plugin_api::{Error, Result, Space, Task};

/// Choices of a head that are told one by one; of more, the value says enough.
const TOLD: usize = 32;

/// The states that are looked at, with room for what the agent says of them.
#[derive(Debug)]
pub(super) struct Trace {
    states: usize,
    obs: Vec<f32>,
    head: Vec<f32>,
    values: Vec<f32>,
    masks: Vec<u8>,
    memory: Vec<f32>,
    kind: Kind,
}

/// How a head is told.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A value for each choice, and the best of them.
    Values,
    /// A probability for each choice.
    Choices,
    /// As it is: an action, or what a normal law has in the middle.
    Middle(usize),
    /// Laws of several choices at once are not told.
    Silent,
}

impl Kind {
    fn of(acting: Acting, task: &Task) -> Self {
        match acting.head.law() {
            Head::Values => Self::Values,
            Head::Logits if matches!(task.actions, Space::Discrete { .. }) => Self::Choices,
            Head::Logits => Self::Silent,
            _ => Self::Middle(task.actions.width()),
        }
    }
}

impl Run {
    /// From now on reports say what the agent thinks of these observations.
    pub fn trace(&mut self, states: &[Vec<f64>]) -> Result<()> {
        if states.is_empty() {
            self.trace = None;
            return Ok(());
        }
        let task = &self.task;
        for state in states {
            task.observations.check(state).map_err(|error| {
                error.context(format!("a traced state is an observation of {}", self.setup.env))
            })?;
        }
        let acting = Acting::of(&self.needs);
        let kind = Kind::of(acting, task);
        if kind == Kind::Silent && !self.needs.values {
            return Err(Error::argument(format!(
                "{} says nothing of a state that could be traced: it weighs several choices at \
                 once and estimates no values",
                self.setup.agent
            )));
        }
        let width = Sampler::new(acting.head, acting.explore, task)?.head_width();
        let count = states.len();
        self.trace = Some(Trace {
            states: count,
            obs: states.iter().flatten().map(|&number| number as f32).collect(),
            head: vec![0.0; count * width],
            values: vec![0.0; if self.needs.values { count } else { 0 }],
            masks: vec![1; count * task.mask_width()],
            memory: vec![0.0; count * acting.memory],
            kind,
        });
        Ok(())
    }
}

impl Trace {
    /// What the agent thinks now: names and numbers.
    pub(super) fn look(
        &mut self,
        agent: &mut AgentHandle,
        step: u64,
    ) -> Result<Vec<(String, f64)>> {
        self.memory.fill(0.0);
        agent.act(ActFrame {
            obs: &self.obs,
            rows: self.states,
            evaluate: true,
            head: &mut self.head,
            values: &mut self.values,
            masks: &self.masks,
            memory: &mut self.memory,
            step,
            key: 0,
            first_lane: 0,
        })?;
        let mut told = Vec::new();
        for (state, head) in self.head.chunks_exact(self.head.len() / self.states).enumerate() {
            self.tell(state, head, &mut told);
        }
        Ok(told)
    }

    fn tell(&self, state: usize, head: &[f32], told: &mut Vec<(String, f64)>) {
        let mut say = |what: &str, number: f64| {
            told.push((format!("trace{state}.{what}"), number));
        };
        if let Some(&value) = self.values.get(state) {
            say("value", f64::from(value));
        } else if self.kind == Kind::Values {
            say("value", best(head, &[]).unwrap_or(f64::NAN));
        }
        match self.kind {
            Kind::Values if head.len() <= TOLD => {
                for (choice, &value) in head.iter().enumerate() {
                    say(&format!("q{choice}"), f64::from(value));
                }
            }
            Kind::Choices if head.len() <= TOLD => {
                for (choice, chance) in softmax(head).into_iter().enumerate() {
                    say(&format!("p{choice}"), chance);
                }
            }
            Kind::Middle(width) if width <= TOLD => {
                for (element, &number) in head[..width].iter().enumerate() {
                    say(&format!("action{element}"), f64::from(number));
                }
            }
            _ => {}
        }
    }
}
