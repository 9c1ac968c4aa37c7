//! Humanoid-v5: run forward on two legs, with arms.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{clip, sum, sum_of_squares};
use crate::scene::{From, View};
use crate::simulated::{Row, World, range, shake};

params! {
    /// Params of Humanoid.
    pub struct HumanoidParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "humanoid.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 5 in 1..=1000,
        /// Weight of the speed.
        forward_reward_weight: f64 = 1.25,
        /// Weight of the control's cost.
        ctrl_cost_weight: f64 = 0.1,
        /// Weight of the cost of forces from outside.
        contact_cost_weight: f64 = 5e-7,
        /// Between which numbers that cost is kept.
        contact_cost_range: Vec<f64> = [-1e308, 10.0],
        /// Reward of each healthy step.
        healthy_reward: f64 = 5.0,
        /// Whether an episode ends when the humanoid is not healthy any more.
        terminate_when_unhealthy: bool = true,
        /// Between which heights it is healthy.
        healthy_z_range: Vec<f64> = [1.0, 2.0],
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

/// What is seen of a humanoid, standing up or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    /// Coordinates left out.
    pub(crate) hidden: usize,
    /// Whether inertias, velocities, forces of motors and forces from outside are seen.
    pub(crate) parts: [bool; 4],
}

/// Makes a [`Sight`] of the params that both worlds have.
macro_rules! sight {
    ($params:expr) => {
        $crate::humanoid::Sight {
            hidden: 2 * usize::from($params.exclude_current_positions_from_observation),
            parts: [
                $params.include_cinert_in_observation,
                $params.include_cvel_in_observation,
                $params.include_qfrc_actuator_in_observation,
                $params.include_cfrc_ext_in_observation,
            ],
        }
    };
}
pub(crate) use sight;

/// Costs of a step: that of the control, and that of forces from outside, which is kept in a range.
pub(crate) fn costs(now: &Simulation, weights: [f64; 2], range: [f64; 2]) -> [f64; 2] {
    let squares = |numbers| sum_of_squares(now.get(numbers).iter().copied());
    let outside = weights[1] * squares(Numbers::CfrcExt);
    [weights[0] * squares(Numbers::Ctrl), clip(outside, range[0], range[1])]
}

impl Sight {
    pub(crate) fn width(&self, model: &Model) -> usize {
        let bodies = model.bodies - 1;
        let widths = [10 * bodies, 6 * bodies, model.nv - 6, 6 * bodies];
        let parts = self.parts.into_iter().zip(widths);
        let seen: usize = parts.filter(|(seen, _)| *seen).map(|(_, width)| width).sum();
        model.nq + model.nv - self.hidden + seen
    }

    pub(crate) fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        row.copy(&now.get(Numbers::Qpos)[self.hidden..]);
        row.copy(now.get(Numbers::Qvel));
        // The world and the free joint are left out.
        let parts = [
            (Numbers::Cinert, 10),
            (Numbers::Cvel, 6),
            (Numbers::QfrcActuator, 6),
            (Numbers::CfrcExt, 6),
        ];
        for (seen, (numbers, first)) in self.parts.into_iter().zip(parts) {
            if seen {
                row.copy(&now.get(numbers)[first..]);
            }
        }
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Humanoid {
    params: HumanoidParams,
    healthy: [f64; 2],
    contact_costs: [f64; 2],
    sight: Sight,
}

impl World for Humanoid {
    const NAME: &'static str = "Humanoid-v5";
    const VIEW: View = View { from: From::Side, height: 2.4, body: 1 };
    type Params = HumanoidParams;

    fn new(params: &HumanoidParams, _model: &Model) -> Result<Self> {
        Ok(Self {
            healthy: range("healthy_z_range", &params.healthy_z_range)?,
            contact_costs: range("contact_cost_range", &params.contact_cost_range)?,
            sight: sight!(params),
            params: params.clone(),
        })
    }

    fn model(params: &HumanoidParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake(qvel, self.params.reset_noise_scale, rng);
    }

    /// The center of mass.
    fn place(&self, now: &Simulation) -> [f64; 2] {
        let masses = now.model().body_mass();
        let bodies = now.get(Numbers::Xipos).chunks_exact(3).zip(masses);
        let moment =
            bodies.fold([0.0; 2], |[x, y], (at, mass)| [x + mass * at[0], y + mass * at[1]]);
        let mass = sum(masses);
        moment.map(|moment| moment / mass)
    }

    fn judge(&self, now: &Simulation, _action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let height = now.get(Numbers::Qpos)[2];
        let is_healthy = self.healthy[0] < height && height < self.healthy[1];
        let forward = self.params.forward_reward_weight * (way[0] / dt);
        let healthy = if is_healthy { self.params.healthy_reward } else { 0.0 };
        let weights = [self.params.ctrl_cost_weight, self.params.contact_cost_weight];
        let [control, contact] = costs(now, weights, self.contact_costs);
        let reward = forward + healthy - (control + contact);
        Step::when(!is_healthy && self.params.terminate_when_unhealthy, reward)
    }

    fn width(&self, model: &Model) -> usize {
        self.sight.width(model)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        self.sight.look(now, row);
    }
}
