//! The memory of demonstrations beside an agent's own: filled once, drawn from with every sample.

use super::{Frozen, ReplayBuffer, Sample};
use crate::demonstrations::Demonstrations;
use crate::lanes::segment::Widths;
use plugin_api::needs::{Feed, Needs, Replay};
use plugin_api::{Archive, Error, Result, Rng, Task};

/// Steps of somebody else.
#[derive(Clone, Debug)]
pub struct Demonstrated {
    buffer: ReplayBuffer,
    /// Rows of each sample.
    rows: usize,
}

impl Demonstrated {
    /// Room for so many steps, for an agent with these needs; to be loaded.
    pub fn with_room(steps: usize, needs: &Needs, task: &Task) -> Result<Self> {
        let Feed::Replay(settings) = &needs.feed else { return Err(of_no_use()) };
        if settings.demonstrations == 0 {
            return Err(of_no_use());
        }
        let replay = Replay { capacity: steps.max(1), priorities: None, ..settings.clone() };
        let needs = Needs { feed: Feed::Replay(replay), ..needs.clone() };
        let rows = settings.demonstrations.min(settings.batch);
        Ok(Self { buffer: ReplayBuffer::new(&needs, task, 1)?, rows })
    }

    /// What an agent with these needs learns from demonstrations.
    pub fn new(
        shown: &Demonstrations,
        (needs, task): (&Needs, &Task),
        widths: Widths,
    ) -> Result<Self> {
        let mut memory = Self::with_room(shown.len(), needs, task)?;
        memory.buffer.push(0, &shown.columns(needs, task, widths));
        Ok(memory)
    }

    /// Draws the last rows of a sample.
    pub fn sample(&self, rng: &mut Rng, sample: &mut Sample) {
        self.buffer.demonstrate(rng, sample);
    }

    /// Has samples leave room for it.
    pub fn make_room(&self, sample: &mut Sample) {
        sample.leave(self.rows);
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        self.buffer.bytes()
    }

    /// How far transitions span, as edited.
    pub fn set(&mut self, settings: &Replay) -> Result<()> {
        let capacity = self.buffer.capacity();
        self.buffer.set(&Replay { capacity, priorities: None, ..settings.clone() })
    }

    /// Its columns, which [`Demonstrated::state`] does not save.
    pub fn freeze(&mut self, prefix: &str, into: &mut Frozen) {
        into.add_all("demonstrations", self.buffer.freeze(prefix));
    }

    /// Names everything in it, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        self.buffer.state(archive);
    }
}

fn of_no_use() -> Error {
    Error::argument(
        "this agent learns from nothing but its own steps; demonstrations are for bc, ddpg, td3, \
         sac and tqc",
    )
}
