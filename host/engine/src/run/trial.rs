//! Trials: every so often the agent plays without exploring, beside the run and without any trace
//! in it.

use super::Run;
use crate::evaluate::{self, Match, Outcome};
use crate::event::Eval;
use crate::lanes::Acting;
use crate::replay::Recording;
use plugin_api::Result;

/// When to judge a run, and what was best so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trials {
    /// Environment steps between two of them.
    every: u64,
    /// Episodes of one.
    episodes: usize,
    due: u64,
    best: f64,
}

/// How a trial came out.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What the episodes came to.
    pub eval: Eval,
    /// Whether none before was better.
    pub is_best: bool,
    /// The episodes, where they were to be recorded.
    pub recorded: Vec<Recording>,
}

impl Trials {
    /// Trials from where a run now stands, the best of which so far had this mean return.
    pub fn new(every: u64, episodes: usize, run: &Run, best: Option<f64>) -> Self {
        let every = every.max(1);
        let due = (run.counters().steps / every + 1) * every;
        Self { every, episodes, due, best: best.unwrap_or(f64::NEG_INFINITY) }
    }

    /// After every tick: holds a trial when one is due, and records it where that is wanted.
    #[inline]
    pub fn tick(&mut self, run: &mut Run, records: bool) -> Result<Option<Trial>> {
        let steps = run.counters().steps;
        if steps < self.due {
            return Ok(None);
        }
        self.due = (steps / self.every + 1) * self.every;
        let (eval, recorded) = run.evaluate(self.episodes, records)?;
        let is_best = eval.return_mean > self.best;
        self.best = self.best.max(eval.return_mean);
        Ok(Some(Trial { eval, is_best, recorded }))
    }
}

impl Run {
    /// Has the agent play episodes without exploring, always the same ones, and records them if
    /// that is wanted.
    pub fn evaluate(&mut self, episodes: usize, records: bool) -> Result<(Eval, Vec<Recording>)> {
        let setup = &self.setup;
        let mut policy = setup.agent_plugin.policy(&setup.agent, &setup.params, &self.task)?;
        policy.load(&self.agent.acting()?)?;
        let game = Match {
            env_plugin: setup.env_plugin.clone(),
            env: setup.env.clone(),
            env_params: setup.env_params.clone(),
            acting: Acting::of(&self.needs),
            seed: setup.seed,
            episodes,
            run_steps: self.counters.steps,
            records,
        };
        let Outcome { played, recorded } = evaluate::play(&game, &mut policy)?;
        Ok((evaluate::summary(&played, self.counters().steps), recorded))
    }
}
