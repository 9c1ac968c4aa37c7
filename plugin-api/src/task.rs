//! The task an environment sets: its spaces, limits, rewards and what else a learner may rely on.

use crate::error::{Error, Result};
use crate::space::Space;
use serde::{Deserialize, Serialize};

/// Everything about an environment that stays the same from step to step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Task {
    /// What observations look like.
    pub observations: Space,
    /// What actions look like.
    pub actions: Space,
    /// Steps after which an episode is truncated; 0 means never.
    pub max_steps: u32,
    /// Mean return at which the task counts as solved.
    pub threshold: Option<f64>,
    /// Smallest and largest reward of a step.
    pub rewards: (f64, f64),
    /// Whether some actions are forbidden in some states, see [`crate::Env::mask`].
    pub masked: bool,
    /// Where goals lie in the observation, when there are any.
    pub goal: Option<Goal>,
    /// Names of the scalars that [`crate::Env::infos`] writes.
    pub infos: Vec<String>,
    /// What may change the numbers of an episode apart from seed and actions.
    pub determinism: Determinism,
    /// The best expected return any policy can reach, where it is known.
    pub optimum: Option<f64>,
    /// Pictures a second at which the scene moves naturally.
    pub frame_rate: f64,
}

/// Where a goal-conditioned environment keeps its goals in the observation row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// Elements that say what was achieved.
    pub achieved: std::ops::Range<usize>,
    /// Elements that say what is wanted.
    pub desired: std::ops::Range<usize>,
}

/// What an episode's numbers depend on apart from seed and actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Determinism {
    /// Nothing: the same bits on every machine.
    #[default]
    Portable,
    /// The same bits on machines with the same CPU features and libraries.
    Machine,
    /// Not reproducible, for example because the clock matters.
    None,
}

/// Most choices that can be masked.
const MASK_WIDTH_MAX: usize = 1 << 20;

impl Goal {
    fn validate(&self, width: usize) -> Result<()> {
        let Self { achieved, desired } = self;
        let fits = achieved.end <= width && desired.end <= width;
        if fits && !achieved.is_empty() && achieved.len() == desired.len() {
            return Ok(());
        }
        Err(Error::new(format!(
            "its goals lie at {achieved:?} and {desired:?} of {width} observed elements; they are \
             of one width and inside"
        )))
    }
}

impl Task {
    /// A task with these spaces, whose episodes are truncated after `max_steps` (0: never).
    pub fn new(observations: Space, actions: Space, max_steps: u32) -> Self {
        Self { observations, actions, max_steps, ..Self::default() }
    }

    /// Sets the mean return at which the task counts as solved.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Sets the smallest and the largest reward of a step.
    #[must_use]
    pub fn rewards(mut self, low: f64, high: f64) -> Self {
        self.rewards = (low, high);
        self
    }

    /// Says that some actions are forbidden in some states.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.masked = true;
        self
    }

    /// Names the scalars that the environment reports with every step.
    #[must_use]
    pub fn infos(mut self, names: &[&str]) -> Self {
        self.infos = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// Takes the goals from the children `achieved_goal` and `desired_goal` of a Dict observation.
    #[must_use]
    pub fn goals(mut self) -> Self {
        let child = |name| {
            self.observations.child(name).unwrap_or_else(|| panic!("observations without {name}"))
        };
        self.goal = Some(Goal { achieved: child("achieved_goal"), desired: child("desired_goal") });
        self
    }

    /// Says how far the numbers can be reproduced.
    #[must_use]
    pub fn determinism(mut self, determinism: Determinism) -> Self {
        self.determinism = determinism;
        self
    }

    /// Sets the best expected return any policy can reach.
    #[must_use]
    pub fn optimum(mut self, optimum: f64) -> Self {
        self.optimum = Some(optimum);
        self
    }

    /// Sets the pictures a second at which the scene moves naturally.
    #[must_use]
    pub fn frame_rate(mut self, per_second: f64) -> Self {
        self.frame_rate = per_second;
        self
    }

    /// Whether everything in it makes sense and fits together; the error says what does not.
    pub fn validate(&self) -> Result<()> {
        self.observations.validate().map_err(|error| error.context("its observations"))?;
        self.actions.validate().map_err(|error| error.context("its actions"))?;
        if self.masked && !(1..=MASK_WIDTH_MAX).contains(&self.actions.mask_width()) {
            return Err(Error::new(format!("it is masked, but {} takes no mask", self.actions)));
        }
        if let Some(goal) = &self.goal {
            goal.validate(self.observations.width())?;
        }
        let (low, high) = self.rewards;
        let names = self.infos.iter().collect::<std::collections::BTreeSet<_>>().len();
        let rules = [
            (low <= high, format!("its rewards lie between {low} and {high}")),
            (
                names == self.infos.len(),
                format!("two of its info scalars, {:?}, have one name", self.infos),
            ),
            (!self.threshold.is_some_and(f64::is_nan), "its threshold is no number".to_owned()),
            (!self.optimum.is_some_and(f64::is_nan), "its optimum is no number".to_owned()),
            (
                self.frame_rate > 0.0 && self.frame_rate.is_finite(),
                format!("it moves at {} pictures a second", self.frame_rate),
            ),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, sentence)) => Err(Error::new(sentence)),
            None => Ok(()),
        }
    }

    /// Width of the action mask; 0 when no action is ever forbidden.
    pub fn mask_width(&self) -> usize {
        if self.masked { self.actions.mask_width() } else { 0 }
    }
}

impl Default for Task {
    fn default() -> Self {
        Self {
            observations: Space::discrete(1),
            actions: Space::discrete(1),
            max_steps: 0,
            threshold: None,
            rewards: (f64::NEG_INFINITY, f64::INFINITY),
            masked: false,
            goal: None,
            infos: Vec::new(),
            determinism: Determinism::Portable,
            optimum: None,
            frame_rate: 30.0,
        }
    }
}
