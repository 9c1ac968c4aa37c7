//! Settings known to work well, for each learner and world. They were found by trial;
//! docs/BENCHMARKS.md says how many of 30 seeds reach the best policy with them.

use plugin_api::prelude::*;

/// One preset a line: environment, steps, and the params that differ from the defaults.
macro_rules! presets {
    ($($env:literal $steps:literal: $($name:ident $value:expr),*;)*) => {
        &[$(Preset {
            env: $env,
            params: &[$((stringify!($name), stringify!($value))),*],
            lanes: 16,
            steps: $steps,
        }),*]
    };
}

// Where chance rules, step sizes fall with visits. High initial values explore by themselves.
// Where nothing is random, one step may go all the way.

pub(crate) const Q_LEARNING: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: step_size 1, exploration 0.3, exploration_steps 15_000;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "Taxi-v4" 200_000: step_size 1, exploration_steps 150_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v1" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v2" 100_000: step_size 1, exploration 0.3, exploration_steps 80_000;
    "GridWorld-v3" 100_000: step_size 1, exploration 0.3, exploration_steps 80_000;
};

// In Taxi values that start above all there is to win make it try everything by themselves; what
// it would learn of its own exploration is worth less there.
pub(crate) const SARSA: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.5, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: step_size 1, step_decay 0.5, exploration 0.25, exploration_decay none;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 1,
        exploration 0.02, exploration_end 0, exploration_steps 500_000;
    "Taxi-v4" 200_000: step_size 0.5, initial 20, exploration 0, exploration_decay none;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: step_size 0.5, exploration 0.3, exploration_end 0,
        exploration_steps 40_000;
    "GridWorld-v1" 50_000: step_size 0.5, exploration 0.3, exploration_end 0,
        exploration_steps 40_000;
    "GridWorld-v2" 100_000: step_size 0.5, exploration 0.3, exploration_end 0,
        exploration_steps 80_000;
    "GridWorld-v3" 100_000: step_size 0.5, exploration 0.3, exploration_end 0,
        exploration_steps 80_000;
};

pub(crate) const EXPECTED_SARSA: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.5, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: step_size 0.5, exploration 0.25, exploration_decay none;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 1,
        exploration 0.02, exploration_end 0, exploration_steps 500_000;
    "Taxi-v4" 200_000: step_size 1, exploration_end 0, exploration_steps 180_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: step_size 1, exploration 0.3, exploration_end 0,
        exploration_steps 40_000;
    "GridWorld-v1" 50_000: step_size 1, exploration 0.3, exploration_end 0,
        exploration_steps 40_000;
    "GridWorld-v2" 100_000: step_size 1, exploration 0.3, exploration_end 0,
        exploration_steps 80_000;
    "GridWorld-v3" 100_000: step_size 1, exploration 0.3, exploration_end 0,
        exploration_steps 80_000;
};

// On the cliff an action that one table has tried and the other has not misleads both. Initial
// values below those of the states near the goal keep what is untried from being chosen there.
pub(crate) const DOUBLE_Q: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 1, step_decay 0.5, discount 0.995, initial 0.5,
        exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.998, initial 0.5,
        exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: step_size 1, discount 1, initial -8,
        exploration 0.6, exploration_decay none;
    "CliffWalkingSlippery-v1" 2_000_000: step_size 0.5, step_decay 0.3, discount 1,
        exploration 0.3, exploration_end 0, exploration_steps 1_800_000;
    "Taxi-v4" 200_000: step_size 0.3, exploration_end 0, exploration_steps 190_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v1" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v2" 100_000: step_size 0.5, exploration 0.3, exploration_steps 80_000;
    "GridWorld-v3" 100_000: step_size 0.5, exploration 0.3, exploration_steps 80_000;
};

pub(crate) const N_STEP_Q: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: steps 2, step_size 1, exploration_end 0.1, exploration_steps 20_000;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.5, discount 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "Taxi-v4" 200_000: steps 2, step_size 1, exploration_steps 150_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v1" 50_000: step_size 0.5, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v2" 100_000: steps 2, step_size 1, exploration 0.3, exploration_steps 80_000;
    "GridWorld-v3" 100_000: steps 2, step_size 1, exploration 0.3, exploration_steps 80_000;
};

