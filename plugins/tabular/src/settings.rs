//! The params that most learners of this crate share, and what they mean.

use plugin_api::prelude::*;

/// Declares params with discount, initial values and exploration in front of an agent's own.
macro_rules! explorer_params {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($own:tt)* }) => {
        plugin_api::params! {
            $(#[$meta])* $vis struct $name {
                /// Discount γ.
                live discount: f64 = 0.99 in 0.0..=1.0,
                /// Value of everything not yet tried; above what can be reached, it makes curious.
                initial: f64 = 0.0,
                /// Chance ε of any action while training; the first one, if it decays.
                live exploration: f64 = 1.0 in 0.0..=1.0,
                /// The chance it decays to.
                live exploration_end: f64 = 0.05 in 0.0..=1.0,
                /// Steps in which it gets there, or in which half the way is left.
                live exploration_steps: u64 = 10_000 in 0..,
                /// How it decays.
                live exploration_decay: String = "linear" of ["none", "linear", "half-life"],
                $($own)*
            }
        }

        impl $name {
            /// The chance of any action over environment steps.
            pub fn epsilon(&self) -> plugin_api::prelude::Schedule {
                let (from, to) = (self.exploration, self.exploration_end);
                let steps = self.exploration_steps;
                $crate::settings::schedule(&self.exploration_decay, from, to, steps)
            }
        }
    };
}

/// Declares the same and step sizes.
macro_rules! learner_params {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($own:tt)* }) => {
        explorer_params! {
            $(#[$meta])* $vis struct $name {
                /// Step size α; the first one, if it decays.
                live step_size: f64 = 0.1 in 0.0..=1.0,
                /// Power p of the decay α / n^p with visits n of a state and action; 0 for none.
                live step_decay: f64 = 0.0 in 0.0..=1.0,
                $($own)*
            }
        }

        impl $name {
            /// How far a target moves a value.
            pub fn pace(&self) -> $crate::values::Pace {
                $crate::values::Pace { size: self.step_size, decay: self.step_decay }
            }
        }
    };
}

/// The schedule of these settings.
pub fn schedule(decay: &str, from: f64, to: f64, steps: u64) -> Schedule {
    match decay {
        "linear" => Schedule::Linear { from, to, steps },
        "half-life" => Schedule::HalfLife { from, to, steps },
        _ => Schedule::Constant(from),
    }
}
