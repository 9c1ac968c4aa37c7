//! One state that pays 1 for ever, seen through episodes that are cut after 10 steps.
//!
//! With a discount of 0.99 the value is 1 / (1 - 0.99) = 100 for whoever goes on beyond the cut.
//! Who takes it for an end settles at 1 / (1 - 0.99 * 0.9) = 9.17, for one step of ten seems to
//! be the last.

use plugin_api::prelude::*;

/// The world that never ends, in short episodes.
#[derive(Clone, Debug)]
pub struct TimeLimit;

impl Env for TimeLimit {
    const NAME: &'static str = "TimeLimit-v0";
    type Params = ();
    type Obs = i64;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self)
    }

    fn task(&self) -> Task {
        let one = Space::discrete(1);
        Task::new(one.clone(), one, 10).rewards(1.0, 1.0).optimum(10.0)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        obs[0] = 0;
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, _obs: &mut [i64]) -> Step {
        Step::go_on(1.0)
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn model(&self) -> Option<Model> {
        Some(Model::new(1, vec![1.0], |_, _| vec![Outcome::sure(0, 1.0, false)]))
    }
}
