//! What an agent needs: how experience reaches it, what its head means, and how actions are drawn.

use serde::{Deserialize, Serialize};

mod validate;

/// What an agent asks of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Needs {
    /// How experience reaches `learn`.
    pub feed: Feed,
    /// What the rows that `act` writes mean.
    pub head: Head,
    /// How actions are drawn from the head while training.
    pub explore: Explore,
    /// Whether `act` also writes value estimates.
    pub values: bool,
    /// Numbers the policy remembers of each lane between two steps.
    pub memory: usize,
    /// Whether the batch holds the action taken in the next state.
    pub next_actions: bool,
    /// Returns and advantages computed by the host, for rollouts and episodes.
    pub returns: Option<Returns>,
}

/// How experience reaches `learn`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Feed {
    /// Not at all: the agent does not learn.
    #[default]
    Nothing,
    /// The latest `steps` steps of every lane.
    Rollout {
        /// Steps of each lane.
        steps: usize,
    },
    /// Whole episodes, as many as have just ended.
    Episodes,
    /// Samples from a memory of past steps.
    Replay(Replay),
}

/// How steps are remembered and sampled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Replay {
    /// Steps remembered.
    pub capacity: usize,
    /// Rows of a sample.
    pub batch: usize,
    /// Steps taken before the first sample, with any action, all alike.
    pub warmup: u64,
    /// Environment steps between two rounds of learning.
    pub every: u64,
    /// Samples of a round.
    pub updates: usize,
    /// Steps that a transition spans.
    pub n_step: usize,
    /// Discount within such a span.
    pub discount: f64,
    /// Samples what surprised more often.
    pub priorities: Option<Priorities>,
    /// Tells what happened again as if it had been wanted.
    pub relabel: Option<Relabel>,
    /// Rows of a sample that come from demonstrations, where a run has any.
    pub demonstrations: usize,
}

/// Prioritised sampling (Schaul et al., 2016).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Priorities {
    /// How much priorities matter: 0 not at all, 1 fully.
    pub alpha: f64,
    /// How much of the bias the weights take back, over environment steps.
    pub beta: Schedule,
    /// Added to every priority.
    pub epsilon: f64,
}

/// Hindsight relabelling of goals (Andrychowicz et al., 2017).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relabel {
    /// Where the goals come from.
    pub strategy: GoalStrategy,
    /// Relabelled transitions for each original one.
    pub ratio: f64,
}

/// Where hindsight goals come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoalStrategy {
    /// What was achieved later in the same episode.
    Future,
    /// What was achieved at the end of the episode.
    Final,
    /// What was achieved anywhere in the episode.
    Episode,
}

/// What a head row means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Head {
    /// The action itself, with choices counted from 0 wherever their space starts.
    #[default]
    Action,
    /// A value for each choice; the best is the greedy action.
    Values,
    /// Unnormalised log-probabilities of each choice; of 1 for each bit of a `MultiBinary`.
    Logits,
    /// Means, then log standard deviations, of a normal distribution.
    Gaussian,
    /// The same, squashed by tanh into the bounds of the action.
    SquashedGaussian,
}

/// How actions are drawn from a head while training. Evaluation is greedy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Explore {
    /// From the distribution the head describes; for values and actions, the greedy one.
    #[default]
    Policy,
    /// Any action, all alike.
    Uniform,
    /// Any action with chance epsilon, otherwise the greedy one.
    EpsilonGreedy {
        /// Chance of any action.
        epsilon: Schedule,
    },
    /// With probability proportional to exp(value / temperature).
    Boltzmann {
        /// The temperature.
        temperature: Schedule,
    },
    /// The greedy action plus independent normal noise, in units of half the action's range.
    Gaussian {
        /// Standard deviation.
        std: Schedule,
    },
    /// The greedy action plus an Ornstein-Uhlenbeck process that starts at 0 with every episode.
    OrnsteinUhlenbeck {
        /// Pull towards 0.
        theta: f64,
        /// Strength of the noise.
        sigma: Schedule,
        /// Time between two steps.
        dt: f64,
    },
}

/// A number that changes with environment steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Schedule {
    /// Always the same.
    Constant(f64),
    /// From one value to another in a straight line, then constant.
    Linear {
        /// First value.
        from: f64,
        /// Last value.
        to: f64,
        /// Steps in between.
        steps: u64,
    },
    /// Halves its distance to the last value again and again.
    HalfLife {
        /// First value.
        from: f64,
        /// Value it tends to.
        to: f64,
        /// Steps in which the distance halves.
        steps: u64,
    },
}

impl Schedule {
    /// The value at an environment step.
    pub fn at(self, step: u64) -> f64 {
        match self {
            Self::Constant(value) => value,
            Self::Linear { from, to, steps } => {
                // At the end exactly the last value, which the sum would miss by rounding.
                if step >= steps { to } else { from + (to - from) * (step as f64 / steps as f64) }
            }
            Self::HalfLife { from, to, steps } => {
                to + (from - to) * half_to_the(step as f64 / steps.max(1) as f64)
            }
        }
    }
}