pub(crate) const Q_LAMBDA: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 20_000: lambda 0.3, step_size 1, exploration_end 0.1,
        exploration_steps 20_000;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.5, discount 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "Taxi-v4" 200_000: lambda 0.5, step_size 1, exploration_steps 150_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 50_000: lambda 0.5, step_size 0.5, exploration 0.5, exploration_steps 40_000;
    "GridWorld-v1" 50_000: lambda 0.5, step_size 0.5, exploration 0.5, exploration_steps 40_000;
    "GridWorld-v2" 100_000: lambda 0.5, step_size 1, exploration 0.5, exploration_steps 80_000;
    "GridWorld-v3" 100_000: lambda 0.5, step_size 1, exploration 0.5, exploration_steps 80_000;
};

// Walks in which chance plays a part, or that have no end, are looked at piece by piece: whole ones
// differ too much to teach anything soon.
pub(crate) const MONTE_CARLO: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: cut 5, step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: cut 10, step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 50_000: cut 50, keep best, exploration 0.4, exploration_decay none;
    "Taxi-v4" 1_500_000: keep best, exploration 0.2, exploration_decay none;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 200_000: step_size 0.5, step_decay 0.4, exploration 0.3, exploration_end 0,
        exploration_steps 180_000;
    "GridWorld-v1" 300_000: step_size 0.5, step_decay 0.4, exploration 0.3, exploration_end 0,
        exploration_steps 280_000;
    "GridWorld-v2" 200_000: step_size 0.5, step_decay 0.4, exploration 0.3, exploration_end 0,
        exploration_steps 180_000;
    "GridWorld-v3" 200_000: step_size 0.5, step_decay 0.4, exploration 0.3, exploration_end 0,
        exploration_steps 180_000;
};

pub(crate) const DYNA_Q: &[Preset] = presets! {
    "FrozenLake-v1" 200_000: step_size 0.5, step_decay 0.4, discount 0.995, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "FrozenLake8x8-v1" 1_000_000: step_size 0.5, step_decay 0.4, discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "CliffWalking-v1" 5_000: step_size 1, exploration 0.1, exploration_steps 5_000;
    "CliffWalkingSlippery-v1" 1_000_000: step_size 0.5, step_decay 0.5, discount 1,
        exploration 0.1, exploration_end 0, exploration_steps 900_000;
    "Taxi-v4" 50_000: step_size 1, exploration_steps 40_000;
    "Blackjack-v1" 1_000_000: step_size 0.5, step_decay 0.7, discount 1,
        exploration 0.2, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 10_000: step_size 1, exploration 0.3, exploration_steps 8_000;
    "GridWorld-v1" 10_000: step_size 1, exploration 0.3, exploration_steps 8_000;
    "GridWorld-v2" 50_000: step_size 1, exploration 0.3, exploration_steps 40_000;
    "GridWorld-v3" 50_000: step_size 1, exploration 0.3, exploration_steps 40_000;
};

pub(crate) const SWEEPING: &[Preset] = presets! {
    "FrozenLake-v1" 50_000: discount 0.995, exploration_end 0, exploration_steps 45_000;
    "FrozenLake8x8-v1" 200_000: discount 0.997, initial 1,
        exploration 0.1, exploration_end 0, exploration_steps 180_000;
    "CliffWalking-v1" 5_000: exploration 0.1, exploration_steps 5_000;
    "CliffWalkingSlippery-v1" 500_000: threshold 0.01, discount 1, exploration 0.3,
        exploration_steps 450_000;
    "Taxi-v4" 100_000: exploration_steps 80_000;
    "Blackjack-v1" 1_000_000: discount 1, exploration_end 0, exploration_steps 900_000;
    "GridWorld-v0" 10_000: exploration 0.3, exploration_steps 8_000;
    "GridWorld-v1" 10_000: exploration 0.3, exploration_steps 8_000;
    "GridWorld-v2" 50_000: exploration 0.3, exploration_steps 40_000;
    "GridWorld-v3" 50_000: exploration 0.3, exploration_steps 40_000;
};
