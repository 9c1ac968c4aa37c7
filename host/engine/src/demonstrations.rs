//! Demonstrations: recorded episodes as steps that an agent learns from. They are played again,
//! because a recording holds what was done and not what was seen.

use crate::lanes::segment::{Record, Segment, Widths};
use crate::memory::{to_f32, to_f64};
use crate::replay::Player;
use plugin_api::needs::Needs;
use plugin_api::{Error, Result, Space, Task};

/// Steps somebody took in a task, one episode after another.
#[derive(Clone, Debug, Default)]
pub struct Demonstrations {
    /// The steps, as those of a single lane.
    pub(crate) segment: Segment,
    /// Episodes.
    pub episodes: usize,
    /// Sum of their returns.
    pub total: f64,
}

impl Demonstrations {
    /// Steps.
    pub fn len(&self) -> usize {
        self.segment.steps
    }

    /// Whether there is no step.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Plays an episode from its beginning and takes in every step of it.
    pub fn add(&mut self, player: &mut Player) -> Result<()> {
        let task = player.task().cloned().ok_or_else(|| {
            Error::argument("episodes that cannot be played again show nothing to learn from")
        })?;
        player.seek(0)?;
        let number = player.take().head.episode;
        let mut obs = seen(&task, player.first());
        let mut masks = vec![1; task.mask_width()];
        while let Some(moment) = player.step()? {
            let next = seen(&task, &moment.obs);
            let next_masks = if player.masks().is_empty() { &masks[..] } else { player.masks() };
            let segment = &mut self.segment;
            segment.masks.extend_from_slice(&masks);
            segment.next_masks.extend_from_slice(next_masks);
            masks = next_masks.to_vec();
            segment.obs.extend_from_slice(&obs);
            segment.actions.extend(chosen(&task.actions, &moment.action));
            segment.rewards.push(moment.reward);
            segment.flags.push(moment.flags);
            segment.next_obs.extend_from_slice(&next);
            segment.log_probs.push(0.0);
            segment.steps += 1;
            segment.lanes = 1;
            self.total += moment.reward;
            obs = next;
        }
        match self.segment.flags.last() {
            Some(0) | None => Err(Error::argument(format!("episode {number} has no end"))),
            Some(_) => {
                self.episodes += 1;
                Ok(())
            }
        }
    }

    /// The steps with the columns that an agent with these needs gets to see.
    pub(crate) fn columns(&self, needs: &Needs, task: &Task, widths: Widths) -> Segment {
        let mut segment = self.segment.clone();
        let record = Record::of(needs, task);
        if record.values {
            segment.values = vec![0.0; self.len()];
            segment.next_values = vec![0.0; self.len()];
        }
        segment.memory = vec![0.0; self.len() * widths.memory];
        segment
    }
}

/// An observation as learners see it.
fn seen(task: &Task, bytes: &[u8]) -> Vec<f32> {
    let space = &task.observations;
    let mut row = vec![0.0; space.width()];
    // Rows of a recording lie anywhere; numbers are read from aligned ones.
    let mut aligned = crate::memory::RawRows::new(1, space.width(), space.dtype());
    aligned.bytes_mut().copy_from_slice(bytes);
    to_f32(space.dtype(), aligned.bytes(), &mut row);
    row
}

/// An action as learners see it: choices counted from 0.
fn chosen(space: &Space, bytes: &[u8]) -> Vec<f32> {
    let mut aligned = crate::memory::RawRows::new(1, space.width(), space.dtype());
    aligned.bytes_mut().copy_from_slice(bytes);
    let mut row = to_f64(space.dtype(), aligned.bytes());
    for (at, leaf) in space.leaves() {
        match leaf {
            Space::Discrete { start, .. } => row[at] -= *start as f64,
            Space::MultiDiscrete { start, .. } => {
                let choices = row[at..].iter_mut().zip(start);
                choices.for_each(|(choice, start)| *choice -= *start as f64);
            }
            _ => {}
        }
    }
    row.into_iter().map(|number| number as f32).collect()
}
