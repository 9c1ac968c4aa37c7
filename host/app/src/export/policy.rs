//! What a policy computes, read from the tensors it acts with: one dense net from an observation
//! to an action.
//!
//! Agents name their layers `actor/layer0/weight`, `actor/layer0/bias` and so on, or `net/…`; where
//! sums are normalised, `gain` and `shift` stand beside them. Whether that is all an agent does is
//! found out by trying: what is read here must put out what the agent itself puts out.

use plugin_api::archive::{Entry, State};
use plugin_api::needs::Head;
use plugin_api::{Space, Task};

/// What stands before the names of the layers.
const NAMES: [&str; 2] = ["actor", "net"];

/// Normalised observations are cut off at so many deviations.
pub(crate) const CLIP: f32 = 10.0;

/// Added to the variance of a layer's sums.
pub(crate) const EPSILON: f32 = 1e-5;

/// A dense layer; its weights have a row for each input.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// Gain and shift, where sums are normalised.
    pub(crate) norm: Option<(Vec<f32>, Vec<f32>)>,
}

/// How outputs become an action.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Choice {
    /// The largest one, counted from here.
    Largest(i64),
    /// Each is the mean of a number, which is cut off at the bounds.
    Means { low: Vec<f32>, high: Vec<f32> },
    /// The same, squashed into the bounds by tanh.
    Squashed { low: Vec<f32>, high: Vec<f32> },
}

/// A policy as one net.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// Number of one-hot inputs and what they count from, where observations are choices.
    pub(crate) one_hot: Option<(usize, i64)>,
    /// Numbers of an observation.
    pub(crate) width: usize,
    /// What is taken off observations, and what they are multiplied with then.
    pub(crate) normal: Option<(Vec<f32>, Vec<f32>)>,
    pub(crate) layers: Vec<Layer>,
    pub(crate) is_tanh: bool,
    pub(crate) choice: Choice,
}

impl Policy {
    /// The net in what an agent acts with, or why there is none that could be written.
    pub(crate) fn of(
        state: &State,
        task: &Task,
        head: Head,
        activation: &str,
    ) -> Result<Self, String> {
        let name = NAMES.iter().find(|name| state.get(&format!("{name}/layer0/weight")).is_some());
        let name =
            name.ok_or("it acts with no dense net, and nothing else can be written as ONNX")?;
        let mut layers = Vec::new();
        while let Some(entry) = state.get(&format!("{name}/layer{}/weight", layers.len())) {
            let part = |what: &str| {
                state.get(&format!("{name}/layer{}/{what}", layers.len())).map(numbers)
            };
            let [inputs, outputs] = entry.shape[..] else {
                return Err(format!("`{}` is no matrix", entry.name));
            };
            let norm = part("gain").zip(part("shift"));
            let bias = part("bias").ok_or_else(|| format!("`{}` has no bias", entry.name))?;
            let (inputs, outputs) = (inputs as usize, outputs as usize);
            layers.push(Layer { inputs, outputs, weight: numbers(entry), bias, norm });
        }
        let normal = state.get("observations/shift").zip(state.get("observations/inverse"));
        let one_hot = match &task.observations {
            Space::Box { .. } => None,
            Space::Discrete { n, start } => Some((*n, *start)),
            other => return Err(format!("observations of {other:?} cannot be written as ONNX")),
        };
        Ok(Self {
            one_hot,
            width: task.observations.width(),
            normal: normal.map(|(shift, inverse)| (numbers(shift), numbers(inverse))),
            is_tanh: activation == "tanh",
            choice: Choice::of(&task.actions, head)?,
            layers,
        })
    }

    /// Numbers that decide about the action: the first of those that the last layer puts out.
    pub(crate) fn decisive(&self) -> usize {
        match &self.choice {
            Choice::Largest(_) => self.layers.last().map_or(0, |layer| layer.outputs),
            Choice::Means { low, .. } | Choice::Squashed { low, .. } => low.len(),
        }
    }

    /// What the last layer puts out for an observation.
    pub(crate) fn outputs(&self, obs: &[f32]) -> Vec<f32> {
        let mut numbers = match self.one_hot {
            Some((n, start)) => {
                (0..n).map(|choice| f32::from(obs[0] as i64 - start == choice as i64)).collect()
            }
            None => obs.to_vec(),
        };
        if let Some((shift, inverse)) = &self.normal {
            for (number, (shift, inverse)) in numbers.iter_mut().zip(shift.iter().zip(inverse)) {
                *number = ((*number - shift) * inverse).clamp(-CLIP, CLIP);
            }
        }
        for (place, layer) in self.layers.iter().enumerate() {
            numbers = layer.sums(&numbers);
            if place + 1 < self.layers.len() {
                let act = |x: f32| if self.is_tanh { x.tanh() } else { x.max(0.0) };
                for number in &mut numbers {
                    *number = act(*number);
                }
            }
        }
        numbers
    }
}

impl Choice {
    fn of(actions: &Space, head: Head) -> Result<Self, String> {
        let head = head.law();
        match (head, actions) {
            (Head::Values | Head::Logits, Space::Discrete { start, .. }) => {
                Ok(Self::Largest(*start))
            }
            (Head::Gaussian | Head::SquashedGaussian | Head::Action, Space::Box { .. }) => {
                let bounds = |of: fn(&Space, usize) -> f64| {
                    (0..actions.width()).map(|idx| of(actions, idx) as f32).collect()
                };
                let (low, high) = (bounds(low), bounds(high));
                Ok(if head == Head::Gaussian {
                    Self::Means { low, high }
                } else {
                    Self::Squashed { low, high }
                })
            }
            (_, other) => Err(format!("actions of {other:?} cannot be written as ONNX")),
        }
    }
}

fn low(space: &Space, idx: usize) -> f64 {
    if let Space::Box { low, .. } = space { low.at(idx) } else { f64::NEG_INFINITY }
}

fn high(space: &Space, idx: usize) -> f64 {
    if let Space::Box { high, .. } = space { high.at(idx) } else { f64::INFINITY }
}

impl Layer {
    fn sums(&self, inputs: &[f32]) -> Vec<f32> {
        let mut sums = self.bias.clone();
        for (input, weights) in inputs.iter().zip(self.weight.chunks_exact(self.outputs)) {
            sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
        }
        let Some((gain, shift)) = &self.norm else { return sums };
        let count = sums.len() as f32;
        let mean = sums.iter().sum::<f32>() / count;
        let variance = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f32>() / count;
        let inverse = 1.0 / (variance + EPSILON).sqrt();
        let normed = sums.iter().zip(gain.iter().zip(shift));
        normed.map(|(sum, (gain, shift))| (sum - mean) * inverse * gain + shift).collect()
    }
}

/// The numbers of a tensor of floats.
fn numbers(entry: &Entry) -> Vec<f32> {
    let (chunks, _) = entry.bytes.as_chunks::<4>();
    chunks.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}
