//! Agents that keep a value for each state and action, each with its formula in its own file.
#![forbid(unsafe_code)]

#[macro_use]
pub mod settings;
mod presets;
pub mod values;

pub mod double_q;
pub mod expected_sarsa;
pub mod monte_carlo;
pub mod n_step_q;
pub mod q_lambda;
pub mod q_learning;
pub mod sarsa;
pub mod trail;

pub mod dyna_q;
pub mod model;
pub mod queue;
pub mod sweeping;

pub mod constant;
pub mod random;

use plugin_api::plugin;

plugin!(agents: [
    q_learning::QLearning,
    sarsa::Sarsa,
    expected_sarsa::ExpectedSarsa,
    double_q::DoubleQ,
    n_step_q::NStepQ,
    q_lambda::QLambda,
    monte_carlo::MonteCarlo,
    dyna_q::DynaQ,
    sweeping::Sweeping,
    random::Random,
    constant::Constant,
]);
