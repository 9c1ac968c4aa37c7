//! MountainCarContinuous-v0: the car in the valley with a throttle, which costs.

use plugin_api::prelude::*;
use plugin_api::simd::Wide;

use crate::valley;
use crate::world::{Outcome, World, start_bounds};
use maths::trig;

params! {
    /// Params of MountainCarContinuous.
    pub struct MountainCarContinuousParams {
        /// Speed that the car must have at the flag.
        goal_velocity: f64 = 0.0 in -0.1..=0.1,
        /// Lower bound of the position at the start.
        low: f64 = -0.6 in -1000.0..=1000.0,
        /// Upper bound of the position at the start.
        high: f64 = -0.4 in -1000.0..=1000.0,
    }
}

const POWER: f64 = 0.0015;
const GRAVITY: f64 = 0.0025;
const GOAL: f64 = 0.45;

/// The car, its goal and what a start may look like.
#[derive(Clone, Debug)]
pub struct MountainCarContinuous {
    goal_velocity: f64,
    start: (f64, f64),
}

impl World<3, 2> for MountainCarContinuous {
    const NAME: &'static str = "MountainCarContinuous-v0";
    /// Gymnasium starts in double precision, and goes on in single precision after the first step.
    const COLUMNS: [&'static str; 3] = ["position", "velocity", "at_start"];
    type Params = MountainCarContinuousParams;
    type Action = f32;

    fn new(params: &MountainCarContinuousParams) -> Result<Self> {
        let start = start_bounds(params.low, params.high)?;
        Ok(Self { goal_velocity: params.goal_velocity, start })
    }

    fn task(&self) -> Task {
        Task::new(valley::observations(), Space::range::<f32>(-1.0, 1.0, &[1]), 999)
            .threshold(90.0)
            .rewards(-0.1, 100.0)
    }

    fn start(&self, rng: &mut Rng) -> [f64; 3] {
        [rng.uniform(self.start.0, self.start.1), 0.0, 1.0]
    }

    fn first_obs(&self, state: &[f64; 3]) -> [f32; 2] {
        [state[0] as f32, state[1] as f32]
    }

    #[inline(always)]
    fn step<V: Wide>(&self, state: [V; 3], action: V, _noise: V) -> Outcome<V, 3, 2> {
        let [position, velocity, at_start] = state;
        let n = V::splat;
        let single = |number: f64| n(f64::from(number as f32));
        let double = at_start.eq(n(1.0));
        let round = |number: V| V::select(double, number, number.round_f32());
        let limit = |number: f64| V::select(double, n(number), single(number));

        let slope = n(GRAVITY) * trig::cos(round(n(3.0) * position));
        let gain = velocity_gain(action, slope, round);
        let free = round(velocity + gain);
        let (fast, slow) =
            (free.gt(limit(valley::SPEED_LIMIT)), free.lt(limit(-valley::SPEED_LIMIT)));
        let velocity = V::select(fast, limit(valley::SPEED_LIMIT), free);
        let velocity = V::select(slow, limit(-valley::SPEED_LIMIT), velocity);
        let position = round(position + velocity);
        let position = V::select(position.gt(limit(valley::RIGHT)), limit(valley::RIGHT), position);
        let position = V::select(position.lt(limit(valley::LEFT)), limit(valley::LEFT), position);
        let crash = position.eq(limit(valley::LEFT)) & velocity.lt(n(0.0));

        // A velocity at its limit is a Python number by now, and compared as such.
        let exact = V::select(fast, n(valley::SPEED_LIMIT), velocity);
        let exact = V::select(slow, n(-valley::SPEED_LIMIT), exact);
        let goal = V::select(fast | slow, n(self.goal_velocity), limit(self.goal_velocity));
        let terminated = position.ge(limit(GOAL)) & !crash & exact.ge(goal);
        let prize = V::select(terminated, n(100.0), n(0.0));
        let reward = prize - action * action * n(0.1);

        let velocity = V::select(crash, n(0.0), velocity);
        let obs = [position.round_f32(), velocity.round_f32()];
        Outcome { state: [obs[0], obs[1], n(0.0)], obs, reward, terminated }
    }

    fn draw(&self, state: &[f64; 3], scene: &mut Scene) {
        valley::draw(state[0], GOAL, scene);
    }
}

/// What throttle and slope add to the velocity. Within its bounds the action is a `np.float32`
/// and draws all into single precision; a clipped one is a Python number and leaves it in double.
#[inline(always)]
fn velocity_gain<V: Wide>(action: V, slope: V, round: impl Fn(V) -> V) -> V {
    let power = V::splat(f64::from(POWER as f32));
    let single = ((action * power).round_f32() - slope.round_f32()).round_f32();
    let double = action.clip(-1.0, 1.0) * V::splat(POWER) - slope;
    let clipped = action.abs().gt(V::splat(1.0));
    V::select(clipped, round(double), single)
}
