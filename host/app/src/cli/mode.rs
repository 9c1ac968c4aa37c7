//! How acting and learning share the time, in words.

use super::values::Count;
use crate::failure::Failure;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use thorndike_engine::run::Mode;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ModeFlags {
    /// How acting and learning share the time [default: lockstep]
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<ModeWord>,
    /// Workers of async mode, each a thread with lanes of its own [default: one less than threads]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<Count>,
    /// Updates that a policy of async mode may be behind when its steps are learned from
    /// [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) lag: Option<u64>,
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

    /// What they ask for, where the config has `usual` and so many threads are there.
    pub(crate) fn mode(&self, usual: Option<ModeWord>, threads: usize) -> Result<Mode, Failure> {
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
        let lost = ModeFlags { workers: "2".parse().ok(), ..none };
        assert!(lost.mode(None, 2).is_err_and(|failure| failure.message.contains("--mode async")));
    }
}
