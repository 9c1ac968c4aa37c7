//! One pull; arm i of n pays 1 with a chance of (i + 1) / n, so the last arm always pays.
//!
//! `MaskedBandit-v0` forbids the last arm. A return above its optimum, (n - 1) / n, tells that
//! somebody pulled the arm nevertheless; a learner that looks at it in a maximum learns a value
//! of 1.

use plugin_api::prelude::*;

params! {
    /// The arms.
    pub struct BanditParams {
        /// Number of arms.
        arms: usize = 4 in 2..=100,
        /// Whether the best arm is forbidden.
        masked: bool = false,
    }
}

/// The world of one pull.
#[derive(Clone, Debug)]
pub struct Bandit(BanditParams);

impl Env for Bandit {
    const NAME: &'static str = "Bandit-v0";
    const VARIANTS: &'static [Variant] =
        &[Variant { name: "MaskedBandit-v0", params: &[("masked", "true")] }];
    type Params = BanditParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &BanditParams) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn task(&self) -> Task {
        let task = Task::new(Space::discrete(1), Space::discrete(self.0.arms), 0).rewards(0.0, 1.0);
        if self.0.masked {
            return task.masked().optimum(self.chance(self.0.arms - 2));
        }
        task.optimum(1.0)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        obs[0] = 0;
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, _obs: &mut [i64]) -> Step {
        let pays = rng.chance(self.chance(action[0] as usize));
        Step::terminate(if pays { 1.0 } else { 0.0 })
    }

    fn state(&mut self, _archive: &mut Archive) {}

    fn mask(&self, allowed: &mut [u8]) {
        allowed.fill(1);
        allowed[self.0.arms - 1] = u8::from(!self.0.masked);
    }

    fn model(&self) -> Option<Model> {
        let model = Model::new(self.0.arms, vec![1.0], |_, arm| {
            let result = |chance, reward| Outcome { chance, next: 0, reward, terminated: true };
            vec![result(self.chance(arm), 1.0), result(1.0 - self.chance(arm), 0.0)]
        });
        let allowed = (0..self.0.arms).map(|arm| !self.0.masked || arm + 1 < self.0.arms);
        Some(Model { allowed: allowed.collect(), ..model })
    }
}

impl Bandit {
    fn chance(&self, arm: usize) -> f64 {
        (arm + 1) as f64 / self.0.arms as f64
    }
}
