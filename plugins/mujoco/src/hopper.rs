//! Hopper-v5: hop forward on one leg.

use libmujoco::{Numbers, Simulation};
use plugin_api::prelude::*;

use crate::gait::{Health, Runner, gait_params, within};
use crate::scene::{From, View};
use crate::simulated::range;

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

impl Runner for Hopper {
    const NAME: &'static str = "Hopper-v5";
    const THRESHOLD: Option<f64> = Some(3800.0);
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    const SPEED_MAX: Option<f64> = Some(10.0);
    type Params = HopperParams;

    fn new(params: &HopperParams) -> Result<Self> {
        let healthy = [
            range("healthy_state_range", &params.healthy_state_range)?,
            range("healthy_z_range", &params.healthy_z_range)?,
            range("healthy_angle_range", &params.healthy_angle_range)?,
        ];
        Ok(Self { params: params.clone(), healthy })
    }

    fn params(&self) -> &HopperParams {
        &self.params
    }

    fn health(&self, now: &Simulation) -> Option<Health> {
        Some(Health {
            is_healthy: self.is_healthy(now),
            reward: self.params.healthy_reward,
            ends: self.params.terminate_when_unhealthy,
        })
    }
}
