//! A world and an agent in which no step is like another: whatever is lost, doubled, mixed up or
//! comes in another order shows.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use plugin_api::{
    abi::handle::PluginHandle,
    abi::local::local,
    export::{AgentExport, EnvExport, Exports},
    params::{Value, Values},
    prelude::*,
};
use thorndike_engine::run::{Goal, Mode, Run, Setup};

params! {
    /// How the world goes.
    pub(crate) struct StampedParams {
        /// Steps of the longest episode the world itself ends.
        longest: usize = 9 in 1..=1000,
        /// One lane in so many is slow; 0 means none is.
        slow_one_in: u64 = 0 in 0..,
        /// Time that a step of a slow lane takes.
        delay_ms: u64 = 0 in 0.. unit "ms",
    }
}

/// Every observation says whose it is: a number of the lane, the episode, the step in it.
///
/// Episodes end after some steps: by themselves, cut off, both at once, or at the limit of 12
/// steps.
#[derive(Clone, Debug)]
pub(crate) struct Stamped {
    params: StampedParams,
    tag: u32,
    episode: u32,
    step: u32,
    length: u32,
    kind: u32,
}

/// What a step brings.
pub(crate) fn reward(obs: &[f32], action: f32) -> f64 {
    f64::from(obs[0] % 16.0) + f64::from(obs[1]) + 0.5 * f64::from(obs[2])
        - 0.25 * f64::from(action)
}

impl Stamped {
    fn write(&self, obs: &mut [f32]) {
        obs.copy_from_slice(&[self.tag as f32, self.episode as f32, self.step as f32]);
    }
}

impl Env for Stamped {
    const NAME: &'static str = "Stamped-v0";
    type Params = StampedParams;
    type Obs = f32;
    type Action = i64;

    fn new(params: &StampedParams) -> Result<Self> {
        let params = params.clone();
        Ok(Self { params, tag: 0, episode: 0, step: 0, length: 1, kind: 0 })
    }

    fn task(&self) -> Task {
        let any = Space::range::<f32>(f64::NEG_INFINITY, f64::INFINITY, &[3]);
        Task::new(any, Space::discrete(5), 12).infos(&["is_success"])
    }

    fn reset(&mut self, rng: &mut Rng, obs: &mut [f32]) {
        if self.tag == 0 {
            self.tag = 1 + rng.below(1 << 20) as u32;
        }
        self.episode += 1;
        self.step = 0;
        self.length = 1 + rng.below(self.params.longest) as u32;
        self.kind = rng.below(4) as u32;
        self.write(obs);
    }

    fn step(&mut self, action: &[i64], _rng: &mut Rng, obs: &mut [f32]) -> Step {
        let slow_one_in = self.params.slow_one_in;
        if slow_one_in > 0 && u64::from(self.tag).is_multiple_of(slow_one_in) {
            thread::sleep(Duration::from_millis(self.params.delay_ms));
        }
        self.write(obs);
        let reward = reward(obs, action[0] as f32);
        self.step += 1;
        self.write(obs);
        let ends = self.step == self.length;
        let (terminated, truncated) = match self.kind {
            0 => (ends, false),
            1 => (false, ends),
            2 => (ends, ends),
            _ => (false, false),
        };
        Step { reward, terminated, truncated }
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("tag", &mut self.tag);
        archive.value("episode", &mut self.episode);
        archive.value("step", &mut self.step);
        archive.value("length", &mut self.length);
        archive.value("kind", &mut self.kind);
    }

    fn infos(&self, out: &mut [f64]) {
        out[0] = f64::from(u8::from(self.kind == 0));
    }
}

params! {
    /// What the agent asks for.
    pub(crate) struct WitnessParams {
        /// How experience reaches it.
        feed: String = "rollout" of ["rollout", "episodes", "replay", "nothing"],
        /// Steps of a rollout.
        steps: usize = 4 in 1..=1000,
        /// Whether it learns from the next actions.
        next_actions: bool = false,
        /// Which returns it asks for.
        returns: String = "none" of ["none", "monte-carlo", "n-step", "gae"],
        /// Chance of any action.
        live epsilon: f64 = 0.5 in 0.0..=1.0,
        /// Added to what it thinks of the first action.
        live bias: f64 = 0.0,
        /// Discount, which only counts for returns.
        live discount: f64 = 0.9 in 0.0..=1.0,
        /// Where rows go; 0 keeps none.
        sink: u64 = 0 in 0..,
        /// Where it panics; acting only once it has learned.
        panics: String = "nowhere" of ["nowhere", "new", "needs", "act", "learn", "state", "drop"],
    }
}

