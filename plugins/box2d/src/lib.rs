//! Plugin box2d: the worlds that Gymnasium 1.4.0 runs on `Box2D`, equal to them to the last bit, on
//! an engine of our own. The pixels of `CarRacing` are the exception: they are only close.

#![forbid(unsafe_code)]

pub mod bipedal_walker;
pub mod car_racing;
pub mod fleet;
pub mod lunar_lander;
pub mod physics;
mod precise;

use bipedal_walker::BipedalWalker;
use car_racing::{CarRacing, Keys, Pedals};
use fleet::Fleet;
use lunar_lander::{Continuous, Discrete, LunarLander};
use plugin_api::prelude::*;

plugin!(
    envs: [CarRacing<Pedals>, CarRacing<Keys>],
    batch_envs: [
        Fleet<BipedalWalker>,
        Fleet<LunarLander<Discrete>>,
        Fleet<LunarLander<Continuous>>,
    ],
);
