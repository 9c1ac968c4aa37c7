//! One step in which action 0 pays -1 and action 1 pays 1: these are the action values.
//!
//! Who knows values but misses this does not learn from what it did: look at the policy's loss.

use plugin_api::prelude::*;

/// The world in which only the action counts.
#[derive(Clone, Debug)]
pub struct ActionReward;

impl Env for ActionReward {
    const NAME: &'static str = "ActionReward-v0";
    type Params = ();
    type Obs = i64;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self)
    }

    fn task(&self) -> Task {
        let task = Task::new(Space::discrete(1), Space::discrete(2), 0);
        task.rewards(-1.0, 1.0).optimum(1.0).threshold(0.9)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        obs[0] = 0;
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, _obs: &mut [i64]) -> Step {
        Step::terminate(if action[0] == 1 { 1.0 } else { -1.0 })
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn model(&self) -> Option<Model> {
        let rewards = [-1.0, 1.0];
        Some(Model::new(2, vec![1.0], |_, action| vec![Outcome::sure(0, rewards[action], true)]))
    }
}
