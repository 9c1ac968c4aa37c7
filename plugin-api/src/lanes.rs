//! Lanes: a batch of worlds with their random numbers, ended at the step limit and reset at once.

use crate::archive::{Archive, State};
use crate::env::{BatchEnv, Steps, TRUNCATED};
use crate::error::{Error, Result};
use crate::params::{ParamSpec, ParamType, Params, Value, Values};
use crate::rng::Rng;
use crate::rows::{Rows, RowsMut};
use crate::scene::Scene;
use crate::task::Task;

/// A param every environment has: it overrides the task's step limit.
pub const MAX_STEPS: &str = "max_steps";

/// Lanes of one environment.
#[derive(Debug)]
pub struct Lanes<B> {
    env: B,
    task: Task,
    rngs: Vec<Rng>,
    elapsed: Vec<u32>,
    obs_width: usize,
    action_width: usize,
    mask_width: usize,
    info_width: usize,
}

/// Where one step of all lanes goes; see [`crate::abi::types::StepIo`].
#[derive(Debug)]
pub struct StepRows<'a, O, A> {
    /// Actions.
    pub actions: Rows<'a, A>,
    /// Observations.
    pub obs: RowsMut<'a, O>,
    /// Final observations.
    pub final_obs: RowsMut<'a, O>,
    /// Rewards.
    pub rewards: &'a mut [f64],
    /// Flags.
    pub flags: &'a mut [u8],
    /// Allowed actions in `obs`.
    pub masks: &'a mut [u8],
    /// Allowed actions in `final_obs`.
    pub final_masks: &'a mut [u8],
    /// Info scalars.
    pub infos: &'a mut [f64],
}

/// What a reset writes for one lane.
#[derive(Debug)]
pub struct LaneRows<'a, O> {
    /// First observation.
    pub obs: &'a mut [O],
    /// Allowed actions.
    pub mask: &'a mut [u8],
    /// Info scalars.
    pub infos: &'a mut [f64],
}

