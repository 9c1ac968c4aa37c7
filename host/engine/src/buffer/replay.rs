//! The replay buffer: a ring of steps for every lane, each observation kept once, sampled one step
//! or several at a time, with or without priorities.

use super::forecast;
use super::priority::Ranking;
use super::ring::{Ring, lane_of, rings};
use super::sample::{Origin, Sample};
use super::stats::{BufferStats, Counts, ages};
use super::store::{Blocks, Finals, Shape};
use crate::lanes::segment::{Record, Segment, Widths};
use plugin_api::needs::{Feed, Needs, Replay};
use plugin_api::{Error, Result, Rng, TERMINATED, TRUNCATED, Task};

/// Steps of the past.
///
/// No sampled transition spans the end of an episode: what follows a last step is the final
/// observation of its own episode. A transition over several steps stops there, and at the newest
/// step, and says how many steps it spans.
#[derive(Clone, Debug)]
pub struct ReplayBuffer {
    pub(super) settings: Replay,
    pub(super) record: Record,
    pub(super) widths: Widths,
    pub(super) rings: Vec<Ring>,
    /// What was seen in every slot, and the step that was taken there.
    pub(super) slots: Blocks,
    pub(super) finals: Finals,
    pub(super) ranking: Option<Ranking>,
    pub(super) counts: Counts,
    /// Steps kept in all lanes, and in the lane that keeps most.
    pub(super) kept: usize,
    pub(super) most: usize,
}

impl ReplayBuffer {
    /// Room for what an agent needs, or why it cannot be had.
    pub fn new(needs: &Needs, task: &Task, lanes: usize) -> Result<Self> {
        let Feed::Replay(settings) = &needs.feed else {
            return Err(Error::argument("the agent does not ask for a memory of past steps"));
        };
        check(settings, needs, lanes)?;
        forecast::check(forecast::forecast(needs, task, lanes), settings.capacity)?;
        let record = Record::of(needs, task);
        let (obs, mask) = (task.observations.width(), task.mask_width());
        let widths = Widths { obs, action: task.actions.width(), mask, memory: needs.memory };
        let (capacity, slots) = (settings.capacity, settings.capacity + lanes);
        let dtype = task.observations.dtype();
        let (slot, moment) = forecast::slot_bytes(&record, widths, dtype);
        let ends = Shape::new(widths, capacity, moment, lanes.max(16));
        Ok(Self {
            rings: rings(capacity, lanes),
            slots: Blocks::of_slots(dtype, &record, Shape::new(widths, slots, slot, lanes)),
            finals: Finals::new(Blocks::of_ends(dtype, &record, ends), capacity),
            ranking: settings.priorities.map(|priorities| Ranking::new(priorities, slots)),
            counts: Counts::new(lanes),
            kept: 0,
            most: 0,
            settings: settings.clone(),
            record,
            widths,
        })
    }

    /// Changes what may change while a run goes on: how far transitions span and how priorities
    /// count.
    pub fn set(&mut self, settings: &Replay) -> Result<()> {
        let fixed = |replay: &Replay| {
            let Replay { capacity, batch, .. } = *replay;
            (capacity, batch, replay.priorities.is_some(), replay.relabel.is_some())
        };
        if fixed(settings) != fixed(&self.settings) {
            return Err(Error::argument(
                "capacity and batch of the memory cannot change during a run, nor whether it has \
                 priorities or relabels goals; branch the session instead",
            ));
        }
        if settings.n_step == 0 {
            return Err(Error::argument("transitions span at least one step, not 0"));
        }
        if let (Some(ranking), Some(priorities)) = (&mut self.ranking, settings.priorities) {
            ranking.settings = priorities;
        }
        self.settings = settings.clone();
        Ok(())
    }

    /// Steps kept.
    pub fn len(&self) -> usize {
        self.kept
    }

    /// Whether no step is kept.
    pub fn is_empty(&self) -> bool {
        self.kept == 0
    }

    /// Steps there is room for.
    pub fn capacity(&self) -> usize {
        self.settings.capacity
    }

    /// Takes in the steps of lanes from `first_lane` on.
    pub fn push(&mut self, first_lane: usize, segment: &Segment) {
        for row in 0..segment.steps * segment.lanes {
            self.push_row(first_lane + row % segment.lanes, segment, row);
        }
    }

