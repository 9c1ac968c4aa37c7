//! Prioritised sweeping (Moore and Atkeson, "Prioritized sweeping", 1993).
//!
//! Q(s,a) = Σ p(s'|s,a)·(r + γ·max Q(s',·)) with the p and r seen so far, where it would change
//! most first; what leads to a state whose best value changed is looked at again.

use crate::model::LearnedModel;
use crate::presets;
use crate::queue::Queue;
use plugin_api::prelude::*;

explorer_params! {
    /// What prioritised sweeping can be told.
    pub struct SweepingParams {
        /// Updates from the model for each step in the world.
        live planning: usize = 10 in 0..=10_000,
        /// Changes below this are not worth an update.
        live threshold: f64 = 0.000_1 in 0.0..,
    }
}

/// Learns a model, and keeps the values in step with it.
#[derive(Debug)]
pub struct Sweeping {
    params: SweepingParams,
    table: Table,
    model: LearnedModel,
    queue: Queue,
    /// Pairs that led to each state; derived from the model.
    before: Vec<Vec<u32>>,
    /// How much of what the model has seen is in `before`.
    known: usize,
}

impl Sweeping {
    /// Queues a pair if the model says that its value should change.
    fn consider(&mut self, pair: u32) {
        let idx = pair as usize;
        let value = self.table[(idx / self.table.actions(), idx % self.table.actions())];
        let change = (self.model.backup(idx, &self.table, self.params.discount) - value).abs();
        self.queue.put(pair, if change > self.params.threshold { change } else { 0.0 });
    }

    /// Updates the most urgent pair, and considers what led to its state if that became better or
    /// worse.
    fn sweep(&mut self, pair: usize) {
        let (state, action) = (pair / self.table.actions(), pair % self.table.actions());
        let before = self.model.best(state, &self.table);
        self.table[(state, action)] = self.model.backup(pair, &self.table, self.params.discount);
        if self.model.best(state, &self.table).to_bits() != before.to_bits() {
            for idx in 0..self.before[state].len() {
                self.consider(self.before[state][idx]);
            }
        }
    }

    /// Takes what the model has newly seen into `before`.
    fn note_ways(&mut self) {
        for seen in &self.model.seen()[self.known..] {
            if !seen.terminated {
                self.before[seen.next as usize].push(seen.pair);
            }
        }
        self.known = self.model.seen().len();
    }
}

impl Policy for Sweeping {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.table.act(obs, out);
    }
}

impl Agent for Sweeping {
    const NAME: &'static str = "sweeping";
    const PRESETS: &'static [Preset] = presets::SWEEPING;
    type Params = SweepingParams;

    fn new(params: &SweepingParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let table = Table::new(task, params.initial)?;
        Ok(Self {
            params: params.clone(),
            model: LearnedModel::new(task, &table),
            queue: Queue::new(table.states() * table.actions()),
            before: vec![Vec::new(); table.states()],
            known: 0,
            table,
        })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        for t in batch.transitions() {
            let (state, next) = (self.table.state_of(t.obs), self.table.state_of(t.next_obs));
            let pair = state * self.table.actions() + t.choice();
            self.model.observe(pair, next, &t);
            self.note_ways();
            self.consider(pair as u32);
            for _ in 0..self.params.planning {
                let Some(pair) = self.queue.pop() else { break };
                self.sweep(pair);
            }
        }
        learn.log.scalar("queue_length", self.queue.len() as f64);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.table.state("q", archive);
        archive.scope("model", |archive| self.model.state(archive));
        archive.scope("queue", |archive| self.queue.state(archive));
        if archive.is_loading() {
            self.before.iter_mut().for_each(Vec::clear);
            self.known = 0;
            self.note_ways();
        }
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.table.state("q", archive);
    }

    fn params(&mut self) -> &mut SweepingParams {
        &mut self.params
    }
}