impl From<f64> for Schedule {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

/// 2^-x for x >= 0, the same bits on every machine: only multiplication, and square roots of 1/2.
fn half_to_the(x: f64) -> f64 {
    let whole = x.floor().min(1100.0);
    let mut result = f64::from_bits(if whole < 1023.0 { (1023 - whole as u64) << 52 } else { 0 });
    let (mut part, mut factor) = (x - x.floor(), 0.5_f64);
    for _ in 0..40 {
        factor = factor.sqrt();
        part *= 2.0;
        if part >= 1.0 {
            part -= 1.0;
            result *= factor;
        }
    }
    result
}

/// Returns and advantages that the host computes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Returns {
    /// The discounted sum of rewards to the end of the episode, cut at the end of the batch.
    MonteCarlo {
        /// Discount γ.
        discount: f64,
    },
    /// Rewards of n steps, then the value estimate.
    NStep {
        /// Discount γ.
        discount: f64,
        /// Steps n.
        steps: usize,
    },
    /// Generalised advantage estimation (Schulman et al., 2016).
    Gae {
        /// Discount γ.
        discount: f64,
        /// Trace decay λ.
        lambda: f64,
    },
}

impl Replay {
    /// Whether an agent learns from demonstrations and nothing else.
    pub fn is_imitation(&self) -> bool {
        self.demonstrations >= self.batch
    }
}

impl Default for Replay {
    fn default() -> Self {
        Self {
            capacity: 100_000,
            batch: 64,
            warmup: 1000,
            every: 1,
            updates: 1,
            n_step: 1,
            discount: 0.99,
            priorities: None,
            relabel: None,
            demonstrations: 0,
        }
    }
}

impl Default for Needs {
    fn default() -> Self {
        Self {
            feed: Feed::Nothing,
            head: Head::Action,
            explore: Explore::Policy,
            values: false,
            memory: 0,
            next_actions: false,
            returns: None,
        }
    }
}

impl Needs {
    /// An agent that learns from the latest `steps` steps of every lane.
    pub fn rollout(steps: usize, head: Head) -> Self {
        Self { feed: Feed::Rollout { steps }, head, ..Self::default() }
    }

    /// An agent that learns from whole episodes.
    pub fn episodes(head: Head) -> Self {
        Self { feed: Feed::Episodes, head, ..Self::default() }
    }

    /// An agent that learns from samples of past steps.
    pub fn replay(replay: Replay, head: Head) -> Self {
        Self { feed: Feed::Replay(replay), head, ..Self::default() }
    }

    /// Any action with chance epsilon, otherwise the greedy one.
    #[must_use]
    pub fn epsilon_greedy(self, epsilon: impl Into<Schedule>) -> Self {
        self.explore(Explore::EpsilonGreedy { epsilon: epsilon.into() })
    }

    /// Sets how actions are drawn while training.
    #[must_use]
    pub fn explore(mut self, explore: Explore) -> Self {
        self.explore = explore;
        self
    }

    /// Asks for the action taken in the next state.
    #[must_use]
    pub fn next_actions(mut self) -> Self {
        self.next_actions = true;
        self
    }

    /// Asks for returns; those other than Monte-Carlo need `act` to write value estimates.
    #[must_use]
    pub fn returns(mut self, returns: Returns) -> Self {
        self.returns = Some(returns);
        self.values |= !matches!(returns, Returns::MonteCarlo { .. });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{value} {expected}");
    }

    #[test]
    fn a_straight_line_reaches_its_last_value_exactly_and_stays() {
        let line = Schedule::Linear { from: 1.0, to: 0.05, steps: 1000 };
        for (step, expected) in [(0, 1.0), (500, 0.525), (250, 0.7625)] {
            close(line.at(step), expected);
        }
        for step in [1000, 1001, u64::MAX] {
            assert_eq!(line.at(step).to_bits(), 0.05_f64.to_bits());
        }
        let at_once = Schedule::Linear { from: 1.0, to: 0.25, steps: 0 };
        assert_eq!(at_once.at(0).to_bits(), 0.25_f64.to_bits());
    }

    #[test]
    fn a_half_life_halves_the_distance() {
        let fading = Schedule::HalfLife { from: 5.0, to: 1.0, steps: 100 };
        for (step, expected) in [(0, 5.0), (100, 3.0), (200, 2.0), (1000, 1.0 + 4.0 / 1024.0)] {
            close(fading.at(step), expected);
        }
        for step in 0..3000 {
            close(fading.at(step), 1.0 + 4.0 * (-(step as f64) / 100.0).exp2());
            assert!(fading.at(step + 1) <= fading.at(step), "at step {step}");
        }
        assert_eq!(fading.at(u64::MAX).to_bits(), 1.0_f64.to_bits());
        close(Schedule::HalfLife { from: 2.0, to: 0.0, steps: 0 }.at(1), 1.0);
    }

    #[test]
    fn a_number_is_a_schedule() {
        assert_eq!(Schedule::from(0.1), Schedule::Constant(0.1));
        assert_eq!(Schedule::Constant(0.1).at(u64::MAX).to_bits(), 0.1_f64.to_bits());
    }

    #[test]
    fn returns_ask_for_what_they_need() {
        let rollout = || Needs::rollout(8, Head::Logits);
        assert!(!rollout().returns(Returns::MonteCarlo { discount: 0.9 }).values);
        assert!(rollout().returns(Returns::NStep { discount: 0.9, steps: 3 }).values);
        assert!(rollout().returns(Returns::Gae { discount: 0.9, lambda: 0.9 }).values);
        assert!(rollout().next_actions().next_actions);
    }
}
