//! Hindsight: what happened, told as if what was reached had been wanted (Andrychowicz et al.,
//! "Hindsight Experience Replay", 2017).
//!
//! Of an episode that came to its end, a sampled transition may get another goal. Both
//! observations then show it, and the world is asked once for the whole sample what each step would
//! have brought.
//! Over several steps the transition stops where the world would now have come to an end; being cut
//! off stays what it was. A step of an episode that still goes on is taken as it was.

use super::replay::{ReplayBuffer, ends};
use super::ring::{Ring, lane_of};
use super::sample::Sample;
use crate::lanes::Lanes;
use crate::memory::{RawRows, put};
use plugin_api::abi::handle::EnvHandle;
use plugin_api::needs::{GoalStrategy, Relabel, Replay};
use plugin_api::task::Goal;
use plugin_api::{Dtype, Error, Result, Rng, TERMINATED};

/// Exchanges goals in samples.
#[derive(Debug)]
pub struct Hindsight {
    settings: Relabel,
    /// Knows what goals are worth; its lane never steps.
    env: EnvHandle,
    goal: Goal,
    dtype: Dtype,
    /// Rows that get another goal.
    picked: Vec<Picked>,
    /// What every step of them reached, and what it should have reached: as the world takes them.
    achieved: RawRows,
    desired: RawRows,
    rewards: Vec<f64>,
    flags: Vec<u8>,
    /// An observation.
    room: Vec<f32>,
}

/// A row that gets another goal.
#[derive(Clone, Copy, Debug)]
struct Picked {
    row: usize,
    /// The place of its first step among all, and their number.
    first: usize,
    steps: usize,
}

impl Hindsight {
    /// Room to relabel samples of these settings; `None` where nothing is to be relabelled.
    pub fn new(lanes: &Lanes, settings: &Replay) -> Result<Option<Self>> {
        let Some(relabel) = settings.relabel else { return Ok(None) };
        let task = lanes.task();
        let Some(goal) = task.goal.clone() else {
            return Err(Error::argument("goals cannot be relabelled: this task has none"));
        };
        let setup = lanes.setup();
        let (dtype, rows) = (task.observations.dtype(), settings.batch * settings.n_step);
        let goals = || RawRows::new(rows, goal.desired.len(), dtype);
        Ok(Some(Self {
            settings: relabel,
            env: setup.plugin.env(&setup.env, &setup.params, 1)?,
            dtype,
            picked: Vec::with_capacity(settings.batch),
            achieved: goals(),
            desired: goals(),
            rewards: vec![0.0; rows],
            flags: vec![0; rows],
            room: vec![0.0; task.observations.width()],
            goal,
        }))
    }

    /// Gives rows of a sample other goals.
    pub fn relabel(
        &mut self,
        buffer: &ReplayBuffer,
        rng: &mut Rng,
        sample: &mut Sample,
    ) -> Result<()> {
        let chance = self.settings.ratio / (1.0 + self.settings.ratio);
        self.picked.clear();
        let mut steps = 0;
        for row in 0..sample.own {
            // Drawn for every row, so that what one row comes to does not move the others.
            let (chosen, at) = (rng.random() < chance, rng.random());
            if let Some(count) = chosen.then(|| self.pick(buffer, sample, row, at, steps)).flatten()
            {
                self.picked.push(Picked { row, first: steps, steps: count });
                steps += count;
            }
        }
        if steps == 0 {
            return Ok(());
        }
        let width = self.goal.desired.len();
        let bytes = steps * width * self.dtype.size();
        let goals = (&self.achieved.bytes()[..bytes], &self.desired.bytes()[..bytes]);
        let (rewards, flags) = (&mut self.rewards[..steps], &mut self.flags[..steps]);
        self.env.goal_steps(width, goals, rewards, flags)?;
        for idx in 0..self.picked.len() {
            self.retell(buffer, sample, self.picked[idx]);
        }
        Ok(())
    }

