//! A world that does one thing wrong, in one lane and at one step, so that the bench can prove it
//! notices.
//!
//! Without a fault it is harmless: observations and rewards are small random numbers, the action
//! counts for nothing, and an episode has 20 steps.

use plugin_api::prelude::*;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

params! {
    /// What goes wrong, and where.
    pub struct FaultParams {
        /// What goes wrong.
        fault: String = "none" of [
            "none", "error_new", "panic_new", "panic_reset", "panic_step", "panic_save",
            "panic_render", "panic_drop", "nan_obs", "obs_out_of_range", "nan_reward",
            "reward_out_of_range", "wrong_flag", "bad_mask", "unseeded", "forgetful", "print",
            "escape_codes", "exit", "abort", "endless_step", "stack_overflow", "huge_allocation",
        ],
        /// Lane in which it goes wrong, counted within one instance.
        lane: usize = 0 in 0..,
        /// Steps of that lane, over all episodes, before a fault of a step happens.
        after_steps: u64 = 5 in 0..,
    }
}

/// Steps taken by any instance: what an unseeded world takes for its random numbers.
static STEPS: AtomicU64 = AtomicU64::new(1);

/// The world that misbehaves.
#[derive(Debug)]
pub struct Fault {
    params: FaultParams,
    /// Steps taken by each lane.
    steps: Vec<u64>,
}

impl BatchEnv for Fault {
    const NAME: &'static str = "Fault-v0";
    type Params = FaultParams;
    type Obs = f32;
    type Action = i64;

    fn new(params: &FaultParams, lanes: usize) -> Result<Self> {
        match params.fault.as_str() {
            "error_new" => return Err(Error::new("this world refuses to be made; choose another")),
            "panic_new" => panic!("panic in new, as asked for"),
            _ => {}
        }
        Ok(Self { params: params.clone(), steps: vec![0; lanes] })
    }

    fn task(&self) -> Task {
        let observations = Space::range::<f32>(0.0, 1.0, &[2]);
        let task = Task::new(observations, Space::discrete(2), 20).rewards(0.0, 1.0);
        if self.is("bad_mask") { task.masked() } else { task }
    }

    fn reset(&mut self, lane: usize, rng: &mut Rng, obs: &mut [f32]) {
        assert!(!self.strikes(lane, "panic_reset"), "panic in reset, as asked for");
        obs.fill_with(|| rng.random_f32());
    }

    fn step(
        &mut self,
        _actions: Rows<'_, i64>,
        rngs: &mut [Rng],
        mut obs: RowsMut<'_, f32>,
        mut steps: Steps<'_>,
    ) {
        for (lane, rng) in rngs.iter_mut().enumerate() {
            obs[lane].fill_with(|| rng.random_f32());
            steps.set(lane, Step::go_on(rng.random()));
            if self.is_due(lane) {
                self.misbehave(lane, &mut obs[lane], &mut steps);
            }
            self.steps[lane] += 1;
        }
    }

    fn state(&mut self, lane: usize, archive: &mut Archive) {
        assert!(!self.strikes(lane, "panic_save"), "panic in state, as asked for");
        if !self.is("forgetful") {
            archive.value("steps", &mut self.steps[lane]);
        }
    }

    fn mask(&self, lane: usize, allowed: &mut [u8]) {
        allowed.fill(u8::from(!self.strikes(lane, "bad_mask")));
    }

    fn render(&self, lane: usize, scene: &mut Scene) -> bool {
        assert!(!self.strikes(lane, "panic_render"), "panic in render, as asked for");
        scene.write(format!("{} after {} steps", self.params.fault, self.steps[lane]));
        true
    }
}

impl Drop for Fault {
    fn drop(&mut self) {
        assert!(!self.is("panic_drop"), "panic in drop, as asked for");
    }
}

impl Fault {
    fn is(&self, fault: &str) -> bool {
        self.params.fault == fault
    }

    /// Whether a lane has come to the step after which things go wrong in it.
    fn is_due(&self, lane: usize) -> bool {
        lane == self.params.lane && self.steps[lane] >= self.params.after_steps
    }

    fn strikes(&self, lane: usize, fault: &str) -> bool {
        self.is(fault) && self.is_due(lane)
    }

    fn misbehave(&self, lane: usize, obs: &mut [f32], steps: &mut Steps<'_>) {
        match self.params.fault.as_str() {
            "panic_step" => panic!("panic in step, as asked for"),
            "nan_obs" => obs[1] = f32::NAN,
            "obs_out_of_range" => obs[1] = 2.0,
            "nan_reward" => steps.rewards[lane] = f64::NAN,
            "reward_out_of_range" => steps.rewards[lane] = 7.0,
            "wrong_flag" => steps.flags[lane] = 0x40,
            "unseeded" => obs[0] = 1.0 / STEPS.fetch_add(1, Ordering::Relaxed) as f32,
            // After a load the lane counts from 0 again, and this observation tells.
            "forgetful" => obs[0] = 1.0 / (1 + self.steps[lane]) as f32,
            "print" => say(b"a plugin printed this\n"),
            "escape_codes" => say(b"\x1b[2J\x1b[?1049l\x1b[31;5mred\x07\x1b]0;title\x07\n"),
            other => ruin(other),
        }
    }
}

/// What takes the process, or its time, with it.
fn ruin(fault: &str) {
    match fault {
        "exit" => std::process::exit(3),
        "abort" => std::process::abort(),
        "endless_step" => loop {
            std::thread::sleep(std::time::Duration::from_secs(1));
        },
        "stack_overflow" => drop(std::hint::black_box(deeper(0))),
        "huge_allocation" => drop(std::hint::black_box(vec![1_u8; 1 << 50])),
        _ => {}
    }
}

/// Calls itself until the stack ends.
fn deeper(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    if depth == u64::MAX { 0 } else { room[0] + deeper(depth + 1) }
}

/// Writes to both streams of the process, which belong to the terminal.
fn say(bytes: &[u8]) {
    // Nothing is to be done where nobody listens.
    let _ = std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush());
    let _ = std::io::stderr().write_all(bytes);
}
