//! InvertedPendulum-v5: balance a pole on a cart.

use libmujoco::{Model, Numbers, Simulation};
use plugin_api::prelude::*;

use crate::scene::{From, View};
use crate::simulated::{Row, World, shake};

params! {
    /// Params of InvertedPendulum.
    pub struct InvertedPendulumParams {
        /// The model: a name among those that were fetched, or a path.
        xml_file: String = "inverted_pendulum.xml",
        /// Steps of the simulation in a step of the world.
        frame_skip: i64 = 2 in 1..=1000,
        /// How much starts differ.
        reset_noise_scale: f64 = 0.01 in 0.0..=100.0,
    }
}

/// The world.
#[derive(Clone, Debug)]
pub struct InvertedPendulum(InvertedPendulumParams);

impl World for InvertedPendulum {
    const NAME: &'static str = "InvertedPendulum-v5";
    const THRESHOLD: Option<f64> = Some(950.0);
    const VIEW: View = View { from: From::Side, height: 1.4, body: 0 };
    type Params = InvertedPendulumParams;

    fn new(params: &InvertedPendulumParams, _model: &Model) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn model(params: &InvertedPendulumParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.0.reset_noise_scale, rng);
        shake(qvel, self.0.reset_noise_scale, rng);
    }

    fn judge(&self, now: &Simulation, _action: &[f32], _way: [f64; 2], _dt: f64) -> Step {
        let (qpos, qvel) = (now.get(Numbers::Qpos), now.get(Numbers::Qvel));
        let is_finite = qpos.iter().chain(qvel).all(|number| number.is_finite());
        if !is_finite || qpos[1].abs() > 0.2 { Step::terminate(0.0) } else { Step::go_on(1.0) }
    }

    fn width(&self, model: &Model) -> usize {
        model.nq + model.nv
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        row.copy(now.get(Numbers::Qpos));
        row.copy(now.get(Numbers::Qvel));
    }
}
