//! Walker2d-v5: walk forward on two legs.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{clip, control_cost};
use crate::scene::{From, View};
use crate::simulated::{Row, World, range, shake};

params! {
    /// Params of Walker2d.
    pub struct Walker2dParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "walker2d_v5.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 4 in 1..=1000,
        /// Weight of the speed.
        forward_reward_weight: f64 = 1.0,
        /// Weight of the control's cost.
        ctrl_cost_weight: f64 = 0.001,
        /// Reward of each healthy step.
        healthy_reward: f64 = 1.0,
        /// Whether an episode ends when the walker is not healthy any more.
        terminate_when_unhealthy: bool = true,
        /// Between which heights it is healthy.
        healthy_z_range: Vec<f64> = [0.8, 2.0],
        /// Between which angles it is healthy.
        healthy_angle_range: Vec<f64> = [-1.0, 1.0],
        /// How much starts differ.
        reset_noise_scale: f64 = 0.005 in 0.0..=100.0,
        /// Whether x is left out of what is seen.
        exclude_current_positions_from_observation: bool = true,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Walker2d {
    params: Walker2dParams,
    healthy: [[f64; 2]; 2],
}

impl World for Walker2d {
    const NAME: &'static str = "Walker2d-v5";
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    type Params = Walker2dParams;

    fn new(params: &Walker2dParams, _model: &Model) -> Result<Self> {
        let healthy = [
            range("healthy_z_range", &params.healthy_z_range)?,
            range("healthy_angle_range", &params.healthy_angle_range)?,
        ];
        Ok(Self { params: params.clone(), healthy })
    }

    fn model(params: &Walker2dParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake(qvel, self.params.reset_noise_scale, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        [now.get(Numbers::Qpos)[0], 0.0]
    }

    fn judge(&self, now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let within = |number: f64, [low, high]: [f64; 2]| low < number && number < high;
        let qpos = now.get(Numbers::Qpos);
        let is_healthy = within(qpos[1], self.healthy[0]) && within(qpos[2], self.healthy[1]);
        let forward = self.params.forward_reward_weight * (way[0] / dt);
        let healthy = if is_healthy { self.params.healthy_reward } else { 0.0 };
        let cost = control_cost(self.params.ctrl_cost_weight, action);
        Step::when(!is_healthy && self.params.terminate_when_unhealthy, forward + healthy - cost)
    }

    fn width(&self, model: &Model) -> usize {
        model.nq + model.nv - usize::from(self.params.exclude_current_positions_from_observation)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        let hidden = usize::from(self.params.exclude_current_positions_from_observation);
        row.copy(&now.get(Numbers::Qpos)[hidden..]);
        row.add(now.get(Numbers::Qvel).iter().map(|&speed| clip(speed, -10.0, 10.0)));
    }
}
