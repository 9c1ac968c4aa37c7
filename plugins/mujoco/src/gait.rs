//! What worlds have in common whose bodies move along x: params, place, reward and what is seen. A
//! [`Runner`] is such a world and nothing else.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::Params;
use plugin_api::prelude::*;

use crate::numpy::{clip, control_cost};
use crate::scene::View;
use crate::simulated::{Row, World, shake};

/// Declares the params of such a world: the model, steps of the simulation, weight of the control's
/// cost, how much starts differ, and what it has of its own.
macro_rules! gait_params {
    (
        $(#[$meta:meta])* $name:ident $file:literal $frame_skip:literal $cost:literal
        $noise:literal { $($own:tt)* }
    ) => {
        plugin_api::params! {
            $(#[$meta])* pub struct $name {
                /// The model: a name among those that were fetched, or a path.
                xml_file: String = $file,
                /// Steps of the simulation in a step of the world.
                frame_skip: i64 = $frame_skip in 1..=1000,
                /// Weight of the speed.
                forward_reward_weight: f64 = 1.0,
                /// Weight of the control's cost.
                ctrl_cost_weight: f64 = $cost,
                /// How much starts differ.
                reset_noise_scale: f64 = $noise in 0.0..=100.0,
                /// Whether the place is left out of what is seen.
                exclude_current_positions_from_observation: bool = true,
                $($own)*
            }
        }

        impl $crate::gait::Basics for $name {
            fn model(&self) -> (&str, i64) {
                (&self.xml_file, self.frame_skip)
            }

            fn noise(&self) -> f64 {
                self.reset_noise_scale
            }

            fn gait(&self, place: usize) -> $crate::gait::Gait {
                $crate::gait::Gait {
                    forward_weight: self.forward_reward_weight,
                    control_weight: self.ctrl_cost_weight,
                    hidden: place * usize::from(self.exclude_current_positions_from_observation),
                }
            }
        }
    };
}
pub(crate) use gait_params;

/// What such params tell.
pub trait Basics: Params {
    /// The model, and steps of the simulation in a step of the world.
    fn model(&self) -> (&str, i64);
    /// How much starts differ.
    fn noise(&self) -> f64;
    /// How moving is paid and seen, where so many coordinates are the place.
    fn gait(&self, place: usize) -> Gait;
}

/// How moving along x is paid and seen.
#[derive(Clone, Copy, Debug)]
pub struct Gait {
    pub(crate) forward_weight: f64,
    pub(crate) control_weight: f64,
    /// Coordinates left out of what is seen.
    pub(crate) hidden: usize,
}

/// Whether a number lies between two others.
pub(crate) fn within(number: f64, [low, high]: [f64; 2]) -> bool {
    low < number && number < high
}

impl Gait {
    /// What the speed is worth, and what the control costs.
    pub(crate) fn worth(&self, action: &[f32], way: [f64; 2], dt: f64) -> (f64, f64) {
        (self.forward_weight * (way[0] / dt), control_cost(self.control_weight, action))
    }

    /// The reward of a step that pays for health, too, and whether it is the last.
    pub(crate) fn judge((forward, cost): (f64, f64), health: Health) -> Step {
        let healthy = if health.is_healthy { health.reward } else { 0.0 };
        Step::when(!health.is_healthy && health.ends, forward + healthy - cost)
    }

    pub(crate) fn width(&self, model: &Model) -> usize {
        model.nq + model.nv - self.hidden
    }

    /// Writes coordinates and velocities, which are cut where that is given.
    pub(crate) fn look(&self, now: &Simulation, speed_max: Option<f64>, row: &mut Row<'_>) {
        row.copy(&now.get(Numbers::Qpos)[self.hidden..]);
        let speeds = now.get(Numbers::Qvel);
        match speed_max {
            Some(most) => row.add(speeds.iter().map(|&speed| clip(speed, -most, most))),
            None => row.copy(speeds),
        }
    }
}

/// Whether a body is healthy, what that is worth, and whether an episode ends when it is not.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// Whether it is.
    pub is_healthy: bool,
    /// What a healthy step is worth.
    pub reward: f64,
    /// Whether one that is not ends the episode.
    pub ends: bool,
}

/// A world in which a body moves along x, and that is what it is paid for.
pub trait Runner: Clone + Send + 'static {
    /// The name users write.
    const NAME: &'static str;
    /// The mean return at which it counts as solved.
    const THRESHOLD: Option<f64>;
    /// How it is drawn.
    const VIEW: View;
    /// How many coordinates are its place.
    const PLACE: usize = 1;
    /// At what speeds are cut that are seen.
    const SPEED_MAX: Option<f64> = None;
    /// The params.
    type Params: Basics;

    /// The world as the params describe it.
    fn new(params: &Self::Params) -> Result<Self>;

    /// The params.
    fn params(&self) -> &Self::Params;

    /// Changes the velocities of the model's initial state to those of a start.
    fn set_off(&self, qvel: &mut [f64], rng: &mut Rng) {
        shake(qvel, self.params().noise(), rng);
    }

    /// How it is, where that is paid for.
    fn health(&self, _now: &Simulation) -> Option<Health> {
        None
    }
}

impl<R: Runner> World for R {
    const NAME: &'static str = R::NAME;
    const THRESHOLD: Option<f64> = R::THRESHOLD;
    const VIEW: View = R::VIEW;
    type Params = R::Params;

    fn new(params: &R::Params, _model: &Model) -> Result<Self> {
        R::new(params)
    }

    fn model(params: &R::Params) -> (&str, i64) {
        params.model()
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params().noise(), rng);
        self.set_off(qvel, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        [now.get(Numbers::Qpos)[0], 0.0]
    }

    fn judge(&self, now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let (forward, cost) = self.params().gait(R::PLACE).worth(action, way, dt);
        match self.health(now) {
            Some(health) => Gait::judge((forward, cost), health),
            None => Step::go_on(forward - cost),
        }
    }

    fn width(&self, model: &Model) -> usize {
        self.params().gait(R::PLACE).width(model)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        self.params().gait(R::PLACE).look(now, R::SPEED_MAX, row);
    }
}
