//! CartPole-v1: push a cart left or right so that the pole on it stays upright.

use plugin_api::prelude::*;
use plugin_api::simd::Wide;

use crate::picture::{BLACK, turned};
use crate::world::{Outcome, World, start_bounds};
use maths::trig;

params! {
    /// Params of CartPole.
    pub struct CartPoleParams {
        /// Reward a step with 0 and the fall with -1, as Sutton and Barto do, instead of each step
        /// with 1.
        sutton_barto_reward: bool = false,
        /// Lower bound of every number of the start.
        low: f64 = -0.05 in -1000.0..=1000.0,
        /// Upper bound of every number of the start.
        high: f64 = 0.05 in -1000.0..=1000.0,
    }
}

const GRAVITY: f64 = 9.8;
const MASS_POLE: f64 = 0.1;
const MASS: f64 = MASS_POLE + 1.0;
/// Half of the pole.
const LENGTH: f64 = 0.5;
const POLE_MASS_LENGTH: f64 = MASS_POLE * LENGTH;
const FORCE: f64 = 10.0;
const TIME_STEP: f64 = 0.02;
const X_LIMIT: f64 = 2.4;
const ANGLE_LIMIT: f64 = 12.0 * 2.0 * std::f64::consts::PI / 360.0;

/// The cart, the pole and what a start may look like.
#[derive(Clone, Debug)]
pub struct CartPole {
    sutton_barto_reward: bool,
    start: (f64, f64),
}

impl World<4, 4> for CartPole {
    const NAME: &'static str = "CartPole-v1";
    const COLUMNS: [&'static str; 4] = ["x", "x_velocity", "angle", "angle_velocity"];
    type Params = CartPoleParams;
    type Action = i64;

    fn new(params: &CartPoleParams) -> Result<Self> {
        let start = start_bounds(params.low, params.high)?;
        Ok(Self { sutton_barto_reward: params.sutton_barto_reward, start })
    }

    fn task(&self) -> Task {
        let high = [2.0 * X_LIMIT, f64::INFINITY, 2.0 * ANGLE_LIMIT, f64::INFINITY];
        let high = high.map(|bound| bound as f32);
        let (worst, best) = if self.sutton_barto_reward { (-1.0, 0.0) } else { (1.0, 1.0) };
        Task::new(Space::bounded(&high.map(|bound| -bound), &high), Space::discrete(2), 500)
            .threshold(475.0)
            .rewards(worst, best)
            .frame_rate(50.0)
    }

    #[inline]
    fn start(&self, rng: &mut Rng) -> [f64; 4] {
        let (low, high) = self.start;
        [(); 4].map(|()| rng.uniform(low, high))
    }

    #[inline]
    fn first_obs(&self, state: &[f64; 4]) -> [f32; 4] {
        state.map(|number| number as f32)
    }

    #[inline(always)]
    fn step<V: Wide>(&self, state: [V; 4], action: V, _noise: V) -> Outcome<V, 4, 4> {
        let [x, x_velocity, angle, angle_velocity] = state;
        let n = V::splat;
        let force = V::select(action.eq(n(1.0)), n(FORCE), n(-FORCE));
        let (sin, cos) = trig::sin_cos(angle);

        let push = n(POLE_MASS_LENGTH) * (angle_velocity * angle_velocity) * sin;
        let push = (force + push) / n(MASS);
        let inertia = n(LENGTH) * (n(4.0 / 3.0) - n(MASS_POLE) * (cos * cos) / n(MASS));
        let angle_acceleration = (n(GRAVITY) * sin - cos * push) / inertia;
        let acceleration = push - n(POLE_MASS_LENGTH) * angle_acceleration * cos / n(MASS);

        let state = [
            x + n(TIME_STEP) * x_velocity,
            x_velocity + n(TIME_STEP) * acceleration,
            angle + n(TIME_STEP) * angle_velocity,
            angle_velocity + n(TIME_STEP) * angle_acceleration,
        ];
        let terminated = state[0].abs().gt(n(X_LIMIT)) | state[2].abs().gt(n(ANGLE_LIMIT));
        let reward =
            if self.sutton_barto_reward { V::select(terminated, n(-1.0), n(0.0)) } else { n(1.0) };
        Outcome { state, obs: state, reward, terminated }
    }

    /// The picture is 600 by 400, the cart's axle 115 above the bottom.
    fn draw(&self, state: &[f64; 4], scene: &mut Scene) {
        const SCALE: f64 = 600.0 / (2.0 * X_LIMIT);
        let [x, _, angle, _] = *state;
        let x = x * SCALE + 300.0;
        let cart = [[-25.0, -15.0], [-25.0, 15.0], [25.0, 15.0], [25.0, -15.0]];
        let top = 2.0 * LENGTH * SCALE - 5.0;
        let pole = [[-5.0, -5.0], [-5.0, top], [5.0, top], [5.0, -5.0]];
        scene
            .view(0.0, 0.0, 600.0, 400.0)
            .polygon(&turned(&cart, 0.0, [x, 100.0]), BLACK)
            .polygon(&turned(&pole, -angle, [x, 107.5]), Color(202, 152, 101))
            .disc([x as f32, 107.5], 5.0, Color(129, 132, 203))
            .line([0.0, 100.0], [600.0, 100.0], BLACK);
    }
}
