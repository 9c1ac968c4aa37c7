//! A shard: some lanes that one thread steps, with everything that belongs to them.

use super::scan::{Place, Scan};
use super::segment::{Record, Segment, Widths};
use super::tally::{Ended, Ends, Tally};
use crate::memory::{RawRows, to_f32};
use crate::sampler::{Draw, Moment, Noise, Sampler};
use plugin_api::abi::handle::{
    ActFrame, AgentHandle, EnvHandle, PolicyHandle, ResetFrame, StepFrame,
};
use plugin_api::abi::types::reset;
use plugin_api::needs::{Explore, Head};
use plugin_api::{Error, Mode, Result, TERMINATED, Task};
use std::sync::Arc;

/// Something that maps observations to heads.
pub trait Actor {
    /// Fills in the heads of a frame.
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()>;
}

impl Actor for AgentHandle {
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        AgentHandle::act(self, frame)
    }
}

impl Actor for PolicyHandle {
    fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        PolicyHandle::act(self, frame)
    }
}

/// How a policy's heads are used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acting {
    /// What a head row means.
    pub head: Head,
    /// How actions are drawn while training.
    pub explore: Explore,
    /// Numbers the policy remembers of each lane.
    pub memory: usize,
}

impl Acting {
    /// Without a policy: any action, all alike.
    pub const FREE: Self = Self { head: Head::Action, explore: Explore::Uniform, memory: 0 };
}

/// Keys of the random numbers that lanes draw with. Each draw also depends on lane and step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// For actions.
    pub draw: u64,
    /// For actions that are drawn but not taken.
    pub aside: u64,
    /// For noise of the policy's own.
    pub noise: u64,
}

/// When and why lanes step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Environment steps of the whole run so far; schedules follow it.
    pub run_steps: u64,
    /// Lanes of the whole run: what one step of all of them adds.
    pub run_lanes: u64,
    /// Whether the policy acts to be judged, and greedily.
    pub evaluate: bool,
}

/// Where a step of the environment reads and writes.
#[derive(Clone, Debug)]
struct Frame {
    actions: RawRows,
    obs: RawRows,
    final_obs: RawRows,
    rewards: Vec<f64>,
    flags: Vec<u8>,
    masks: Vec<u8>,
    final_masks: Vec<u8>,
    infos: Vec<f64>,
}

/// Rows of a policy call.
#[derive(Clone, Debug, Default)]
struct Heads {
    obs: Vec<f32>,
    head: Vec<f32>,
    values: Vec<f32>,
    /// Actions as learners see them.
    actions: Vec<f32>,
    log_probs: Vec<f32>,
    memory: Vec<f32>,
    /// What was remembered when the policy last looked.
    memory_before: Vec<f32>,
}

/// What changes from step to step apart from the environments, lane by lane.
pub(super) struct Carry<'a> {
    pub(super) step: &'a mut u64,
    pub(super) drawn: &'a mut bool,
    pub(super) obs: &'a mut [u8],
    pub(super) env_actions: &'a mut [u8],
    pub(super) masks: &'a mut [u8],
    pub(super) totals: &'a mut [f64],
    pub(super) lengths: &'a mut [u64],
    pub(super) noise: &'a mut [f64],
    pub(super) heads: [(&'static str, &'a mut [f32]); 6],
}

/// Some lanes that one thread steps.
#[derive(Debug)]
pub struct Shard {
    env: EnvHandle,
    task: Arc<Task>,
    first: usize,
    lanes: usize,
    widths: Widths,
    frame: Frame,
    heads: Heads,
    /// For the final observation of a lane that was cut off.
    few: Heads,
    few_action: RawRows,
    few_noise: Noise,
    sampler: Sampler,
    noise: Noise,
    keys: Keys,
    scan: Scan,
    tally: Tally,
    ended: Vec<Ended>,
    /// Steps each lane has taken.
    step: u64,
    /// Lanes whose episode ended in the latest step.
    ended_now: Vec<usize>,
    /// Whether the action of the next step was drawn already, for agents that learn from it.
    drawn: bool,
    record: Record,
    segment: Segment,
    /// Whether the segment holds a roll that nobody has learned from.
    fresh: bool,
    /// Why the shard cannot go on, until it is mended.
    failure: Option<Error>,
}

