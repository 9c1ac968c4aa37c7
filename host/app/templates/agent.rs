//! template-name: a table of values, Q(s,a) += α·(r + γ·max Q(s',·) − Q(s,a)).
#![forbid(unsafe_code)]

use plugin_api::prelude::*;

params! {
    struct LearnerParams {
        /// Step size α.
        live step_size: f64 = 0.1 in 0.0..=1.0,
        /// Discount γ.
        live discount: f64 = 0.99 in 0.0..=1.0,
        /// Chance of a random action while training.
        live exploration: f64 = 0.1 in 0.0..=1.0,
    }
}

struct Learner {
    params: LearnerParams,
    q: Table,
}

impl Policy for Learner {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        self.q.act(obs, out);
    }
}

impl Agent for Learner {
    const NAME: &'static str = "template-name";
    type Params = LearnerParams;

    fn new(params: &LearnerParams, task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), q: Table::new(task, 0.0)? })
    }

    fn needs(&self) -> Needs {
        Needs::rollout(1, Head::Values).epsilon_greedy(self.params.exploration)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        for t in batch.transitions() {
            let next = if t.terminated { 0.0 } else { self.q.best(t.next_state(), t.next_mask).1 };
            let q = &mut self.q[(t.state(), t.choice())];
            let error = t.reward + self.params.discount * next - *q;
            *q += self.params.step_size * error;
            learn.log.scalar("td_error", error.abs());
        }
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.q.state("q", archive);
    }

    fn params(&mut self) -> &mut LearnerParams {
        &mut self.params
    }
}

plugin!(agents: [Learner]);
