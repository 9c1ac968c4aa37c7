//! What a host holds of a plugin: safe handles over the boxes that crossed the border.
//!
//! A handle may be made from a loaded library or, for tests, from types of the same program.

use super::frame::StepSizes;
pub use super::frame::{ActFrame, LearnFrame, ResetFrame, StepFrame, column};
use super::info::PluginInfo;
use super::module::{FILM, Film};
use super::trail::{Call, PluginTag, enter, tag};
use super::types::{
    AgentBox, EnvBox, GoalIo, HostFnsRef, LearnIo, MakeAgent, MakeEnv, PluginRef, PolicyBox,
    ResetIo,
};
use crate::encoding::{from_bytes, from_ron, to_ron};
use crate::error::{Error, Result};
use crate::log::Report;
use crate::model::Model;
use crate::needs::Needs;
use crate::params::Values;
use crate::scene::Scene;
use crate::task::Task;
use abi_stable::std_types::{RSlice, RSliceMut, RStr, RVec};
use std::sync::Arc;

/// A plugin whose layout was checked.
#[derive(Clone)]
pub struct PluginHandle {
    root: PluginRef,
    info: Arc<PluginInfo>,
    tag: PluginTag,
}

impl std::fmt::Debug for PluginHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHandle").field("info", &self.info).finish_non_exhaustive()
    }
}

impl PluginHandle {
    /// Connects host and plugin, and asks what it offers.
    pub fn new(root: PluginRef, host: HostFnsRef) -> Result<Self> {
        (root.connect())(host);
        let info = super::module::read_description((root.describe())().as_slice())?;
        let tag = tag(&info.name);
        Ok(Self { root, info: Arc::new(info), tag })
    }

    /// What it offers.
    pub fn info(&self) -> &PluginInfo {
        &self.info
    }

    /// Says whether scenes are for a film from now on; a plugin of an earlier build does not care.
    pub fn film(&self, is_film: bool) {
        let film = (self.root.extension())(RStr::from(FILM));
        if !film.is_null() {
            // SAFETY: what has this name is a function of this type in every plugin.
            let film = unsafe { std::mem::transmute::<*const std::ffi::c_void, Film>(film) };
            film(u8::from(is_film));
        }
    }

    /// Makes lanes of an environment.
    pub fn env(&self, name: &str, params: &Values, lanes: usize) -> Result<EnvHandle> {
        let params = to_ron(params)?;
        let make = MakeEnv {
            name: RStr::from(name),
            params: RSlice::from_slice(&params),
            lanes: u32::try_from(lanes).unwrap_or(u32::MAX),
        };
        let _inside = enter(self.tag, Call::Create);
        let made = (self.root.make_env())(&make).into_result().map_err(Error::from)?;
        EnvHandle::new(made, lanes, self.tag)
    }

    /// Makes an agent.
    pub fn agent(
        &self,
        name: &str,
        params: &Values,
        task: &Task,
        seed: u64,
    ) -> Result<AgentHandle> {
        let (params, task) = (to_ron(params)?, to_ron(task)?);
        let make = make_agent(name, &params, &task, seed);
        let _inside = enter(self.tag, Call::Create);
        let boxed = (self.root.make_agent())(&make).into_result().map_err(Error::from)?;
        Ok(AgentHandle { boxed, tag: self.tag })
    }

    /// Makes a policy of an agent; it acts once it has loaded what [`AgentHandle::acting`] gives.
    pub fn policy(&self, name: &str, params: &Values, task: &Task) -> Result<PolicyHandle> {
        let (params, task) = (to_ron(params)?, to_ron(task)?);
        let make = make_agent(name, &params, &task, 0);
        let _inside = enter(self.tag, Call::Create);
        let boxed = (self.root.make_policy())(&make).into_result().map_err(Error::from)?;
        Ok(PolicyHandle { boxed, tag: self.tag })
    }
}

fn make_agent<'a>(name: &'a str, params: &'a [u8], task: &'a [u8], seed: u64) -> MakeAgent<'a> {
    MakeAgent {
        name: RStr::from(name),
        params: RSlice::from_slice(params),
        task: RSlice::from_slice(task),
        seed,
    }
}

