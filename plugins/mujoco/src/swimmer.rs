//! Swimmer-v5: swim forward with two joints.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::control_cost;
use crate::scene::{From, View};
use crate::simulated::{Row, World, shake};

params! {
    /// Params of Swimmer.
    pub struct SwimmerParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "swimmer.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 4 in 1..=1000,
        /// Weight of the speed.
        forward_reward_weight: f64 = 1.0,
        /// Weight of the control's cost.
        ctrl_cost_weight: f64 = 0.0001,
        /// How much starts differ.
        reset_noise_scale: f64 = 0.1 in 0.0..=100.0,
        /// Whether x and y are left out of what is seen.
        exclude_current_positions_from_observation: bool = true,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Swimmer(SwimmerParams);

impl World for Swimmer {
    const NAME: &'static str = "Swimmer-v5";
    const THRESHOLD: Option<f64> = Some(360.0);
    const VIEW: View = View { from: From::Above, height: 6.0, body: 1 };
    type Params = SwimmerParams;

    fn new(params: &SwimmerParams, _model: &Model) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn model(params: &SwimmerParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.0.reset_noise_scale, rng);
        shake(qvel, self.0.reset_noise_scale, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        [now.get(Numbers::Qpos)[0], 0.0]
    }

    fn judge(&self, _now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let forward = self.0.forward_reward_weight * (way[0] / dt);
        Step::go_on(forward - control_cost(self.0.ctrl_cost_weight, action))
    }

    fn width(&self, model: &Model) -> usize {
        model.nq + model.nv - 2 * usize::from(self.0.exclude_current_positions_from_observation)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        let hidden = 2 * usize::from(self.0.exclude_current_positions_from_observation);
        row.copy(&now.get(Numbers::Qpos)[hidden..]);
        row.copy(now.get(Numbers::Qvel));
    }
}
