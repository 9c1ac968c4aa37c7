//! A segment: what some lanes lived through for some steps, in columns allocated once.

use plugin_api::needs::Needs;
use plugin_api::{Archive, Task};

/// Which columns are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column that may be left out")]
pub struct Record {
    /// Observations, actions, rewards, flags and next observations.
    pub steps: bool,
    /// Masks of both observations.
    pub masks: bool,
    /// Log-probabilities of the actions.
    pub log_probs: bool,
    /// Value estimates of both observations.
    pub values: bool,
    /// The actions taken next.
    pub next_actions: bool,
    /// What the policy remembered.
    pub memory: bool,
}

impl Record {
    /// What an agent with these needs gets to see.
    pub fn of(needs: &Needs, task: &Task) -> Self {
        Self {
            steps: true,
            masks: task.mask_width() > 0,
            log_probs: true,
            values: needs.values,
            next_actions: needs.next_actions,
            memory: needs.memory > 0,
        }
    }
}

/// The columns. Row `t * lanes + lane`.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// Steps there is room for.
    pub steps: usize,
    /// Lanes.
    pub lanes: usize,
    /// What was seen.
    pub obs: Vec<f32>,
    /// What was done.
    pub actions: Vec<f32>,
    /// What it brought.
    pub rewards: Vec<f64>,
    /// How it went on.
    pub flags: Vec<u8>,
    /// What was seen next; of an end, its final observation.
    pub next_obs: Vec<f32>,
    /// What was done next.
    pub next_actions: Vec<f32>,
    /// What was allowed.
    pub masks: Vec<u8>,
    /// What was allowed next.
    pub next_masks: Vec<u8>,
    /// Log-probabilities of the actions.
    pub log_probs: Vec<f32>,
    /// Value estimates.
    pub values: Vec<f32>,
    /// Value estimates of what was seen next.
    pub next_values: Vec<f32>,
    /// What the policy remembered before acting.
    pub memory: Vec<f32>,
}

/// Elements of a row in each kind of column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Widths {
    /// Of observations.
    pub obs: usize,
    /// Of actions.
    pub action: usize,
    /// Of masks.
    pub mask: usize,
    /// Of the policy's memory.
    pub memory: usize,
}

impl Segment {
    /// Room for `steps` steps of `lanes` lanes.
    pub fn new(record: &Record, widths: Widths, steps: usize, lanes: usize) -> Self {
        let mut segment = Self { steps, ..Self::default() };
        segment.set_lanes(lanes, record, widths);
        segment
    }
}

impl Segment {
    /// Makes it a segment of so many lanes, with rows that mean nothing yet. No more lanes than it
    /// was made for need no new memory.
    pub fn set_lanes(&mut self, lanes: usize, record: &Record, widths: Widths) {
        if lanes == self.lanes {
            return;
        }
        self.lanes = lanes;
        let rows = self.steps * lanes;
        let when = |asked: bool, width: usize| if asked { rows * width } else { 0 };
        self.obs.resize(when(record.steps, widths.obs), 0.0);
        self.actions.resize(when(record.steps, widths.action), 0.0);
        self.rewards.resize(when(record.steps, 1), 0.0);
        self.flags.resize(when(record.steps, 1), 0);
        self.next_obs.resize(when(record.steps, widths.obs), 0.0);
        self.next_actions.resize(when(record.next_actions, widths.action), 0.0);
        self.masks.resize(when(record.masks, widths.mask), 0);
        self.next_masks.resize(when(record.masks, widths.mask), 0);
        self.log_probs.resize(when(record.log_probs, 1), 0.0);
        self.values.resize(when(record.values, 1), 0.0);
        self.next_values.resize(when(record.values, 1), 0.0);
        self.memory.resize(when(record.memory, widths.memory), 0.0);
    }

    /// Bytes of all columns.
    pub fn bytes(&self) -> u64 {
        let floats = self.obs.len()
            + self.actions.len()
            + self.next_obs.len()
            + self.next_actions.len()
            + self.log_probs.len()
            + self.values.len()
            + self.next_values.len()
            + self.memory.len();
        let bytes = self.flags.len() + self.masks.len() + self.next_masks.len();
        (4 * floats + 8 * self.rewards.len() + bytes) as u64
    }

    /// Forgets all rows; the room stays.
    pub fn clear(&mut self) {
        self.steps = 0;
        self.rewards.clear();
        self.flags.clear();
        self.masks.clear();
        self.next_masks.clear();
        self.floats_mut().into_iter().for_each(|(_, column)| column.clear());
    }

    /// Adds a row of another segment at the end; of a column left out there, nothing.
    pub fn push_row(&mut self, from: &Self, row: usize, widths: Widths) {
        fn push<T: Copy>(to: &mut Vec<T>, from: &[T], row: usize, width: usize) {
            if !from.is_empty() {
                to.extend_from_slice(&from[row * width..][..width]);
            }
        }
        push(&mut self.obs, &from.obs, row, widths.obs);
        push(&mut self.actions, &from.actions, row, widths.action);
        push(&mut self.rewards, &from.rewards, row, 1);
        push(&mut self.flags, &from.flags, row, 1);
        push(&mut self.next_obs, &from.next_obs, row, widths.obs);
        push(&mut self.next_actions, &from.next_actions, row, widths.action);
        push(&mut self.masks, &from.masks, row, widths.mask);
        push(&mut self.next_masks, &from.next_masks, row, widths.mask);
        push(&mut self.log_probs, &from.log_probs, row, 1);
        push(&mut self.values, &from.values, row, 1);
        push(&mut self.next_values, &from.next_values, row, 1);
        push(&mut self.memory, &from.memory, row, widths.memory);
        self.steps += 1;
    }

    /// Takes over all rows of another segment, which is empty afterwards.
    pub fn append(&mut self, from: &mut Self) {
        self.obs.append(&mut from.obs);
        self.actions.append(&mut from.actions);
        self.rewards.append(&mut from.rewards);
        self.flags.append(&mut from.flags);
        self.next_obs.append(&mut from.next_obs);
        self.next_actions.append(&mut from.next_actions);
        self.masks.append(&mut from.masks);
        self.next_masks.append(&mut from.next_masks);
        self.log_probs.append(&mut from.log_probs);
        self.values.append(&mut from.values);
        self.next_values.append(&mut from.next_values);
        self.memory.append(&mut from.memory);
        self.steps += std::mem::take(&mut from.steps);
    }

    /// Names all columns, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.value("steps", &mut self.steps);
        archive.list("rewards", &mut self.rewards);
        archive.list("flags", &mut self.flags);
        archive.list("masks", &mut self.masks);
        archive.list("next_masks", &mut self.next_masks);
        self.floats_mut().into_iter().for_each(|(name, column)| archive.list(name, column));
    }

    /// The columns of f32, by name.
    fn floats_mut(&mut self) -> [(&'static str, &mut Vec<f32>); 8] {
        [
            ("obs", &mut self.obs),
            ("actions", &mut self.actions),
            ("next_obs", &mut self.next_obs),
            ("next_actions", &mut self.next_actions),
            ("log_probs", &mut self.log_probs),
            ("values", &mut self.values),
            ("next_values", &mut self.next_values),
            ("memory", &mut self.memory),
        ]
    }
}
