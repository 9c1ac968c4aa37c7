//! A shard: some lanes that one thread steps, with everything that belongs to them.

mod notes;
mod step;

use super::acting::{Acting, Actor, Keys, Situation};
use super::scan::Scan;
use super::segment::{Record, Segment, Widths};
use super::tally::{Ended, Tally};
use crate::memory::RawRows;
use crate::replay::{Pass, Tape};
use crate::sampler::{Noise, Sampler};
use plugin_api::abi::handle::{EnvHandle, ResetFrame};
use plugin_api::abi::types::reset;
use plugin_api::needs::Explore;
use plugin_api::{Error, Result, Task};
use std::sync::Arc;

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
    /// Whether the segment holds a roll that nobody has taken in.
    fresh: bool,
    /// Why the shard cannot go on, until it is mended.
    failure: Option<Error>,
    /// Records episodes of its lanes.
    tape: Option<Box<Tape>>,
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
        let sampler =
            Sampler::new(acting.head, acting.explore, &task)?.random_until(acting.random_steps);
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
            tape: None,
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

    /// Numbers of its lanes in the run.
    pub fn lane_range(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.lanes
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

    /// Puts another segment of the same shape in place of this one.
    pub fn swap_segment(&mut self, other: &mut Segment) {
        debug_assert_eq!((other.steps, other.lanes), (self.segment.steps, self.segment.lanes));
        std::mem::swap(&mut self.segment, other);
    }

    /// Whether the segment holds a whole roll that nobody has taken in.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// The segment has been taken in.
    pub(crate) fn set_taken(&mut self) {
        self.fresh = false;
    }

    /// Why it cannot go on.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.as_ref()
    }

    /// Keeps the reason why it cannot go on, and says whether it can.
    pub(crate) fn note(&mut self, result: Result<()>) -> bool {
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

    /// Episodes that ended since they were last forgotten, by step and then by lane.
    pub fn ended(&self) -> &[Ended] {
        &self.ended
    }

    /// Forgets the ended episodes.
    pub fn forget_ended(&mut self) {
        self.ended.clear();
    }

    /// Observation rows of this moment.
    pub fn obs(&self) -> &[u8] {
        self.frame.obs.bytes()
    }

    /// Action rows of the last step.
    pub fn actions(&self) -> &[u8] {
        self.frame.actions.bytes()
    }

    /// What the last step brought each lane.
    pub fn rewards(&self) -> &[f64] {
        &self.frame.rewards
    }

    /// Rewards and steps of the episodes its lanes are in.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Records episodes of its lanes from now on, from the beginning of their next ones.
    pub(super) fn put_in_tape(&mut self, pass: Pass) -> Result<()> {
        let (obs, actions) = (&self.task.observations, &self.task.actions);
        let bytes = |space: &plugin_api::Space| space.width() * space.dtype().size();
        let mut tape = Box::new(Tape::new(self.lanes, bytes(actions), bytes(obs), pass));
        if self.step == 0 {
            for lane in 0..self.lanes {
                tape.begin(&mut self.env, lane, self.frame.obs.bytes(), 0)?;
            }
        }
        self.tape = Some(tape);
        Ok(())
    }

    /// What records its episodes.
    pub(crate) fn tape_mut(&mut self) -> Option<&mut Tape> {
        self.tape.as_deref_mut()
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
            if let Some(tape) = &mut self.tape {
                tape.forget(lane);
            }
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
        self.ended.reserve(steps * self.lanes);
    }

    /// Episodes that may end before they are forgotten.
    pub fn ended_room(&self) -> usize {
        self.ended.capacity()
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
}
