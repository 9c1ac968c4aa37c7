//! What a policy makes of what it sees, in numbers that people can read. It looks with a policy of
//! its own, so that no look moves a run.

use crate::lanes::Acting;
use crate::sampler::Sampler;
use plugin_api::abi::handle::{ActFrame, AgentHandle, PluginHandle, PolicyHandle};
use plugin_api::needs::Head;
use plugin_api::params::Values;
use plugin_api::{Error, Result, Space, Task};

/// What a policy makes of an observation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thought {
    /// What the numbers are, such as `probability`.
    pub kind: &'static str,
    /// One for each choice, or for each element of the action.
    pub parts: Vec<Part>,
    /// What it expects from there on, where it says so.
    pub value: Option<f64>,
}

/// A number of a head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Element of the action, and choice.
    pub place: (usize, usize),
    /// The number.
    pub number: f64,
    /// Standard deviation, where the head has one.
    pub spread: Option<f64>,
}

/// A policy that is asked what it thinks.
#[derive(Debug)]
pub struct Mind {
    policy: PolicyHandle,
    acting: Acting,
    actions: Space,
    has_values: bool,
    head_width: usize,
    obs_width: usize,
    mask_width: usize,
    /// What the policy remembers of the episode it is led through.
    memory: Vec<f32>,
}

impl Mind {
    /// The policy of an agent as it stands.
    pub fn of(
        (plugin, name, params): (&PluginHandle, &str, &Values),
        agent: &mut AgentHandle,
        task: &Task,
    ) -> Result<Self> {
        let needs = agent.needs()?;
        let mut policy = plugin.policy(name, params, task)?;
        policy.load(&agent.acting()?)?;
        let acting = Acting::of(&needs);
        let head_width = Sampler::new(acting.head, acting.explore, task)?.head_width();
        Ok(Self {
            policy,
            acting,
            actions: task.actions.clone(),
            has_values: needs.values,
            head_width,
            obs_width: task.observations.width(),
            mask_width: task.mask_width(),
            memory: vec![0.0; needs.memory],
        })
    }

    /// A new episode begins.
    pub fn forget(&mut self) {
        self.memory.fill(0.0);
    }

    /// What it makes of the next observation of an episode.
    pub fn think(&mut self, obs: &[f32], masks: &[u8]) -> Result<Thought> {
        let mut memory = std::mem::take(&mut self.memory);
        let thought = self.act(obs, masks, &mut memory).map(|(heads, values)| {
            let value = if self.has_values { values.first().copied() } else { None };
            self.thought(&heads, value.map(f64::from))
        });
        self.memory = memory;
        thought
    }

    /// What it expects from each of many observations on, with nothing remembered; nothing where it
    /// has no opinion. Of heads of values the best counts.
    pub fn values(&mut self, obs: &[f32], masks: &[u8]) -> Result<Option<Vec<f64>>> {
        let rows = obs.len() / self.obs_width.max(1);
        if !self.has_values && self.acting.head != Head::Values {
            return Ok(None);
        }
        let mut memory = vec![0.0; rows * self.acting.memory];
        let (heads, values) = self.act(obs, masks, &mut memory)?;
        if self.acting.head != Head::Values {
            return Ok(Some(values.into_iter().map(f64::from).collect()));
        }
        let wide = masks.len() / rows.max(1);
        let best = |(row, head): (usize, &[f32])| {
            let mask = &masks[row * wide..][..wide];
            best(head, mask).unwrap_or(f64::NAN)
        };
        Ok(Some(heads.chunks_exact(self.head_width).enumerate().map(best).collect()))
    }

    /// What heads of values say of the choices that were made; nothing for other heads.
    pub fn values_of(&mut self, obs: &[f32], actions: &[f32]) -> Result<Option<Vec<f64>>> {
        let is_one_choice = matches!(self.actions, Space::Discrete { .. });
        if self.acting.head != Head::Values || !is_one_choice {
            return Ok(None);
        }
        let mut memory = vec![0.0; actions.len() * self.acting.memory];
        let (heads, _) = self.act(obs, &[], &mut memory)?;
        let heads = heads.chunks_exact(self.head_width).zip(actions);
        let of = |(head, action): (&[f32], &f32)| {
            head.get(*action as usize).map_or(f64::NAN, |value| f64::from(*value))
        };
        Ok(Some(heads.map(of).collect()))
    }

