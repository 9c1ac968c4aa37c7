//! What makes needs sensible for a task: whether the head speaks of the actions there are, and
//! every number lies where it means something.

use super::{Explore, Feed, Head, Needs, Replay, Returns, Schedule};
use crate::element::Dtype;
use crate::error::{Error, Result};
use crate::space::Space;
use crate::task::Task;

impl Head {
    /// Elements of a head row for these actions, or why the two do not go together.
    pub fn width(self, actions: &Space) -> Result<usize> {
        let leaves = actions.leaves();
        let all = |fits: fn(&Space) -> bool| leaves.iter().all(|(_, leaf)| fits(leaf));
        let choices = |leaf: &Space| match leaf {
            Space::Discrete { n, .. } => *n,
            Space::MultiDiscrete { n, .. } => n.iter().sum(),
            other => other.width(),
        };
        let logits = leaves.iter().map(|(_, leaf)| choices(leaf)).sum();
        let numbers = if self.is_drawn() { 3 } else { 2 } * actions.width();
        let (fits, width, needs) = match self.law() {
            Self::Action => (true, actions.width(), ""),
            Self::Values => (
                leaves.len() == 1 && all(|leaf| matches!(leaf, Space::Discrete { .. })),
                logits,
                "a head of values needs Discrete actions",
            ),
            Self::Logits => (
                all(|leaf| {
                    use Space::{Discrete, MultiBinary, MultiDiscrete};
                    matches!(leaf, Discrete { .. } | MultiDiscrete { .. } | MultiBinary { .. })
                }),
                logits,
                "a head of logits needs Discrete, MultiDiscrete or MultiBinary actions",
            ),
            Self::Gaussian | Self::DrawnGaussian => {
                (all(is_real), numbers, "a gaussian head needs Box actions of f32 or f64")
            }
            Self::SquashedGaussian | Self::DrawnSquashedGaussian => (
                all(|leaf| is_real(leaf) && is_bounded(leaf)),
                numbers,
                "a squashed gaussian head needs Box actions of f32 or f64 with finite bounds",
            ),
        };
        if fits { Ok(width) } else { Err(Error::new(format!("{needs}, not {actions}"))) }
    }
}

fn is_real(leaf: &Space) -> bool {
    matches!(leaf, Space::Box { dtype: Dtype::F32 | Dtype::F64, .. })
}

fn is_bounded(leaf: &Space) -> bool {
    let Space::Box { low, high, .. } = leaf else { return false };
    (0..leaf.width()).all(|idx| low.at(idx).is_finite() && high.at(idx).is_finite())
}

impl Needs {
    /// Whether a host can give an agent what it asks for in this task; the error says what it
    /// cannot.
    pub fn validate(&self, task: &Task) -> Result<()> {
        self.head.width(&task.actions)?;
        self.explore.validate(self.head, &task.actions)?;
        match &self.feed {
            Feed::Nothing | Feed::Episodes => {}
            Feed::Rollout { steps } => at_least_one("steps of a rollout", *steps as u64)?,
            Feed::Replay(replay) => replay.validate(task)?,
        }
        let Some(returns) = self.returns else { return Ok(()) };
        if !matches!(self.feed, Feed::Rollout { .. } | Feed::Episodes) {
            return Err(Error::new("returns are computed for rollouts and episodes only"));
        }
        let discount = match returns {
            Returns::MonteCarlo { discount } => discount,
            Returns::NStep { discount, steps } => {
                at_least_one("steps of a return", steps as u64)?;
                discount
            }
            Returns::Gae { discount, lambda } => {
                part("trace decay", lambda)?;
                discount
            }
        };
        part("discount", discount)?;
        if self.values || matches!(returns, Returns::MonteCarlo { .. }) {
            return Ok(());
        }
        Err(Error::new("these returns need value estimates, which the agent does not offer"))
    }
}

impl Replay {
    fn validate(&self, task: &Task) -> Result<()> {
        at_least_one("steps remembered", self.capacity as u64)?;
        at_least_one("rows of a sample", self.batch as u64)?;
        at_least_one("steps between two rounds", self.every)?;
        at_least_one("samples of a round", self.updates as u64)?;
        at_least_one("steps of a transition", self.n_step as u64)?;
        part("discount", self.discount)?;
        if let Some(priorities) = self.priorities {
            at_least_zero("exponent of priorities", priorities.alpha)?;
            at_least_zero("addition to priorities", priorities.epsilon)?;
            priorities.beta.each(|beta| at_least_zero("exponent of weights", beta))?;
        }
        let Some(relabel) = self.relabel else { return Ok(()) };
        if task.goal.is_none() {
            return Err(Error::new("goals cannot be relabelled: this task has none"));
        }
        at_least_zero("ratio of relabelled transitions", relabel.ratio)
    }
}

