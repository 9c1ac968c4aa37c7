//! Plugin classic-control: the classic worlds of Gymnasium 1.4.0, equal to them to the last bit.
//!
//! One of them is there for eyes, too: [`pixels`] shows frames of it.
//!
//! A world is one file: its params, its physics written once for any number of lanes, and its
//! picture. [`batch`] steps many lanes of it with vector instructions, [`single`] steps one.

#![forbid(unsafe_code)]
#![expect(
    clippy::inline_always,
    reason = "what is not inlined into a kernel misses its instructions"
)]

pub mod acrobot;
pub mod batch;
pub mod cart_pole;
pub mod mountain_car;
pub mod mountain_car_continuous;
pub mod pendulum;
mod picture;
pub mod pixels;
pub mod single;
mod valley;
pub mod world;

use acrobot::Acrobot;
use batch::Batch;
use cart_pole::CartPole;
use mountain_car::MountainCar;
use mountain_car_continuous::MountainCarContinuous;
use pendulum::Pendulum;
use pixels::CartPolePixels;
use plugin_api::prelude::*;

plugin!(envs: [CartPolePixels], batch_envs: [
    Batch<CartPole, 4, 4>,
    Batch<MountainCar, 2, 2>,
    Batch<MountainCarContinuous, 3, 2>,
    Batch<Acrobot, 4, 6>,
    Batch<Pendulum, 4, 3>,
]);
