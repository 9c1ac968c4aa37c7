//! Environments: one world at a time ([`Env`]), or many lanes at once ([`BatchEnv`]).

use crate::archive::Archive;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::params::Params;
use crate::rng::Rng;
use crate::rows::{Rows, RowsMut};
use crate::scene::Scene;
use crate::task::Task;

/// What one step brought.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// The reward.
    pub reward: f64,
    /// The world came to an end: nothing follows, its value is 0.
    pub terminated: bool,
    /// The episode was cut off: more would have followed.
    pub truncated: bool,
}

impl Step {
    /// The episode goes on.
    pub fn go_on(reward: f64) -> Self {
        Self { reward, terminated: false, truncated: false }
    }

    /// The world came to an end.
    pub fn terminate(reward: f64) -> Self {
        Self { reward, terminated: true, truncated: false }
    }

    /// The episode was cut off by something other than the task's step limit.
    pub fn truncate(reward: f64) -> Self {
        Self { reward, terminated: false, truncated: true }
    }

    /// The episode ends if `terminated` holds.
    pub fn when(terminated: bool, reward: f64) -> Self {
        Self { reward, terminated, truncated: false }
    }

    /// The flags as one byte, see [`TERMINATED`] and [`TRUNCATED`].
    #[inline]
    pub fn flags(self) -> u8 {
        u8::from(self.terminated) | u8::from(self.truncated) << 1
    }
}

/// Flag of a step after which the world is over.
pub const TERMINATED: u8 = 1;
/// Flag of a step after which the episode was cut off.
pub const TRUNCATED: u8 = 2;

/// Another name under which an environment is offered, with params of its own.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name, such as `FrozenLake8x8-v1`.
    pub name: &'static str,
    /// Params that differ from the defaults, as they would be written on the command line.
    pub params: &'static [(&'static str, &'static str)],
}

/// One world.
///
/// The bench runs many lanes of it, each a clone with its own random numbers; it ends episodes at
/// the task's step limit and resets them by itself. Large tables that never change belong behind an
/// `Arc`.
///
/// Life of a lane: `new` once, then `reset`, and `step` until a step ends the episode or the limit
/// is reached, then `reset` again. `state` may be called between any two of these. A lane is used
/// by one thread at a time, not always the same.
pub trait Env: Clone + Send + 'static {
    /// The name users write, such as `CartPole-v1`.
    const NAME: &'static str;
    /// Further names with params of their own.
    const VARIANTS: &'static [Variant] = &[];
    /// The params, declared with [`crate::params!`]; `()` for none.
    type Params: Params;
    /// Number type of observation rows.
    type Obs: Element;
    /// Number type of action rows.
    type Action: Element;

    /// A world as the params describe it.
    fn new(params: &Self::Params) -> Result<Self>;

    /// The task this world sets. It does not change after `new`.
    fn task(&self) -> Task;

    /// Starts an episode and writes its first observation.
    ///
    /// The row holds what the lane showed last, zeros before its first episode; here and in `step`,
    /// elements that stay the same need not be written.
    fn reset(&mut self, rng: &mut Rng, obs: &mut [Self::Obs]);

    /// Takes one action and writes the observation that follows, that of the end included.
    fn step(&mut self, action: &[Self::Action], rng: &mut Rng, obs: &mut [Self::Obs]) -> Step;

    /// Names everything that changes from step to step, for saving and loading alike.
    ///
    /// What only `new` sets stays out. An episode must go on exactly from here.
    fn state(&mut self, archive: &mut Archive);

    /// Writes 1 for each allowed action and 0 for each forbidden one, when the task is masked.
    fn mask(&self, allowed: &mut [u8]) {
        allowed.fill(1);
    }

    /// Writes the scalars that the task names in `infos`; called after every reset and step.
    fn infos(&self, _out: &mut [f64]) {}

    /// Draws the world; `false` when there is nothing to see.
    fn render(&self, _scene: &mut Scene) -> bool {
        false
    }

    /// What a step would have brought with these goals; needed when the task has goals.
    fn goal_step(&self, _achieved: &[Self::Obs], _desired: &[Self::Obs]) -> Step {
        Step::default()
    }

    /// The exact table of transitions, where the world is small and known.
    fn model(&self) -> Option<Model> {
        None
    }
}

/// Rewards and flags of one step of all lanes, for a [`BatchEnv`] to fill.
#[derive(Debug)]
pub struct Steps<'a> {
    /// A reward for each lane; the call has to set every one.
    pub rewards: &'a mut [f64],
    /// [`TERMINATED`] and [`TRUNCATED`] of each lane; all 0 when the call begins.
    pub flags: &'a mut [u8],
}

