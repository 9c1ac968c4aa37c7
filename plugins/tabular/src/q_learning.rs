//! Q-learning (Watkins, "Learning from Delayed Rewards", 1989).
//!
//! Q(s,a) += α·(r + γ·max Q(s',·) − Q(s,a)). What follows the end of the world is worth 0.

use crate::presets;
use crate::values::Values;
use plugin_api::prelude::*;

learner_params! {
    /// What Q-learning can be told.
    pub struct QLearningParams {}
}

/// Learns the best policy while another one explores.
#[derive(Debug)]
pub struct QLearning {
    params: QLearningParams,
    values: Values,
}

impl Policy for QLearning {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for QLearning {
    const NAME: &'static str = "q-learning";
    const PRESETS: &'static [Preset] = presets::Q_LEARNING;
    type Params = QLearningParams;

    fn new(params: &QLearningParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), values: Values::new(task, params.initial)? })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let values = &mut self.values;
        let mut errors = 0.0;
        for t in batch.transitions() {
            let (state, next) = (values.table.state_of(t.obs), values.table.state_of(t.next_obs));
            let next = if t.terminated { 0.0 } else { values.table.max(next, t.next_mask) };
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

    fn params(&mut self) -> &mut QLearningParams {
        &mut self.params
    }
}