/// One row of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Row {
    /// Number of the call of learn.
    pub(crate) update: u64,
    /// The lane.
    pub(crate) lane: usize,
    pub(crate) obs: Vec<f32>,
    pub(crate) action: f32,
    pub(crate) reward: f64,
    pub(crate) flags: u8,
    pub(crate) next_obs: Vec<f32>,
    pub(crate) next_action: f32,
    pub(crate) log_prob: f32,
    pub(crate) value: f32,
    pub(crate) returns: f32,
    pub(crate) advantage: f32,
    /// Steps since the beginning of the episode, as the policy remembers them.
    pub(crate) memory: f32,
    /// Version of the policy that acted, where batches say so.
    pub(crate) version: u64,
}

static SINKS: Mutex<BTreeMap<u64, Vec<Row>>> = Mutex::new(BTreeMap::new());

/// Takes the rows that went to a sink.
pub(crate) fn take_rows(sink: u64) -> Vec<Row> {
    SINKS.lock().unwrap_or_else(PoisonError::into_inner).remove(&sink).unwrap_or_default()
}

/// Remembers everything it was ever told as one number, and acts by it.
pub(crate) struct Witness {
    params: WitnessParams,
    hash: u64,
    rows: u64,
}

impl Witness {
    fn panics_if_asked(&self, place: &str) {
        assert!(self.params.panics != place, "asked to panic in {place}");
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.panics_if_asked("drop");
    }
}

/// What the witness takes a state to be worth.
pub(crate) fn value(obs: &[f32]) -> f32 {
    0.5 * obs[2] + 0.125 * obs[1] + obs[0] % 8.0
}

impl Policy for Witness {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        if self.hash != 0 {
            self.panics_if_asked("act");
        }
        for (row, obs) in obs.iter().enumerate() {
            let best = (self.hash as usize).wrapping_add(obs[2] as usize) % 5;
            for (action, head) in out.head.row(row).iter_mut().enumerate() {
                let bias = if action == 0 { self.params.bias } else { 0.0 };
                *head = (f64::from(u8::from(action == best)) + bias) as f32;
            }
            if let Some(estimate) = out.values.get_mut(row) {
                *estimate = value(obs);
            }
            out.memory.row(row)[0] += 1.0;
        }
    }
}

impl Agent for Witness {
    const NAME: &'static str = "witness";
    type Params = WitnessParams;

    fn new(params: &WitnessParams, _task: &Task, _rng: &mut Rng) -> Result<Self> {
        let witness = Self { params: params.clone(), hash: 0, rows: 0 };
        witness.panics_if_asked("new");
        Ok(witness)
    }

