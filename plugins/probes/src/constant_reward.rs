//! One state, one action, one step, always 1: the value is 1.
//!
//! Who misses it cannot fit a constant: look at the loss of the value and its optimiser.

use plugin_api::prelude::*;

/// The world that always pays 1.
#[derive(Clone, Debug)]
pub struct ConstantReward;

impl Env for ConstantReward {
    const NAME: &'static str = "ConstantReward-v0";
    type Params = ();
    type Obs = i64;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self)
    }

    fn task(&self) -> Task {
        let one = Space::discrete(1);
        Task::new(one.clone(), one, 0).rewards(1.0, 1.0).optimum(1.0)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        obs[0] = 0;
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, _obs: &mut [i64]) -> Step {
        Step::terminate(1.0)
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn model(&self) -> Option<Model> {
        Some(Model::new(1, vec![1.0], |_, _| vec![Outcome::sure(0, 1.0, true)]))
    }
}
