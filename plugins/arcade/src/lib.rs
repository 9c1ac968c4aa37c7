//! Small arcade games of our own, seen as pixels: worlds for nets that look.
//!
//! A game is one file and knows nothing of learning. [`cabinet`] stands around it: it skips ticks,
//! stacks frames, and whatever else is usual where a learner plays an old console.

#![forbid(unsafe_code)]

pub mod bricks;
pub mod cabinet;
pub mod canvas;
pub mod catch;

use bricks::Bricks;
use cabinet::Cabinet;
use catch::Catch;
use plugin_api::prelude::*;

plugin!(envs: [Cabinet<Catch>, Cabinet<Bricks>]);