    fn needs(&self) -> Needs {
        self.panics_if_asked("needs");
        let params = &self.params;
        let discount = params.discount;
        let feed = match params.feed.as_str() {
            "episodes" => Feed::Episodes,
            "replay" => Feed::Replay(Replay {
                capacity: 200,
                batch: 16,
                warmup: 20,
                every: 12,
                updates: 3,
                ..Replay::default()
            }),
            "nothing" => Feed::Nothing,
            _ => Feed::Rollout { steps: params.steps },
        };
        let needs = Needs {
            feed,
            head: Head::Values,
            values: true,
            memory: 1,
            next_actions: params.next_actions,
            ..Needs::default()
        };
        let needs = needs.epsilon_greedy(params.epsilon);
        match params.returns.as_str() {
            "monte-carlo" => needs.returns(Returns::MonteCarlo { discount }),
            "n-step" => needs.returns(Returns::NStep { discount, steps: 3 }),
            "gae" => needs.returns(Returns::Gae { discount, lambda: 0.8 }),
            _ => needs,
        }
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.panics_if_asked("learn");
        let rows: Vec<Row> = batch.transitions().map(|t| row_of(batch, t, learn.updates)).collect();
        for row in &rows {
            for word in words(row) {
                self.hash = (self.hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            }
        }
        self.hash ^= learn.rng.next_u64();
        self.rows += rows.len() as u64;
        learn.log.scalar("rows", rows.len() as f64);
        if self.params.sink > 0 {
            let mut sinks = SINKS.lock().unwrap_or_else(PoisonError::into_inner);
            sinks.entry(self.params.sink).or_default().extend(rows);
        }
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        self.panics_if_asked("state");
        archive.value("hash", &mut self.hash);
        archive.value("rows", &mut self.rows);
    }

    fn params(&mut self) -> &mut WitnessParams {
        &mut self.params
    }
}

fn row_of(batch: &Batch<'_>, t: Transition<'_>, update: u64) -> Row {
    fn at<T: Copy + Default>(column: &[T], row: usize) -> T {
        column.get(row).copied().unwrap_or_default()
    }
    Row {
        update,
        lane: t.lane,
        obs: t.obs.to_vec(),
        action: t.action[0],
        reward: t.reward,
        flags: batch.flags[t.row],
        next_obs: t.next_obs.to_vec(),
        next_action: if batch.next_actions.is_empty() {
            0.0
        } else {
            batch.next_actions.row(t.row)[0]
        },
        log_prob: at(batch.log_probs, t.row),
        value: at(batch.values, t.row),
        returns: at(batch.returns, t.row),
        advantage: at(batch.advantages, t.row),
        memory: batch.memory.row(t.row)[0],
        version: at(batch.versions, t.row),
    }
}

/// Every number of a row.
fn words(row: &Row) -> impl Iterator<Item = u64> {
    let floats = [row.action, row.log_prob, row.value, row.returns, row.advantage, row.memory];
    let seen = row.obs.iter().chain(&row.next_obs).copied();
    // After the end of a world there is no next action; what stands there means nothing.
    let next = if row.flags & TERMINATED == 0 { row.next_action } else { 0.0 };
    let floats: Vec<f32> = seen.chain(floats).chain([next]).collect();
    let whole = [row.lane as u64, u64::from(row.flags), row.reward.to_bits()];
    floats.into_iter().map(|float| u64::from(float.to_bits())).chain(whole)
}

struct Toys;

impl Exports for Toys {
    const CRATE: (&'static str, &'static str) = ("toys", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Stamped>()];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<Witness>()];
}

/// The plugin that holds them.
pub(crate) fn plugin() -> PluginHandle {
    local::<Toys>().expect("it describes itself")
}

/// Values from `key=value` pairs separated by blanks: whole numbers, numbers, switches, else texts.
pub(crate) fn values(pairs: &str) -> Values {
    let value = |text: &str| match (text.parse(), text.parse(), text.parse()) {
        (Ok(switch), _, _) => Value::Bool(switch),
        (_, Ok(whole), _) => Value::Int(whole),
        (_, _, Ok(number)) => Value::Float(number),
        _ => Value::Text(text.to_owned()),
    };
    let pair = |pair: &str| {
        let (key, text) = pair.split_once('=').expect("key=value");
        (key.to_owned(), value(text))
    };
    pairs.split_whitespace().map(pair).collect()
}

/// A run of the witness in the stamped world.
pub(crate) fn setup(params: &str, env_params: &str, lanes: usize, shard_lanes: usize) -> Setup {
    Setup {
        agent_plugin: plugin(),
        agent: "witness".to_owned(),
        params: values(params),
        env_plugin: plugin(),
        env: "Stamped-v0".to_owned(),
        env_params: values(env_params),
        seed: 7,
        lanes,
        shard_lanes: Some(shard_lanes),
        patience: None,
        mode: Mode::Lockstep,
        goal: Goal::default(),
    }
}

/// Does something with so many threads.
pub(crate) fn with_threads<T: Send>(threads: usize, task: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.expect("threads can be made").install(task)
}

/// Ticks a run so many times.
#[track_caller]
pub(crate) fn tick(run: &mut Run, times: usize) {
    for _ in 0..times {
        run.tick(&mut |_| {}).expect("nothing fails");
    }
}