    /// Takes in one step of lanes from `first_lane` on.
    pub fn push_step(&mut self, first_lane: usize, segment: &Segment, step: usize) {
        for lane in 0..segment.lanes {
            self.push_row(first_lane + lane, segment, step * segment.lanes + lane);
        }
    }

    /// A lane is about to start anew although its episode did not end, for example because its
    /// environment had to be made again: the step it took last becomes one that was cut off.
    pub fn cut(&mut self, lane: usize) {
        let ring = &mut self.rings[lane];
        if ring.starts || ring.count == 0 {
            return;
        }
        let (newest, open) = (ring.slot_of_age(1), ring.open());
        ring.starts = true;
        let place = self.finals.take();
        self.finals.moments.see_again(place, &self.slots, open);
        self.slots.cut_off(newest);
        self.slots.set_end(newest, place);
        self.counts.open_returns[lane] = 0.0;
    }

    fn push_row(&mut self, lane: usize, segment: &Segment, row: usize) {
        let ring = &mut self.rings[lane];
        let slot = ring.open();
        if ring.starts {
            self.slots.see(slot, (&segment.obs, &segment.masks), row);
        }
        self.slots.step(slot, segment, row);
        let forgets = ring.advance();
        let next = ring.open();
        let ends = ends(segment.flags[row]);
        ring.starts = ends;
        self.most = self.most.max(ring.count);
        if forgets {
            self.forget(next);
        }
        self.kept += 1;
        let after = (&segment.next_obs[..], &segment.next_masks[..]);
        if ends {
            let place = self.finals.take();
            self.finals.moments.see(place, after, row);
            self.slots.set_end(slot, place);
        } else {
            self.slots.see(next, after, row);
        }
        self.counts.add(lane, segment.rewards[row], ends);
        if let Some(ranking) = &mut self.ranking {
            ranking.insert(slot);
        }
    }

    /// The step in a slot makes room for another one.
    fn forget(&mut self, slot: usize) {
        self.kept -= 1;
        self.counts.rewards.remove(self.slots.reward(slot));
        if ends(self.slots.flags(slot)) {
            self.finals.give_back(self.slots.end(slot));
        }
        if let Some(ranking) = &mut self.ranking {
            ranking.remove(slot);
        }
    }

    /// Room for the rows of a sample.
    pub fn make_sample(&self) -> Sample {
        Sample::new(&self.record, self.widths, self.settings.batch, self.ranking.is_some())
    }

    /// Draws rows, each independently of the others: all steps alike, or by their priorities.
    pub fn sample(&self, rng: &mut Rng, run_step: u64, sample: &mut Sample) -> Result<()> {
        if sample.own == 0 {
            return Ok(());
        }
        if self.is_empty() {
            return Err(Error::new("a sample was asked for before any step was taken"));
        }
        let mut origins = std::mem::take(&mut sample.origins);
        match &self.ranking {
            Some(ranking) => {
                let mut places = origins[..sample.own].iter_mut();
                ranking.draw(rng, places.len(), |slot| {
                    let place = places.next().expect("as many draws as places");
                    *place = self.origin(slot);
                });
                let slots = origins[..sample.own].iter().map(|origin| origin.slot);
                ranking.weights(slots, run_step, &mut sample.weights[..sample.own]);
            }
            None => origins[..sample.own].iter_mut().for_each(|place| *place = self.draw(rng)),
        }
        for (row, origin) in origins[..sample.own].iter().enumerate() {
            self.read(origin.slot, row, sample);
        }
        sample.origins = origins;
        Ok(())
    }

    /// Draws the rows that a sample leaves to demonstrations, which this buffer holds.
    pub(super) fn demonstrate(&self, rng: &mut Rng, sample: &mut Sample) {
        for row in sample.own..sample.len() {
            self.read(self.draw(rng).slot, row, sample);
        }
    }

    /// Draws one of the steps that are kept, all alike.
    fn draw(&self, rng: &mut Rng) -> Origin {
        let lanes = self.rings.len();
        loop {
            // Lanes keep almost the same number of steps: hardly any draw is in vain.
            let drawn = rng.below(lanes * self.most);
            let (ring, age) = (&self.rings[drawn % lanes], drawn / lanes + 1);
            if age <= ring.count {
                return Origin { slot: ring.slot_of_age(age), number: ring.total - age as u64 };
            }
        }
    }

