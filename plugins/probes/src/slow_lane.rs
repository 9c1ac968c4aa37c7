//! Ten steps that pay 1 each; in some episodes every one of them takes its time.
//!
//! Which episodes are slow follows from the seed, and the observation tells it: 1 is slow. The
//! return is 10 in all of them, so whatever waits for slow lanes, or does not, must not change
//! what is learnt.

use plugin_api::prelude::*;
use std::time::Duration;

params! {
    /// How slow it is.
    pub struct SlowLaneParams {
        /// Chance of an episode to be slow.
        slow_share: f64 = 0.25 in 0.0..=1.0,
        /// Time a step of a slow episode takes.
        delay_ms: u64 = 20 in 0..=60_000 unit "ms",
    }
}

/// The world that takes its time.
#[derive(Clone, Debug)]
pub struct SlowLane {
    params: SlowLaneParams,
    slow: bool,
}

impl Env for SlowLane {
    const NAME: &'static str = "SlowLane-v0";
    type Params = SlowLaneParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &SlowLaneParams) -> Result<Self> {
        Ok(Self { params: params.clone(), slow: false })
    }

    fn task(&self) -> Task {
        Task::new(Space::discrete(2), Space::discrete(2), 10).rewards(1.0, 1.0).optimum(10.0)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        self.slow = rng.chance(self.params.slow_share);
        obs[0] = self.slow.into();
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, obs: &mut [i64]) -> Step {
        if self.slow {
            std::thread::sleep(Duration::from_millis(self.params.delay_ms));
        }
        obs[0] = self.slow.into();
        Step::go_on(1.0)
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("slow", &mut self.slow);
    }
}
