//! Expected SARSA (van Seijen et al., "A theoretical and empirical analysis of Expected Sarsa",
//! 2009).
//!
//! Q(s,a) += α·(r + γ·Σ π(a'|s')·Q(s',a') − Q(s,a)), where π is the ε-greedy policy of this moment.

use crate::presets;
use crate::values::{Values, expectation};
use plugin_api::prelude::*;

learner_params! {
    /// What Expected SARSA can be told.
    pub struct ExpectedSarsaParams {}
}

/// Learns the value of what it does as SARSA, without the chance of the next action.
#[derive(Debug)]
pub struct ExpectedSarsa {
    params: ExpectedSarsaParams,
    values: Values,
}

impl Policy for ExpectedSarsa {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for ExpectedSarsa {
    const NAME: &'static str = "expected-sarsa";
    const PRESETS: &'static [Preset] = presets::EXPECTED_SARSA;
    type Params = ExpectedSarsaParams;

    fn new(params: &ExpectedSarsaParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), values: Values::new(task, params.initial)? })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let epsilon = self.params.epsilon().at(learn.steps);
        let values = &mut self.values;
        let mut errors = 0.0;
        for t in batch.transitions() {
            let (state, next) = (values.table.state_of(t.obs), values.table.state_of(t.next_obs));
            let value = if t.terminated {
                0.0
            } else {
                expectation(&values.table, next, t.next_mask, epsilon)
            };
            errors += values.update(state, t.choice(), t.reward + discount * value, pace).abs();
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

    fn params(&mut self) -> &mut ExpectedSarsaParams {
        &mut self.params
    }
}