impl Explore {
    fn validate(self, head: Head, actions: &Space) -> Result<()> {
        let real = || actions.leaves().iter().all(|(_, leaf)| is_real(leaf));
        let noise = || {
            let sentence = format!("noise needs Box actions of f32 or f64, not {actions}");
            if real() { Ok(()) } else { Err(Error::new(sentence)) }
        };
        match self {
            Self::Policy | Self::Uniform => Ok(()),
            Self::EpsilonGreedy { epsilon } => epsilon.each(|value| part("epsilon", value)),
            Self::Boltzmann { temperature } => {
                if !matches!(head, Head::Values | Head::Logits) {
                    return Err(Error::new("a temperature needs a head of values or logits"));
                }
                temperature.each(|value| at_least_zero("temperature", value))
            }
            Self::Gaussian { std } => {
                noise()?;
                std.each(|value| at_least_zero("standard deviation", value))
            }
            Self::OrnsteinUhlenbeck { theta, sigma, dt } => {
                noise()?;
                at_least_zero("pull of the noise", theta)?;
                at_least_zero("time between two steps of the noise", dt)?;
                sigma.each(|value| at_least_zero("strength of the noise", value))
            }
        }
    }
}

impl Schedule {
    /// Checks the values it begins and ends with; all others lie between them.
    fn each(self, check: impl Fn(f64) -> Result<()>) -> Result<()> {
        match self {
            Self::Constant(value) => check(value),
            Self::Linear { from, to, .. } | Self::HalfLife { from, to, .. } => {
                check(from)?;
                check(to)
            }
        }
    }
}

fn at_least_one(what: &str, value: u64) -> Result<()> {
    if value > 0 { Ok(()) } else { Err(Error::new(format!("the {what} are at least 1, not 0"))) }
}

fn at_least_zero(what: &str, value: f64) -> Result<()> {
    let fits = value >= 0.0 && value.is_finite();
    if fits { Ok(()) } else { Err(Error::new(format!("the {what} is at least 0, not {value}"))) }
}

