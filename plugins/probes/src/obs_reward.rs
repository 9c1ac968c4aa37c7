//! One step that pays -1 where the observation is 0 and 1 where it is 1: these are the values.
//!
//! Who knows constants but misses this does not let the observation through to the value.

use plugin_api::prelude::*;

/// The world whose reward is told beforehand.
#[derive(Clone, Debug)]
pub struct ObsReward {
    obs: i64,
}

impl Env for ObsReward {
    const NAME: &'static str = "ObsReward-v0";
    type Params = ();
    type Obs = i64;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self { obs: 0 })
    }

    fn task(&self) -> Task {
        Task::new(Space::discrete(2), Space::discrete(1), 0).rewards(-1.0, 1.0).optimum(0.0)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        self.obs = rng.integers(0, 2);
        obs[0] = self.obs;
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, _obs: &mut [i64]) -> Step {
        Step::terminate(if self.obs == 1 { 1.0 } else { -1.0 })
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("obs", &mut self.obs);
    }

    fn model(&self) -> Option<Model> {
        let rewards = [-1.0, 1.0];
        Some(Model::new(1, vec![0.5; 2], |state, _| {
            vec![Outcome::sure(state, rewards[state], true)]
        }))
    }
}
