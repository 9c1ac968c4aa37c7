//! Small worlds with a known table: Gymnasium's toy-text worlds, bit for bit, and a few grids.

#![forbid(unsafe_code)]

pub mod blackjack;
pub mod blackjack_odds;
pub mod board;
pub mod cliff_walking;
pub mod frozen_lake;
pub mod grid_world;
pub mod lake_map;
pub mod table;
pub mod tabular;
pub mod taxi;
pub mod tile_map;

use plugin_api::prelude::*;

plugin!(
    envs: [blackjack::Blackjack],
    batch_envs: [
        frozen_lake::FrozenLake,
        cliff_walking::CliffWalking,
        taxi::Taxi,
        grid_world::GridWorld,
    ],
);
