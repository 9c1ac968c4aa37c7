//! n-step Q-learning on rollouts (Peng and Williams, 1996; Mnih et al., 2016).
//!
//! Q(s,a) += α·(G − Q(s,a)) with G = r + γ·G' and G' that of the next step. The last step of a
//! rollout of n takes max Q(s',·) for G', so that the first looks n steps ahead, the next n − 1,
//! and so on; so does a step before an action that was not greedy. G' is 0 where the world ended,
//! and max Q of the final observation where the episode was cut off.

use crate::presets;
use crate::values::{Values, explores};
use plugin_api::prelude::*;

learner_params! {
    /// What n-step Q-learning can be told.
    pub struct NStepQParams {
        /// Steps n of a rollout.
        steps: usize = 4 in 1..=10_000,
        /// Whether to look no further than the next action that is not greedy, as Watkins's Q(λ)
        /// does. Otherwise what came of exploring counts against the actions before it.
        live cut: bool = true,
    }
}

/// Carries rewards back over several steps at once.
#[derive(Debug)]
pub struct NStepQ {
    params: NStepQParams,
    values: Values,
    /// A target for each row of the batch; not kept between two of them.
    targets: Vec<f64>,
}

impl NStepQ {
    /// All targets, seen from the values before any of them changes.
    fn look_ahead(&mut self, batch: &Batch<'_>) {
        let table = &self.values.table;
        self.targets.clear();
        self.targets.resize(batch.len(), 0.0);
        for row in (0..batch.len()).rev() {
            let t = batch.transition(row);
            let after = row + batch.lanes;
            let goes_on = after < batch.len()
                && !t.ends()
                && !(self.params.cut && explores(table, &batch.transition(after)));
            let next = match (t.terminated, goes_on) {
                (true, _) => 0.0,
                (false, true) => self.targets[after],
                (false, false) => table.max(table.state_of(t.next_obs), t.next_mask),
            };
            self.targets[row] = t.reward + self.params.discount * next;
        }
    }
}

impl Policy for NStepQ {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for NStepQ {
    const NAME: &'static str = "n-step-q";
    const PRESETS: &'static [Preset] = presets::N_STEP_Q;
    type Params = NStepQParams;

    fn new(params: &NStepQParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let values = Values::new(task, params.initial)?;
        Ok(Self { params: params.clone(), values, targets: Vec::new() })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(self.params.steps, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.look_ahead(batch);
        let pace = self.params.pace();
        let mut errors = 0.0;
        for (t, &target) in batch.transitions().zip(&self.targets) {
            let state = self.values.table.state_of(t.obs);
            errors += self.values.update(state, t.choice(), target, pace).abs();
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

    fn params(&mut self) -> &mut NStepQParams {
        &mut self.params
    }
}
