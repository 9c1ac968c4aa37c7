//! When a run ends: after so many steps or episodes, or when a mean says so.

use crate::stats::Episodes;

/// When a run ends: whatever is reached first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goal {
    /// Environment steps.
    pub steps: Option<u64>,
    /// Episodes.
    pub episodes: Option<u64>,
    /// What the means must say.
    pub until: Option<Until>,
    /// Steps over which schedules run that follow the budget; up to the goal where none is said.
    /// A run that goes on behind its goal keeps it, so that nothing jumps.
    pub budget: Option<u64>,
}

/// A condition such as `return>=475`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Until {
    /// What is looked at.
    pub subject: Subject,
    /// How it is compared.
    pub compare: Compare,
    /// With what.
    pub value: f64,
}

/// What a condition looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Mean return of the last 100 episodes.
    Return,
    /// Mean length of the last 100 episodes.
    Length,
    /// Part of the last 100 episodes that succeeded.
    Success,
    /// Environment steps.
    Steps,
    /// Episodes.
    Episodes,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It took its steps.
    Steps,
    /// It played its episodes.
    Episodes,
    /// Its condition holds.
    Until,
    /// It was stopped before its goal.
    Stopped,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Steps => "steps",
            Self::Episodes => "episodes",
            Self::Until => "until",
            Self::Stopped => "stopped",
        })
    }
}

impl Goal {
    /// What has been reached, if anything.
    pub fn reached(&self, steps: u64, episodes: &Episodes) -> Option<Reason> {
        if self.until.is_some_and(|until| until.holds(steps, episodes)) {
            return Some(Reason::Until);
        }
        if self.steps.is_some_and(|goal| steps >= goal) {
            return Some(Reason::Steps);
        }
        self.episodes.is_some_and(|goal| episodes.count >= goal).then_some(Reason::Episodes)
    }

    /// What each of so many copies has to do of it.
    #[must_use]
    pub fn share(&self, copies: usize) -> Self {
        let share = |whole: Option<u64>| whole.map(|whole| whole.div_ceil(copies as u64));
        let Self { steps, episodes, until, budget } = *self;
        Self { steps: share(steps), episodes: share(episodes), until, budget: share(budget) }
    }

    /// Part of the way, 0 to 1; 0 when only a condition ends the run.
    pub fn part(&self, steps: u64, episodes: u64) -> f64 {
        let part = |behind: u64, goal: Option<u64>| {
            goal.map_or(0.0, |goal| behind as f64 / goal.max(1) as f64)
        };
        if self.budget.is_some() {
            return part(steps, self.budget).min(1.0);
        }
        part(steps, self.steps).max(part(episodes, self.episodes)).min(1.0)
    }
}

impl Until {
    /// Whether the condition holds. Means count once 100 episodes have ended.
    pub fn holds(&self, steps: u64, episodes: &Episodes) -> bool {
        let mean = |mean: Option<f64>| mean.filter(|_| episodes.is_full());
        let value = match self.subject {
            Subject::Return => mean(episodes.return_latest()),
            Subject::Length => mean(episodes.length_latest()),
            Subject::Success => mean(episodes.success_latest()),
            Subject::Steps => Some(steps as f64),
            Subject::Episodes => Some(episodes.count as f64),
        };
        value.is_some_and(|value| match self.compare {
            Compare::AtLeast => value >= self.value,
            Compare::AtMost => value <= self.value,
            Compare::Above => value > self.value,
            Compare::Below => value < self.value,
        })
    }
}
