//! Settings known to work well, for each agent and world. They were found by trial, most of them
//! from the published ones of rl-baselines3-zoo; `docs/algorithms` says what they reach.

use plugin_api::prelude::*;

/// The words of a value.
macro_rules! preset_value {
    ($text:literal) => {
        concat!($text)
    };
    ($value:tt) => {
        stringify!($value)
    };
}

/// One preset a line: environment, lanes, steps, and the params that differ from the defaults.
macro_rules! presets {
    ($($env:literal $lanes:literal x $steps:literal: $($name:ident $value:tt),*;)*) => {
        &[$(Preset {
            env: $env,
            params: &[$((stringify!($name), preset_value!($value))),*],
            lanes: $lanes,
            steps: $steps,
        }),*]
    };
}

pub(crate) const PPO: &[Preset] = presets! {
    "CartPole-v1" 8 x 100_000: steps 32, batch 256, lambda 0.8, discount 0.98, epochs 20,
        learning_rate 0.001, anneal true, clip 0.2, anneal_clip true;
    "Acrobot-v1" 16 x 500_000: steps 256, lambda 0.94, anneal true, epochs 4,
        normalise_observations true, normalise_rewards true;
    "MountainCar-v0" 16 x 1_000_000: steps 16, lambda 0.98, epochs 4, normalise_observations true,
        normalise_rewards true;
    "Pendulum-v1" 4 x 200_000: steps 1024, lambda 0.95, discount 0.9, learning_rate 0.001,
        anneal true;
};

pub(crate) const DQN: &[Preset] = presets! {
    "CartPole-v1" 1 x 150_000: learning_rate 0.001, anneal true, warmup 1000, n_step 5, every 4,
        target_every 500, exploration_end 0.02;
    "MountainCar-v0" 1 x 120_000: learning_rate 0.004, batch 128, capacity 10_000, warmup 1000,
        discount 0.98, target_every 600, every 16, updates 8, exploration_end 0.07,
        exploration_steps 24_000, hidden [256, 256];
    "Acrobot-v1" 1 x 100_000: learning_rate 0.00063, batch 128, capacity 50_000, warmup 0,
        target_every 250, every 4, updates 4, exploration_end 0.1, exploration_steps 12_000,
        hidden [64, 64];
    "BitFlip-v0" 8 x 100_000: batch 128, every 8, discount 0.98, hindsight "future",
        exploration_end 0.02, exploration_steps 40_000, hidden [128];
};

pub(crate) const A2C: &[Preset] = presets! {
    "CartPole-v1" 8 x 500_000: learning_rate 0.0007;
    "Acrobot-v1" 16 x 500_000: normalise_observations true, normalise_rewards true;
    "Pendulum-v1" 8 x 1_000_000: steps 8, lambda 0.9, discount 0.9, value_weight 0.4,
        learning_rate 0.0007, anneal true, normalise_observations true, normalise_rewards true;
};

pub(crate) const SAC: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: learning_rate 0.001, warmup 1000, batch 64, hidden [64, 64];
};

pub(crate) const TQC: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: learning_rate 0.001, warmup 1000, batch 64, hidden [64, 64];
};

pub(crate) const TD3: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: discount 0.98, batch 64, hidden [64, 64];
    "MountainCarContinuous-v0" 1 x 300_000: noise "ornstein-uhlenbeck", noise_std 0.5, batch 256;
};

pub(crate) const DDPG: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: discount 0.98, batch 64, hidden [64, 64];
    "MountainCarContinuous-v0" 1 x 300_000: noise "ornstein-uhlenbeck", noise_std 0.5, batch 256;
};

pub(crate) const SAC_DISCRETE: &[Preset] = presets! {
    "CartPole-v1" 1 x 50_000: learning_rate 0.001, every 4, target_entropy 0.3;
};
