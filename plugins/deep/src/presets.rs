//! Settings known to work well, for each agent and world. They were found by trial, most of them
//! from the published ones of rl-baselines3-zoo; `docs/algorithms` says what they reach.

use plugin_api::prelude::*;

/// One preset a line: environment, lanes, steps, and the params that differ from the defaults.
macro_rules! presets {
    ($($env:literal $lanes:literal x $steps:literal: $($name:ident $value:tt),*;)*) => {
        &[$(Preset {
            env: $env,
            params: &[$((stringify!($name), stringify!($value))),*],
            lanes: $lanes,
            steps: $steps,
        }),*]
    };
}

pub(crate) const PPO: &[Preset] = presets! {
    "CartPole-v1" 8 x 100_000: steps 32, batch 256, lambda 0.8, discount 0.98, epochs 20,
        learning_rate 0.001, anneal true, clip 0.2, anneal_clip true;
    "Acrobot-v1" 16 x 1_000_000: steps 256, lambda 0.94, epochs 4, normalise_observations true,
        normalise_rewards true;
    "MountainCar-v0" 16 x 1_000_000: steps 16, lambda 0.98, epochs 4, normalise_observations true,
        normalise_rewards true;
    "Pendulum-v1" 4 x 100_000: steps 1024, lambda 0.95, discount 0.9, learning_rate 0.001;
};
