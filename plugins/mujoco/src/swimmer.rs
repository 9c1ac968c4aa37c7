//! Swimmer-v5: swim forward with two joints.

use plugin_api::prelude::*;

use crate::gait::{Runner, gait_params};
use crate::scene::{From, View};

gait_params! {
    /// Params of Swimmer.
    SwimmerParams "swimmer.xml" 4 0.0001 0.1 {}
}

/// The world.
#[derive(Clone, Debug)]
pub struct Swimmer(SwimmerParams);

impl Runner for Swimmer {
    const NAME: &'static str = "Swimmer-v5";
    const THRESHOLD: Option<f64> = Some(360.0);
    const VIEW: View = View { from: From::Above, height: 6.0, body: 1 };
    const PLACE: usize = 2;
    type Params = SwimmerParams;

    fn new(params: &SwimmerParams) -> Result<Self> {
        Ok(Self(params.clone()))
    }

    fn params(&self) -> &SwimmerParams {
        &self.0
    }
}
