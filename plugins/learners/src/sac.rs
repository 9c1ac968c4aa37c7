//! Soft actor-critic, and TQC: what users can tell them. The formulas are in [`crate::soft`].

use crate::cloning::{self, Imitation};
use crate::presets;
use crate::soft::{Pace, Settings, Soft};
use kit::{Backend, Own};
use plugin_api::prelude::*;

/// Declares a soft learner.
macro_rules! soft_agent {
    (
        $agent:ident $params:ident $name:literal $presets:ident $about:literal
        $quantiles:expr; $($own:tt)*
    ) => {
        replay_params! {
            #[doc = concat!("What ", $about, " can be told.")]
            pub struct $params {
                /// Learning rate of policy, critics and temperature.
                live learning_rate: f64 = 0.0003 in 0.0..,
                /// How far the critics' copies move towards them with every update.
                live target_rate: f64 = 0.005 in 0.0..=1.0,
                /// Whether the temperature is learned.
                live automatic: bool = true,
                /// The temperature at first, or always where it is not learned.
                live temperature: f64 = 1.0 in 1e-9..,
                /// Entropy the temperature aims at, for each number of an action.
                live target_entropy: f64 = -1.0,
                /// Norm to which gradients are cut; 0 for none.
                live gradient_norm: f64 = 0.0 in 0.0..,
                /// Part of each sample that comes from demonstrations, where the run has any.
                demonstration_share: f64 = 0.25 in 0.0..=1.0,
                /// Weight of the distance to demonstrated actions in the policy's loss.
                live bc_weight: f64 = 1.0 in 0.0..,
                /// Whether only demonstrations count that the critics value above the policy's own
                /// action.
                live q_filter: bool = true,
                /// Whether observations are normalised by their running mean and deviation.
                normalise_observations: bool = false,
                /// Critics side by side.
                critics: usize = 2 in 1..=16,
                /// Sizes of the hidden layers.
                hidden: Vec<usize> = [256, 256],
                /// What hidden layers do with their sums.
                activation: String = "relu" of ["tanh", "relu"],
                $($own)*
            }
        }

        #[doc = $about]
        #[derive(Debug)]
        pub struct $agent<B: Backend = Own> {
            params: kit::Settings<$params, B::Params>,
            soft: Soft<B>,
        }

        impl<B: Backend> Policy for $agent<B> {
            fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
                self.soft.act(obs, out);
            }
        }

        impl<B: Backend> Agent for $agent<B> {
            const NAME: &'static str = $name;
            const PRESETS: &'static [Preset] = presets::$presets;
            type Params = kit::Settings<$params, B::Params>;

            fn new(params: &Self::Params, task: &Task, rng: &mut Rng) -> Result<Self> {
                let backend = B::open(&params.backend)?;
                let quantiles: fn(&$params) -> (usize, usize) = $quantiles;
                let settings = Settings {
                    hidden: &params.hidden,
                    activation: &params.activation,
                    critics: params.critics,
                    quantiles: quantiles(params),
                    temperature: params.temperature,
                    normalise_observations: params.normalise_observations,
                };
                let soft = Soft::new(&backend, &settings, task, rng)?;
                Ok(Self { params: params.clone(), soft })
            }

            fn needs(&self) -> Needs {
                let replay = Replay {
                    demonstrations: cloning::rows(
                        self.params.batch,
                        self.params.demonstration_share,
                    ),
                    ..self.params.replay()
                };
                Needs::replay(replay, Head::SquashedGaussian)
            }

            fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
                let params = &self.params;
                let target = params.target_entropy * self.soft.action_width() as f64;
                let pace = Pace {
                    learning_rate: params.learning_rate,
                    target_rate: params.target_rate,
                    gradient_norm: params.gradient_norm,
                    target_entropy: params.automatic.then_some(target),
                    temperature: params.temperature,
                    imitation: Imitation {
                        weight: params.bc_weight,
                        filter: params.q_filter,
                    },
                };
                self.soft.learn(batch, learn, pace)
            }

            fn state(&mut self, archive: &mut Archive) {
                self.soft.state(archive);
            }

            fn acting(&mut self, archive: &mut Archive) {
                self.soft.acting_state(archive);
            }

            fn params(&mut self) -> &mut Self::Params {
                &mut self.params
            }
        }
    };
}

soft_agent! {
    Sac SacParams "sac" SAC "Soft actor-critic" |_| (0, 0);
}

/// TQC is a module of its own, because params of two agents share names.
pub mod tqc {
    use super::{Backend, Imitation, Own, Pace, Settings, Soft, cloning, presets};
    use plugin_api::prelude::*;

    soft_agent! {
        Tqc TqcParams "tqc" TQC "Truncated quantile critics" |params: &TqcParams| {
            (params.quantiles, params.drop.min(params.quantiles - 1))
        };
        /// Quantiles of a critic.
        quantiles: usize = 25 in 1..=200,
        /// Largest quantiles that are left out, for each critic.
        drop: usize = 2 in 0..,
    }
}
