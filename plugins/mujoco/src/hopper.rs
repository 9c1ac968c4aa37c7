//! Hopper-v5: hop forward on one leg.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::gait::{self, Gait, Health, gait, gait_params, within};
use crate::scene::{From, View};
use crate::simulated::{Row, World, range, shake};

gait_params! {
    /// Params of Hopper.
    HopperParams "hopper.xml" 4 0.001 0.005 {
        /// Reward of each healthy step.
        healthy_reward: f64 = 1.0,
        /// Whether an episode ends when the hopper is not healthy any more.
        terminate_when_unhealthy: bool = true,
        /// Between which numbers all coordinates from the third on, and all velocities, are
        /// healthy.
        healthy_state_range: Vec<f64> = [-100.0, 100.0],
        /// Between which heights it is healthy.
        healthy_z_range: Vec<f64> = [0.7, 1e308],
        /// Between which angles it is healthy.
        healthy_angle_range: Vec<f64> = [-0.2, 0.2],
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Hopper {
    params: HopperParams,
    gait: Gait,
    healthy: [[f64; 2]; 3],
}

impl Hopper {
    fn is_healthy(&self, now: &Simulation) -> bool {
        let [state, height, angle] = self.healthy;
        let (qpos, qvel) = (now.get(Numbers::Qpos), now.get(Numbers::Qvel));
        qpos[2..].iter().chain(qvel).all(|&number| within(number, state))
            && within(qpos[1], height)
            && within(qpos[2], angle)
    }
}

impl World for Hopper {
    const NAME: &'static str = "Hopper-v5";
    const THRESHOLD: Option<f64> = Some(3800.0);
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    type Params = HopperParams;

    fn new(params: &HopperParams, _model: &Model) -> Result<Self> {
        let healthy = [
            range("healthy_state_range", &params.healthy_state_range)?,
            range("healthy_z_range", &params.healthy_z_range)?,
            range("healthy_angle_range", &params.healthy_angle_range)?,
        ];
        Ok(Self { params: params.clone(), gait: gait!(params, 1), healthy })
    }

    fn model(params: &HopperParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake(qvel, self.params.reset_noise_scale, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        gait::place(now)
    }

    fn judge(&self, now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let health = Health {
            is_healthy: self.is_healthy(now),
            reward: self.params.healthy_reward,
            ends: self.params.terminate_when_unhealthy,
        };
        self.gait.judge(self.gait.worth(action, way, dt), health)
    }

    fn width(&self, model: &Model) -> usize {
        self.gait.width(model)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        self.gait.look(now, Some(10.0), row);
    }
}