    /// Chooses a goal for a row and notes what its steps reached, from place `first` on. Returns
    /// their number; `None` where the episode still goes on.
    fn pick(
        &mut self,
        buffer: &ReplayBuffer,
        sample: &mut Sample,
        row: usize,
        at: f64,
        first: usize,
    ) -> Option<usize> {
        let slot = sample.origins[row].slot;
        let ring = buffer.ring_of(slot);
        let ahead = buffer.steps_to_end(ring, slot)?;
        // Counted from this step, which lies `before` steps behind the oldest one of its episode.
        let before = match self.settings.strategy {
            GoalStrategy::Episode => buffer.steps_before(ring, slot),
            GoalStrategy::Future | GoalStrategy::Final => 0,
        };
        let count = before + ahead + 1;
        let drawn = match self.settings.strategy {
            GoalStrategy::Final => count - 1,
            _ => ((at * count as f64) as usize).min(count - 1),
        };
        let source = ring.moved(slot, drawn as isize - before as isize);
        buffer.read_after(ring, source, &mut self.room);
        let wanted = self.goal.desired.clone();
        let goal = &self.room[self.goal.achieved.clone()];
        for (start, obs) in [&mut sample.segment.obs, &mut sample.segment.next_obs]
            .into_iter()
            .map(|obs| (row * self.room.len(), obs))
        {
            obs[start..][wanted.clone()].copy_from_slice(goal);
        }
        let steps = buffer.settings.n_step.min(ahead + 1);
        let width = wanted.len();
        for step in 0..steps {
            let start = (first + step) * width;
            for (idx, &number) in goal.iter().enumerate() {
                put(self.dtype, self.desired.bytes_mut(), start + idx, f64::from(number));
            }
        }
        for step in 0..steps {
            buffer.read_after(ring, ring.moved(slot, step as isize), &mut self.room);
            let start = (first + step) * width;
            for (idx, &number) in self.room[self.goal.achieved.clone()].iter().enumerate() {
                put(self.dtype, self.achieved.bytes_mut(), start + idx, f64::from(number));
            }
        }
        Some(steps)
    }

    /// Writes what the world said to the row.
    fn retell(&mut self, buffer: &ReplayBuffer, sample: &mut Sample, picked: Picked) {
        let Picked { row, first, steps } = picked;
        let slot = sample.origins[row].slot;
        let ring = buffer.ring_of(slot);
        let (mut reward, mut discount, mut last) = (0.0, 1.0, 0);
        for step in 0..steps {
            reward += discount * self.rewards[first + step];
            discount *= buffer.settings.discount;
            last = step;
            if self.flags[first + step] & TERMINATED != 0 {
                break;
            }
        }
        let source = ring.moved(slot, last as isize);
        let cut_off = buffer.slots.flags(source) & !TERMINATED;
        sample.segment.rewards[row] = reward;
        sample.segment.flags[row] = cut_off | (self.flags[first + last] & TERMINATED);
        sample.discounts[row] = discount as f32;
        if last + 1 < steps {
            buffer.read_after(ring, source, &mut self.room);
            let width = self.room.len();
            let wanted = self.goal.desired.clone();
            let next_obs = &mut sample.segment.next_obs[row * width..][..width];
            self.room[wanted.clone()].copy_from_slice(&next_obs[wanted]);
            next_obs.copy_from_slice(&self.room);
        }
    }

    /// Takes over params that were edited while the run goes on.
    pub fn set(&mut self, settings: &Replay) {
        if let Some(relabel) = settings.relabel {
            self.settings = relabel;
        }
        let rows = settings.batch * settings.n_step;
        let goals = || RawRows::new(rows, self.goal.desired.len(), self.dtype);
        (self.achieved, self.desired) = (goals(), goals());
        self.rewards.resize(rows, 0.0);
        self.flags.resize(rows, 0);
    }
}

impl ReplayBuffer {
    fn ring_of(&self, slot: usize) -> &Ring {
        &self.rings[lane_of(slot, self.capacity(), self.rings.len())]
    }

    /// Steps from the one in a slot to the last of its episode; `None` where that goes on.
    fn steps_to_end(&self, ring: &Ring, slot: usize) -> Option<usize> {
        let (mut slot, mut steps) = (slot, 0);
        while !ends(self.slots.flags(slot)) {
            slot = ring.after(slot);
            steps += 1;
            if slot == ring.open() {
                return None;
            }
        }
        Some(steps)
    }

    /// Steps of its episode before the one in a slot, as far as they are kept.
    fn steps_before(&self, ring: &Ring, slot: usize) -> usize {
        let number = ring.number_of(slot).expect("a step that was drawn is kept");
        let kept = (number + ring.count as u64 - ring.total) as usize;
        let ended = |back: &usize| ends(self.slots.flags(ring.moved(slot, -(*back as isize))));
        (1..=kept).find(ended).map_or(kept, |back| back - 1)
    }

    /// What was seen after the step in a slot.
    fn read_after(&self, ring: &Ring, slot: usize, obs: &mut [f32]) {
        if ends(self.slots.flags(slot)) {
            self.finals.moments.seen_obs(self.slots.end(slot), obs);
        } else {
            self.slots.seen_obs(ring.after(slot), obs);
        }
    }
}
