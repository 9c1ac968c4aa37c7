//! Settings for each agent and world. They were found by trial or taken from published ones, most
//! of them from rl-baselines3-zoo; `docs/algorithms` says what they reach and which are untried.

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

/// The params of a preset.
macro_rules! preset_params {
    ([$($name:ident $value:tt),* $(,)?]) => {
        &[$((stringify!($name), preset_value!($value))),*]
    };
}

/// One preset a line: environments, lanes, steps, and the params that differ from the defaults.
macro_rules! presets {
    ($($($env:literal),+ $lanes:literal x $steps:literal: $params:tt;)*) => {
        &[$($(Preset {
            env: $env,
            params: preset_params!($params),
            lanes: $lanes,
            steps: $steps,
        }),+),*]
    };
}

pub(crate) const PPO: &[Preset] = presets! {
    "CartPole-v1" 8 x 100_000: [steps 32, batch 256, lambda 0.8, discount 0.98, epochs 20,
        learning_rate 0.001, anneal true, clip 0.2, anneal_clip true];
    "Acrobot-v1" 16 x 1_000_000: [steps 256, lambda 0.94, learning_rate 0.001, anneal true,
        epochs 4, normalise_observations true, normalise_rewards true];
    "MountainCar-v0" 16 x 2_000_000: [steps 64, lambda 0.98, epochs 8, anneal true,
        normalise_observations true, normalise_rewards true];
    "MountainCarContinuous-v0" 16 x 500_000: [steps 256, epochs 8, log_std 0.5, anneal true,
        normalise_observations true, normalise_rewards true];
    "Pendulum-v1" 4 x 200_000: [steps 1024, lambda 0.95, discount 0.9, learning_rate 0.001,
        anneal true];
    "Catch-v0" 8 x 120_000: [steps 128, batch 256, epochs 4, discount 0.97, hidden [128],
        activation "relu", shared true, learning_rate 0.001, anneal true, entropy_weight 0.01];
    "TMaze-v0" 16 x 80_000: [core "gru", core_size 32, core_keep 2, hidden [32], steps 64,
        sequence 32, batch 256, epochs 6, learning_rate 0.003, anneal true, entropy_weight 0.03];
    "LunarLander-v3", "LunarLanderContinuous-v3" 16 x 1_200_000: [steps 512, batch 128,
        lambda 0.98, discount 0.999, epochs 4, entropy_weight 0.01, learning_rate 0.001,
        anneal true];
    "BipedalWalker-v3" 32 x 2_500_000: [steps 512, discount 0.9995, clip 0.18, log_std "-0.5",
        anneal true, normalise_observations true, normalise_rewards true];
    "BipedalWalkerHardcore-v3" 32 x 100_000_000: [steps 512, clip 0.18, entropy_weight 0.001,
        learning_rate 0.00025, anneal true, normalise_observations true, normalise_rewards true];
    "HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5", "Reacher-v5", "Pusher-v5",
        "InvertedPendulum-v5", "InvertedDoublePendulum-v5" 8 x 1_000_000: [steps 256, anneal true,
        normalise_observations true, normalise_rewards true];
    "Swimmer-v5" 4 x 1_000_000: [steps 1024, batch 256, lambda 0.98, discount 0.9999,
        learning_rate 0.0006, anneal true, normalise_observations true];
    "Humanoid-v5", "HumanoidStandup-v5" 16 x 10_000_000: [steps 256, batch 256, anneal true,
        hidden [256, 256], normalise_observations true, normalise_rewards true];
};

pub(crate) const ASYNC_PPO: &[Preset] = presets! {
    "CartPole-v1" 8 x 100_000: [steps 32, batch 256, lambda 0.8, discount 0.98, epochs 20,
        learning_rate 0.001, anneal true, clip 0.2, anneal_clip true];
    "Acrobot-v1" 16 x 1_000_000: [steps 256, lambda 0.94, learning_rate 0.001, anneal true,
        epochs 4, normalise_observations true, normalise_rewards true];
    "MountainCar-v0" 16 x 2_000_000: [steps 64, lambda 0.98, epochs 8, anneal true,
        normalise_observations true, normalise_rewards true];
    "LunarLander-v3" 16 x 1_000_000: [steps 256, batch 256, lambda 0.98, discount 0.999, epochs 4,
        learning_rate 0.0005, anneal true, entropy_weight 0.01];
    "BipedalWalker-v3" 32 x 5_000_000: [steps 256, batch 256, lambda 0.95, discount 0.999,
        epochs 6, clip 0.18, anneal true, normalise_observations true, normalise_rewards true];
    "Humanoid-v5" 32 x 10_000_000: [steps 64, batch 512, lambda 0.9, discount 0.95, epochs 4,
        learning_rate 0.0003, clip 0.3, entropy_weight 0.002, log_std "-1.0", hidden [256, 256],
        activation "relu", normalise_observations true, normalise_rewards true];
};

