//! A world in which nothing happens, for measuring what a call into a plugin costs.

use crate::archive::Archive;
use crate::env::{BatchEnv, Steps};
use crate::error::Result;
use crate::rng::Rng;
use crate::rows::{Rows, RowsMut};
use crate::space::Space;
use crate::task::Task;

/// Lanes that never change and never end.
#[derive(Debug)]
pub struct Idle;

impl BatchEnv for Idle {
    const NAME: &'static str = "idle";
    type Params = ();
    type Obs = f32;
    type Action = i64;

    fn new((): &(), _lanes: usize) -> Result<Self> {
        Ok(Self)
    }

    fn task(&self) -> Task {
        Task::new(Space::range::<f32>(0.0, 0.0, &[1]), Space::discrete(1), 0).rewards(0.0, 0.0)
    }

    fn reset(&mut self, _lane: usize, _rng: &mut Rng, obs: &mut [f32]) {
        obs.fill(0.0);
    }

    #[inline]
    fn step(
        &mut self,
        _actions: Rows<'_, i64>,
        _rngs: &mut [Rng],
        _obs: RowsMut<'_, f32>,
        steps: Steps<'_>,
    ) {
        steps.rewards.fill(0.0);
    }

    fn state(&mut self, _lane: usize, _archive: &mut Archive) {}
}
