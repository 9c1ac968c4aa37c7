//! Plugin mujoco: the worlds that Gymnasium 1.4.0 and gymnasium-robotics 1.4.2 run on MuJoCo, equal
//! to them on the same version of the library, which is opened at run time.
//!
//! A world is one file: its params, how it starts, what is seen of it and what that is worth.
//! [`simulated`] makes an environment of it. The four Fetch worlds are one environment, [`fetch`].

#![forbid(unsafe_code)]

pub mod ant;
pub mod fetch;
mod gait;
pub mod half_cheetah;
pub mod hopper;
pub mod humanoid;
pub mod inverted_double_pendulum;
pub mod inverted_pendulum;
mod numpy;
pub mod pusher;
pub mod reacher;
mod scene;
pub mod simulated;
pub mod standup;
pub mod swimmer;
pub mod walker2d;

use ant::Ant;
use fetch::Fetch;
use fetch::errands::{PickAndPlace, Push, Reach, Slide};
use half_cheetah::HalfCheetah;
use hopper::Hopper;
use humanoid::Humanoid;
use inverted_double_pendulum::InvertedDoublePendulum;
use inverted_pendulum::InvertedPendulum;
use plugin_api::prelude::*;
use pusher::Pusher;
use reacher::Reacher;
use simulated::Simulated;
use standup::HumanoidStandup;
use swimmer::Swimmer;
use walker2d::Walker2d;

plugin!(
    envs: [
        Simulated<Ant>,
        Simulated<HalfCheetah>,
        Simulated<Hopper>,
        Simulated<Humanoid>,
        Simulated<HumanoidStandup>,
        Simulated<InvertedDoublePendulum>,
        Simulated<InvertedPendulum>,
        Simulated<Pusher>,
        Simulated<Reacher>,
        Simulated<Swimmer>,
        Simulated<Walker2d>,
        Fetch<PickAndPlace>,
        Fetch<Push>,
        Fetch<Reach>,
        Fetch<Slide>,
    ],
    needs: ["libmujoco 3.17.0"],
);
