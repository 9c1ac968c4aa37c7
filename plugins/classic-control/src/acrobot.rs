//! Acrobot-v1: two hanging links and a motor between them must swing the free end above the bar.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use plugin_api::prelude::*;
use plugin_api::simd::{Mask, Wide};

use crate::picture::{BLACK, turned};
use crate::world::{Outcome, World, start_bounds};
use maths::{square::square, trig, trig32};

params! {
    /// Params of Acrobot.
    pub struct AcrobotParams {
        /// Equations of the book, or those of the older paper, which lack a term.
        book_or_nips: String = "book" of ["book", "nips"],
        /// Greatest disturbance of the torque.
        torque_noise_max: f64 = 0.0 in 0.0..=100.0 unit "N m",
        /// Time between two steps.
        dt: f64 = 0.2 in 0.0..=0.5 unit "s",
        /// Lower bound of every number of the start.
        low: f64 = -0.1 in -10.0..=10.0,
        /// Upper bound of every number of the start.
        high: f64 = 0.1 in -10.0..=10.0,
    }
}

const GRAVITY: f64 = 9.8;
const SPEED_LIMITS: [f64; 2] = [4.0 * PI, 9.0 * PI];

/// An angle this large comes from an explosion of the integration, and is not wrapped any more.
const ANGLE_LIMIT: f64 = 1e5;

/// The links and what a start may look like.
#[derive(Clone, Debug)]
pub struct Acrobot {
    of_the_book: bool,
    torque_noise_max: f64,
    dt: f64,
    start: (f64, f64),
}

/// Two angles and their velocities, or how fast these change.
type Motion<V> = [V; 4];

impl World<4, 6> for Acrobot {
    const NAME: &'static str = "Acrobot-v1";
    const COLUMNS: [&'static str; 4] = ["angle1", "angle2", "velocity1", "velocity2"];
    type Params = AcrobotParams;
    type Action = i64;

    fn new(params: &AcrobotParams) -> Result<Self> {
        Ok(Self {
            of_the_book: params.book_or_nips == "book",
            torque_noise_max: params.torque_noise_max,
            dt: params.dt,
            start: start_bounds(params.low, params.high)?,
        })
    }

    fn task(&self) -> Task {
        let [first, second] = SPEED_LIMITS.map(|limit| limit as f32);
        let high = [1.0, 1.0, 1.0, 1.0, first, second];
        Task::new(Space::bounded(&high.map(|bound| -bound), &high), Space::discrete(3), 500)
            .threshold(-100.0)
            .rewards(-1.0, 0.0)
            .frame_rate(15.0)
    }

    /// Gymnasium starts with numbers in single precision.
    fn start(&self, rng: &mut Rng) -> [f64; 4] {
        let (low, high) = self.start;
        [(); 4].map(|()| f64::from(rng.uniform(low, high) as f32))
    }

    fn first_obs(&self, state: &[f64; 4]) -> [f32; 6] {
        let [angle1, angle2, velocity1, velocity2] = state.map(|number| number as f32);
        let ((sin1, cos1), (sin2, cos2)) = (trig32::sin_cos(angle1), trig32::sin_cos(angle2));
        [cos1, sin1, cos2, sin2, velocity1, velocity2]
    }

    fn is_noisy(&self) -> bool {
        self.torque_noise_max > 0.0
    }

    fn noise(&self, rng: &mut Rng) -> f64 {
        rng.uniform(-self.torque_noise_max, self.torque_noise_max)
    }

    #[inline(always)]
    fn step<V: Wide>(&self, state: [V; 4], action: V, noise: V) -> Outcome<V, 4, 6> {
        let torque = (action - V::splat(1.0)) + noise;
        let [angle1, angle2, velocity1, velocity2] = self.integrated(state, torque);
        let state = [
            wrapped(angle1),
            wrapped(angle2),
            velocity1.clip(-SPEED_LIMITS[0], SPEED_LIMITS[0]),
            velocity2.clip(-SPEED_LIMITS[1], SPEED_LIMITS[1]),
        ];
        let (sin1, cos1) = trig::sin_cos(state[0]);
        let (sin2, cos2) = trig::sin_cos(state[1]);
        let height = -cos1 - trig::cos(state[1] + state[0]);
        let terminated = height.gt(V::splat(1.0));
        Outcome {
            state,
            obs: [cos1, sin1, cos2, sin2, state[2], state[3]],
            reward: V::select(terminated, V::splat(0.0), V::splat(-1.0)),
            terminated,
        }
    }

    /// The picture is 4.4 by 4.4 link lengths.
    fn draw(&self, state: &[f64; 4], scene: &mut Scene) {
        const LINK: Color = Color(0, 204, 204);
        const JOINT: Color = Color(204, 204, 0);
        let link = [[0.0, -0.1], [0.0, 0.1], [1.0, 0.1], [1.0, -0.1]];
        let first = state[0] - FRAC_PI_2;
        let second = first + state[1];
        let elbow = [first.cos(), first.sin()];
        scene
            .view(-2.2, -2.2, 2.2, 2.2)
            .line([-2.2, 1.0], [2.2, 1.0], BLACK)
            .polygon(&turned(&link, first, [0.0; 2]), LINK)
            .disc([0.0, 0.0], 0.1, JOINT)
            .polygon(&turned(&link, second, elbow), LINK)
            .disc(elbow.map(|number| number as f32), 0.1, JOINT);
    }
}

impl Acrobot {
    /// One step of the classic Runge-Kutta method.
    #[inline(always)]
    fn integrated<V: Wide>(&self, state: Motion<V>, torque: V) -> Motion<V> {
        let n = V::splat;
        let along = |change: Motion<V>, time: f64| add(state, scale(change, n(time)));
        let k1 = self.change(state, torque);
        let k2 = self.change(along(k1, self.dt / 2.0), torque);
        let k3 = self.change(along(k2, self.dt / 2.0), torque);
        let k4 = self.change(along(k3, self.dt), torque);
        let sum = add(add(add(k1, scale(k2, n(2.0))), scale(k3, n(2.0))), k4);
        add(state, scale(sum, n(self.dt / 6.0)))
    }