impl Shard {
    /// A shard whose first lane has this number in the run.
    pub fn new(env: EnvHandle, first: usize, acting: &Acting, keys: Keys) -> Result<Self> {
        let task = Arc::new(env.task().clone());
        let lanes = env.lanes();
        let (obs, actions) = (&task.observations, &task.actions);
        let mask = task.mask_width();
        let widths =
            Widths { obs: obs.width(), action: actions.width(), mask, memory: acting.memory };
        let raw_obs = || RawRows::new(lanes, obs.width(), obs.dtype());
        let frame = Frame {
            actions: RawRows::new(lanes, actions.width(), actions.dtype()),
            obs: raw_obs(),
            final_obs: raw_obs(),
            rewards: vec![0.0; lanes],
            flags: vec![0; lanes],
            masks: vec![1; lanes * mask],
            final_masks: vec![1; lanes * mask],
            infos: vec![0.0; lanes * task.infos.len()],
        };
        let memory = acting.memory;
        let sampler = Sampler::new(acting.head, acting.explore, &task)?;
        let heads = |lanes: usize| Heads {
            obs: vec![0.0; lanes * obs.width()],
            head: vec![0.0; lanes * sampler.head_width()],
            values: vec![0.0; lanes],
            actions: vec![0.0; lanes * actions.width()],
            log_probs: vec![0.0; lanes],
            memory: vec![0.0; lanes * memory],
            memory_before: vec![0.0; lanes * memory],
        };
        Ok(Self {
            heads: heads(lanes),
            few: heads(1),
            few_action: RawRows::new(1, actions.width(), actions.dtype()),
            few_noise: sampler.noise(1),
            noise: sampler.noise(lanes),
            keys,
            scan: Scan::new(&task),
            tally: Tally::new(lanes, &task.infos),
            ended: Vec::with_capacity(lanes),
            step: 0,
            ended_now: Vec::with_capacity(lanes),
            drawn: false,
            record: Record::default(),
            segment: Segment::default(),
            fresh: false,
            failure: None,
            env,
            first,
            lanes,
            widths,
            frame,
            sampler,
            task,
        })
    }

    /// The task.
    pub fn task(&self) -> &Arc<Task> {
        &self.task
    }

