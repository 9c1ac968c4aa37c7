//! How acting and learning share the time, in words.

use super::values::{Count, threads, whole};
use crate::failure::Failure;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use thorndike_engine::run::{Mode, Moments};

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ModeFlags {
    /// How acting and learning share the time [default: lockstep]
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<ModeWord>,
    /// Workers of async mode, each a thread with lanes of its own [default: one less than threads]
    #[arg(long, value_name = "N", value_parser = threads)]
    pub(crate) workers: Option<Count>,
    /// Updates that a policy of async mode may be behind when its steps are learned from
    /// [default: 1]
    #[arg(long, value_name = "N", value_parser = whole)]
    pub(crate) lag: Option<u64>,
    /// Train so many copies of the agent side by side, each in --lanes of its own, and give the
    /// mean of what they know to all of them after every round
    #[arg(long, value_name = "N", value_parser = threads, conflicts_with_all = ["workers", "lag"])]
    pub(crate) copies: Option<Count>,
    /// Steps of each copy from one mean to the next [default: 1000]
    #[arg(long, value_name = "STEPS", requires = "copies")]
    pub(crate) round: Option<Count>,
    /// What becomes of the moments that the copies' optimisers remember [default: keep]
    #[arg(long, value_name = "POLICY", requires = "copies")]
    pub(crate) optimiser: Option<OptimiserWord>,
}

/// Steps of each copy from one mean to the next, unless said otherwise.
const ROUND: u64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OptimiserWord {
    /// Each copy keeps its own
    Keep,
    /// They are averaged like everything else
    Average,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModeWord {
    /// Act, step and learn in turn
    Lockstep,
    /// Learn from the latest segment while the next one is collected with a copy of the policy;
    /// the result does not depend on threads
    Pipelined,
    /// Workers collect at their own pace; the journal says what was learned from when, so that the
    /// run can be repeated
    Async,
}

impl ModeFlags {
    /// Workers of async mode unless said otherwise: a thread is left to learn.
    pub(crate) fn workers(threads: usize) -> usize {
        threads.saturating_sub(1).max(1)
    }

    /// Whether they ask for anything.
    pub(crate) fn is_given(&self) -> bool {
        self.mode.is_some() || self.copies.is_some()
    }

    /// What they ask for, where the config has `usual` and so many threads are there.
    pub(crate) fn mode(&self, usual: Option<ModeWord>, threads: usize) -> Result<Mode, Failure> {
        if let Some(copies) = self.copies {
            if self.mode.is_some_and(|word| word != ModeWord::Lockstep) {
                return Err(Failure::usage(
                    "copies learn in lockstep; leave --mode or --copies out",
                ));
            }
            let moments = match self.optimiser.unwrap_or(OptimiserWord::Keep) {
                OptimiserWord::Keep => Moments::Keep,
                OptimiserWord::Average => Moments::Average,
            };
            let round = self.round.map_or(ROUND, u64::from);
            return Ok(Mode::Copies { copies: copies.into(), round, moments });
        }
        let word = self.mode.or(usual).unwrap_or(ModeWord::Lockstep);
        if word != ModeWord::Async && (self.workers.is_some() || self.lag.is_some()) {
            return Err(Failure::usage("--workers and --lag belong to `--mode async`"));
        }
        Ok(match word {
            ModeWord::Lockstep => Mode::Lockstep,
            ModeWord::Pipelined => Mode::Pipelined,
            ModeWord::Async => {
                let workers = self.workers.map_or(Self::workers(threads), usize::from);
                Mode::Async { workers, lag: self.lag.unwrap_or(1) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_what_the_words_say_else_the_config_else_lockstep() {
        let none = ModeFlags::default();
        assert_eq!(none.mode(None, 2).ok(), Some(Mode::Lockstep));
        assert_eq!(none.mode(Some(ModeWord::Pipelined), 2).ok(), Some(Mode::Pipelined));
        let words = ModeFlags { mode: Some(ModeWord::Async), lag: Some(0), ..none.clone() };
        let expected = Mode::Async { workers: 3, lag: 0 };
        assert_eq!(words.mode(Some(ModeWord::Lockstep), 4).ok(), Some(expected));
        assert_eq!(words.mode(None, 1).ok(), Some(Mode::Async { workers: 1, lag: 0 }));
        let copies = ModeFlags { copies: "4".parse().ok(), ..none.clone() };
        let (moments, round) = (Moments::Keep, 1000);
        let expected = Mode::Copies { copies: 4, round, moments };
        assert_eq!(copies.mode(Some(ModeWord::Async), 2).ok(), Some(expected));
        let torn = ModeFlags { mode: Some(ModeWord::Pipelined), ..copies };
        assert!(torn.mode(None, 2).is_err_and(|failure| failure.message.contains("in lockstep")));
        let lost = ModeFlags { workers: "2".parse().ok(), ..none };
        assert!(lost.mode(None, 2).is_err_and(|failure| failure.message.contains("--mode async")));
    }
}
