//! A world for tests that counts its steps.

use plugin_api::prelude::*;

/// Counts its steps and says so; an episode is cut off or ends after six or seven.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    step: u32,
}

impl Env for Counter {
    const NAME: &'static str = "counter";
    type Params = ();
    type Obs = f32;
    type Action = i64;

    fn new((): &()) -> Result<Self> {
        Ok(Self { step: 0 })
    }

    fn task(&self) -> Task {
        Task::new(Space::range::<f32>(0.0, 10.0, &[1]), Space::discrete(2), 7)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [f32]) {
        self.step = 0;
        obs[0] = 0.0;
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.step += 1;
        obs[0] = self.step as f32;
        Step::when(self.step == 6 && action[0] == 1, f64::from(self.step))
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("step", &mut self.step);
    }
}
