//! Watkins's Q(λ) (Watkins, 1989; Sutton and Barto, 2018, section 12.10).
//!
//! δ = r + γ·max Q(s',·) − Q(s,a); Q(s₀,a₀) += α·δ·e(s₀,a₀) for everything visited before. A trace
//! e rises with a visit, falls by γλ with each step, and is cut where an action was not the greedy
//! one.

use crate::presets;
use crate::trail::{self, Trail};
use crate::values::{Pace, Values, explores};
use plugin_api::prelude::*;

learner_params! {
    /// What Q(λ) can be told.
    pub struct QLambdaParams {
        /// Trace decay λ.
        live lambda: f64 = 0.9 in 0.0..=1.0,
        /// What another visit does to a trace: set it to 1, or add 1.
        live traces: String = "replacing" of ["replacing", "accumulating"],
    }
}

/// Carries every surprise back along the way that led to it.
#[derive(Debug)]
pub struct QLambda {
    params: QLambdaParams,
    values: Values,
    /// One for each lane.
    trails: Vec<Trail>,
}

impl QLambda {
    /// Cuts the trails where the host drew another action than the greedy one.
    fn cut(&mut self, batch: &Batch<'_>) {
        for t in batch.transitions().filter(|t| explores(&self.values.table, t)) {
            self.trails[t.lane].visited.clear();
        }
    }

    fn follow(&mut self, lane: usize, error: f64, pace: Pace) {
        let values = &mut self.values;
        let actions = values.table.actions();
        let decay = self.params.discount * self.params.lambda;
        for (pair, trace) in &mut self.trails[lane].visited {
            let (state, action) = (*pair as usize / actions, *pair as usize % actions);
            let step_size = values.step_size(state, action, pace);
            values.table[(state, action)] += step_size * error * *trace;
            *trace *= decay;
        }
        self.trails[lane].forget();
    }
}

impl Policy for QLambda {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for QLambda {
    const NAME: &'static str = "q-lambda";
    const PRESETS: &'static [Preset] = presets::Q_LAMBDA;
    type Params = QLambdaParams;

    fn new(params: &QLambdaParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let values = Values::new(task, params.initial)?;
        Ok(Self { params: params.clone(), values, trails: Vec::new() })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.trails.resize_with(batch.lanes, Trail::default);
        self.cut(batch);
        let (discount, pace) = (self.params.discount, self.params.pace());
        let replacing = self.params.traces == "replacing";
        let mut errors = 0.0;
        for t in batch.transitions() {
            let table = &self.values.table;
            let (state, next) = (table.state_of(t.obs), table.state_of(t.next_obs));
            let next = if t.terminated { 0.0 } else { table.max(next, t.next_mask) };
            let error = t.reward + discount * next - table[(state, t.choice())];
            let pair = (state * table.actions() + t.choice()) as u32;
            self.values.visit(state, t.choice());
            self.trails[t.lane].visit(pair, replacing);
            self.follow(t.lane, error, pace);
            if t.ends() {
                self.trails[t.lane].visited.clear();
            }
            errors += error.abs();
        }
        learn.log.scalar("td_error", errors / batch.len() as f64);
        let visited: usize = self.trails.iter().map(|trail| trail.visited.len()).sum();
        learn.log.scalar("trail_length", visited as f64 / batch.lanes as f64);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.values.state(archive);
        let pairs = self.values.table.states() * self.values.table.actions();
        archive.scope("trails", |archive| trail::state(&mut self.trails, pairs, archive));
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.values.table.state("q", archive);
    }

    fn params(&mut self) -> &mut QLambdaParams {
        &mut self.params
    }
}
