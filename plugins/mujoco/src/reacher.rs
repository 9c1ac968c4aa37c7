//! Reacher-v5: bring the tip of an arm to a target.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{control_cost, norm, sin_cos};
use crate::scene::{From, View};
use crate::simulated::{Row, World, shake};

params! {
    /// Params of Reacher.
    pub struct ReacherParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "reacher.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 2 in 1..=1000,
        /// Weight of the distance to the target.
        reward_dist_weight: f64 = 1.0,
        /// Weight of the control's cost.
        reward_control_weight: f64 = 1.0,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Reacher {
    params: ReacherParams,
    tip: usize,
    target: usize,
}

impl Reacher {
    fn gap(&self, now: &Simulation) -> [f64; 3] {
        let bodies = now.get(Numbers::Xpos);
        [0, 1, 2].map(|part| bodies[3 * self.tip + part] - bodies[3 * self.target + part])
    }
}

impl World for Reacher {
    const NAME: &'static str = "Reacher-v5";
    const MAX_STEPS: u32 = 50;
    const THRESHOLD: Option<f64> = Some(-3.75);
    const VIEW: View = View { from: From::Above, height: 0.6, body: 0 };
    type Params = ReacherParams;

    fn new(params: &ReacherParams, model: &Model) -> Result<Self> {
        let (tip, target) = (model.body("fingertip")?, model.body("target")?);
        Ok(Self { params: params.clone(), tip, target })
    }

    fn model(params: &ReacherParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, 0.1, rng);
        let target = loop {
            let target = [rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2)];
            if norm(&target) < 0.2 {
                break target;
            }
        };
        let last = qpos.len() - 2;
        qpos[last..].copy_from_slice(&target);
        shake(qvel, 0.005, rng);
        let last = qvel.len() - 2;
        qvel[last..].fill(0.0);
    }

    fn judge(&self, now: &Simulation, action: &[f32], _way: [f64; 2], _dt: f64) -> Step {
        let distance = -norm(&self.gap(now)) * self.params.reward_dist_weight;
        Step::go_on(distance - control_cost(self.params.reward_control_weight, action))
    }

    fn width(&self, model: &Model) -> usize {
        4 + (model.nq - 2) + 2 + 2
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        let qpos = now.get(Numbers::Qpos);
        row.add(qpos[..2].iter().map(|&angle| sin_cos(angle).1));
        row.add(qpos[..2].iter().map(|&angle| sin_cos(angle).0));
        row.copy(&qpos[2..]);
        row.copy(&now.get(Numbers::Qvel)[..2]);
        row.copy(&self.gap(now)[..2]);
    }
}
