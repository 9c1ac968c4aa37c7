//! Pendulum-v1: swing a pendulum up with a motor that is too weak to lift it, and hold it there.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use plugin_api::prelude::*;
use plugin_api::simd::Wide;

use crate::picture::{BLACK, turned};
use crate::world::{Outcome, World};
use maths::{square, trig};

params! {
    /// Params of Pendulum.
    pub struct PendulumParams {
        /// Acceleration of gravity.
        g: f64 = 10.0 in -1000.0..=1000.0 unit "m/s²",
        /// The angle at the start lies between this and its negative.
        x_init: f64 = (std::f64::consts::PI) in 0.0..=1_000_000.0 unit "rad",
        /// The angular velocity at the start lies between this and its negative.
        y_init: f64 = 1.0 in 0.0..=1000.0 unit "rad/s",
    }
}

const SPEED_LIMIT: f64 = 8.0;
const TORQUE_LIMIT: f64 = 2.0;
const TIME_STEP: f64 = 0.05;

/// The pendulum and what a start may look like.
#[derive(Clone, Debug)]
pub struct Pendulum {
    g: f64,
    start: [f64; 2],
}

impl World<4, 3> for Pendulum {
    const NAME: &'static str = "Pendulum-v1";
    /// The sine of the angle is kept because the next step needs it again; the torque is drawn.
    const COLUMNS: [&'static str; 4] = ["angle", "velocity", "sine", "torque"];
    type Params = PendulumParams;
    type Action = f32;

    fn new(params: &PendulumParams) -> Result<Self> {
        Ok(Self { g: params.g, start: [params.x_init, params.y_init] })
    }

    fn task(&self) -> Task {
        let high = [1.0, 1.0, SPEED_LIMIT as f32];
        let torque = Space::range::<f32>(-TORQUE_LIMIT, TORQUE_LIMIT, &[1]);
        let worst = PI * PI + 0.1 * SPEED_LIMIT * SPEED_LIMIT + 0.001 * TORQUE_LIMIT * TORQUE_LIMIT;
        Task::new(Space::bounded(&high.map(|bound: f32| -bound), &high), torque, 200)
            .rewards(-worst, 0.0)
    }

    fn start(&self, rng: &mut Rng) -> [f64; 4] {
        let [angle, velocity] = self.start.map(|bound| rng.uniform(-bound, bound));
        [angle, velocity, trig::sin(angle), 0.0]
    }

    fn first_obs(&self, state: &[f64; 4]) -> [f32; 3] {
        let (sin, cos) = trig::sin_cos(state[0]);
        [cos as f32, sin as f32, state[1] as f32]
    }

    #[inline(always)]
    fn step<V: Wide>(&self, state: [V; 4], action: V, _noise: V) -> Outcome<V, 4, 3> {
        let [angle, velocity, sin, _] = state;
        let n = V::splat;
        let single = |number: f64| n(f64::from(number as f32));
        // The torque is a `np.float32`, and so are its products with Python numbers.
        let torque = action.clip(-TORQUE_LIMIT, TORQUE_LIMIT);
        let effort = (single(0.001) * square::square_f32(torque)).round_f32();
        let costs = square::square(normalized(angle)) + n(0.1) * square::square(velocity) + effort;

        let lift = n(3.0 * self.g / 2.0) * sin + (n(3.0) * torque).round_f32();
        let velocity = (velocity + lift * n(TIME_STEP)).clip(-SPEED_LIMIT, SPEED_LIMIT);
        let angle = angle + velocity * n(TIME_STEP);
        let (sin, cos) = trig::sin_cos(angle);
        Outcome {
            state: [angle, velocity, sin, torque],
            obs: [cos, sin, velocity],
            reward: -costs,
            terminated: n(0.0).lt(n(0.0)),
        }
    }

    /// The picture is 4.4 by 4.4 rod lengths.
    fn draw(&self, state: &[f64; 4], scene: &mut Scene) {
        const ROD: Color = Color(204, 77, 77);
        let [angle, _, _, torque] = *state;
        let angle = angle + FRAC_PI_2;
        let rod = [[0.0, -0.1], [0.0, 0.1], [1.0, 0.1], [1.0, -0.1]];
        scene.view(-2.2, -2.2, 2.2, 2.2).polygon(&turned(&rod, angle, [0.0; 2]), ROD);
        for end in turned(&[[0.0, 0.0], [1.0, 0.0]], angle, [0.0; 2]) {
            scene.disc(end, 0.1, ROD);
        }
        if torque != 0.0 {
            draw_torque(torque, scene);
        }
        scene.disc([0.0, 0.0], 0.05, BLACK);
    }
}

/// The angle between −π and π, with the rounding of Python's `%`.
#[inline(always)]
fn normalized<V: Wide>(angle: V) -> V {
    let (n, turn) = (V::splat, V::splat(TAU));
    let from = angle + n(PI);
    let turns = (from.abs() * n(1.0 / TAU)).trunc();
    // The product may be one turn off; the rest and its correction are exact.
    let rest = (-turns).mul_add(turn, from.abs());
    let rest = V::select(rest.lt(n(0.0)), rest + turn, rest);
    let rest = V::select(rest.ge(turn), rest - turn, rest).copysign(from);
    V::select(rest.lt(n(0.0)), rest + turn, rest) - n(PI)
}

/// An arrow around the axle, longer the greater the torque.
fn draw_torque(torque: f64, scene: &mut Scene) {
    const POINTS: u32 = 24;
    const RADIUS: f64 = 0.5;
    let (end, side) = (0.75 * TAU * torque.abs() / TORQUE_LIMIT, torque.signum());
    let at = |angle: f64, radius: f64| {
        let angle = FRAC_PI_2 + side * angle;
        [(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]
    };
    let arc: Vec<_> =
        (0..=POINTS).map(|idx| at(end * f64::from(idx) / f64::from(POINTS), RADIUS)).collect();
    let tip = [at(end, RADIUS - 0.1), at(end, RADIUS + 0.1), at(end + 0.3, RADIUS)];
    scene.path(&arc, BLACK).polygon(&tip, BLACK);
}
