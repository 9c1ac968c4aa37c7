//! Two steps, of which only the second pays 1: with a discount γ the values are γ and 1.
//!
//! Who misses the first value does not discount, or does not look one step ahead.

use plugin_api::prelude::*;

/// The world that pays late.
#[derive(Clone, Debug)]
pub struct DelayedReward {
    obs: i64,
}

impl Env for DelayedReward {
    const NAME: &'static str = "DelayedReward-v0";
    type Params = ();
    type Obs = i64;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self { obs: 0 })
    }

    fn task(&self) -> Task {
        Task::new(Space::discrete(2), Space::discrete(1), 0).rewards(0.0, 1.0).optimum(1.0)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        self.obs = 0;
        obs[0] = 0;
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, obs: &mut [i64]) -> Step {
        let last = self.obs == 1;
        self.obs = 1;
        obs[0] = 1;
        Step::when(last, if last { 1.0 } else { 0.0 })
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("obs", &mut self.obs);
    }

    fn model(&self) -> Option<Model> {
        let outcomes = [Outcome::sure(1, 0.0, false), Outcome::sure(1, 1.0, true)];
        Some(Model::new(1, vec![1.0, 0.0], |state, _| vec![outcomes[state]]))
    }
}
