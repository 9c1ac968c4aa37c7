//! LunarLander-v3: bring a lander down on its pad, with one main engine and two beside it.

mod moon;
mod scene;

use plugin_api::Element;
use plugin_api::prelude::*;

use crate::fleet::Member;
use crate::physics::{Pace, Vec2, World};
use crate::precise::sin_cos;
use moon::{Moon, PAD_HEIGHT};

/// Pixels of the original in a unit of length, and its size in units.
const SCALE: f64 = 30.0;
const WIDTH: f64 = 600.0 / SCALE;
const HEIGHT: f64 = 400.0 / SCALE;
const STEPS_PER_SECOND: f64 = 50.0;

const PACE: Pace =
    Pace { dt: (1.0 / STEPS_PER_SECOND) as f32, velocity_rounds: 180, position_rounds: 60 };

const MAIN_POWER: f64 = 13.0;
const SIDE_POWER: f64 = 0.6;
/// Where the engines sit, in pixels from the middle of the lander.
const MAIN_BELOW: f64 = 4.0;
const SIDE_ABOVE: f64 = 14.0;
const SIDE_AWAY: f64 = 12.0;
/// The original means the engines' height here, but takes another number.
const SIDE_SHIFT: f64 = 17.0;
const LEG_DOWN: f64 = 18.0;

params! {
    /// Params of LunarLander.
    pub struct LunarLanderParams {
        /// Gravity; above −12 and below 0.
        gravity: f64 = -10.0 in -12.0..=0.0,
        /// Whether wind and turbulence push the lander while no leg is on the ground.
        enable_wind: bool = false,
        /// Strongest push of the wind; more than 20 is hard to fly in.
        wind_power: f64 = 15.0 in -1000.0..=1000.0,
        /// Strongest twist of the turbulence; more than 2 is hard to fly in.
        turbulence_power: f64 = 1.5 in -1000.0..=1000.0,
    }
}

/// How engines are commanded.
pub trait Command: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// The number type of actions.
    type Action: Element;

    /// What actions look like.
    fn space() -> Space;

    /// Power of the main engine, and direction and power of the one beside, none where it is off.
    fn engines(action: &[Self::Action]) -> (f64, Option<(f64, f64)>);
}

/// An engine at a time, at full power.
#[derive(Clone, Debug)]
pub struct Discrete;

/// Both engines with a throttle.
#[derive(Clone, Debug)]
pub struct Continuous;

impl Command for Discrete {
    const NAME: &'static str = "LunarLander-v3";
    type Action = i64;

    fn space() -> Space {
        Space::discrete(4)
    }

    #[inline]
    fn engines(action: &[i64]) -> (f64, Option<(f64, f64)>) {
        match action[0] {
            1 => (0.0, Some((-1.0, 1.0))),
            2 => (1.0, None),
            3 => (0.0, Some((1.0, 1.0))),
            _ => (0.0, None),
        }
    }
}

impl Command for Continuous {
    const NAME: &'static str = "LunarLanderContinuous-v3";
    type Action = f32;

    fn space() -> Space {
        Space::range::<f32>(-1.0, 1.0, &[2])
    }

    #[inline]
    fn engines(action: &[f32]) -> (f64, Option<(f64, f64)>) {
        let [main, side] = [action[0], action[1]].map(|part| f64::from(part.clamp(-1.0, 1.0)));
        let main = if main > 0.0 { (main + 1.0) * 0.5 } else { 0.0 };
        let beside = (side.abs() > 0.5).then(|| (side.signum(), side.abs()));
        (main, beside)
    }
}

/// The lander over the moon.
#[derive(Clone, Debug)]
pub struct LunarLander<C> {
    params: LunarLanderParams,
    moon: Moon,
    has_crashed: bool,
    legs_down: [bool; 2],
    /// How good the last step's position was; rewards are differences.
    potential: f64,
    /// Where wind and turbulence are in their courses.
    weather: [i64; 2],
    /// Powers of the main engine and of the one beside, with its side as the sign: for the eye.
    flames: [f64; 2],
    command: std::marker::PhantomData<C>,
}

impl<C: Command> Env for LunarLander<C> {
    const NAME: &'static str = C::NAME;
    type Params = LunarLanderParams;
    type Obs = f32;
    type Action = C::Action;

    fn new(params: &LunarLanderParams) -> Result<Self> {
        if params.gravity <= -12.0 || params.gravity >= 0.0 {
            return Err(Error::argument(format!(
                "`gravity` is {}, but must lie above -12 and below 0",
                params.gravity
            )));
        }
        Ok(Self {
            params: params.clone(),
            moon: Moon::new(params.gravity, [PAD_HEIGHT; 11]),
            has_crashed: false,
            legs_down: [false; 2],
            potential: 0.0,
            weather: [0; 2],
            flames: [0.0; 2],
            command: std::marker::PhantomData,
        })
    }

    fn task(&self) -> Task {
        let turn = 2.0 * std::f32::consts::PI;
        let low = [-2.5, -2.5, -10.0, -10.0, -turn, -10.0, -0.0, -0.0];
        let high = [2.5, 2.5, 10.0, 10.0, turn, 10.0, 1.0, 1.0];
        // The wind goes through the C library's hyperbolic tangent.
        let determinism =
            if self.params.enable_wind { Determinism::Machine } else { Determinism::Portable };
        Task::new(Space::bounded(&low, &high), C::space(), 1000)
            .threshold(200.0)
            .frame_rate(STEPS_PER_SECOND)
            .determinism(determinism)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        self.moon.renew(moon::heights(rng));
        let push = Vec2::of(rng.uniform(-1000.0, 1000.0), rng.uniform(-1000.0, 1000.0));
        self.moon.lander_mut().push(push);
        if self.params.enable_wind {
            self.weather = [rng.integers(-9999, 9999), rng.integers(-9999, 9999)];
        }
        self.has_crashed = false;
        self.legs_down = [false; 2];
        // The first observation is that of a step with all engines off.
        self.fire(0.0, None, rng);
        self.moon.world_mut().step(PACE);
        self.notice();
        self.potential = self.look(obs).1;
    }

