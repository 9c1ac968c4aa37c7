//! Demonstrations in a run: shown before it begins, and kept with everything else.

use super::{Run, Supply};
use crate::buffer::Demonstrated;
use crate::demonstrations::Demonstrations;
use crate::feed::SHOWN;
use plugin_api::archive::State;
use plugin_api::needs::Feed;
use plugin_api::{Error, Result};

impl Run {
    /// Whether the agent learns from demonstrations and nothing else.
    pub fn wants_only_demonstrations(&self) -> bool {
        matches!(&self.needs.feed, Feed::Replay(replay) if replay.is_imitation())
    }

    /// Gives demonstrations to every copy of the agent. They belong to the run from then on, and
    /// are in its snapshots.
    pub fn show(&mut self, shown: &Demonstrations) -> Result<()> {
        if shown.is_empty() {
            return Err(Error::argument("there is no recorded episode to learn from"));
        }
        self.each_other(|other| other.show(shown))?;
        let (needs, task) = (&self.needs, &self.task);
        let widths = if let Supply::Replay(feed, _) = &self.supply {
            feed.widths()
        } else {
            crate::lanes::segment::Widths::default()
        };
        let memory = Demonstrated::new(shown, (needs, task), widths)?;
        if let Supply::Replay(feed, _) = &mut self.supply {
            feed.show(Some(memory));
        }
        Ok(())
    }

    /// Makes room for the demonstrations that a saved state holds, if any.
    pub(super) fn make_room_for_shown(&mut self, host: &State) -> Result<()> {
        let name = format!("replay/{SHOWN}/capacity");
        let steps = host.get(&name).and_then(|entry| entry.bytes[..].try_into().ok());
        let Supply::Replay(feed, _) = &mut self.supply else { return Ok(()) };
        let memory = steps.map(|steps| {
            let steps = usize::try_from(u64::from_le_bytes(steps)).unwrap_or(usize::MAX);
            Demonstrated::with_room(steps, &self.needs, &self.task)
        });
        feed.show(memory.transpose()?);
        Ok(())
    }
}
