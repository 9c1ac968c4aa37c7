//! What worlds have in common whose bodies move along x: params, place, reward and what is seen.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{clip, control_cost};
use crate::simulated::Row;

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
    };
}
pub(crate) use gait_params;

/// Makes a [`Gait`] of such params; so many coordinates are the place.
macro_rules! gait {
    ($params:expr, $place:literal) => {
        $crate::gait::Gait {
            forward_weight: $params.forward_reward_weight,
            control_weight: $params.ctrl_cost_weight,
            hidden: $place * usize::from($params.exclude_current_positions_from_observation),
        }
    };
}
pub(crate) use gait;

/// How moving along x is paid and seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gait {
    pub(crate) forward_weight: f64,
    pub(crate) control_weight: f64,
    /// Coordinates left out of what is seen.
    pub(crate) hidden: usize,
}

/// Where the body is along x.
pub(crate) fn place(now: &Simulation) -> [f64; 2] {
    [now.get(Numbers::Qpos)[0], 0.0]
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
    pub(crate) fn judge(&self, (forward, cost): (f64, f64), health: Health) -> Step {
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
pub(crate) struct Health {
    pub(crate) is_healthy: bool,
    pub(crate) reward: f64,
    pub(crate) ends: bool,
}
