//! Lanes whose episodes are recorded.

use super::{Ended, Lanes, Shard};
use crate::replay::tape;
use crate::replay::{Pass, Recording};
use plugin_api::Result;

impl Lanes {
    /// Records episodes of all lanes, from the beginning of their next ones.
    pub fn put_in_tape(&mut self, pass: Pass) -> Result<()> {
        self.shards.iter_mut().try_for_each(|shard| shard.put_in_tape(pass))
    }

    /// What was recorded since the last call; this is what is recorded from now on.
    pub fn take_recordings(&mut self, pass: Pass) -> Vec<Recording> {
        let tapes = self.shards.iter_mut().filter_map(Shard::tape_mut);
        tapes
            .flat_map(|tape| {
                tape.arm(pass);
                tape.take()
            })
            .collect()
    }

    /// Gives an episode that has ended its number, if it was recorded.
    pub(crate) fn name_recording(&mut self, ended: &Ended, episode: u64) {
        let shard = self.shards.iter_mut().find(|shard| shard.lane_range().contains(&ended.lane));
        if let Some(tape) = shard.and_then(Shard::tape_mut) {
            let at = (ended.lane, ended.step);
            tape::name(tape.finished_mut(), at, episode, ended.total);
        }
    }
}
