//! Rows of experience for tests, and the calls of an agent without a host.

use plugin_api::prelude::*;

/// Columns of a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pub(crate) obs: Vec<f32>,
    pub(crate) actions: Vec<f32>,
    pub(crate) rewards: Vec<f64>,
    pub(crate) flags: Vec<u8>,
    pub(crate) next_obs: Vec<f32>,
    pub(crate) masks: Vec<u8>,
    pub(crate) next_masks: Vec<u8>,
    pub(crate) log_probs: Vec<f32>,
    pub(crate) values: Vec<f32>,
    pub(crate) returns: Vec<f32>,
    pub(crate) advantages: Vec<f32>,
    pub(crate) weights: Vec<f32>,
    pub(crate) discounts: Vec<f32>,
    pub(crate) memory: Vec<f32>,
}

impl Columns {
    /// These rows as an agent sees them, `lanes` side by side.
    pub(crate) fn batch(&self, lanes: usize) -> Batch<'_> {
        let rows = self.rewards.len();
        let width = |len: usize| (len / rows).max(1);
        Batch {
            steps: rows / lanes,
            lanes,
            obs: Rows::new(&self.obs, width(self.obs.len())),
            actions: Rows::new(&self.actions, width(self.actions.len())),
            rewards: &self.rewards,
            flags: &self.flags,
            next_obs: Rows::new(&self.next_obs, width(self.next_obs.len())),
            masks: Rows::new(&self.masks, width(self.masks.len())),
            next_masks: Rows::new(&self.next_masks, width(self.next_masks.len())),
            log_probs: &self.log_probs,
            values: &self.values,
            returns: &self.returns,
            advantages: &self.advantages,
            weights: &self.weights,
            discounts: &self.discounts,
            memory: Rows::new(&self.memory, width(self.memory.len())),
            ..Batch::default()
        }
    }
}

/// An agent with these settings.
pub(crate) fn agent<A: Agent>(settings: &[(&str, &str)], task: &Task) -> A {
    let params = A::Params::with(&crate::contract::values::<A>(settings)).expect("they fit");
    A::new(&params, task, &mut Rng::seeded(1)).expect("it takes the task")
}

/// Head rows and values for these observations.
pub(crate) fn act<A: Agent>(
    agent: &A,
    obs: &[f32],
    width: usize,
    head: usize,
) -> (Vec<f32>, Vec<f32>) {
    let rows = obs.len() / width;
    let mut heads = vec![0.0; rows * head];
    let mut values = vec![0.0; if agent.needs().values { rows } else { 0 }];
    let mut out = Act {
        head: RowsMut::new(&mut heads, head),
        values: &mut values,
        masks: Rows::new(&[], 1),
        memory: RowsMut::new(&mut [], 1),
        mode: Mode::Train,
        step: 0,
        key: 0,
        first_lane: 0,
    };
    agent.act(Rows::new(obs, width), &mut out);
    (heads, values)
}

/// What it logs while it learns from a batch.
pub(crate) fn learn<A: Agent>(
    agent: &mut A,
    batch: &Batch<'_>,
    progress: f64,
) -> Result<Vec<(String, f64)>> {
    let (mut rng, mut log) = (Rng::seeded(2), Log::default());
    let mut learn =
        Learn { rng: &mut rng, log: &mut log, priorities: &mut [], steps: 0, updates: 0, progress };
    agent.learn(batch, &mut learn)?;
    Ok(log.take().scalars.into_iter().map(|(name, summary)| (name, summary.mean())).collect())
}

/// A number that was logged.
#[track_caller]
pub(crate) fn logged(log: &[(String, f64)], name: &str) -> f64 {
    log.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1
}
