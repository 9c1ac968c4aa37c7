//! Pusher-v5: push a cylinder to a place on the table.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{control_cost, norm};
use crate::scene::{From, View};
use crate::simulated::{Row, World, shake};

params! {
    /// Params of Pusher.
    pub struct PusherParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "pusher_v5.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 5 in 1..=1000,
        /// Weight of the distance between arm and cylinder.
        reward_near_weight: f64 = 0.5,
        /// Weight of the distance between cylinder and goal.
        reward_dist_weight: f64 = 1.0,
        /// Weight of the control's cost.
        reward_control_weight: f64 = 0.1,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct Pusher {
    params: PusherParams,
    tips: usize,
    object: usize,
    goal: usize,
}

fn body(now: &Simulation, body: usize) -> &[f64] {
    &now.get(Numbers::Xpos)[3 * body..3 * body + 3]
}

impl World for Pusher {
    const NAME: &'static str = "Pusher-v5";
    const MAX_STEPS: u32 = 100;
    const THRESHOLD: Option<f64> = Some(0.0);
    const VIEW: View = View { from: From::Corner, height: 2.4, body: 0 };
    type Params = PusherParams;

    fn new(params: &PusherParams, model: &Model) -> Result<Self> {
        Ok(Self {
            params: params.clone(),
            tips: model.body("tips_arm")?,
            object: model.body("object")?,
            goal: model.body("goal")?,
        })
    }

    fn model(params: &PusherParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        let cylinder = loop {
            let cylinder = [rng.uniform(-0.3, 0.0), rng.uniform(-0.2, 0.2)];
            if norm(&cylinder) > 0.17 {
                break cylinder;
            }
        };
        let last = qpos.len() - 4;
        qpos[last..].copy_from_slice(&[cylinder[0], cylinder[1], 0.0, 0.0]);
        shake(qvel, 0.005, rng);
        let last = qvel.len() - 4;
        qvel[last..].fill(0.0);
    }

    fn judge(&self, now: &Simulation, action: &[f32], _way: [f64; 2], _dt: f64) -> Step {
        let [tips, object, goal] = [self.tips, self.object, self.goal].map(|id| body(now, id));
        let distance = |to: &[f64]| norm(&[0, 1, 2].map(|part| object[part] - to[part]));
        let near = -distance(tips) * self.params.reward_near_weight;
        let far = -distance(goal) * self.params.reward_dist_weight;
        let control = -control_cost(self.params.reward_control_weight, action);
        Step::go_on(far + control + near)
    }

    fn width(&self, _model: &Model) -> usize {
        7 + 7 + 9
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        row.copy(&now.get(Numbers::Qpos)[..7]);
        row.copy(&now.get(Numbers::Qvel)[..7]);
        for id in [self.tips, self.object, self.goal] {
            row.copy(body(now, id));
        }
    }
}