    /// How fast the state changes: both links are 1 m long and weigh 1 kg, with their centre of
    /// mass in the middle and a moment of inertia of 1 kg m².
    #[inline(always)]
    fn change<V: Wide>(&self, state: Motion<V>, torque: V) -> Motion<V> {
        let [angle1, angle2, velocity1, velocity2] = state;
        let n = V::splat;
        let (sin2, cos2) = trig::sin_cos(angle2);
        let d1 = n(0.25) + (n(1.25) + cos2) + n(1.0) + n(1.0);
        let d2 = (n(0.25) + n(0.5) * cos2) + n(1.0);
        let phi2 = n(0.5 * GRAVITY) * trig::cos(angle1 + angle2 - n(FRAC_PI_2));
        let phi1 = n(-0.5) * square(velocity2) * sin2 - velocity2 * velocity1 * sin2
            + n(1.5 * GRAVITY) * trig::cos(angle1 - n(FRAC_PI_2))
            + phi2;
        let pull = torque + d2 / d1 * phi1;
        let pull = if self.of_the_book { pull - n(0.5) * square(velocity1) * sin2 } else { pull };
        let acceleration2 = (pull - phi2) / (n(1.25) - square(d2) / d1);
        let acceleration1 = -(d2 * acceleration2 + phi1) / d1;
        [velocity1, velocity2, acceleration1, acceleration2]
    }
}

#[inline(always)]
fn add<V: Wide>(a: Motion<V>, b: Motion<V>) -> Motion<V> {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]
}

#[inline(always)]
fn scale<V: Wide>(motion: Motion<V>, factor: V) -> Motion<V> {
    let [a, b, c, d] = motion;
    [factor * a, factor * b, factor * c, factor * d]
}

/// The angle between −π and π, by whole turns one after another, since each one rounds.
#[inline(always)]
fn wrapped<V: Wide>(angle: V) -> V {
    let (n, turn) = (V::splat, V::splat(TAU));
    let mut angle = V::select(angle.abs().lt(n(ANGLE_LIMIT)), angle, n(f64::NAN));
    while angle.gt(n(PI)).any() {
        angle = V::select(angle.gt(n(PI)), angle - turn, angle);
    }
    while angle.lt(n(-PI)).any() {
        angle = V::select(angle.lt(n(-PI)), angle + turn, angle);
    }
    angle
}