pub(crate) const IMPALA: &[Preset] = presets! {
    "CartPole-v1" 8 x 500_000: [steps 10, learning_rate 0.001, anneal true, entropy_weight 0.0,
        normalise_rewards true];
    "Acrobot-v1" 16 x 1_000_000: [steps 16, learning_rate 0.001, anneal true, entropy_weight 0.0,
        normalise_observations true, normalise_rewards true];
    "LunarLander-v3" 16 x 2_000_000: [steps 32, discount 0.995, anneal true, entropy_weight 0.01,
        normalise_rewards true];
    "BipedalWalker-v3" 16 x 5_000_000: [steps 32, lambda 0.95, entropy_weight 0.0, anneal true,
        normalise_observations true, normalise_rewards true];
    "Humanoid-v5" 32 x 10_000_000: [steps 32, lambda 0.9, discount 0.95, entropy_weight 0.002,
        log_std "-1.0", hidden [256, 256], activation "relu", normalise_observations true,
        normalise_rewards true];
};

pub(crate) const DQN: &[Preset] = presets! {
    "CartPole-v1" 1 x 250_000: [learning_rate 0.001, anneal true, warmup 1000, n_step 5, every 4,
        target_every 4, target_rate 0.005, gradient_norm 1, exploration_end 0.02];
    "MountainCar-v0" 1 x 120_000: [learning_rate 0.004, batch 128, capacity 10_000, warmup 1000,
        discount 0.98, target_every 600, every 16, updates 8, exploration_end 0.07,
        exploration_steps 24_000, hidden [256, 256]];
    "Acrobot-v1" 1 x 100_000: [learning_rate 0.00063, batch 128, capacity 50_000, warmup 0,
        target_every 250, every 4, updates 4, exploration_end 0.1, exploration_steps 12_000,
        hidden [64, 64]];
    "LunarLander-v3" 1 x 200_000: [learning_rate 0.00063, batch 128, capacity 50_000,
        target_every 250, every 4, updates 4, exploration_end 0.05, exploration_steps 20_000,
        hidden [256, 256]];
    "Catch-v0" 4 x 50_000: [batch 32, capacity 20_000, warmup 1000, discount 0.97, n_step 5,
        every 2, target_every 1000, hidden [128]];
    "BitFlip-v0" 8 x 100_000: [batch 128, every 8, discount 0.98, hindsight "future",
        exploration_end 0.02, exploration_steps 40_000, hidden [128]];
};

pub(crate) const BC: &[Preset] = presets! {
    "CartPole-v1" 8 x 40_000: [];
    "Pendulum-v1" 8 x 80_000: [];
};

pub(crate) const A2C: &[Preset] = presets! {
    "CartPole-v1" 8 x 500_000: [learning_rate 0.0007];
    "Acrobot-v1" 16 x 500_000: [normalise_observations true, normalise_rewards true];
    "MountainCarContinuous-v0" 4 x 100_000: [steps 100, sde true, sde_every 16,
        normalise_observations true, normalise_rewards true];
    "Pendulum-v1" 8 x 1_000_000: [steps 8, lambda 0.9, discount 0.9, value_weight 0.4,
        learning_rate 0.0007, anneal true, normalise_observations true, normalise_rewards true];
};

pub(crate) const SAC: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: [learning_rate 0.001, warmup 1000, batch 64, hidden [64, 64]];
    "LunarLanderContinuous-v3" 1 x 500_000: [learning_rate 0.00073, batch 256, target_rate 0.01,
        warmup 10_000, capacity 500_000, hidden [400, 300]];
    "BipedalWalker-v3" 8 x 500_000: [learning_rate 0.00073, batch 256, discount 0.98,
        target_rate 0.02, capacity 300_000, warmup 10_000, every 8, updates 8, hidden [400, 300]];
    "HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5", "Humanoid-v5" 1 x 1_000_000:
        [batch 256, capacity 1_000_000, warmup 10_000];
    "Swimmer-v5" 1 x 1_000_000: [batch 256, discount 0.9999, capacity 1_000_000, warmup 10_000];
    "FetchReach-v4" 1 x 10_000: [learning_rate 0.001, batch 256, discount 0.95,
        capacity 1_000_000, normalise_observations true, hindsight "future", hidden [64, 64]];
    "FetchPush-v4", "FetchPickAndPlace-v4", "FetchSlide-v4" 8 x 2_000_000: [learning_rate 0.001,
        batch 256, discount 0.95, target_rate 0.05, capacity 1_000_000, every 8, updates 2,
        normalise_observations true, hindsight "future", hidden [256, 256]];
};

