//! Answer with the number that is shown: 1 for each right answer, a new number after each.
//!
//! Who solves the smaller probes but not this one mixes up observations and actions of lanes or
//! rows.

use plugin_api::prelude::*;

params! {
    /// How much there is to answer.
    pub struct IdentityParams {
        /// Numbers that are shown.
        choices: usize = 4 in 2..=64,
        /// Questions in an episode.
        questions: usize = 100 in 1..=10_000,
    }
}

/// The world that asks for what it shows.
#[derive(Clone, Debug)]
pub struct Identity {
    params: IdentityParams,
    shown: i64,
}

impl Identity {
    fn ask(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        self.shown = rng.below(self.params.choices) as i64;
        obs[0] = self.shown;
    }
}

impl Env for Identity {
    const NAME: &'static str = "Identity-v0";
    type Params = IdentityParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &IdentityParams) -> Result<Self> {
        Ok(Self { params: params.clone(), shown: 0 })
    }

    fn task(&self) -> Task {
        let (number, best) = (Space::discrete(self.params.choices), self.params.questions as f64);
        let task = Task::new(number.clone(), number, self.params.questions as u32);
        task.rewards(0.0, 1.0).optimum(best).threshold(0.9 * best)
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [i64]) {
        self.ask(rng, obs);
    }

    fn step(&mut self, action: &[i64], rng: &mut Rng, obs: &mut [i64]) -> Step {
        let right = action[0] == self.shown;
        self.ask(rng, obs);
        Step::go_on(if right { 1.0 } else { 0.0 })
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("shown", &mut self.shown);
    }

    fn model(&self) -> Option<Model> {
        let chance = 1.0 / self.params.choices as f64;
        let start = vec![chance; self.params.choices];
        Some(Model::new(self.params.choices, start, |state, action| {
            let reward = if state == action { 1.0 } else { 0.0 };
            let then = |next| Outcome { chance, next, reward, terminated: false };
            (0..self.params.choices).map(then).collect()
        }))
    }
}
