//! The params that PPO and its asynchronous form share, and what they mean for learning.

/// Declares params of PPO in front of an agent's own.
macro_rules! ppo_params {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($own:tt)* }) => {
        plugin_api::params! {
            $(#[$meta])* $vis struct $name {
                /// Steps of every lane between two rounds of learning.
                steps: usize = 2048 in 1..,
                /// Rows of the parts that a rollout is cut into.
                batch: usize = 64 in 1..,
                /// Times that it learns from every row.
                live epochs: usize = 10 in 1..,
                /// Discount γ.
                live discount: f64 = 0.99 in 0.0..=1.0,
                /// Trace decay λ of the advantages.
                live lambda: f64 = 0.95 in 0.0..=1.0,
                /// Learning rate.
                live learning_rate: f64 = 0.0003 in 0.0..,
                /// Whether the learning rate falls to 0 in a straight line over the run's budget.
                live anneal: bool = false,
                /// How far the ratio of probabilities counts away from 1.
                live clip: f64 = 0.2 in 0.0..,
                /// Whether that falls to 0 over the budget, too.
                live anneal_clip: bool = false,
                /// How far values may move from those of the rollout; 0 for as far as they like.
                live value_clip: f64 = 0.0 in 0.0..,
                /// Weight of the entropy.
                live entropy_weight: f64 = 0.0 in 0.0..,
                /// Weight of the value's error.
                live value_weight: f64 = 0.5 in 0.0..,
                /// Norm to which gradients are cut; 0 for none.
                live gradient_norm: f64 = 0.5 in 0.0..,
                /// Two thirds of the divergence from the old policy that ends a round; 0 for none.
                live target_kl: f64 = 0.0 in 0.0..,
                /// Whether advantages are normalised in every part.
                live normalise_advantages: bool = true,
                /// Whether observations are normalised by their running mean and deviation.
                normalise_observations: bool = false,
                /// Whether rewards are measured in deviations of the discounted return.
                normalise_rewards: bool = false,
                /// Sizes of the hidden layers of policy and value net.
                hidden: Vec<usize> = [64, 64],
                /// What hidden layers do with their sums.
                activation: String = "tanh" of ["tanh", "relu"],
                /// Whether policy and value net are one that shares all layers but the last.
                shared: bool = false,
                /// Deviation that continuous actions begin with, as its logarithm.
                log_std: f64 = 0.0 in -20.0..=2.0,
                $($own)*
            }
        }

        impl $name {
            /// What the nets are to be.
            pub(crate) fn nets(&self) -> crate::actor_critic::Settings<'_> {
                crate::actor_critic::Settings {
                    hidden: &self.hidden,
                    activation: &self.activation,
                    shared: self.shared,
                    core: None,
                    sde: None,
                    log_std: self.log_std,
                    normalise_observations: self.normalise_observations,
                    normalise_rewards: self.normalise_rewards,
                    rule: kit::Rule::adam(1e-5),
                }
            }

            /// How it learns when so much of the budget is left.
            pub(crate) fn round(&self, left: f64) -> crate::ppo::Round {
                crate::ppo::Round {
                    batch: self.batch,
                    epochs: self.epochs,
                    discount: self.discount,
                    rate: self.learning_rate * if self.anneal { left } else { 1.0 },
                    clip: self.clip * if self.anneal_clip { left } else { 1.0 },
                    value_clip: self.value_clip,
                    entropy_weight: self.entropy_weight,
                    value_weight: self.value_weight,
                    gradient_norm: self.gradient_norm,
                    target_kl: self.target_kl,
                    normalise_advantages: self.normalise_advantages,
                }
            }
        }
    };
}