    /// Number of its first lane in the run.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.lanes
    }

    /// Never: there is at least one lane.
    pub fn is_empty(&self) -> bool {
        self.lanes == 0
    }

    /// Elements of a row in each kind of column.
    pub fn widths(&self) -> Widths {
        self.widths
    }

    /// The environment behind it.
    pub fn env_mut(&mut self) -> &mut EnvHandle {
        &mut self.env
    }

    /// What it lived through during the last roll.
    pub fn segment(&self) -> &Segment {
        &self.segment
    }

    /// Whether the segment holds a whole roll that nobody has learned from.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// The segment has been learned from.
    pub(super) fn set_learned(&mut self) {
        self.fresh = false;
    }

    /// Why it cannot go on.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// Keeps the reason why it cannot go on, and says whether it can.
    pub(super) fn note(&mut self, result: Result<()>) -> bool {
        if let Err(error) = result {
            self.fresh = false;
            self.failure.get_or_insert(error);
        }
        self.failure.is_none()
    }

    /// Steps each of its lanes has taken.
    pub(super) fn steps_taken(&self) -> u64 {
        self.step
    }

    /// Episodes that ended and were not taken yet.
    pub fn ended_mut(&mut self) -> &mut Vec<Ended> {
        &mut self.ended
    }

    /// Observation rows of this moment.
    pub fn obs(&self) -> &[u8] {
        self.frame.obs.bytes()
    }

    /// Action rows of the last step.
    pub fn actions(&self) -> &[u8] {
        self.frame.actions.bytes()
    }

    /// Draws actions in another way from now on.
    pub fn set_explore(&mut self, explore: Explore) -> Result<()> {
        self.sampler.set_explore(explore, &self.task)
    }

    /// Starts an episode in every lane from these seeds.
    pub fn reset(&mut self, seeds: &[u64]) -> Result<()> {
        self.restart(&vec![true; self.lanes], seeds)
    }

    /// Starts an episode from its seed in each lane that is marked; what the lane was in the middle
    /// of is forgotten.
    pub(super) fn restart(&mut self, which: &[bool], seeds: &[u64]) -> Result<()> {
        let what = |&begins: &bool| if begins { reset::SEED } else { reset::KEEP };
        let frame = &mut self.frame;
        let started = self.env.reset(ResetFrame {
            which: &which.iter().map(what).collect::<Vec<u8>>(),
            seeds,
            obs: frame.obs.bytes_mut(),
            masks: &mut frame.masks,
            infos: &mut frame.infos,
        });
        started.map_err(|error| self.in_context(error.context("reset")))?;
        for lane in (0..self.lanes).filter(|&lane| which[lane]) {
            self.tally.forget(lane);
            self.forget(lane);
        }
        self.drawn = false;
        self.scan.observations(self.place(), self.frame.obs.bytes(), "the first observation")
    }

    /// Goes on with another instance of the environment, in new episodes, at a step that the other
    /// shards have reached.
    pub(super) fn renew(&mut self, env: EnvHandle, seeds: &[u64], step: u64) -> Result<()> {
        (self.env, self.step) = (env, step);
        self.reset(seeds)?;
        self.failure = None;
        Ok(())
    }

    /// Looks one step ahead where the others have done so too.
    pub(super) fn catch_up(&mut self, actor: &mut dyn Actor, situation: Situation) -> Result<()> {
        if self.record.next_actions && !self.drawn {
            self.look(Some(actor), situation)?;
            self.draw(situation)?;
            self.drawn = true;
        }
        Ok(())
    }

    /// Prepares room for what `record` asks for.
    pub fn record(&mut self, record: &Record, steps: usize) {
        self.record = record.clone();
        self.segment = Segment::new(record, self.widths, steps, self.lanes);
    }

    /// What changes from step to step apart from the environments.
    pub(super) fn carry(&mut self) -> Carry<'_> {
        let heads = &mut self.heads;
        Carry {
            step: &mut self.step,
            drawn: &mut self.drawn,
            obs: self.frame.obs.bytes_mut(),
            env_actions: self.frame.actions.bytes_mut(),
            masks: &mut self.frame.masks,
            totals: &mut self.tally.totals,
            lengths: &mut self.tally.lengths,
            noise: self.noise.process_mut(),
            heads: [
                ("obs_seen", &mut heads.obs),
                ("actions", &mut heads.actions),
                ("log_probs", &mut heads.log_probs),
                ("values", &mut heads.values),
                ("memory", &mut heads.memory),
                ("memory_before", &mut heads.memory_before),
            ],
        }
    }

    /// Takes `steps` steps in every lane and keeps what the record asks for. Without an actor, heads are
    /// all zeros.
    pub fn roll(
        &mut self,
        mut actor: Option<&mut (dyn Actor + '_)>,
        mut situation: Situation,
        steps: usize,
    ) -> Result<()> {
        for t in 0..steps {
            self.before(actor.as_deref_mut(), situation, t)?;
            self.advance(t)?;
            situation.run_steps += situation.run_lanes;
            self.after(actor.as_deref_mut(), situation, t)?;
        }
        self.finish(actor, situation, steps)
    }

    /// First part of a step: the policy looks, and actions are drawn.
    pub(super) fn before(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        if !std::mem::take(&mut self.drawn) {
            self.look(actor, situation)?;
            self.draw(situation)?;
        }
        self.note_before(t);
        Ok(())
    }

    /// Third part of a step: what depends on a policy's look at the ends of episodes.
    pub(super) fn after(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        if !self.ended_now.is_empty() {
            if self.record.values || self.record.next_actions {
                self.note_cut_off(actor, situation, t)?;
            }
            self.begin_episodes();
        }
        Ok(())
    }

    /// After the last step of a segment: a look one step ahead, where the record asks for it.
    pub(super) fn finish(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        steps: usize,
    ) -> Result<()> {
        if self.record.values || self.record.next_actions {
            self.note_last(actor, situation, steps - 1)?;
        }
        self.fresh = true;
        Ok(())
    }

    /// Has the policy look at the present observations.
    fn look(&mut self, actor: Option<&mut (dyn Actor + '_)>, situation: Situation) -> Result<()> {
        let heads = &mut self.heads;
        if actor.is_some() || self.record.steps {
            to_f32(self.task.observations.dtype(), self.frame.obs.bytes(), &mut heads.obs);
        }
        heads.memory_before.copy_from_slice(&heads.memory);
        let Some(actor) = actor else { return Ok(()) };
        let acted = actor.act(ActFrame {
            obs: &heads.obs,
            rows: self.lanes,
            evaluate: situation.evaluate,
            head: &mut heads.head,
            values: &mut heads.values,
            masks: &self.frame.masks,
            memory: &mut heads.memory,
            step: situation.run_steps,
            key: self.keys.noise ^ self.step,
        });
        acted.map_err(|error| self.in_context(error.context("acting")))
    }

    /// Where the shard is, for the checks.
    fn place(&self) -> Place {
        Place { first: self.first, step: self.step }
    }

    /// An error of a call that serves all lanes of the shard, with lanes and step in front.
    #[cold]
    fn in_context(&self, error: Error) -> Error {
        let (first, step) = (self.first, self.step);
        match self.lanes {
            1 => error.context(format!("lane {first} at its step {step}")),
            n => error.context(format!("lanes {first} to {} at their step {step}", first + n - 1)),
        }
    }

    /// Draws an action for each lane from what the policy saw.
    fn draw(&mut self, situation: Situation) -> Result<()> {
        let moment = self.moment(situation, self.keys.draw);
        let draw = Draw {
            head: &self.heads.head,
            masks: &self.frame.masks,
            actions: &mut self.heads.actions,
            env_actions: self.frame.actions.bytes_mut(),
            log_probs: &mut self.heads.log_probs,
        };
        self.sampler.draw(moment, draw, &mut self.noise)
    }

    fn moment(&self, situation: Situation, key: u64) -> Moment {
        Moment {
            key,
            first_lane: self.first as u64,
            lane_step: self.step,
            run_step: situation.run_steps,
            mode: if situation.evaluate { Mode::Evaluate } else { Mode::Train },
        }
    }

    /// Notes what is known before the environment steps, and that it is what followed the step before.
    fn note_before(&mut self, t: usize) {
        if !self.record.steps {
            return;
        }
        let (segment, widths, lanes) = (&mut self.segment, self.widths, self.lanes);
        copy_rows(&mut segment.obs, t, &self.heads.obs, lanes * widths.obs);
        copy_rows(&mut segment.actions, t, &self.heads.actions, lanes * widths.action);
        copy_rows(&mut segment.log_probs, t, &self.heads.log_probs, lanes);
        copy_rows(&mut segment.values, t, &self.heads.values, lanes);
        copy_rows(&mut segment.memory, t, &self.heads.memory_before, lanes * widths.memory);
        copy_rows(&mut segment.masks, t, &self.frame.masks, lanes * widths.mask);
        if t > 0 {
            self.link(t - 1);
        }
    }

    /// Second part of a step: the environment steps; what it wrote is checked, counted and noted.
    pub(super) fn advance(&mut self, t: usize) -> Result<()> {
        let place = self.place();
        let frame = &mut self.frame;
        let stepped = self.env.step(StepFrame {
            actions: frame.actions.bytes(),
            obs: frame.obs.bytes_mut(),
            final_obs: frame.final_obs.bytes_mut(),
            rewards: &mut frame.rewards,
            flags: &mut frame.flags,
            masks: &mut frame.masks,
            final_masks: &mut frame.final_masks,
            infos: &mut frame.infos,
        });
        let ended = stepped.map_err(|error| self.in_context(error))?;
        let frame = &self.frame;
        self.scan.observations(place, frame.obs.bytes(), "the observation")?;
        self.scan.steps(place, &frame.rewards, &frame.flags)?;
        self.step += 1;
        self.tally.add(&frame.rewards);
        self.note_after(t);
        self.ended_now.clear();
        if ended > 0 {
            list_ended(&self.frame.flags, &mut self.ended_now);
            self.note_ends(t)?;
        }
        Ok(())
    }

    fn note_after(&mut self, t: usize) {
        if !self.record.steps {
            return;
        }
        let (segment, widths, lanes) = (&mut self.segment, self.widths, self.lanes);
        copy_rows(&mut segment.rewards, t, &self.frame.rewards, lanes);
        copy_rows(&mut segment.flags, t, &self.frame.flags, lanes);
        copy_rows(&mut segment.next_masks, t, &self.frame.masks, lanes * widths.mask);
        let next = &mut segment.next_obs[t * lanes * widths.obs..][..lanes * widths.obs];
        to_f32(self.task.observations.dtype(), self.frame.obs.bytes(), next);
    }

    /// Puts final observations where the next episode's first ones were noted, and counts episodes.
    fn note_ends(&mut self, t: usize) -> Result<()> {
        let dtype = self.task.observations.dtype();
        let (width, mask) = (self.widths.obs, self.widths.mask);
        let row_bytes = width * dtype.size();
        for &lane in &self.ended_now {
            let row = &self.frame.final_obs.bytes()[lane * row_bytes..][..row_bytes];
            let place = Place { first: self.first + lane, step: self.step - 1 };
            self.scan.observations(place, row, "the final observation")?;
            if self.record.steps {
                let at = t * self.lanes + lane;
                to_f32(dtype, row, &mut self.segment.next_obs[at * width..][..width]);
                let masks = &self.frame.final_masks[lane * mask..][..mask];
                copy_rows(&mut self.segment.next_masks, at, masks, mask);
            }
        }
        let (flags, infos) = (&self.frame.flags, &self.frame.infos);
        let ends = Ends { lanes: &self.ended_now, flags, infos };
        self.tally.end(self.first, self.step, ends, &mut self.ended);
        Ok(())
    }

    /// Lanes that ended begin anew: nothing is remembered, and noise starts afresh.
    fn begin_episodes(&mut self) {
        for idx in 0..self.ended_now.len() {
            self.forget(self.ended_now[idx]);
        }
    }

    fn forget(&mut self, lane: usize) {
        let width = self.widths.memory;
        self.heads.memory[lane * width..][..width].fill(0.0);
        self.noise.restart(lane);
    }

    /// What came next after step `t`, in lanes that went on, is what was noted last.
    fn link(&mut self, t: usize) {
        let (segment, lanes, width) = (&mut self.segment, self.lanes, self.widths.action);
        for lane in 0..lanes {
            let row = t * lanes + lane;
            if segment.flags[row] == 0 {
                copy_rows(&mut segment.next_values, row, &self.heads.values[lane..], 1);
                let action = &self.heads.actions[lane * width..];
                copy_rows(&mut segment.next_actions, row, action, width);
            }
        }
    }

    /// Looks one step ahead of the last one, for its value and, if asked for, the action taken there.
    fn note_last(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        self.look(actor, situation)?;
        if self.record.next_actions {
            self.draw(situation)?;
            self.drawn = true;
        }
        self.link(t);
        if !self.drawn {
            // The policy will look again when it has learned; it must not remember this look.
            self.heads.memory.copy_from_slice(&self.heads.memory_before);
        }
        Ok(())
    }

    /// Looks at the final observations of lanes that were cut off: more would have followed there.
    fn note_cut_off(
        &mut self,
        actor: Option<&mut (dyn Actor + '_)>,
        situation: Situation,
        t: usize,
    ) -> Result<()> {
        let (lanes, widths) = (self.lanes, self.widths);
        let Some(actor) = actor else { return Ok(()) };
        for idx in 0..self.ended_now.len() {
            let lane = self.ended_now[idx];
            let row = t * lanes + lane;
            if self.frame.flags[lane] & TERMINATED != 0 {
                copy_rows(&mut self.segment.next_values, row, &[0.0], 1);
                continue;
            }
            let few = &mut self.few;
            let masks = &self.frame.final_masks[lane * widths.mask..][..widths.mask];
            few.memory.copy_from_slice(&self.heads.memory[lane * widths.memory..][..widths.memory]);
            actor.act(ActFrame {
                obs: &self.segment.next_obs[row * widths.obs..][..widths.obs],
                rows: 1,
                evaluate: situation.evaluate,
                head: &mut few.head,
                values: &mut few.values,
                masks,
                memory: &mut few.memory,
                step: situation.run_steps,
                key: self.keys.noise ^ self.step,
            })?;
            copy_rows(&mut self.segment.next_values, row, &few.values, 1);
            if self.record.next_actions {
                self.draw_aside(situation, lane, row)?;
            }
        }
        Ok(())
    }
}

impl Shard {
    /// Draws the action that would have followed in a lane that was cut off. Nothing else changes by it.
    fn draw_aside(&mut self, situation: Situation, lane: usize, row: usize) -> Result<()> {
        let mut moment = self.moment(situation, self.keys.aside);
        moment.first_lane += lane as u64;
        let (mask, width) = (self.widths.mask, self.widths.action);
        let draw = Draw {
            head: &self.few.head,
            masks: &self.frame.final_masks[lane * mask..][..mask],
            actions: &mut self.few.actions,
            env_actions: self.few_action.bytes_mut(),
            log_probs: &mut self.few.log_probs,
        };
        self.sampler.draw(moment, draw, &mut self.few_noise)?;
        copy_rows(&mut self.segment.next_actions, row, &self.few.actions, width);
        Ok(())
    }
}

/// Lists the lanes whose flags are set. Most are not: eight are passed over at a time.
fn list_ended(flags: &[u8], ended: &mut Vec<usize>) {
    for (first, flags) in flags.chunks(8).enumerate().map(|(idx, flags)| (idx * 8, flags)) {
        let mut eight = [0; 8];
        eight[..flags.len()].copy_from_slice(flags);
        let mut set = u64::from_le_bytes(eight);
        while set != 0 {
            let idx = set.trailing_zeros() as usize / 8;
            set &= !(0xff << (8 * idx));
            ended.push(first + idx);
        }
    }
}

/// Copies one step's rows into a column; a column left out stays empty.
#[inline]
fn copy_rows<T: Copy>(column: &mut [T], t: usize, from: &[T], elements: usize) {
    if !column.is_empty() {
        column[t * elements..][..elements].copy_from_slice(&from[..elements]);
    }
}
