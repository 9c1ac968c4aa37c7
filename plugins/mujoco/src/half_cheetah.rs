//! HalfCheetah-v5: run forward.

use plugin_api::prelude::*;

use crate::gait::{Basics, Runner, gait_params};
use crate::scene::{From, View};
use crate::simulated::shake_normally;

gait_params! {
    /// Params of HalfCheetah.
    HalfCheetahParams "half_cheetah.xml" 5 0.1 0.1 {}
}

/// The world.
#[derive(Clone, Debug)]
pub struct HalfCheetah(HalfCheetahParams);

impl Runner for HalfCheetah {
    const NAME: &'static str = "HalfCheetah-v5";
    const THRESHOLD: Option<f64> = Some(4800.0);
    const VIEW: View = View { from: From::Side, height: 2.0, body: 1 };
    type Params = HalfCheetahParams;

    fn new(params: &HalfCheetahParams) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn params(&self) -> &HalfCheetahParams {
        &self.0
    }

    fn set_off(&self, qvel: &mut [f64], rng: &mut Rng) {
        shake_normally(qvel, self.0.noise(), rng);
    }
}