pub(crate) const TQC: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: [learning_rate 0.001, warmup 1000, batch 64, hidden [64, 64]];
    "LunarLanderContinuous-v3" 1 x 500_000: [learning_rate 0.00073, batch 256, target_rate 0.01,
        warmup 10_000, capacity 500_000, hidden [400, 300]];
    "BipedalWalker-v3" 8 x 500_000: [learning_rate 0.00073, batch 256, discount 0.98,
        target_rate 0.02, capacity 300_000, warmup 10_000, every 8, updates 8, hidden [400, 300]];
    "HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5", "Humanoid-v5" 1 x 1_000_000:
        [batch 256, capacity 1_000_000, warmup 10_000];
    "Swimmer-v5" 1 x 1_000_000: [batch 256, discount 0.9999, capacity 1_000_000, warmup 10_000];
    "FetchReach-v4" 1 x 10_000: [learning_rate 0.001, batch 256, discount 0.95,
        capacity 1_000_000, normalise_observations true, hindsight "future", hidden [64, 64]];
    "FetchPush-v4", "FetchPickAndPlace-v4", "FetchSlide-v4" 8 x 2_000_000: [learning_rate 0.001,
        batch 256, discount 0.95, target_rate 0.05, capacity 1_000_000, every 8, updates 2,
        normalise_observations true, hindsight "future", hidden [256, 256]];
};

pub(crate) const TD3: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: [discount 0.98, batch 64, noise_std 0.2, hidden [64, 64]];
    "MountainCarContinuous-v0" 1 x 60_000: [noise "ornstein-uhlenbeck", noise_std 1.0, batch 64,
        warmup 5000, hidden [64, 64]];
    "LunarLanderContinuous-v3" 1 x 300_000: [discount 0.98, batch 256, capacity 200_000,
        warmup 10_000, hidden [400, 300]];
    "BipedalWalker-v3" 8 x 1_000_000: [discount 0.98, batch 256, capacity 200_000, warmup 10_000,
        every 8, updates 8, hidden [400, 300]];
    "HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5" 1 x 1_000_000: [batch 256,
        learning_rate 0.0003, capacity 1_000_000, warmup 25_000];
    "FetchReach-v4" 1 x 10_000: [learning_rate 0.001, batch 256, discount 0.95,
        capacity 1_000_000, normalise_observations true, hindsight "future", hidden [64, 64]];
    "FetchPush-v4", "FetchPickAndPlace-v4", "FetchSlide-v4" 8 x 2_000_000: [learning_rate 0.001,
        batch 256, discount 0.95, target_rate 0.05, capacity 1_000_000, every 8, updates 2,
        normalise_observations true, hindsight "future", noise_std 0.2,
        hidden [256, 256]];
};

pub(crate) const DDPG: &[Preset] = presets! {
    "Pendulum-v1" 1 x 20_000: [discount 0.98, batch 64, hidden [64, 64]];
    "MountainCarContinuous-v0" 1 x 300_000: [noise "ornstein-uhlenbeck", noise_std 0.5, batch 256];
    "LunarLanderContinuous-v3" 1 x 300_000: [discount 0.98, batch 256, capacity 200_000,
        warmup 10_000, hidden [400, 300]];
    "BipedalWalker-v3" 8 x 1_000_000: [discount 0.98, batch 256, capacity 200_000, warmup 10_000,
        every 8, updates 8, hidden [400, 300]];
    "HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "Ant-v5" 1 x 1_000_000: [batch 256,
        learning_rate 0.0003, capacity 1_000_000, warmup 25_000];
    "FetchReach-v4" 1 x 10_000: [learning_rate 0.001, batch 256, discount 0.95,
        capacity 1_000_000, normalise_observations true, hindsight "future", hidden [64, 64]];
    "FetchPush-v4", "FetchPickAndPlace-v4", "FetchSlide-v4" 8 x 2_000_000: [learning_rate 0.001,
        batch 256, discount 0.95, target_rate 0.05, capacity 1_000_000, every 8, updates 2,
        normalise_observations true, hindsight "future", noise_std 0.2,
        hidden [256, 256]];
};

pub(crate) const SAC_DISCRETE: &[Preset] = presets! {
    "CartPole-v1" 1 x 50_000: [learning_rate 0.001, every 4, target_entropy 0.3];
};
