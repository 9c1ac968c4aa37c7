//! Double Q-learning (van Hasselt, "Double Q-learning", 2010).
//!
//! With even chances A(s,a) += α·(r + γ·B(s', argmax A(s',·)) − A(s,a)), or the same with A and B
//! exchanged. The one chooses, the other judges, so that lucky draws are not taken for value.

use crate::presets;
use crate::values::Values;
use plugin_api::prelude::*;

learner_params! {
    /// What double Q-learning can be told.
    pub struct DoubleQParams {}
}

/// Two tables that judge each other's choices. It acts on their mean.
#[derive(Debug)]
pub struct DoubleQ {
    params: DoubleQParams,
    tables: [Values; 2],
}

impl Policy for DoubleQ {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        let [a, b] = &self.tables;
        for (obs, head) in obs.iter().zip(out.head.iter_mut()) {
            let state = a.table.state_of(obs);
            let pairs = a.table.row(state).iter().zip(b.table.row(state));
            for (head, (a, b)) in head.iter_mut().zip(pairs) {
                *head = (0.5 * (a + b)) as f32;
            }
        }
    }
}

impl Agent for DoubleQ {
    const NAME: &'static str = "double-q";
    const PRESETS: &'static [Preset] = presets::DOUBLE_Q;
    type Params = DoubleQParams;

    fn new(params: &DoubleQParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        let tables = [Values::new(task, params.initial)?, Values::new(task, params.initial)?];
        Ok(Self { params: params.clone(), tables })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.epsilon())
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        let (discount, pace) = (self.params.discount, self.params.pace());
        let [a, b] = &mut self.tables;
        let mut errors = 0.0;
        for t in batch.transitions() {
            let (learner, judge) =
                if learn.rng.chance(0.5) { (&mut *a, &*b) } else { (&mut *b, &*a) };
            let state = judge.table.state_of(t.obs);
            let next = judge.table.state_of(t.next_obs);
            let choice = learner.table.best(next, t.next_mask).0;
            let next = if t.terminated { 0.0 } else { judge.table[(next, choice)] };
            errors += learner.update(state, t.choice(), t.reward + discount * next, pace).abs();
        }
        learn.log.scalar("td_error", errors / batch.len() as f64);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        for (name, values) in ["a", "b"].into_iter().zip(&mut self.tables) {
            archive.scope(name, |archive| values.state(archive));
        }
    }

    fn acting(&mut self, archive: &mut Archive) {
        for (name, values) in ["a", "b"].into_iter().zip(&mut self.tables) {
            values.table.state(name, archive);
        }
    }

    fn params(&mut self) -> &mut DoubleQParams {
        &mut self.params
    }
}
