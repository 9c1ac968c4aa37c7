//! Ant-v5: run forward on four legs.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{clip, control_cost, sum_of_squares};
use crate::scene::{From, View};
use crate::simulated::{Row, World, range, shake, shake_normally};

params! {
    /// Params of Ant.
    pub struct AntParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "ant.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 5 in 1..=1000,
        /// Weight of the speed.
        forward_reward_weight: f64 = 1.0,
        /// Weight of the control's cost.
        ctrl_cost_weight: f64 = 0.5,
        /// Weight of the cost of forces from outside.
        contact_cost_weight: f64 = 0.0005,
        /// Reward of each healthy step.
        healthy_reward: f64 = 1.0,
        /// The body whose speed counts.
        main_body: i64 = 1 in 0..=1000,
        /// Whether an episode ends when the ant is not healthy any more.
        terminate_when_unhealthy: bool = true,
        /// From which height to which it is healthy.
        healthy_z_range: Vec<f64> = [0.2, 1.0],
        /// Between which numbers forces are seen and counted.
        contact_force_range: Vec<f64> = [-1.0, 1.0],
        /// How much starts differ.
        reset_noise_scale: f64 = 0.1 in 0.0..=100.0,
        /// Whether x and y are left out of what is seen.
        exclude_current_positions_from_observation: bool = true,
        /// Whether forces from outside are seen.
        include_cfrc_ext_in_observation: bool = true,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Ant {
    params: AntParams,
    main_body: usize,
    healthy: [f64; 2],
    forces: [f64; 2],
}

impl Ant {
    fn forces(&self, now: &Simulation) -> impl Iterator<Item = f64> {
        let [low, high] = self.forces;
        now.get(Numbers::CfrcExt).iter().map(move |&force| clip(force, low, high))
    }
}

impl World for Ant {
    const NAME: &'static str = "Ant-v5";
    const THRESHOLD: Option<f64> = Some(6000.0);
    const VIEW: View = View { from: From::Corner, height: 4.0, body: 1 };
    type Params = AntParams;

    fn new(params: &AntParams, model: &Model) -> Result<Self> {
        let main_body = params.main_body as usize;
        if main_body >= model.bodies {
            return Err(Error::argument(format!(
                "`main_body` is {main_body}, but the model has bodies 0 to {}",
                model.bodies - 1
            )));
        }
        let healthy = range("healthy_z_range", &params.healthy_z_range)?;
        let forces = range("contact_force_range", &params.contact_force_range)?;
        Ok(Self { params: params.clone(), main_body, healthy, forces })
    }

    fn model(params: &AntParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake_normally(qvel, self.params.reset_noise_scale, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        let at = &now.get(Numbers::Xpos)[3 * self.main_body..];
        [at[0], at[1]]
    }

    fn judge(&self, now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let (qpos, qvel) = (now.get(Numbers::Qpos), now.get(Numbers::Qvel));
        let [low, high] = self.healthy;
        let is_healthy = qpos.iter().chain(qvel).all(|number| number.is_finite())
            && low <= qpos[2]
            && qpos[2] <= high;
        let forward = way[0] / dt * self.params.forward_reward_weight;
        let healthy = if is_healthy { self.params.healthy_reward } else { 0.0 };
        let contact = self.params.contact_cost_weight * sum_of_squares(self.forces(now));
        let costs = control_cost(self.params.ctrl_cost_weight, action) + contact;
        Step::when(!is_healthy && self.params.terminate_when_unhealthy, forward + healthy - costs)
    }

    fn width(&self, model: &Model) -> usize {
        let forces = if self.params.include_cfrc_ext_in_observation { model.bodies - 1 } else { 0 };
        let hidden = 2 * usize::from(self.params.exclude_current_positions_from_observation);
        model.nq + model.nv - hidden + 6 * forces
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        let hidden = 2 * usize::from(self.params.exclude_current_positions_from_observation);
        row.copy(&now.get(Numbers::Qpos)[hidden..]);
        row.copy(now.get(Numbers::Qvel));
        if self.params.include_cfrc_ext_in_observation {
            row.add(self.forces(now).skip(6));
        }
    }
}
