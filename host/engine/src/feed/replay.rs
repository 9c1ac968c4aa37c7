//! Replay: every step goes into a memory, from which the agent learns again and again.

use super::{Extra, Progress, learn};
use crate::buffer::{
    BufferStats, Demonstrated, Frozen, Hindsight, Peek, ReplayBuffer, Sample, peek,
};
use crate::lanes::Lanes;
use crate::lanes::segment::Widths;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::needs::{Feed, Needs, Replay};
use plugin_api::task::Goal;
use plugin_api::{Archive, Error, Result, Rng};
use std::ops::Range;

/// Scope of demonstrations in the state.
pub(crate) const SHOWN: &str = "demonstrations";

/// Keeps steps, and has the agent learn from samples of them.
#[derive(Debug)]
pub struct ReplayFeed {
    settings: Replay,
    widths: Widths,
    buffer: ReplayBuffer,
    sample: Sample,
    /// Steps of others, where there are any.
    shown: Option<Demonstrated>,
    /// Present where goals are relabelled.
    hindsight: Option<Hindsight>,
    /// What the agent sets; no rows without priorities.
    priorities: Vec<f32>,
    /// Draws samples, and nothing else.
    rng: Rng,
    /// Steps taken in that no learning was due for yet.
    taken: u64,
}

impl ReplayFeed {
    /// An empty memory of what the lanes record, whose samples `seed` decides.
    pub fn new(lanes: &Lanes, needs: &Needs, seed: u64) -> Result<Self> {
        let settings = settings(needs)?;
        let buffer = ReplayBuffer::new(needs, lanes.task(), lanes.len())?;
        let sample = buffer.make_sample();
        Ok(Self {
            widths: lanes.shards()[0].widths(),
            priorities: vec![0.0; sample.weights.len()],
            hindsight: Hindsight::new(lanes, &settings)?,
            settings,
            shown: None,
            buffer,
            sample,
            rng: Rng::seeded(seed),
            taken: 0,
        })
    }

    /// From now on samples have rows of demonstrations; of none, where there are none.
    pub fn show(&mut self, shown: Option<Demonstrated>) {
        self.sample = self.buffer.make_sample();
        if let Some(shown) = &shown {
            shown.make_room(&mut self.sample);
        }
        self.shown = shown;
    }

    /// Elements of the rows it keeps.
    pub fn widths(&self) -> Widths {
        self.widths
    }

    /// Takes in what the lanes have just lived through, step by step over all of them: how they are
    /// cut into shards leaves no trace.
    pub fn take(&mut self, lanes: &Lanes) {
        let steps = lanes.fresh().map(|shard| shard.segment().steps).max().unwrap_or(0);
        for step in 0..steps {
            for shard in lanes.fresh() {
                self.buffer.push_step(shard.first(), shard.segment(), step);
            }
        }
        self.taken += (steps * lanes.fresh_lanes()) as u64;
    }

    /// Steps of each lane between two rounds of learning.
    pub fn steps_between(&self, lanes: usize) -> usize {
        usize::try_from(self.settings.every).unwrap_or(usize::MAX).div_ceil(lanes.max(1))
    }

    /// Has the agent learn as often as the steps taken in ask for. Returns how often it did.
    pub fn learn(&mut self, agent: &mut AgentHandle, mut progress: Progress) -> Result<u64> {
        let taken = std::mem::take(&mut self.taken);
        let updates = self.rounds(progress.steps, taken) * self.settings.updates as u64;
        for _ in 0..updates {
            self.buffer.sample(&mut self.rng, progress.steps, &mut self.sample)?;
            if let Some(shown) = &self.shown {
                shown.sample(&mut self.rng, &mut self.sample);
            }
            if let Some(hindsight) = &mut self.hindsight {
                hindsight.relabel(&self.buffer, &mut self.rng, &mut self.sample)?;
            }
            let extra = Extra {
                weights: &self.sample.weights,
                discounts: &self.sample.discounts,
                lane_ids: &self.sample.lane_ids,
                demonstrations: &self.sample.demonstrated,
                ..Extra::default()
            };
            let segment = &self.sample.segment;
            self.priorities.fill(f32::NAN);
            learn(agent, segment, self.widths, extra, &mut self.priorities, progress)?;
            // An agent that set none leaves all of them as they were.
            if !self.priorities.iter().all(|priority| priority.is_nan()) {
                self.buffer.set_priorities(&self.sample, &self.priorities)?;
            }
            progress.updates += 1;
        }
        Ok(updates)
    }

    /// Rounds of learning that fall due with the latest `taken` of so many steps.
    fn rounds(&self, steps: u64, taken: u64) -> u64 {
        let due = |steps: u64| steps.saturating_sub(self.settings.warmup) / self.settings.every;
        due(steps) - due(steps - taken)
    }

    /// Takes over params that were edited while the run goes on.
    pub fn set(&mut self, needs: &Needs) -> Result<()> {
        let settings = settings(needs)?;
        self.buffer.set(&settings)?;
        if let Some(shown) = &mut self.shown {
            shown.set(&settings)?;
        }
        if let Some(hindsight) = &mut self.hindsight {
            hindsight.set(&settings);
        }
        self.settings = settings;
        Ok(())
    }

    /// These lanes begin new episodes although theirs did not end.
    pub fn forget(&mut self, lanes: Range<usize>) {
        lanes.for_each(|lane| self.buffer.cut(lane));
    }

    /// Bytes in use.
    pub fn bytes(&self) -> u64 {
        let shown = self.shown.as_ref().map_or(0, Demonstrated::bytes);
        self.buffer.bytes() + self.sample.bytes() + shown
    }

    /// How full the memory is, 0 to 1.
    pub fn fill(&self) -> f64 {
        self.buffer.len() as f64 / self.buffer.capacity() as f64
    }

    /// What the memory looks like in numbers.
    pub fn stats(&self) -> BufferStats {
        self.buffer.stats()
    }

    /// Steps drawn as learning would draw them, with other random numbers; nothing while there are
    /// none.
    pub fn peek(&mut self, draws: (&mut Rng, u64), goal: Option<&Goal>) -> Result<Option<Peek>> {
        if self.buffer.is_empty() {
            return Ok(None);
        }
        peek(&self.buffer, self.hindsight.as_mut().zip(goal), draws).map(Some)
    }

    /// The columns of its memory as they are now, which [`ReplayFeed::state`] does not save.
    pub fn freeze(&mut self, prefix: &str) -> Frozen {
        let mut frozen = self.buffer.freeze(prefix);
        if let Some(shown) = &mut self.shown {
            shown.freeze(&format!("{prefix}{SHOWN}/"), &mut frozen);
        }
        frozen
    }

    /// Names everything in it, for saving and loading.
    pub fn state(&mut self, archive: &mut Archive) {
        archive.rng("rng", &mut self.rng);
        self.buffer.state(archive);
        if let Some(shown) = &mut self.shown {
            archive.scope(SHOWN, |archive| shown.state(archive));
        }
    }

    /// Names what waits for its learning, for saving and loading.
    pub fn waiting(&mut self, archive: &mut Archive) {
        archive.value("taken", &mut self.taken);
    }
}

fn settings(needs: &Needs) -> Result<Replay> {
    match &needs.feed {
        Feed::Replay(settings) if settings.every > 0 => Ok(settings.clone()),
        Feed::Replay(_) => {
            Err(Error::argument("rounds of learning lie at least 1 step apart, not 0"))
        }
        _ => Err(Error::argument("the agent does not ask for a memory of past steps")),
    }
}

#[cfg(test)]
mod tests;
