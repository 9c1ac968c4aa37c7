//! InvertedDoublePendulum-v5: balance a pole on a pole on a cart.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::numpy::{clip, sin_cos, square};
use crate::scene::{From, View};
use crate::simulated::{Row, World, shake, shake_normally};

params! {
    /// Params of InvertedDoublePendulum.
    pub struct InvertedDoublePendulumParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "inverted_double_pendulum.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 5 in 1..=1000,
        /// Reward of each step in which the poles stand.
        healthy_reward: f64 = 10.0,
        /// How much starts differ.
        reset_noise_scale: f64 = 0.1 in 0.0..=100.0,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct InvertedDoublePendulum(InvertedDoublePendulumParams);

impl World for InvertedDoublePendulum {
    const NAME: &'static str = "InvertedDoublePendulum-v5";
    const THRESHOLD: Option<f64> = Some(9100.0);
    const VIEW: View = View { from: From::Side, height: 2.0, body: 0 };
    type Params = InvertedDoublePendulumParams;

    fn new(params: &InvertedDoublePendulumParams, model: &Model) -> Result<Self> {
        if model.sites == 0 || model.nv < 3 {
            return Err(Error::argument("the model has no two poles with a tip; check `xml_file`"));
        }
        Ok(Self(params.clone()))
    }

    fn model(params: &InvertedDoublePendulumParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.0.reset_noise_scale, rng);
        shake_normally(qvel, self.0.reset_noise_scale, rng);
    }

    fn judge(&self, now: &Simulation, _action: &[f32], _way: [f64; 2], _dt: f64) -> Step {
        let (tip, speeds) = (now.get(Numbers::SiteXpos), now.get(Numbers::Qvel));
        let (x, y) = (tip[0], tip[2]);
        let has_fallen = y <= 1.0;
        let distance = 0.01 * square(x) + square(y - 2.0);
        let speed = 0.001 * square(speeds[1]) + 0.005 * square(speeds[2]);
        let alive = if has_fallen { 0.0 } else { self.0.healthy_reward };
        Step::when(has_fallen, alive - distance - speed)
    }

    fn width(&self, model: &Model) -> usize {
        1 + 2 * (model.nq - 1) + model.nv + 1
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        let qpos = now.get(Numbers::Qpos);
        let limited = |number: f64| clip(number, -10.0, 10.0);
        row.copy(&qpos[..1]);
        row.add(qpos[1..].iter().map(|&angle| sin_cos(angle).0));
        row.add(qpos[1..].iter().map(|&angle| sin_cos(angle).1));
        row.add(now.get(Numbers::Qvel).iter().map(|&speed| limited(speed)));
        row.add([limited(now.get(Numbers::QfrcConstraint)[0])]);
    }
}