impl<B: BatchEnv> Lanes<B> {
    /// Lanes of an environment with these params.
    pub fn new(values: &Values, lanes: usize) -> Result<Self> {
        if lanes == 0 || lanes > 1 << 24 {
            return Err(Error::argument(format!("lanes lie in 1 to {}, not at {lanes}", 1 << 24)));
        }
        if B::Params::specs().iter().any(|spec| spec.name == MAX_STEPS) {
            return Err(Error::new(format!(
                "{} has a param `{MAX_STEPS}` of its own, which every environment has; rename it",
                B::NAME
            )));
        }
        let mut values = values.clone();
        let max_steps = values.remove(MAX_STEPS);
        let env = B::new(&B::Params::with(&values)?, lanes)?;
        let mut task = env.task();
        if let Some(value) = max_steps {
            match max_steps_spec(&task).check(&value)? {
                Value::Int(steps) => task.max_steps = steps as u32,
                other => return Err(Error::argument(format!("`max_steps` is {other}"))),
            }
        }
        check_task::<B>(&task)?;
        Ok(Self {
            obs_width: task.observations.width(),
            action_width: task.actions.width(),
            mask_width: task.mask_width(),
            info_width: task.infos.len(),
            rngs: (0..lanes).map(|lane| Rng::seeded(lane as u64)).collect(),
            elapsed: vec![0; lanes],
            env,
            task,
        })
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The environment itself.
    pub fn env(&self) -> &B {
        &self.env
    }

    /// Number of lanes.
    pub fn len(&self) -> usize {
        self.rngs.len()
    }

    /// Never: there is at least one lane.
    pub fn is_empty(&self) -> bool {
        self.rngs.is_empty()
    }

    /// Starts an episode in a lane, with new random numbers when there is a seed.
    pub fn reset(&mut self, lane: usize, seed: Option<u64>, rows: LaneRows<'_, B::Obs>) {
        if let Some(seed) = seed {
            self.rngs[lane] = Rng::seeded(seed);
        }
        self.elapsed[lane] = 0;
        self.env.reset(lane, &mut self.rngs[lane], rows.obs);
        self.look(lane, rows.mask, rows.infos);
    }

    /// Writes a lane's mask and info scalars; either may be empty.
    pub fn look(&self, lane: usize, mask: &mut [u8], infos: &mut [f64]) {
        if !mask.is_empty() {
            self.env.mask(lane, mask);
        }
        if !infos.is_empty() {
            self.env.infos(lane, infos);
        }
    }

    /// Takes a step in every lane; lanes that end start their next episode. Returns how many ended.
    #[inline]
    pub fn step(&mut self, mut io: StepRows<'_, B::Obs, B::Action>) -> usize {
        io.flags.fill(0);
        let steps = Steps { rewards: io.rewards, flags: io.flags };
        self.env.step(io.actions, &mut self.rngs, io.obs.reborrow(), steps);
        self.count_steps(io.flags);
        self.look_all(io.masks, io.infos);
        self.restart_ended(&mut io)
    }

    fn count_steps(&mut self, flags: &mut [u8]) {
        // Without a limit the last step wraps to a number that no count exceeds; the count itself
        // may then wrap, too, which nobody notices.
        let last = self.task.max_steps.wrapping_sub(1);
        for (elapsed, flags) in self.elapsed.iter_mut().zip(flags) {
            *elapsed = elapsed.wrapping_add(1);
            *flags |= if *elapsed > last { TRUNCATED } else { 0 };
        }
    }

    fn look_all(&self, masks: &mut [u8], infos: &mut [f64]) {
        if self.mask_width > 0 {
            for (lane, mask) in masks.chunks_exact_mut(self.mask_width).enumerate() {
                self.env.mask(lane, mask);
            }
        }
        if self.info_width > 0 {
            for (lane, infos) in infos.chunks_exact_mut(self.info_width).enumerate() {
                self.env.infos(lane, infos);
            }
        }
    }

    #[inline]
    fn restart_ended(&mut self, io: &mut StepRows<'_, B::Obs, B::Action>) -> usize {
        let mut ended = 0;
        for first in (0..io.flags.len()).step_by(8) {
            let eight = io.flags[first..].first_chunk::<8>().copied();
            let eight = eight.unwrap_or_else(|| padded(&io.flags[first..]));
            // Most lanes go on: eight flags are passed over at a time.
            let set = u64::from_le_bytes(eight);
            if set != 0 {
                ended += self.restart_some(first, set, io);
            }
        }
        ended
    }

    /// Restarts those of eight lanes whose flags are set. Apart, so that passing over lanes stays
    /// a small loop.
    #[inline(never)]
    fn restart_some(
        &mut self,
        first: usize,
        mut set: u64,
        io: &mut StepRows<'_, B::Obs, B::Action>,
    ) -> usize {
        let mut ended = 0;
        while set != 0 {
            let idx = set.trailing_zeros() as usize / 8;
            set &= !(0xff << (8 * idx));
            self.restart(first + idx, io);
            ended += 1;
        }
        ended
    }

    #[inline]
    fn restart(&mut self, lane: usize, io: &mut StepRows<'_, B::Obs, B::Action>) {
        let obs = io.obs.row(lane);
        io.final_obs.row(lane).copy_from_slice(obs);
        self.elapsed[lane] = 0;
        self.env.reset(lane, &mut self.rngs[lane], obs);
        if self.mask_width > 0 {
            let range = lane * self.mask_width..(lane + 1) * self.mask_width;
            io.final_masks[range.clone()].copy_from_slice(&io.masks[range.clone()]);
            self.env.mask(lane, &mut io.masks[range]);
        }
    }

    /// The state of a lane.
    pub fn save(&mut self, lane: usize) -> Result<State> {
        let mut archive = Archive::saving();
        self.transfer(lane, &mut archive);
        archive.finish()
    }

    /// Brings a lane back to a saved state. A state that does not fit leaves the lane to be reset.
    pub fn load(&mut self, lane: usize, state: State) -> Result<()> {
        let mut archive = Archive::loading(state);
        self.transfer(lane, &mut archive);
        archive.finish().map(|_| ())
    }

    fn transfer(&mut self, lane: usize, archive: &mut Archive) {
        archive.scope("lane", |archive| {
            archive.rng("rng", &mut self.rngs[lane]);
            archive.value("elapsed", &mut self.elapsed[lane]);
        });
        archive.scope("env", |archive| self.env.state(lane, archive));
    }

    /// Draws a lane; `None` when there is nothing to see.
    pub fn render(&self, lane: usize) -> Option<Scene> {
        let mut scene = Scene::default();
        self.env.render(lane, &mut scene).then_some(scene)
    }

    /// Elements of an observation row.
    pub fn obs_width(&self) -> usize {
        self.obs_width
    }

    /// Elements of an action row.
    pub fn action_width(&self) -> usize {
        self.action_width
    }

    /// Elements of a mask row.
    pub fn mask_width(&self) -> usize {
        self.mask_width
    }

    /// Number of info scalars.
    pub fn info_width(&self) -> usize {
        self.info_width
    }
}

/// Fewer than eight flags, filled up with lanes that go on.
fn padded(flags: &[u8]) -> [u8; 8] {
    let mut eight = [0; 8];
    eight[..flags.len()].copy_from_slice(flags);
    eight
}

/// The spec of the param every environment has.
pub fn max_steps_spec(task: &Task) -> ParamSpec {
    ParamSpec {
        name: MAX_STEPS.to_owned(),
        kind: ParamType::Int,
        default: Value::Int(i64::from(task.max_steps)),
        low: Some(0.0),
        high: Some(f64::from(u32::MAX)),
        choices: Vec::new(),
        unit: String::new(),
        doc: "Steps after which an episode is truncated; 0 means never.".to_owned(),
        live: false,
    }
}

fn check_task<B: BatchEnv>(task: &Task) -> Result<()> {
    use crate::element::Element;
    let name = B::NAME;
    task.validate().map_err(|error| error.context(name))?;
    let rows = [
        ("observations", &task.observations, B::Obs::DTYPE),
        ("actions", &task.actions, B::Action::DTYPE),
    ];
    for (what, space, dtype) in rows {
        if space.dtype() != dtype {
            return Err(Error::new(format!(
                "{name} declares {what} of {dtype}, but its task says {space}, which is {}",
                space.dtype()
            )));
        }
    }
    Ok(())
}
