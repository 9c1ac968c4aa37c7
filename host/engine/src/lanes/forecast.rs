//! How much memory lanes will take, before any of it is asked for.

use super::Ended;
use super::acting::Acting;
use crate::room::{self, gigabytes};
use crate::sampler::Sampler;
use plugin_api::{Error, ErrorKind, Result, Task};

/// What a world keeps of a lane besides its observation, for want of anything better.
const STATE_BYTES: usize = 64;

/// What a run keeps of a lane beside its shard, to record its episodes.
const RECORDED_BYTES: usize = 1024;

/// What a run keeps of so many lanes, to save and to record them.
pub(crate) fn kept(task: &Task, acting: &Acting, lanes: usize) -> Result<u64> {
    let each = 2 * lane_bytes(task, acting)? + RECORDED_BYTES;
    Ok((each as u64).saturating_mul(lanes as u64))
}

/// Refuses lanes that would not fit into the memory that is free, with so many bytes for what the
/// agent learns from.
pub(crate) fn check(task: &Task, acting: &Acting, lanes: usize, learning: u64) -> Result<()> {
    let bytes = (lane_bytes(task, acting)? as u64).saturating_mul(lanes as u64);
    refuse(bytes.saturating_add(learning), lanes, room::free())
}

fn refuse(bytes: u64, lanes: usize, free: Option<u64>) -> Result<()> {
    match free {
        Some(free) if bytes > free => Err(Error::of(
            ErrorKind::Memory,
            format!(
                "{lanes} lanes and what is learned from them take {}, and {} are free; set fewer \
                 lanes",
                gigabytes(bytes),
                gigabytes(free)
            ),
        )),
        _ => Ok(()),
    }
}

/// Bytes that a shard keeps of each of its lanes.
fn lane_bytes(task: &Task, acting: &Acting) -> Result<usize> {
    let (obs, actions, infos) = (&task.observations, &task.actions, task.infos.len());
    let raw_obs = obs.width() * obs.dtype().size();
    let raw_action = actions.width() * actions.dtype().size();
    let head = Sampler::new(acting.head, acting.explore, task)?.head_width();
    let world = raw_obs + STATE_BYTES;
    let frame = 2 * raw_obs + raw_action + 8 + 1 + 2 * task.mask_width() + 8 * infos;
    // A value and a log-probability stand beside the rows.
    let heads = 4 * (obs.width() + head + actions.width() + 2 + 2 * acting.memory);
    let noise = 8 * actions.width();
    // Seed, return, length, and room for the number and the account of an episode that ends.
    let account = 4 * 8 + 8 * infos + size_of::<Ended>();
    Ok(world + frame + heads + noise + account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Space;

    #[test]
    fn wide_lanes_take_more_and_too_many_are_refused_with_the_figures() {
        let task = |space| Task::new(space, Space::discrete(2), 500);
        let bytes = |space| lane_bytes(&task(space), &Acting::FREE).expect("any action is known");
        let frames = || Space::range::<u8>(0.0, 255.0, &[84, 84, 4]);
        let pole = Space::unbounded::<f32>(&[4]);
        assert!((100..400).contains(&bytes(pole)));
        assert!(bytes(frames()) > 7 * 84 * 84 * 4, "three frames of bytes, one of numbers");

        let error = check(&task(frames()), &Acting::FREE, usize::MAX / 2, 0);
        let error = error.expect_err("no machine has that much");
        assert_eq!(error.kind, ErrorKind::Memory);
        check(&task(frames()), &Acting::FREE, 1, 0).expect("one lane always fits");
        let error = refuse(3_000_000_000, 77, Some(2_000_000_000)).expect_err("it is too much");
        assert_eq!(
            error.message,
            "77 lanes and what is learned from them take 3.0 GB, and 2.0 GB are free; set fewer \
             lanes"
        );
        refuse(u64::MAX, 1, None).expect("nobody knows better");
    }
}
