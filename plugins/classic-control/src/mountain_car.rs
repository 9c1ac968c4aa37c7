//! MountainCar-v0: a weak car in a valley must swing itself up to the flag.

use plugin_api::prelude::*;
use plugin_api::simd::Wide;

use crate::valley;
use crate::world::{Outcome, World, start_bounds};
use maths::trig;

params! {
    /// Params of MountainCar.
    pub struct MountainCarParams {
        /// Speed that the car must have at the flag.
        goal_velocity: f64 = 0.0 in -0.07..=0.07,
        /// Lower bound of the position at the start.
        low: f64 = -0.6 in -1000.0..=1000.0,
        /// Upper bound of the position at the start.
        high: f64 = -0.4 in -1000.0..=1000.0,
    }
}

const FORCE: f64 = 0.001;
const GRAVITY: f64 = 0.0025;
const GOAL: f64 = 0.5;

/// The car, its goal and what a start may look like.
#[derive(Clone, Debug)]
pub struct MountainCar {
    goal_velocity: f64,
    start: (f64, f64),
}

impl World<2, 2> for MountainCar {
    const NAME: &'static str = "MountainCar-v0";
    const COLUMNS: [&'static str; 2] = ["position", "velocity"];
    type Params = MountainCarParams;
    type Action = i64;

    fn new(params: &MountainCarParams) -> Result<Self> {
        let start = start_bounds(params.low, params.high)?;
        Ok(Self { goal_velocity: params.goal_velocity, start })
    }

    fn task(&self) -> Task {
        Task::new(valley::observations(), Space::discrete(3), 200)
            .threshold(-110.0)
            .rewards(-1.0, -1.0)
    }

    fn start(&self, rng: &mut Rng) -> [f64; 2] {
        [rng.uniform(self.start.0, self.start.1), 0.0]
    }

    fn first_obs(&self, state: &[f64; 2]) -> [f32; 2] {
        state.map(|number| number as f32)
    }

    #[inline(always)]
    fn step<V: Wide>(&self, state: [V; 2], action: V, _noise: V) -> Outcome<V, 2, 2> {
        let [position, velocity] = state;
        let n = V::splat;
        let slope = trig::cos(n(3.0) * position);
        let velocity = velocity + ((action - n(1.0)) * n(FORCE) + slope * n(-GRAVITY));
        let velocity = velocity.clip(-valley::SPEED_LIMIT, valley::SPEED_LIMIT);
        let position = (position + velocity).clip(valley::LEFT, valley::RIGHT);
        let crash = position.eq(n(valley::LEFT)) & velocity.lt(n(0.0));
        let velocity = V::select(crash, n(0.0), velocity);

        let state = [position, velocity];
        let terminated = position.ge(n(GOAL)) & velocity.ge(n(self.goal_velocity));
        Outcome { state, obs: state, reward: n(-1.0), terminated }
    }

    fn draw(&self, state: &[f64; 2], scene: &mut Scene) {
        valley::draw(state[0], GOAL, scene);
    }
}
