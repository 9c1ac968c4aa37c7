//! One lane of a world, driven step by step, with the rows it reads and writes.

use plugin_api::abi::handle::{EnvHandle, ResetFrame, StepFrame};
use plugin_api::abi::types::reset;
use plugin_api::scene::Scene;
use plugin_api::{Result, Task};
use thorndike_engine::lanes::scan::{Place, Scan};
use thorndike_engine::memory::RawRows;

/// One lane of a world.
#[derive(Debug)]
pub(crate) struct World {
    env: EnvHandle,
    action: RawRows,
    /// What is seen now: the first observation of the next episode after an end.
    obs: RawRows,
    /// The last observation of an episode that has ended.
    final_obs: RawRows,
    reward: [f64; 1],
    flags: [u8; 1],
    mask: Vec<u8>,
    final_mask: Vec<u8>,
    infos: Vec<f64>,
    scan: Scan,
    /// Steps taken.
    step: u64,
    /// Whether the step has ended an episode and the next one was not looked at yet.
    at_end: bool,
}

impl World {
    /// The lane behind a handle of one lane.
    pub(crate) fn new(env: EnvHandle) -> Self {
        let task = env.task();
        let row = |space: &plugin_api::Space| RawRows::new(1, space.width(), space.dtype());
        let (obs, action) = (row(&task.observations), row(&task.actions));
        let (masks, infos) = (task.mask_width(), task.infos.len());
        Self {
            action,
            final_obs: obs.clone(),
            obs,
            reward: [0.0],
            flags: [0],
            mask: vec![1; masks],
            final_mask: vec![1; masks],
            infos: vec![0.0; infos],
            scan: Scan::new(task),
            step: 0,
            at_end: false,
            env,
        }
    }

    /// The task.
    pub(crate) fn task(&self) -> &Task {
        self.env.task()
    }

    /// Starts an episode with random numbers from this seed.
    pub(crate) fn reset(&mut self, seed: u64) -> Result<()> {
        self.at_end = false;
        self.env.reset(ResetFrame {
            which: &[reset::SEED],
            seeds: &[seed],
            obs: self.obs.bytes_mut(),
            masks: &mut self.mask,
            infos: &mut self.infos,
        })?;
        self.scan.observations(self.place(), self.obs.bytes(), "the first observation")
    }

    /// Takes a step and looks over what it brought; after an end the next episode has begun.
    pub(crate) fn step(&mut self, action: &[u8]) -> Result<()> {
        self.scan.mask(self.place(), &self.mask)?;
        self.action.bytes_mut().copy_from_slice(action);
        let ended = self.env.step(StepFrame {
            actions: self.action.bytes(),
            obs: self.obs.bytes_mut(),
            final_obs: self.final_obs.bytes_mut(),
            rewards: &mut self.reward,
            flags: &mut self.flags,
            masks: &mut self.mask,
            final_masks: &mut self.final_mask,
            infos: &mut self.infos,
        })?;
        self.at_end = ended > 0;
        self.scan.steps(self.place(), &self.reward, &self.flags)?;
        self.scan.observations(self.place(), self.obs(), "the observation")?;
        self.step += 1;
        Ok(())
    }

    fn place(&self) -> Place {
        Place { first: 0, step: self.step }
    }

    /// The episode after the one that has ended is looked at from now on.
    pub(crate) fn start_next(&mut self) -> Result<()> {
        self.at_end = false;
        self.env.look(0, &mut self.mask, &mut self.infos)
    }

    /// The latest action.
    pub(crate) fn action(&self) -> &[u8] {
        self.action.bytes()
    }

    /// What is seen now.
    pub(crate) fn obs(&self) -> &[u8] {
        if self.at_end { self.final_obs.bytes() } else { self.obs.bytes() }
    }

    /// Reward and flags of the latest step.
    pub(crate) fn outcome(&self) -> (f64, u8) {
        (self.reward[0], self.flags[0])
    }

    /// Mask and infos that belong to what is seen now.
    pub(crate) fn beside(&self) -> (&[u8], &[f64]) {
        (if self.at_end { &self.final_mask } else { &self.mask }, &self.infos)
    }

    /// A picture of what comes next.
    pub(crate) fn render(&mut self) -> Result<Option<Scene>> {
        self.env.render(0)
    }
}
