//! Updates a second of double DQN, with our own kernels and with libtorch, for nets of several
//! sizes; and the time to act for one observation. `xtask/bench/torch_updates.py` is the same loop
//! in Python.
//!
//! `updates [SECONDS]`; lines of JSON.

#![expect(clippy::print_stdout, reason = "it is there to print figures")]

use kit::backend::{Backend, Own};
use learners::dqn::Dqn;
use plugin_api::params::{Value, Values};
use plugin_api::prelude::*;
use std::time::Instant;
use torch_agents::Torch;

/// Inputs, width of two hidden layers, choices, and rows of a batch.
const SIZES: [(usize, usize, usize, usize); 4] =
    [(4, 64, 2, 64), (23, 256, 6, 64), (23, 256, 6, 256), (23, 1024, 6, 256)];

/// A batch as an agent sees it, and room for what it asks back.
struct Columns {
    width: usize,
    obs: Vec<f32>,
    next_obs: Vec<f32>,
    actions: Vec<f32>,
    rewards: Vec<f64>,
    flags: Vec<u8>,
    discounts: Vec<f32>,
}

impl Columns {
    fn random(width: usize, choices: usize, rows: usize, rng: &mut Rng) -> Self {
        let mut numbers = |count: usize| -> Vec<f32> {
            (0..count).map(|_| rng.standard_normal() as f32).collect()
        };
        let (obs, next_obs) = (numbers(rows * width), numbers(rows * width));
        let actions = (0..rows).map(|row| (row % choices) as f32).collect();
        let (rewards, flags) = (vec![1.0; rows], vec![0; rows]);
        Self { width, obs, next_obs, actions, rewards, flags, discounts: vec![0.99; rows] }
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            steps: 1,
            lanes: self.rewards.len(),
            obs: Rows::new(&self.obs, self.width),
            actions: Rows::new(&self.actions, 1),
            rewards: &self.rewards,
            flags: &self.flags,
            next_obs: Rows::new(&self.next_obs, self.width),
            discounts: &self.discounts,
            ..Batch::default()
        }
    }
}

/// Calls a second.
#[expect(clippy::disallowed_methods, reason = "it measures, and no run depends on it")]
fn rate(seconds: f64, mut call: impl FnMut()) -> f64 {
    for _ in 0..20 {
        call();
    }
    let (start, mut calls) = (Instant::now(), 0.0);
    loop {
        for _ in 0..10 {
            call();
        }
        calls += 10.0;
        let spent = start.elapsed().as_secs_f64();
        if spent >= seconds {
            return calls / spent;
        }
    }
}

fn measure<B: Backend>(name: &str, seconds: f64) -> Result<()> {
    for (inputs, hidden, choices, rows) in SIZES {
        let sizes = Value::List(vec![Value::Int(hidden as i64); 2]);
        let values = Values::from([("hidden".to_owned(), sizes)]);
        let params = Params::with(&values)?;
        let task = Task::new(Space::unbounded::<f32>(&[inputs]), Space::discrete(choices), 500);
        let mut rng = Rng::seeded(0);
        let mut agent = Dqn::<B>::new(&params, &task, &mut rng)?;
        let columns = Columns::random(inputs, choices, rows, &mut rng);
        let (batch, mut log) = (columns.batch(), Log::default());
        let mut steps = 0;
        let updates = rate(seconds, || {
            steps += 1;
            let mut learn = Learn {
                rng: &mut rng,
                log: &mut log,
                priorities: &mut [],
                steps,
                updates: steps,
                progress: 0.0,
            };
            agent.learn(&batch, &mut learn).expect("nothing diverges");
        });
        let mut head = vec![0.0; choices];
        let acts = rate(seconds / 4.0, || {
            let mut act = Act {
                head: RowsMut::new(&mut head, choices),
                values: &mut [],
                masks: Rows::new(&[], 1),
                memory: RowsMut::new(&mut [], 1),
                mode: Mode::Evaluate,
                step: 0,
                key: 0,
                first_lane: 0,
            };
            agent.act(Rows::new(&columns.obs[..inputs], inputs), &mut act);
        });
        println!(
            "{{\"nets\":\"{name}\",\"size\":\"{inputs}-{hidden}-{hidden}-{choices} b{rows}\",\
             \"updates_per_s\":{updates:.1},\"acts_per_s\":{acts:.1}}}"
        );
    }
    Ok(())
}

fn main() -> Result<()> {
    let seconds = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1.0);
    measure::<Own>("ours", seconds)?;
    measure::<Torch>("torch", seconds)
}
