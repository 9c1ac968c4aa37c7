//! Small worlds with a known table, and the values that a perfect learner would find in them.

use plugin_api::model::{Model, Outcome};
use plugin_api::prelude::*;

params! {
    pub(crate) struct LabParams {
        /// Which world, by name.
        name: String = "fork",
    }
}

/// Lanes of any of the worlds.
pub(crate) struct Lab {
    model: Model,
    max_steps: u32,
    states: Vec<usize>,
}

/// A world by its name, and its step limit.
pub(crate) fn world(name: &str) -> (Model, u32) {
    match name {
        "fork" => (fork(), 0),
        "masked fork" => (masked_fork(), 0),
        "corridor" => (corridor(6), 50),
        "treadmill" => (Model::new(2, vec![1.0], |_, _| vec![Outcome::sure(0, 1.0, false)]), 10),
        "cliff" => (cliff(), 0),
        other => panic!("there is no world `{other}`"),
    }
}

/// Q of the policy that is greedy by Q itself but for a chance of `epsilon`: of the best one for 0.
pub(crate) fn solve(model: &Model, discount: f64, epsilon: f64) -> Vec<Vec<f64>> {
    let mut q = vec![vec![0.0; model.actions]; model.states];
    for _ in 0..5000 {
        let values: Vec<f64> = (0..model.states)
            .map(|state| {
                let allowed = (0..model.actions).filter(|&action| model.allows(state, action));
                let row: Vec<f64> = allowed.map(|action| q[state][action]).collect();
                let mean = row.iter().sum::<f64>() / row.len() as f64;
                let best = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                epsilon * mean + (1.0 - epsilon) * best
            })
            .collect();
        for (state, row) in q.iter_mut().enumerate() {
            for (action, q) in row.iter_mut().enumerate() {
                let worth = |o: &Outcome| {
                    let next = if o.terminated { 0.0 } else { discount * values[o.next] };
                    o.chance * (o.reward + next)
                };
                *q = model.outcomes(state, action).iter().map(worth).sum();
            }
        }
    }
    q
}

/// From 0 either to an end worth 1, or perhaps to 1: there one action is worth 4, the other a fall.
fn fork() -> Model {
    Model::new(2, vec![1.0, 0.0], |state, action| match (state, action) {
        (0, 0) => vec![
            Outcome { chance: 0.75, next: 1, reward: 0.0, terminated: false },
            Outcome { chance: 0.25, next: 0, reward: 0.0, terminated: false },
        ],
        (0, _) => vec![Outcome::sure(0, 1.0, true)],
        (_, 0) => vec![Outcome::sure(0, 4.0, true)],
        (_, _) => vec![Outcome::sure(0, -8.0, false)],
    })
}

/// The fork with a third action worth 100 that is never allowed.
fn masked_fork() -> Model {
    let fork = fork();
    let mut model = Model::new(3, fork.start.clone(), |state, action| match action {
        2 => vec![Outcome::sure(0, 100.0, true)],
        action => fork.outcomes(state, action).to_vec(),
    });
    model.allowed = [true, true, false].repeat(2);
    model
}

/// `cells` in a row; only the right end pays, each step costs a little.
fn corridor(cells: usize) -> Model {
    let mut start = vec![0.0; cells];
    start[0] = 1.0;
    Model::new(2, start, |cell, action| match action {
        0 => vec![Outcome::sure(cell.saturating_sub(1), -0.1, false)],
        _ if cell + 1 == cells => vec![Outcome::sure(cell, 1.0, true)],
        _ => vec![Outcome::sure(cell + 1, -0.1, false)],
    })
}

/// Example 6.6 of Sutton and Barto: 4 rows of 12, a cliff between start and goal in the lowest.
fn cliff() -> Model {
    let mut start = vec![0.0; 48];
    start[36] = 1.0;
    Model::new(4, start, |state, action| {
        let (row, column) = (state / 12, state % 12);
        let next = match action {
            0 => row.saturating_sub(1) * 12 + column,
            1 => row * 12 + (column + 1).min(11),
            2 => (row + 1).min(3) * 12 + column,
            _ => row * 12 + column.saturating_sub(1),
        };
        match next {
            37..=46 => vec![Outcome::sure(36, -100.0, false)],
            _ => vec![Outcome::sure(next, -1.0, next == 47)],
        }
    })
}

impl BatchEnv for Lab {
    const NAME: &'static str = "lab";
    type Params = LabParams;
    type Obs = i64;
    type Action = i64;

    fn new(params: &LabParams, lanes: usize) -> Result<Self> {
        let (model, max_steps) = world(&params.name);
        Ok(Self { model, max_steps, states: vec![0; lanes] })
    }

    fn task(&self) -> Task {
        let [states, actions] = [self.model.states, self.model.actions].map(Space::discrete);
        let task = Task::new(states, actions, self.max_steps);
        if self.model.allowed.is_empty() { task } else { task.masked() }
    }

    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [i64]) {
        self.states[lane] = rng.choice_weighted(&self.model.start);
        obs[0] = self.states[lane] as i64;
    }

    fn step(
        &mut self,
        actions: Rows<'_, i64>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, i64>,
        mut steps: Steps<'_>,
    ) {
        for (lane, rng) in rngs.iter_mut().enumerate() {
            let (state, action) = (self.states[lane], actions[lane][0] as usize);
            assert!(self.model.allows(state, action), "action {action} is forbidden in {state}");
            let outcomes = self.model.outcomes(state, action);
            let chances: Vec<f64> = outcomes.iter().map(|outcome| outcome.chance).collect();
            let Outcome { next, reward, terminated, .. } = outcomes[rng.choice_weighted(&chances)];
            self.states[lane] = next;
            obs.row(lane)[0] = next as i64;
            steps.set(lane, Step::when(terminated, reward));
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        archive.value("state", &mut self.states[lane]);
    }

    fn mask(&self, lane: usize, allowed: &mut [u8]) {
        for (action, allowed) in allowed.iter_mut().enumerate() {
            *allowed = self.model.allows(self.states[lane], action).into();
        }
    }

    fn model(&self) -> Option<Model> {
        Some(self.model.clone())
    }
}