/// The answer of a call, or the reason of its failure.
macro_rules! checked {
    ($handle:expr, $call:ident, $answer:expr) => {{
        let _inside = enter($handle.tag, Call::$call);
        let answer = $answer;
        if answer < 0 {
            Err(Error::from(($handle.boxed.fns.failure())($handle.boxed.this)))
        } else {
            Ok(answer)
        }
    }};
}

/// A handle, with what lets it go to another thread and end.
macro_rules! handle {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty),* }) => {
        $(#[$meta])*
        pub struct $name {
            $($field: $ty,)*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        // SAFETY: instances are `Send` on the plugin's side, and a handle is the only way to its
        // instance.
        unsafe impl Send for $name {}

        impl Drop for $name {
            fn drop(&mut self) {
                let _inside = enter(self.tag, Call::Drop);
                (self.boxed.fns.drop())(self.boxed.this);
            }
        }
    };
}

handle! {
    /// Lanes of an environment.
    EnvHandle { boxed: EnvBox, task: Task, lanes: usize, sizes: StepSizes, tag: PluginTag }
}
handle! {
    /// An agent.
    AgentHandle { boxed: AgentBox, tag: PluginTag }
}
handle! {
    /// A policy.
    PolicyHandle { boxed: PolicyBox, tag: PluginTag }
}

impl EnvHandle {
    fn new(boxed: EnvBox, lanes: usize, tag: PluginTag) -> Result<Self> {
        let sizes = StepSizes::default();
        let mut handle = Self { boxed, task: Task::default(), lanes, sizes, tag };
        let mut out = RVec::new();
        checked!(handle, Create, (handle.boxed.fns.task())(handle.boxed.this, &mut out))?;
        handle.task = from_ron(out.as_slice(), "task")?;
        handle.task.validate()?;
        handle.sizes = StepSizes::of(&handle.task, lanes);
        Ok(handle)
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Number of lanes.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Starts episodes.
    pub fn reset(&mut self, frame: ResetFrame<'_>) -> Result<()> {
        let mut io = ResetIo {
            which: RSlice::from_slice(frame.which),
            seeds: RSlice::from_slice(frame.seeds),
            obs: RSliceMut::from_mut_slice(frame.obs),
            masks: RSliceMut::from_mut_slice(frame.masks),
            infos: RSliceMut::from_mut_slice(frame.infos),
        };
        checked!(self, Reset, (self.boxed.fns.reset())(self.boxed.this, &mut io)).map(|_| ())
    }

    /// Takes a step in every lane; returns how many ended.
    #[inline]
    pub fn step(&mut self, frame: StepFrame<'_>) -> Result<usize> {
        frame.check(&self.sizes)?;
        let mut io = frame.cross(&self.sizes);
        checked!(self, Step, (self.boxed.fns.step())(self.boxed.this, &mut io)).map(|n| n as usize)
    }

    /// The state of a lane, as bytes of [`crate::State`].
    pub fn save(&mut self, lane: usize) -> Result<Vec<u8>> {
        let mut out = RVec::new();
        checked!(self, Save, (self.boxed.fns.save())(self.boxed.this, lane as u32, &mut out))?;
        Ok(out.into_vec())
    }

    /// Brings a lane back to a saved state.
    pub fn load(&mut self, lane: usize, state: &[u8]) -> Result<()> {
        let state = RSlice::from_slice(state);
        checked!(self, Load, (self.boxed.fns.load())(self.boxed.this, lane as u32, state))
            .map(|_| ())
    }

    /// Writes a lane's mask and info scalars of the current moment.
    pub fn look(&mut self, lane: usize, mask: &mut [u8], infos: &mut [f64]) -> Result<()> {
        let mask = RSliceMut::from_mut_slice(mask);
        let infos = RSliceMut::from_mut_slice(infos);
        checked!(self, Look, (self.boxed.fns.look())(self.boxed.this, lane as u32, mask, infos))
            .map(|_| ())
    }

    /// Draws a lane; `None` when there is nothing to see.
    pub fn render(&mut self, lane: usize) -> Result<Option<Scene>> {
        let mut out = RVec::new();
        match checked!(
            self,
            Render,
            (self.boxed.fns.render())(self.boxed.this, lane as u32, &mut out)
        )? {
            0 => Ok(None),
            _ => Scene::from_bytes(out.as_slice()).map(Some),
        }
    }

    /// What steps would have brought with other goals of `width` elements.
    pub fn goal_steps(
        &mut self,
        width: usize,
        (achieved, desired): (&[u8], &[u8]),
        rewards: &mut [f64],
        flags: &mut [u8],
    ) -> Result<()> {
        let mut io = GoalIo {
            achieved: RSlice::from_slice(achieved),
            desired: RSlice::from_slice(desired),
            width: width as u32,
            rewards: RSliceMut::from_mut_slice(rewards),
            flags: RSliceMut::from_mut_slice(flags),
        };
        checked!(self, Goals, (self.boxed.fns.goal_steps())(self.boxed.this, &mut io)).map(|_| ())
    }

    /// The exact model, where it is known.
    pub fn model(&mut self) -> Result<Option<Model>> {
        let mut out = RVec::new();
        if checked!(self, Model, (self.boxed.fns.model())(self.boxed.this, &mut out))? == 0 {
            return Ok(None);
        }
        let model: Model = from_bytes(out.as_slice(), "model")?;
        model.validate()?;
        Ok(Some(model))
    }
}

impl AgentHandle {
    /// What it needs.
    pub fn needs(&mut self) -> Result<Needs> {
        let mut out = RVec::new();
        checked!(self, Needs, (self.boxed.fns.needs())(self.boxed.this, &mut out))?;
        from_ron(out.as_slice(), "list of needs")
    }

    /// Acts.
    #[inline]
    pub fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        checked!(self, Act, (self.boxed.fns.act())(self.boxed.this, &mut frame.into())).map(|_| ())
    }

    /// Learns.
    #[inline]
    pub fn learn(&mut self, frame: LearnFrame<'_>) -> Result<()> {
        let mut io = LearnIo {
            columns: RSlice::from_slice(frame.columns),
            batch_steps: frame.batch_steps as u32,
            batch_lanes: frame.batch_lanes as u32,
            priorities: RSliceMut::from_mut_slice(frame.priorities),
            steps: frame.steps,
            updates: frame.updates,
            progress: frame.progress,
        };
        checked!(self, Learn, (self.boxed.fns.learn())(self.boxed.this, &mut io)).map(|_| ())
    }

    /// Its whole state, as bytes of [`crate::State`].
    pub fn save(&mut self) -> Result<Vec<u8>> {
        let mut out = RVec::new();
        checked!(self, Save, (self.boxed.fns.save())(self.boxed.this, &mut out))?;
        Ok(out.into_vec())
    }

    /// Brings it back to a saved state.
    pub fn load(&mut self, state: &[u8]) -> Result<()> {
        let state = RSlice::from_slice(state);
        checked!(self, Load, (self.boxed.fns.load())(self.boxed.this, state)).map(|_| ())
    }

    /// The part of its state that policies need.
    pub fn acting(&mut self) -> Result<Vec<u8>> {
        let mut out = RVec::new();
        checked!(self, Save, (self.boxed.fns.acting())(self.boxed.this, &mut out))?;
        Ok(out.into_vec())
    }

    /// Sets params; all of them or, when one does not fit, none.
    pub fn set_params(&mut self, params: &Values) -> Result<()> {
        let params = to_ron(params)?;
        let params = RSlice::from_slice(&params);
        checked!(self, Params, (self.boxed.fns.set_params())(self.boxed.this, params)).map(|_| ())
    }

    /// What it reported since the last call.
    pub fn report(&mut self) -> Result<Report> {
        let mut out = RVec::new();
        checked!(self, Report, (self.boxed.fns.report())(self.boxed.this, &mut out))?;
        from_bytes(out.as_slice(), "report")
    }
}

impl PolicyHandle {
    /// Acts.
    #[inline]
    pub fn act(&mut self, frame: ActFrame<'_>) -> Result<()> {
        checked!(self, Act, (self.boxed.fns.act())(self.boxed.this, &mut frame.into())).map(|_| ())
    }

    /// Takes over what [`AgentHandle::acting`] gave.
    pub fn load(&mut self, acting: &[u8]) -> Result<()> {
        let acting = RSlice::from_slice(acting);
        checked!(self, Load, (self.boxed.fns.load())(self.boxed.this, acting)).map(|_| ())
    }
}
