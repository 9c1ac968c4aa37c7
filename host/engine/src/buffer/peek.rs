//! A look at single steps of a memory, as learning would draw them. What learning itself draws does
//! not depend on it.

use super::hindsight::Hindsight;
use super::histogram::{Bin, Histogram};
use super::replay::ReplayBuffer;
use super::ring::lane_of;
use plugin_api::task::Goal;
use plugin_api::{Result, Rng};

/// A step that learning may draw, or several as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transition {
    /// Its lane.
    pub lane: u32,
    /// How many steps ago its lane took it.
    pub age: u64,
    /// What was seen.
    pub obs: Vec<f32>,
    /// What was done.
    pub action: Vec<f32>,
    /// What it brought.
    pub reward: f64,
    /// What was seen next.
    pub next_obs: Vec<f32>,
    /// How it ended.
    pub flags: u8,
    /// γ to the number of steps it spans.
    pub discount: f64,
    /// Its importance weight, where there are priorities.
    pub weight: Option<f64>,
    /// What the agent's values are off by: reward + γ value of what came next - value.
    pub error: Option<f64>,
    /// The goal it had, and the one that hindsight gave it.
    pub goals: Option<Goals>,
}

/// Goals of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goals {
    /// What was wanted.
    pub wanted: Vec<f32>,
    /// What was reached.
    pub reached: Vec<f32>,
    /// What hindsight says was wanted; nothing where it leaves the step as it was.
    pub told: Option<Vec<f32>>,
    /// What the step brought before hindsight.
    pub reward: f64,
}

/// Steps that were looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peek {
    /// The steps.
    pub rows: Vec<Transition>,
    /// How far the agent's values are off, over all that was drawn; no bins where it has none.
    pub errors: Vec<Bin>,
    /// Who says what the errors are.
    pub source: &'static str,
}

impl Peek {
    /// Counts what values are off by.
    pub fn with_errors(mut self, errors: &[f64]) -> Self {
        let mut histogram = Histogram::new();
        for (row, error) in self.rows.iter_mut().zip(errors) {
            row.error = Some(*error);
        }
        errors.iter().for_each(|error| histogram.add(*error));
        self.errors = histogram.bins();
        self
    }
}

/// Draws a batch; in worlds with goals, some rows with another one.
pub fn peek(
    buffer: &ReplayBuffer,
    hindsight: Option<(&mut Hindsight, &Goal)>,
    (rng, run_step): (&mut Rng, u64),
) -> Result<Peek> {
    let mut sample = buffer.make_sample();
    buffer.sample(rng, run_step, &mut sample)?;
    let before = sample.segment.clone();
    let goal = hindsight.as_ref().map(|(_, goal)| (*goal).clone());
    if let Some((hindsight, _)) = hindsight {
        hindsight.relabel(buffer, rng, &mut sample)?;
    }
    let segment = &sample.segment;
    let rows = sample.len();
    let row_of = |column: &[f32], row: usize| {
        let wide = column.len() / rows.max(1);
        column[row * wide..][..wide].to_vec()
    };
    let transition = |row: usize| {
        let origin = sample.origins[row];
        let lane = lane_of(origin.slot, buffer.capacity(), buffer.rings.len());
        let goals = goal.as_ref().map(|goal| {
            let (old, new) = (row_of(&before.obs, row), row_of(&segment.obs, row));
            let next = row_of(&segment.next_obs, row);
            let wanted = old[goal.desired.clone()].to_vec();
            let told = new[goal.desired.clone()].to_vec();
            Goals {
                reached: next[goal.achieved.clone()].to_vec(),
                told: (told != wanted).then_some(told),
                wanted,
                reward: before.rewards[row],
            }
        });
        Transition {
            lane: sample.lane_ids[row],
            age: buffer.rings[lane].total - origin.number,
            obs: row_of(&segment.obs, row),
            action: row_of(&segment.actions, row),
            reward: segment.rewards[row],
            next_obs: row_of(&segment.next_obs, row),
            flags: segment.flags[row],
            discount: f64::from(sample.discounts[row]),
            weight: sample.weights.get(row).map(|weight| f64::from(*weight)),
            error: None,
            goals,
        }
    };
    Ok(Peek { rows: (0..rows).map(transition).collect(), ..Peek::default() })
}
