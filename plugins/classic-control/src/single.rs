//! One world at a time: the plain form, and what the batch form must equal.

use plugin_api::prelude::*;
use plugin_api::simd::{Kernel, dispatch};

use crate::world::{Action, World};

/// One lane of a world.
#[derive(Clone, Debug)]
pub struct Single<W, const STATE: usize, const OBS: usize> {
    world: W,
    state: [f64; STATE],
}

impl<W: World<STATE, OBS>, const STATE: usize, const OBS: usize> Env for Single<W, STATE, OBS> {
    const NAME: &'static str = W::NAME;
    type Params = W::Params;
    type Obs = f32;
    type Action = W::Action;

    fn new(params: &W::Params) -> Result<Self> {
        Ok(Self { world: W::new(params)?, state: [0.0; STATE] })
    }

    fn task(&self) -> Task {
        self.world.task()
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        self.state = self.world.start(rng);
        obs.copy_from_slice(&self.world.first_obs(&self.state));
    }

    fn step(&mut self, action: &[W::Action], rng: &mut Rng, obs: &mut [f32]) -> Step {
        let noise = if self.world.is_noisy() { self.world.noise(rng) } else { 0.0 };
        let action = W::Action::load(action);
        let obs = obs.try_into().expect("a row is as wide as the task says");
        dispatch(StepOne { world: &self.world, state: &mut self.state, action, noise, obs })
    }

    fn state(&mut self, archive: &mut Archive) {
        for (name, number) in W::COLUMNS.into_iter().zip(&mut self.state) {
            archive.value(name, number);
        }
    }

    fn render(&self, scene: &mut Scene) -> bool {
        self.world.draw(&self.state, scene);
        true
    }
}

/// The physics of one step, compiled with fused multiply-add where the machine has it.
struct StepOne<'a, W, const STATE: usize, const OBS: usize> {
    world: &'a W,
    state: &'a mut [f64; STATE],
    action: f64,
    noise: f64,
    obs: &'a mut [f32; OBS],
}

impl<W, const STATE: usize, const OBS: usize> Kernel for StepOne<'_, W, STATE, OBS>
where
    W: World<STATE, OBS>,
{
    type Output = Step;

    #[inline(always)]
    fn run(self) -> Step {
        let outcome = self.world.step(*self.state, self.action, self.noise);
        *self.state = outcome.state;
        *self.obs = outcome.obs.map(|number| number as f32);
        Step::when(outcome.terminated, outcome.reward)
    }
}