    fn step(&mut self, action: &[C::Action], rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.step_alone(action, rng, obs)
    }

    fn state(&mut self, archive: &mut Archive) {
        self.moon.state(archive);
        archive.value("has_crashed", &mut self.has_crashed);
        archive.slice("legs_down", &mut self.legs_down);
        archive.value("potential", &mut self.potential);
        archive.slice("weather", &mut self.weather);
        archive.slice("flames", &mut self.flames);
    }

    fn render(&self, scene: &mut Scene) -> bool {
        scene::draw(&self.moon, self.flames, scene);
        true
    }
}

impl<C: Command> Member for LunarLander<C> {
    const PACE: Pace = PACE;

    fn act(&mut self, action: &[C::Action], rng: &mut Rng) {
        let (main, beside) = C::engines(action);
        self.fire(main, beside, rng);
    }

    fn world_mut(&mut self) -> &mut World {
        self.moon.world_mut()
    }

    fn judge(&mut self, _action: &[C::Action], obs: &mut [f32]) -> Step {
        self.notice();
        let (across, potential) = self.look(obs);
        let mut reward = potential - self.potential;
        self.potential = potential;
        reward -= self.flames[0] * 0.30;
        reward -= self.flames[1].abs() * 0.03;
        if !self.moon.lander().is_awake() {
            Step::terminate(100.0)
        } else if self.has_crashed || across.abs() >= 1.0 {
            Step::terminate(-100.0)
        } else {
            Step::go_on(reward)
        }
    }
}

impl<C: Command> LunarLander<C> {
    /// Lets weather and engines act, before time passes.
    fn fire(&mut self, main: f64, beside: Option<(f64, f64)>, rng: &mut Rng) {
        if self.params.enable_wind && self.legs_down == [false; 2] {
            self.blow();
        }
        let lander = self.moon.lander_mut();
        let (sin, cos) = sin_cos(f64::from(lander.angle()));
        let Vec2 { x, y } = lander.position();
        let (x, y) = (f64::from(x), f64::from(y));
        let [a, b] = [(); 2].map(|()| rng.uniform(-1.0, 1.0) / SCALE);
        if main > 0.0 {
            let along = MAIN_BELOW / SCALE + 2.0 * a;
            let (ox, oy) = (sin * along + -cos * b, -cos * along - sin * b);
            let impulse = Vec2::of(-ox * MAIN_POWER * main, -oy * MAIN_POWER * main);
            lander.kick(impulse, Vec2::of(x + ox, y + oy));
        }
        if let Some((direction, power)) = beside {
            let across = 3.0 * b + direction * SIDE_AWAY / SCALE;
            let (ox, oy) = (sin * a + -cos * across, -cos * a - sin * across);
            let at_x = x + ox - sin * SIDE_SHIFT / SCALE;
            let at_y = y + oy + cos * SIDE_ABOVE / SCALE;
            let impulse = Vec2::of(-ox * SIDE_POWER * power, -oy * SIDE_POWER * power);
            lander.kick(impulse, Vec2::of(at_x, at_y));
        }
        self.flames = [main, beside.map_or(0.0, |(direction, power)| direction * power)];
    }

    /// Notes what has touched the ground.
    fn notice(&mut self) {
        self.moon.notice(&mut self.has_crashed, &mut self.legs_down);
    }

    /// The wind and the turbulence: tanh(sin 2kt + sin πkt) never repeats itself.
    fn blow(&mut self) {
        let gust = |at: i64| {
            let at = at as f64;
            let slow = sin_cos(0.02 * at).0;
            (slow + sin_cos(std::f64::consts::PI * 0.01 * at).0).tanh()
        };
        let LunarLanderParams { wind_power, turbulence_power, .. } = self.params;
        let lander = self.moon.lander_mut();
        lander.push(Vec2::of(gust(self.weather[0]) * wind_power, 0.0));
        lander.twist((gust(self.weather[1]) * turbulence_power) as f32);
        self.weather = self.weather.map(|at| at + 1);
    }

    /// Writes what is seen. Returns how far the lander is from the middle, and how good its state.
    fn look(&self, obs: &mut [f32]) -> (f64, f64) {
        let lander = self.moon.lander();
        let (at, velocity) = (lander.position(), lander.velocity());
        let (half_width, half_height) = (WIDTH / 2.0, HEIGHT / 2.0);
        let legs = self.legs_down.map(|down| if down { 1.0 } else { 0.0 });
        let seen = [
            (f64::from(at.x) - half_width) / half_width,
            (f64::from(at.y) - (PAD_HEIGHT + LEG_DOWN / SCALE)) / half_height,
            f64::from(velocity.x) * half_width / STEPS_PER_SECOND,
            f64::from(velocity.y) * half_height / STEPS_PER_SECOND,
            f64::from(lander.angle()),
            20.0 * f64::from(lander.spin()) / STEPS_PER_SECOND,
            legs[0],
            legs[1],
        ];
        for (to, number) in obs.iter_mut().zip(seen) {
            *to = number as f32;
        }
        let [x, y, vx, vy, angle, ..] = seen;
        let potential = -100.0 * (x * x + y * y).sqrt()
            - 100.0 * (vx * vx + vy * vy).sqrt()
            - 100.0 * angle.abs()
            + 10.0 * legs[0]
            + 10.0 * legs[1];
        (x, potential)
    }
}