    fn act(
        &mut self,
        obs: &[f32],
        masks: &[u8],
        memory: &mut [f32],
    ) -> Result<(Vec<f32>, Vec<f32>)> {
        let rows = obs.len() / self.obs_width.max(1);
        if obs.len() != rows * self.obs_width {
            return Err(Error::argument("an observation has another width than the task's"));
        }
        // Where nothing is said everything is allowed.
        let all = vec![1; if masks.is_empty() { rows * self.mask_width } else { 0 }];
        let masks = if masks.is_empty() { &all } else { masks };
        let mut head = vec![0.0; rows * self.head_width];
        let mut values = vec![0.0; if self.has_values { rows } else { 0 }];
        self.policy.act(ActFrame {
            obs,
            rows,
            evaluate: true,
            head: &mut head,
            values: &mut values,
            masks,
            memory,
            step: 0,
            key: 0,
            first_lane: 0,
        })?;
        Ok((head, values))
    }

    /// A head in words: choices as probabilities or values, numbers as they would be done.
    fn thought(&self, head: &[f32], value: Option<f64>) -> Thought {
        let mut parts = Vec::new();
        let mut rest = head;
        let law = self.acting.head.law();
        let kind = match law {
            Head::Values => "value of each choice",
            Head::Logits => "probability",
            Head::Action => "action",
            _ => "mean and deviation",
        };
        let width = self.actions.width();
        for element in 0..width {
            let at = |number: f64, spread| Part { place: (element, 0), number, spread };
            let number = |idx: usize| head.get(idx).map_or(f64::NAN, |number| f64::from(*number));
            match law {
                Head::Action => parts.push(at(number(element), None)),
                Head::Gaussian => {
                    parts.push(at(number(element), Some(number(width + element).exp())));
                }
                Head::SquashedGaussian | Head::DrawnGaussian | Head::DrawnSquashedGaussian => {
                    let (half, middle) = scale(&self.actions, element);
                    let mean = middle + half * number(element).tanh();
                    parts.push(at(mean, Some(number(width + element).exp() * half)));
                }
                Head::Values | Head::Logits => {
                    let count = choices(&self.actions, element).min(rest.len());
                    let (own, later) = rest.split_at(count);
                    rest = later;
                    let numbers = match law {
                        Head::Logits => probabilities(own),
                        _ => own.iter().map(|value| f64::from(*value)).collect(),
                    };
                    parts.extend(numbers.into_iter().enumerate().map(|(choice, number)| Part {
                        place: (element, choice),
                        number,
                        spread: None,
                    }));
                }
            }
        }
        let value = value.or((self.acting.head == Head::Values && width == 1)
            .then(|| best(head, &[]))
            .flatten());
        Thought { kind, parts, value }
    }
}

/// Numbers that a head of choices has for an element; one for a bit.
fn choices(space: &Space, element: usize) -> usize {
    match space {
        Space::Discrete { n, .. } => *n,
        Space::MultiDiscrete { n, .. } => n.get(element).copied().unwrap_or(1),
        _ => 1,
    }
}

/// Half the width of an element's bounds and their middle; 1 and 0 without bounds.
fn scale(space: &Space, element: usize) -> (f64, f64) {
    let Space::Box { low, high, .. } = space else { return (1.0, 0.0) };
    let (low, high) = (low.at(element), high.at(element));
    if (high - low).is_finite() {
        ((high - low) / 2.0, f64::midpoint(low, high))
    } else {
        (1.0, 0.0)
    }
}

/// The largest number of what is allowed; everything is where there is no mask.
pub(crate) fn best(head: &[f32], mask: &[u8]) -> Option<f64> {
    let allowed = |(idx, _): &(usize, &f32)| mask.get(*idx).is_none_or(|allowed| *allowed != 0);
    head.iter().enumerate().filter(allowed).map(|(_, value)| f64::from(*value)).reduce(f64::max)
}

/// exp(l) / Σ exp(l); for one logit alone, that of a 1.
fn probabilities(logits: &[f32]) -> Vec<f64> {
    match logits {
        [logit] => vec![1.0 / (1.0 + (-f64::from(*logit)).exp())],
        _ => softmax(logits),
    }
}

/// exp(l) / Σ exp(l).
pub(crate) fn softmax(logits: &[f32]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logits_are_told_as_probabilities() {
        let told = probabilities(&[0.0, std::f32::consts::LN_2, f32::NEG_INFINITY]);
        let expected = [1.0 / 3.0, 2.0 / 3.0, 0.0];
        assert!(told.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{told:?}");
        assert!((probabilities(&[0.0])[0] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn chances_of_huge_logits_are_finite_and_sum_to_one() {
        assert_eq!(softmax(&[1000.0, 1000.0, -1000.0]), [0.5, 0.5, 0.0]);
    }

    #[test]
    fn what_is_forbidden_is_not_the_best() {
        assert_eq!(best(&[1.0, 5.0, 2.0], &[1, 0, 1]), Some(2.0));
        assert_eq!(best(&[1.0, 5.0], &[]), Some(5.0));
        assert_eq!(best(&[1.0], &[0]), None);
    }
}