    fn origin(&self, slot: usize) -> Origin {
        let lane = lane_of(slot, self.capacity(), self.rings.len());
        let number = self.rings[lane].number_of(slot).expect("only slots with a step have weight");
        Origin { slot, number }
    }

    /// Writes the transition that starts in a slot to a row of a sample.
    fn read(&self, slot: usize, row: usize, sample: &mut Sample) {
        let lane = lane_of(slot, self.capacity(), self.rings.len());
        let ring = &self.rings[lane];
        let (mut last, mut reward, mut discount) = (slot, 0.0, 1.0);
        for step in 1..=self.settings.n_step {
            reward += discount * self.slots.reward(last);
            discount *= self.settings.discount;
            let next = ring.after(last);
            if step == self.settings.n_step || ends(self.slots.flags(last)) || next == ring.open() {
                break;
            }
            last = next;
        }
        let segment = &mut sample.segment;
        self.slots.seen(slot, (&mut segment.obs, &mut segment.masks), row);
        self.slots.begun(slot, segment, row);
        let after = (&mut segment.next_obs[..], &mut segment.next_masks[..]);
        if ends(self.slots.flags(last)) {
            self.finals.moments.seen(self.slots.end(last), after, row);
        } else {
            self.slots.seen(ring.after(last), after, row);
        }
        segment.rewards[row] = reward;
        segment.flags[row] = self.slots.flags(last);
        sample.discounts[row] = discount as f32;
        sample.lane_ids[row] = lane as u32;
    }

    /// Learning found these errors at the rows of a sample. Steps that made room for others
    /// meanwhile are left out; of a step that was drawn twice, the later row counts.
    pub fn set_priorities(&mut self, sample: &Sample, errors: &[f32]) -> Result<()> {
        let (capacity, lanes) = (self.capacity(), self.rings.len());
        let Some(ranking) = &mut self.ranking else { return Ok(()) };
        if let Some(row) = errors.iter().position(|error| !error.is_finite()) {
            let error = errors[row];
            return Err(Error::new(format!("the agent set the priority of row {row} to {error}")));
        }
        for (origin, &error) in sample.origins[..sample.own].iter().zip(errors) {
            let ring = &self.rings[lane_of(origin.slot, capacity, lanes)];
            if ring.number_of(origin.slot) == Some(origin.number) {
                ranking.found(origin.slot, f64::from(error));
            }
        }
        Ok(())
    }

    /// What it looks like in numbers.
    pub fn stats(&self) -> BufferStats {
        let mut stats = BufferStats {
            steps: self.kept as u64,
            capacity: self.capacity() as u64,
            ends: self.finals.len() as u64,
            bytes: self.bytes(),
            ages: ages(self.rings.iter().map(|ring| ring.count)),
            ..BufferStats::default()
        };
        if let Some(ranking) = &self.ranking {
            stats.priorities = ranking.histogram.bins();
        }
        self.counts.report(&mut stats);
        stats
    }

    /// Bytes in use, apart from samples; final observations count from when there were that many.
    pub fn bytes(&self) -> u64 {
        let slots = self.capacity() + self.rings.len();
        let (slot, moment) = forecast::slot_bytes(&self.record, self.widths, self.slots.dtype());
        let ranking = if self.ranking.is_some() { forecast::RANKING_BYTES } else { 0 };
        (slots * (slot + ranking) + self.finals.touched * moment) as u64
    }
}

/// Whether a step with these flags is the last one of its episode.
pub(super) fn ends(flags: u8) -> bool {
    flags & (TERMINATED | TRUNCATED) != 0
}

fn check(settings: &Replay, needs: &Needs, lanes: usize) -> Result<()> {
    let refuse = |message: String| Err(Error::argument(message));
    let Replay { capacity, batch, n_step, .. } = *settings;
    if capacity < lanes {
        return refuse(format!(
            "a memory of {capacity} steps cannot hold one of each of {lanes} lanes; set a larger \
             capacity or fewer lanes"
        ));
    }
    if capacity + lanes > u32::MAX as usize {
        return refuse(format!("a memory holds fewer than 2^32 steps, not {capacity}"));
    }
    if batch == 0 || n_step == 0 {
        return refuse(format!(
            "samples of {batch} rows over {n_step} steps cannot be drawn; both are at least 1"
        ));
    }
    if needs.next_actions || needs.returns.is_some() {
        return refuse(
            "next actions and returns come with rollouts and episodes, not with a memory"
                .to_owned(),
        );
    }
    Ok(())
}
