//! Dyna-Q (Sutton, "Integrated architectures for learning, planning, and reacting", 1990).
//!
//! Each step teaches Q-learning and a model; then Q-learning goes on with steps drawn from the
//! model, from states and actions tried before. The model counts what followed, so the world may be
//! random.

use crate::model::LearnedModel;
use crate::presets;
use crate::values::Values;
use plugin_api::prelude::*;

learner_params! {
    /// What Dyna-Q can be told.
    pub struct DynaQParams {
        /// Steps drawn from the model for each step in the world.
        live planning: usize = 10 in 0..=10_000,
    }
}

/// Learns a model, and from it.
#[derive(Debug)]
pub struct DynaQ {
    params: DynaQParams,
    values: Values,
    model: LearnedModel,
}

impl DynaQ {
    fn plan(&mut self, rng: &mut Rng) {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let (tried, actions) = (self.model.tried(), self.values.table.actions());
        for _ in 0..self.params.planning {
            let pair = tried[rng.below(tried.len())] as usize;
            let seen = self.model.draw(pair, rng);
            let target = self.model.worth(seen, &self.values.table, discount);
            self.values.adjust(pair / actions, pair % actions, target, pace);
        }
    }
}

impl Policy for DynaQ {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for DynaQ {
    const NAME: &'static str = "dyna-q";
    const PRESETS: &'static [Preset] = presets::DYNA_Q;
    type Params = DynaQParams;

    fn new(params: &DynaQParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let values = Values::new(task, params.initial)?;
        let model = LearnedModel::new(task, &values.table);
        Ok(Self { params: params.clone(), values, model })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let mut errors = 0.0;
        for t in batch.transitions() {
            let table = &self.values.table;
            let (state, next) = (table.state_of(t.obs), table.state_of(t.next_obs));
            let value = if t.terminated { 0.0 } else { table.max(next, t.next_mask) };
            self.model.observe(state * table.actions() + t.choice(), next, &t);
            let target = t.reward + discount * value;
            errors += self.values.update(state, t.choice(), target, pace).abs();
            self.plan(learn.rng);
        }
        learn.log.scalar("td_error", errors / batch.len() as f64);
        learn.log.scalar("pairs_tried", self.model.tried().len() as f64);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.values.state(archive);
        archive.scope("model", |archive| self.model.state(archive));
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.values.table.state("q", archive);
    }

    fn params(&mut self) -> &mut DynaQParams {
        &mut self.params
    }
}
