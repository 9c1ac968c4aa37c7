//! Plugin box2d: the worlds that Gymnasium 1.4.0 runs on `Box2D`, equal to them to the last bit, on
//! an engine of our own.

#![forbid(unsafe_code)]

pub mod bipedal_walker;
pub mod lunar_lander;
pub mod physics;
mod precise;

use bipedal_walker::BipedalWalker;
use lunar_lander::{Continuous, Discrete, Fleet};
use plugin_api::prelude::*;

plugin!(
    envs: [BipedalWalker],
    batch_envs: [Fleet<Discrete>, Fleet<Continuous>],
);
