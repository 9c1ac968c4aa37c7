//! SARSA (Rummery and Niranjan, "On-line Q-learning using connectionist systems", 1994).
//!
//! Q(s,a) += α·(r + γ·Q(s',a') − Q(s,a)), where a' is the action that was then taken in s'.

use crate::presets;
use crate::values::Values;
use plugin_api::prelude::*;

learner_params! {
    /// What SARSA can be told.
    pub struct SarsaParams {}
}

/// Learns the value of what it does, exploration included.
#[derive(Debug)]
pub struct Sarsa {
    params: SarsaParams,
    values: Values,
}

impl Policy for Sarsa {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for Sarsa {
    const NAME: &'static str = "sarsa";
    const PRESETS: &'static [Preset] = presets::SARSA;
    type Params = SarsaParams;

    fn new(params: &SarsaParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), values: Values::new(task, params.initial)? })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).next_actions().epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let values = &mut self.values;
        let mut errors = 0.0;
        for t in batch.transitions() {
            let (state, next) = (values.table.state_of(t.obs), values.table.state_of(t.next_obs));
            let next_action = batch.next_actions[t.row][0] as usize;
            let next = if t.terminated { 0.0 } else { values.table[(next, next_action)] };
            errors += values.update(state, t.choice(), t.reward + discount * next, pace).abs();
        }
        learn.log.scalar("td_error", errors / batch.len() as f64);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.values.state(archive);
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.values.table.state("q", archive);
    }

    fn params(&mut self) -> &mut SarsaParams {
        &mut self.params
    }
}
