//! On-policy Monte-Carlo control (Sutton and Barto, 2018, section 5.4).
//!
//! Q(s,a) += α·(G − Q(s,a)) with the return G = r + γ·G' to the end of the episode. Where an
//! episode was cut off, G' starts from the policy's mean value of the final observation.

use crate::presets;
use crate::values::{Values, expectation};
use plugin_api::prelude::*;

/// Stands for no row.
const NONE: u32 = u32::MAX;

learner_params! {
    /// What Monte-Carlo control can be told.
    pub struct MonteCarloParams {
        /// Which visits of a state and action within an episode count.
        live visits: String = "first" of ["first", "every"],
    }
}

/// Learns from what came of whole episodes.
#[derive(Debug)]
pub struct MonteCarlo {
    params: MonteCarloParams,
    values: Values,
    /// Row of the first visit of each state and action in the episode at hand; none between two.
    first: Vec<u32>,
}

impl MonteCarlo {
    /// Goes back over one episode. Returns the sum of the errors and how many visits counted.
    fn go_back(&mut self, batch: &Batch<'_>, rows: std::ops::Range<usize>, tail: f64) -> [f64; 2] {
        let pair = |values: &Values, t: Transition<'_>| {
            values.table.state_of(t.obs) * values.table.actions() + t.choice()
        };
        for t in rows.clone().map(|row| batch.transition(row)) {
            let first = &mut self.first[pair(&self.values, t)];
            *first = (t.row as u32).min(*first);
        }
        let pace = self.params.pace();
        let first_only = self.params.visits == "first";
        let (mut result, mut sums) = (tail, [0.0; 2]);
        for t in rows.rev().map(|row| batch.transition(row)) {
            result = t.reward + self.params.discount * result;
            let first = &mut self.first[pair(&self.values, t)];
            if *first == t.row as u32 || !first_only {
                let state = self.values.table.state_of(t.obs);
                sums[0] += self.values.update(state, t.choice(), result, pace).abs();
                sums[1] += 1.0;
            }
            if *first == t.row as u32 {
                *first = NONE;
            }
        }
        sums
    }
}

impl Policy for MonteCarlo {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.values.table.act(obs, out);
    }
}

impl Agent for MonteCarlo {
    const NAME: &'static str = "monte-carlo";
    const PRESETS: &'static [Preset] = presets::MONTE_CARLO;
    type Params = MonteCarloParams;

    fn new(params: &MonteCarloParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let values = Values::new(task, params.initial)?;
        let first = vec![NONE; values.table.states() * values.table.actions()];
        Ok(Self { params: params.clone(), values, first })
    }

    fn needs(&self) -> Needs {
        Needs::episodes(Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let epsilon = self.params.epsilon().at(learn.steps);
        let (mut start, mut sums) = (0, [0.0; 2]);
        for t in batch.transitions().filter(Transition::ends) {
            let table = &self.values.table;
            let tail = if t.terminated {
                0.0
            } else {
                expectation(table, table.state_of(t.next_obs), t.next_mask, epsilon)
            };
            let [errors, visits] = self.go_back(batch, start..t.row + 1, tail);
            (start, sums) = (t.row + 1, [sums[0] + errors, sums[1] + visits]);
        }
        learn.log.scalar("return_error", sums[0] / sums[1].max(1.0));
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.values.state(archive);
    }

    fn acting(&mut self, archive: &mut Archive) {
        self.values.table.state("q", archive);
    }

    fn params(&mut self) -> &mut MonteCarloParams {
        &mut self.params
    }
}
