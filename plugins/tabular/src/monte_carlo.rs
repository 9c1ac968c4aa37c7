//! On-policy Monte-Carlo control (Sutton and Barto, 2018, section 5.4).
//!
//! Q(s,a) += α·(G − Q(s,a)) with the return G = r + γ·G' to the end of the episode. Where an
//! episode was cut off, G' starts from the policy's mean value of the final observation; so it does
//! where walks without an end are looked at piece by piece. In a world without chance the best
//! return there ever was may be kept instead of the mean (episodic control: Lengyel and Dayan,
//! 2007).

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
        /// Steps after which a walk is looked at, whether it has ended or not; 0 for its end.
        cut: usize = 0,
        /// What is kept of the returns: their mean, or the best one, for worlds without chance.
        live keep: String = "mean" of ["mean", "best"],
    }
}

/// Learns from what came of whole episodes.
#[derive(Debug)]
pub struct MonteCarlo {
    params: MonteCarloParams,
    values: Values,
    /// Row of the first visit of each state and action in the piece at hand; none between two.
    first: Vec<u32>,
}

/// A piece of a walk: rows of a batch.
#[derive(Clone, Copy, Debug)]
struct Piece {
    from: usize,
    to: usize,
    /// From a row to the next one of the same lane.
    stride: usize,
}

impl Piece {
    fn rows(self) -> impl DoubleEndedIterator<Item = usize> {
        (self.from..self.to).step_by(self.stride)
    }
}

impl MonteCarlo {
    /// Goes back over one piece, whose last row is followed by `tail`. Returns the sum of the
    /// errors and how many visits counted.
    fn go_back(&mut self, batch: &Batch<'_>, piece: Piece, tail: Tail) -> [f64; 2] {
        let pair = |values: &Values, t: Transition<'_>| {
            values.table.state_of(t.obs) * values.table.actions() + t.choice()
        };
        for t in piece.rows().map(|row| batch.transition(row)) {
            let first = &mut self.first[pair(&self.values, t)];
            *first = (t.row as u32).min(*first);
        }
        let first_only = self.params.visits == "first";
        let (mut result, mut sums) = (tail.value, [0.0; 2]);
        for t in piece.rows().rev().map(|row| batch.transition(row)) {
            result = t.reward + self.params.discount * result;
            let first = &mut self.first[pair(&self.values, t)];
            let is_first = *first == t.row as u32;
            if is_first {
                *first = NONE;
            }
            if is_first || !first_only {
                let state = self.values.table.state_of(t.obs);
                sums[0] += self.learn_return(state, t.choice(), result, tail.is_known).abs();
                sums[1] += 1.0;
            }
        }
        sums
    }

    /// What came of a choice moves its value. Returns the error.
    fn learn_return(&mut self, state: usize, choice: usize, result: f64, is_known: bool) -> f64 {
        let values = &mut self.values;
        if self.params.keep == "mean" {
            return values.update(state, choice, result, self.params.pace());
        }
        let is_new = values.visits(state, choice) == 0;
        let error = result - values.table[(state, choice)];
        // A guess may stand in for a return that nobody has seen, but is never the best one.
        if is_known {
            values.visit(state, choice);
        }
        if is_new || (is_known && error > 0.0) {
            values.table[(state, choice)] = result;
        }
        error
    }
}

/// What follows the last row of a piece.
#[derive(Clone, Copy, Debug)]
struct Tail {
    value: f64,
    /// Whether nothing follows; else the value is what the policy expects.
    is_known: bool,
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
        let needs = match self.params.cut {
            0 => Needs::episodes(Head::Values),
            steps => Needs::rollout(steps, Head::Values),
        };
        needs.epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let epsilon = self.params.epsilon().at(learn.steps);
        let stride = batch.lanes;
        let mut sums = [0.0; 2];
        for lane in 0..stride {
            let mut from = lane;
            for t in (lane..batch.len()).step_by(stride).map(|row| batch.transition(row)) {
                if !t.ends() && t.row + stride < batch.len() {
                    continue;
                }
                let table = &self.values.table;
                let next = || expectation(table, table.state_of(t.next_obs), t.next_mask, epsilon);
                let value = if t.terminated { 0.0 } else { next() };
                let tail = Tail { value, is_known: t.terminated };
                let piece = Piece { from, to: t.row + 1, stride };
                let [errors, visits] = self.go_back(batch, piece, tail);
                (from, sums) = (t.row + stride, [sums[0] + errors, sums[1] + visits]);
            }
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