impl Steps<'_> {
    /// Sets what a lane's step brought.
    #[inline]
    pub fn set(&mut self, lane: usize, step: Step) {
        self.rewards[lane] = step.reward;
        self.flags[lane] = step.flags();
    }
}

/// Many lanes of a world at once, for authors who step several lanes with one instruction.
///
/// The contract of every method is that of [`Env`], for the lane it names.
pub trait BatchEnv: Send + Sized + 'static {
    /// The name users write, such as `CartPole-v1`.
    const NAME: &'static str;
    /// Further names with params of their own.
    const VARIANTS: &'static [Variant] = &[];
    /// The params, declared with [`crate::params!`]; `()` for none.
    type Params: Params;
    /// Number type of observation rows.
    type Obs: Element;
    /// Number type of action rows.
    type Action: Element;

    /// `lanes` worlds as the params describe them.
    fn new(params: &Self::Params, lanes: usize) -> Result<Self>;

    /// The task these worlds set.
    fn task(&self) -> Task;

    /// Starts an episode in one lane and writes its first observation.
    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [Self::Obs]);

    /// Takes one action in every lane and writes the observations that follow, those of ends
    /// included.
    ///
    /// Lanes that end are reset by the caller, right after this returns.
    fn step(
        &mut self,
        actions: Rows<'_, Self::Action>,
        rngs: &mut [Rng],
        obs: RowsMut<'_, Self::Obs>,
        steps: Steps<'_>,
    );

    /// Names everything of one lane that changes from step to step, for saving and loading alike.
    fn state(&mut self, lane: usize, archive: &mut Archive);

    /// Writes which actions a lane allows, when the task is masked.
    fn mask(&self, _lane: usize, allowed: &mut [u8]) {
        allowed.fill(1);
    }

    /// Writes a lane's scalars.
    fn infos(&self, _lane: usize, _out: &mut [f64]) {}

    /// Draws a lane; `false` when there is nothing to see.
    fn render(&self, _lane: usize, _scene: &mut Scene) -> bool {
        false
    }

    /// What steps would have brought with these goals, one row each.
    fn goal_steps(
        &self,
        _achieved: Rows<'_, Self::Obs>,
        _desired: Rows<'_, Self::Obs>,
        _steps: Steps<'_>,
    ) -> Result<()> {
        Err(Error::unsupported(format!("{} has no goals", Self::NAME)))
    }

    /// The exact table of transitions, where the world is small and known.
    fn model(&self) -> Option<Model> {
        None
    }
}

/// The batch form of a single-world environment: a clone for each lane.
#[derive(Clone, Debug)]
pub struct Each<E> {
    lanes: Vec<E>,
}

impl<E: Env> BatchEnv for Each<E> {
    const NAME: &'static str = E::NAME;
    const VARIANTS: &'static [Variant] = E::VARIANTS;
    type Params = E::Params;
    type Obs = E::Obs;
    type Action = E::Action;

    fn new(params: &E::Params, lanes: usize) -> Result<Self> {
        Ok(Self { lanes: vec![E::new(params)?; lanes] })
    }

    fn task(&self) -> Task {
        self.lanes[0].task()
    }

    #[inline]
    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [E::Obs]) {
        self.lanes[lane].reset(rng, obs);
    }

    #[inline]
    fn step(
        &mut self,
        actions: Rows<'_, E::Action>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, E::Obs>,
        mut steps: Steps<'_>,
    ) {
        let worlds = self.lanes.iter_mut().zip(rngs);
        let rows = actions.iter().zip(obs.iter_mut());
        for (lane, ((env, rng), (action, obs))) in worlds.zip(rows).enumerate() {
            steps.set(lane, env.step(action, rng, obs));
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        self.lanes[lane].state(archive);
    }

    fn mask(&self, lane: usize, allowed: &mut [u8]) {
        self.lanes[lane].mask(allowed);
    }

    fn infos(&self, lane: usize, out: &mut [f64]) {
        self.lanes[lane].infos(out);
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        self.lanes[lane].render(scene)
    }

    fn goal_steps(
        &self,
        achieved: Rows<'_, E::Obs>,
        desired: Rows<'_, E::Obs>,
        mut steps: Steps<'_>,
    ) -> Result<()> {
        for (idx, (achieved, desired)) in achieved.into_iter().zip(desired).enumerate() {
            steps.set(idx, self.lanes[0].goal_step(achieved, desired));
        }
        Ok(())
    }

    fn model(&self) -> Option<Model> {
        self.lanes[0].model()
    }
}
