//! HumanoidStandup-v5: stand up from lying on the back.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::humanoid::{Sight, costs, sight};
use crate::scene::{From, View};
use crate::simulated::{Row, World, range, shake};

params! {
    /// Params of HumanoidStandup.
    pub struct HumanoidStandupParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "humanoidstandup.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 5 in 1..=1000,
        /// Weight of the height, which the original leaves without effect.
        uph_cost_weight: f64 = 1.0,
        /// Weight of the control's cost.
        ctrl_cost_weight: f64 = 0.1,
        /// Weight of the cost of forces from outside.
        impact_cost_weight: f64 = 5e-7,
        /// Between which numbers that cost is kept.
        impact_cost_range: Vec<f64> = [-1e308, 10.0],
        /// How much starts differ.
        reset_noise_scale: f64 = 0.01 in 0.0..=100.0,
        /// Whether x and y are left out of what is seen.
        exclude_current_positions_from_observation: bool = true,
        /// Whether inertias are seen.
        include_cinert_in_observation: bool = true,
        /// Whether velocities of bodies are seen.
        include_cvel_in_observation: bool = true,
        /// Whether forces of motors are seen.
        include_qfrc_actuator_in_observation: bool = true,
        /// Whether forces from outside are seen.
        include_cfrc_ext_in_observation: bool = true,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct HumanoidStandup {
    params: HumanoidStandupParams,
    impact_costs: [f64; 2],
    sight: Sight,
}

impl World for HumanoidStandup {
    const NAME: &'static str = "HumanoidStandup-v5";
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    type Params = HumanoidStandupParams;

    fn new(params: &HumanoidStandupParams, _model: &Model) -> Result<Self> {
        Ok(Self {
            impact_costs: range("impact_cost_range", &params.impact_cost_range)?,
            sight: sight!(params),
            params: params.clone(),
        })
    }

    fn model(params: &HumanoidStandupParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake(qvel, self.params.reset_noise_scale, rng);
    }

    fn judge(&self, now: &Simulation, _action: &[f32], _way: [f64; 2], _dt: f64) -> Step {
        let height = now.get(Numbers::Qpos)[2] / now.model().timestep;
        let weights = [self.params.ctrl_cost_weight, self.params.impact_cost_weight];
        let [control, impact] = costs(now, weights, self.impact_costs);
        Step::go_on(height - control - impact + 1.0)
    }

    fn width(&self, model: &Model) -> usize {
        self.sight.width(model)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        self.sight.look(now, row);
    }
}
