//! A bandit: one pull ends the episode; the last of the arms pays most often.
#![forbid(unsafe_code)]

use plugin_api::prelude::*;

params! {
    struct BanditParams {
        /// Number of arms.
        arms: usize = 4 in 2..=100,
    }
}

#[derive(Clone)]
struct Bandit(BanditParams);

impl Env for Bandit {
    const NAME: &'static str = "bandit";
    type Params = BanditParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &BanditParams) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn task(&self) -> Task {
        Task::new(Space::discrete(1), Space::discrete(self.0.arms), 1)
    }

    fn reset(&mut self, _rng: &mut Rng, _obs: &mut [i64]) {}

    fn step(&mut self, action: &[i64], rng: &mut Rng, _obs: &mut [i64]) -> Step {
        let chance = (action[0] + 1) as f64 / self.0.arms as f64;
        Step::terminate(if rng.chance(chance) { 1.0 } else { 0.0 })
    }

    fn state(&mut self, _archive: &mut Archive) {}
}

plugin!(envs: [Bandit]);
