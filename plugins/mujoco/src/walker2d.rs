//! Walker2d-v5: walk forward on two legs.

use libmujoco::{Numbers, Simulation};
use plugin_api::prelude::*;

use crate::gait::{Health, Runner, gait_params, within};
use crate::scene::{From, View};
use crate::simulated::range;

gait_params! {
    /// Params of Walker2d.
    Walker2dParams "walker2d_v5.xml" 4 0.001 0.005 {
        /// Reward of each healthy step.
        healthy_reward: f64 = 1.0,
        /// Whether an episode ends when the walker is not healthy any more.
        terminate_when_unhealthy: bool = true,
        /// Between which heights it is healthy.
        healthy_z_range: Vec<f64> = [0.8, 2.0],
        /// Between which angles it is healthy.
        healthy_angle_range: Vec<f64> = [-1.0, 1.0],
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Walker2d {
    params: Walker2dParams,
    healthy: [[f64; 2]; 2],
}

impl Walker2d {
    fn is_healthy(&self, now: &Simulation) -> bool {
        let [height, angle] = self.healthy;
        let qpos = now.get(Numbers::Qpos);
        within(qpos[1], height) && within(qpos[2], angle)
    }
}

impl Runner for Walker2d {
    const NAME: &'static str = "Walker2d-v5";
    const THRESHOLD: Option<f64> = None;
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    const SPEED_MAX: Option<f64> = Some(10.0);
    type Params = Walker2dParams;

    fn new(params: &Walker2dParams) -> Result<Self> {
        let healthy = [
            range("healthy_z_range", &params.healthy_z_range)?,
            range("healthy_angle_range", &params.healthy_angle_range)?,
        ];
        Ok(Self { params: params.clone(), healthy })
    }

    fn params(&self) -> &Walker2dParams {
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
