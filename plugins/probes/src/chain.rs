//! A row of states with 1 behind the last; action 1 goes on, action 0 gives up for a small
//! reward.
//!
//! The best return is 1 and takes as many right actions as there are states. Who only ever
//! collects the small reward does not explore, or does not carry rewards back over several steps.

use plugin_api::prelude::*;

params! {
    /// The row and its rewards.
    pub struct ChainParams {
        /// Number of states.
        states: usize = 10 in 2..=1_000,
        /// Reward for giving up.
        small_reward: f64 = 0.1 in 0.0..=1.0,
    }
}

/// The world that pays the patient.
#[derive(Clone, Debug)]
pub struct Chain {
    params: ChainParams,
    place: usize,
}

impl Env for Chain {
    const NAME: &'static str = "Chain-v0";
    type Params = ChainParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &ChainParams) -> Result<Self> {
        Ok(Self { params: params.clone(), place: 0 })
    }

    fn task(&self) -> Task {
        let task = Task::new(Space::discrete(self.params.states), Space::discrete(2), 0);
        task.rewards(0.0, 1.0).optimum(1.0).threshold(0.9)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) {
        self.place = 0;
        obs[0] = 0;
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [i64]) -> Step {
        let Outcome { next, reward, terminated, .. } = self.outcome(self.place, action[0] as usize);
        self.place = next;
        obs[0] = next as i64;
        Step::when(terminated, reward)
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("place", &mut self.place);
    }

    fn model(&self) -> Option<Model> {
        let mut start = vec![0.0; self.params.states];
        start[0] = 1.0;
        Some(Model::new(2, start, |state, action| vec![self.outcome(state, action)]))
    }

    fn render(&self, scene: &mut Scene) -> bool {
        let row = (0..self.params.states).map(|i| if i == self.place { '●' } else { '·' });
        scene.write(format!("{}★", row.collect::<String>()));
        true
    }
}

impl Chain {
    fn outcome(&self, state: usize, action: usize) -> Outcome {
        let last = state + 1 == self.params.states;
        match action {
            0 => Outcome::sure(state, self.params.small_reward, true),
            _ if last => Outcome::sure(state, 1.0, true),
            _ => Outcome::sure(state + 1, 0.0, false),
        }
    }
}
