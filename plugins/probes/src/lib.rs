//! Worlds with known answers: each finds one mistake that an agent, a buffer or the bench may make.

#![forbid(unsafe_code)]

pub mod action_reward;
pub mod bandit;
pub mod bit_flip;
pub mod chain;
pub mod constant_reward;
pub mod delayed_reward;
pub mod fault;
pub mod identity;
pub mod obs_reward;
pub mod slow_lane;
pub mod t_maze;
pub mod time_limit;

use plugin_api::prelude::*;

plugin!(
    envs: [
        constant_reward::ConstantReward,
        obs_reward::ObsReward,
        delayed_reward::DelayedReward,
        action_reward::ActionReward,
        identity::Identity,
        bandit::Bandit,
        time_limit::TimeLimit,
        chain::Chain,
        bit_flip::BitFlip,
        t_maze::TMaze,
        slow_lane::SlowLane,
    ],
    batch_envs: [fault::Fault, plugin_api::idle::Idle],
);
