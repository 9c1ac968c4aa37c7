//! How much memory an agent's experience will take, before any of it is asked for.

use super::store::obs_bytes;
use crate::lanes::segment::{Record, Widths};
use crate::room::{self, gigabytes};
use plugin_api::needs::{Feed, Needs};
use plugin_api::{Dtype, Error, Result, Task};

/// Steps of an episode without a limit, for want of anything better.
const UNLIMITED: u64 = 1000;

/// One end of an episode is reckoned with in so many steps; worlds with shorter episodes take more.
const STEPS_PER_END: u64 = 8;

/// Bytes of a priority and its share of the sums above it.
pub(super) const RANKING_BYTES: usize = 10;

/// Bytes that an agent's experience takes.
pub fn forecast(needs: &Needs, task: &Task, lanes: usize) -> u64 {
    let record = Record::of(needs, task);
    let (obs, mask) = (task.observations.width(), task.mask_width());
    let widths = Widths { obs, action: task.actions.width(), mask, memory: needs.memory };
    let lanes = lanes as u64;
    let row = segment_row_bytes(&record, widths) as u64;
    let returns = if needs.returns.is_some() { 8 } else { 0 };
    match &needs.feed {
        Feed::Nothing => 0,
        // Each step is kept by the lanes, and again side by side for the agent.
        Feed::Rollout { steps } => {
            lanes.saturating_mul(*steps as u64).saturating_mul(2 * row + returns)
        }
        // Each lane keeps the episode it is in; those that ended lie in a row for the agent.
        Feed::Episodes => {
            let limit = u64::from(task.max_steps);
            let steps = if limit == 0 { UNLIMITED } else { limit };
            lanes.saturating_mul(steps).saturating_mul(2 * row + returns)
        }
        Feed::Replay(replay) => {
            let moment = moment_bytes(&record, widths, task.observations.dtype());
            let ranking = if replay.priorities.is_some() { RANKING_BYTES } else { 0 };
            let slot = step_bytes(&record, widths) + moment + ranking;
            let capacity = replay.capacity as u64;
            let slots = (capacity.saturating_add(lanes)).saturating_mul(slot as u64);
            let ends = (capacity / STEPS_PER_END).saturating_mul(moment as u64);
            let sample = (replay.batch as u64).saturating_mul(row + 16);
            slots.saturating_add(ends).saturating_add(sample).saturating_add(lanes * row)
        }
    }
}

/// Refuses what would not fit into the memory that is free.
pub fn check(bytes: u64, capacity: usize) -> Result<()> {
    match room::free() {
        Some(available) if bytes > available => Err(Error::of(
            plugin_api::ErrorKind::Memory,
            format!(
                "a memory of {capacity} steps takes {}, and {} are free; set a smaller capacity",
                gigabytes(bytes),
                gigabytes(available)
            ),
        )),
        _ => Ok(()),
    }
}

/// Bytes of a slot and of a final observation in a buffer.
pub(super) fn slot_bytes(record: &Record, widths: Widths, dtype: Dtype) -> (usize, usize) {
    let moment = moment_bytes(record, widths, dtype);
    (step_bytes(record, widths) + moment, moment)
}

fn moment_bytes(record: &Record, widths: Widths, dtype: Dtype) -> usize {
    obs_bytes(dtype, widths.obs) + if record.masks { widths.mask } else { 0 }
}

/// Bytes of what a slot says of its step.
fn step_bytes(record: &Record, widths: Widths) -> usize {
    let floats = widths.action
        + usize::from(record.log_probs)
        + usize::from(record.values)
        + if record.memory { widths.memory } else { 0 };
    // A reward, flags, and the place of a final observation.
    4 * floats + 8 + 1 + 4
}

/// Bytes of a row of a segment.
fn segment_row_bytes(record: &Record, widths: Widths) -> usize {
    let when = |asked: bool, width: usize| if asked { width } else { 0 };
    let floats = 2 * widths.obs
        + widths.action
        + when(record.next_actions, widths.action)
        + when(record.log_probs, 1)
        + when(record.values, 2)
        + when(record.memory, widths.memory);
    4 * floats + 8 + 1 + 2 * when(record.masks, widths.mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Space;
    use plugin_api::needs::{Head, Replay};

    #[test]
    fn image_memories_are_forecast_with_each_image_once() {
        let frames = Space::range::<u8>(0.0, 255.0, &[84, 84, 4]);
        let task = Task::new(frames, Space::discrete(6), 1000);
        let replay = Replay { capacity: 100_000, ..Replay::default() };
        let bytes = forecast(&Needs::replay(replay, Head::Values), &task, 8);
        let images = 100_000 * 84 * 84 * 4;
        assert!(bytes > images && bytes < images * 5 / 4, "{bytes}");
    }

    #[test]
    fn too_much_is_refused_with_the_figure() {
        let error = check(u64::MAX / 2, 77).expect_err("no machine has that much");
        assert_eq!(error.kind, plugin_api::ErrorKind::Memory);
        assert!(error.message.starts_with("a memory of 77 steps takes 9223372036.9 GB, and "));
        check(1000, 1).expect("a kilobyte is always free");
    }

    #[test]
    fn every_feed_is_forecast() {
        let task = Task::new(Space::unbounded::<f32>(&[4]), Space::discrete(2), 500);
        let bytes = |needs: &Needs| forecast(needs, &task, 16);
        assert_eq!(bytes(&Needs::default()), 0);
        let rollout = bytes(&Needs::rollout(128, Head::Logits));
        assert_eq!(rollout, 16 * 128 * 2 * (4 * (4 + 4 + 1 + 1) + 9));
        assert!(bytes(&Needs::episodes(Head::Logits)) > rollout);
    }
}
