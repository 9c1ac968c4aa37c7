//! HalfCheetah-v5: run forward.

use libmujoco::{Model, Simulation};
use plugin_api::prelude::*;

use crate::gait::{self, Gait, gait, gait_params};
use crate::scene::{From, View};
use crate::simulated::{Row, World, shake, shake_normally};

gait_params! {
    /// Params of HalfCheetah.
    HalfCheetahParams "half_cheetah.xml" 5 0.1 0.1 {}
}

/// The world.
#[derive(Clone, Debug)]
pub struct HalfCheetah {
    params: HalfCheetahParams,
    gait: Gait,
}

impl World for HalfCheetah {
    const NAME: &'static str = "HalfCheetah-v5";
    const THRESHOLD: Option<f64> = Some(4800.0);
    const VIEW: View = View { from: From::Side, height: 2.0, body: 1 };
    type Params = HalfCheetahParams;

    fn new(params: &HalfCheetahParams, _model: &Model) -> Result<Self> {
        Ok(Self { params: params.clone(), gait: gait!(params, 1) })
    }

    fn model(params: &HalfCheetahParams) -> (&str, i64) {
        (&params.xml_file, params.frame_skip)
    }

    fn start(&self, qpos: &mut [f64], qvel: &mut [f64], rng: &mut Rng) {
        shake(qpos, self.params.reset_noise_scale, rng);
        shake_normally(qvel, self.params.reset_noise_scale, rng);
    }

    fn place(&self, now: &Simulation) -> [f64; 2] {
        gait::place(now)
    }

    fn judge(&self, _now: &Simulation, action: &[f32], way: [f64; 2], dt: f64) -> Step {
        let (forward, cost) = self.gait.worth(action, way, dt);
        Step::go_on(forward - cost)
    }

    fn width(&self, model: &Model) -> usize {
        self.gait.width(model)
    }

    fn look(&self, now: &Simulation, row: &mut Row<'_>) {
        self.gait.look(now, None, row);
    }
}
