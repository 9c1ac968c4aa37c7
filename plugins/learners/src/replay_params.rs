//! The params that all learners from replay share, and what they ask of the host with them.

/// Declares params of replay, priorities and goals in front of an agent's own.
macro_rules! replay_params {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($own:tt)* }) => {
        plugin_api::params! {
            $(#[$meta])* $vis struct $name {
                /// Discount γ.
                live discount: f64 = 0.99 in 0.0..=1.0,
                /// Steps remembered.
                capacity: usize = 100_000 in 1..,
                /// Rows of a sample.
                batch: usize = 64 in 1..,
                /// Steps before the first sample, with any action.
                warmup: u64 = 1000 in 0..,
                /// Environment steps between two rounds of learning.
                live every: u64 = 1 in 1..,
                /// Samples of a round.
                live updates: usize = 1 in 1..,
                /// Steps that a transition spans.
                live n_step: usize = 1 in 1..,
                /// Whether rows with larger errors are drawn more often.
                prioritised: bool = false,
                /// How much priorities matter.
                live priority_alpha: f64 = 0.6 in 0.0..=1.0,
                /// How much of their bias is taken back at first; it grows to all of it.
                live priority_beta: f64 = 0.4 in 0.0..=1.0,
                /// Environment steps in which it does.
                live priority_beta_steps: u64 = 100_000 in 0..,
                /// What wishes are exchanged for in hindsight: what was reached later, last, or at
                /// any time of the episode.
                hindsight: String = "none" of ["none", "future", "final", "episode"],
                /// Rows with exchanged wishes for each one as it was.
                hindsight_ratio: f64 = 4.0 in 0.0..,
                $($own)*
            }
        }

        impl $name {
            /// What is asked of the host.
            pub(crate) fn replay(&self) -> plugin_api::prelude::Replay {
                use plugin_api::prelude::*;
                let strategy = match self.hindsight.as_str() {
                    "future" => Some(GoalStrategy::Future),
                    "final" => Some(GoalStrategy::Final),
                    "episode" => Some(GoalStrategy::Episode),
                    _ => None,
                };
                Replay {
                    capacity: self.capacity,
                    batch: self.batch,
                    warmup: self.warmup,
                    every: self.every,
                    updates: self.updates,
                    n_step: self.n_step,
                    discount: self.discount,
                    priorities: self.prioritised.then_some(Priorities {
                        alpha: self.priority_alpha,
                        beta: Schedule::Linear {
                            from: self.priority_beta,
                            to: 1.0,
                            steps: self.priority_beta_steps,
                        },
                        epsilon: 1e-6,
                    }),
                    relabel: strategy
                        .map(|strategy| Relabel { strategy, ratio: self.hindsight_ratio }),
                    demonstrations: 0,
                }
            }
        }
    };
}