fn part(what: &str, value: f64) -> Result<()> {
    let fits = (0.0..=1.0).contains(&value);
    if fits {
        Ok(())
    } else {
        Err(Error::new(format!("the {what} lies in 0 to 1, not at {value}")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GoalStrategy, Priorities, Relabel};
    use super::*;

    fn task(actions: Space) -> Task {
        Task::new(Space::discrete(2), actions, 0)
    }

    fn bounded() -> Space {
        Space::range::<f32>(-1.0, 1.0, &[3])
    }

    #[test]
    fn a_head_is_as_wide_as_the_actions_ask() {
        let all = Space::tuple([
            Space::discrete_from(3, 7),
            Space::multi_discrete(&[2, 4]),
            Space::multi_binary(5),
        ]);
        assert_eq!(Head::Action.width(&all), Ok(8));
        assert_eq!(Head::Logits.width(&all), Ok(14));
        assert_eq!(Head::Values.width(&Space::discrete(6)), Ok(6));
        assert_eq!(Head::Gaussian.width(&Space::unbounded::<f64>(&[2, 2])), Ok(8));
        assert_eq!(Head::SquashedGaussian.width(&bounded()), Ok(6));
        assert_eq!(Head::DrawnGaussian.width(&Space::unbounded::<f32>(&[2])), Ok(6));
        assert_eq!(Head::DrawnSquashedGaussian.width(&bounded()), Ok(9));
    }

    #[test]
    fn a_head_that_speaks_of_other_actions_is_refused() {
        let check = |head: Head, actions: Space, sentence: &str| {
            assert_eq!(head.width(&actions).expect_err("they do not fit").message, sentence);
        };
        check(
            Head::Values,
            Space::multi_discrete(&[2, 2]),
            "a head of values needs Discrete actions, not MultiDiscrete([2, 2])",
        );
        check(
            Head::Logits,
            Space::tuple([Space::discrete(2), bounded()]),
            "a head of logits needs Discrete, MultiDiscrete or MultiBinary actions, not \
             Tuple(Discrete(2), Box(-1, 1, [3], f32))",
        );
        check(
            Head::Gaussian,
            Space::range::<i64>(0.0, 3.0, &[1]),
            "a gaussian head needs Box actions of f32 or f64, not Box(0, 3, [1], i64)",
        );
        check(
            Head::SquashedGaussian,
            Space::range::<f32>(0.0, f64::INFINITY, &[1]),
            "a squashed gaussian head needs Box actions of f32 or f64 with finite bounds, not \
             Box(0, inf, [1], f32)",
        );
    }

    #[track_caller]
    fn refused(needs: &Needs, actions: Space, sentence: &str) {
        let error = needs.validate(&task(actions)).expect_err("no host can give that");
        assert_eq!(error.message, sentence);
    }

    #[test]
    fn sensible_needs_pass() {
        let discrete = task(Space::discrete(2));
        let replay = Replay {
            priorities: Some(Priorities {
                alpha: 0.6,
                beta: Schedule::Linear { from: 0.4, to: 1.0, steps: 1000 },
                epsilon: 1e-6,
            }),
            ..Replay::default()
        };
        for needs in [
            Needs::default(),
            Needs::rollout(5, Head::Values).epsilon_greedy(0.1),
            Needs::episodes(Head::Logits).returns(Returns::MonteCarlo { discount: 1.0 }),
            Needs::rollout(128, Head::Logits)
                .returns(Returns::Gae { discount: 0.99, lambda: 0.95 }),
            Needs::replay(replay, Head::Values)
                .explore(Explore::Boltzmann { temperature: 1.0.into() }),
        ] {
            assert_eq!(needs.validate(&discrete), Ok(()), "{needs:?}");
        }
        let noise = Explore::OrnsteinUhlenbeck { theta: 0.15, sigma: 0.2.into(), dt: 1.0 };
        let needs = Needs::replay(Replay::default(), Head::Action).explore(noise);
        assert_eq!(needs.validate(&task(bounded())), Ok(()));
    }

    #[test]
    fn numbers_that_mean_nothing_are_refused() {
        let discrete = || Space::discrete(2);
        let replay = |replay| Needs::replay(replay, Head::Values);
        refused(
            &Needs::rollout(0, Head::Values),
            discrete(),
            "the steps of a rollout are at least 1, not 0",
        );
        refused(
            &replay(Replay { batch: 0, ..Replay::default() }),
            discrete(),
            "the rows of a sample are at least 1, not 0",
        );
        refused(
            &replay(Replay { discount: 1.5, ..Replay::default() }),
            discrete(),
            "the discount lies in 0 to 1, not at 1.5",
        );
        let relabel = Relabel { strategy: GoalStrategy::Future, ratio: 4.0 };
        refused(
            &replay(Replay { relabel: Some(relabel), ..Replay::default() }),
            discrete(),
            "goals cannot be relabelled: this task has none",
        );
        refused(
            &Needs::rollout(1, Head::Values).epsilon_greedy(Schedule::Linear {
                from: 1.0,
                to: f64::NAN,
                steps: 10,
            }),
            discrete(),
            "the epsilon lies in 0 to 1, not at NaN",
        );
        refused(
            &Needs::rollout(1, Head::Action)
                .explore(Explore::Boltzmann { temperature: 1.0.into() }),
            discrete(),
            "a temperature needs a head of values or logits",
        );
        refused(
            &Needs::rollout(1, Head::Action).explore(Explore::Gaussian { std: 0.1.into() }),
            discrete(),
            "noise needs Box actions of f32 or f64, not Discrete(2)",
        );
        refused(
            &Needs::rollout(1, Head::Gaussian).explore(Explore::Gaussian { std: (-0.1).into() }),
            bounded(),
            "the standard deviation is at least 0, not -0.1",
        );
    }

    #[test]
    fn returns_nobody_can_compute_are_refused() {
        let gae = Returns::Gae { discount: 0.99, lambda: 0.95 };
        let needs = Needs { returns: Some(gae), ..Needs::rollout(5, Head::Logits) };
        refused(
            &needs,
            Space::discrete(2),
            "these returns need value estimates, which the agent does not offer",
        );
        refused(
            &Needs::replay(Replay::default(), Head::Values).returns(gae),
            Space::discrete(2),
            "returns are computed for rollouts and episodes only",
        );
        refused(
            &Needs::episodes(Head::Logits).returns(Returns::NStep { discount: 0.9, steps: 0 }),
            Space::discrete(2),
            "the steps of a return are at least 1, not 0",
        );
    }
}
