//! Tests of learning from a memory, with a world and an agent of this program.

use super::*;
use crate::feed::counter::Counter;
use crate::lanes::{Acting, LaneSetup, Situation};
use plugin_api::abi::handle::PluginHandle;
use plugin_api::abi::local::local;
use plugin_api::archive::State;
use plugin_api::export::{AgentExport, EnvExport, Exports};
use plugin_api::params::{Value, Values};
use plugin_api::prelude::*;

params! {
    struct WatcherParams {
        /// Whether it asks for priorities.
        ranked: bool = false,
    }
}

/// Checks every transition it is shown, and sums up what it saw.
#[derive(Debug)]
struct Watcher {
    params: WatcherParams,
    rows: u64,
    sum: f64,
}

impl Policy for Watcher {
    fn act(&self, _obs: Rows<'_>, out: &mut Act<'_>) {
        out.head.flat().fill(0.0);
    }
}

impl Agent for Watcher {
    const NAME: &'static str = "watcher";
    type Params = WatcherParams;

    fn new(params: &WatcherParams, _task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), rows: 0, sum: 0.0 })
    }

    fn needs(&self) -> Needs {
        let priorities = Priorities { alpha: 0.5, beta: 0.5.into(), epsilon: 0.1 };
        let replay = Replay {
            capacity: 50,
            batch: 9,
            warmup: 20,
            every: 8,
            updates: 3,
            n_step: 2,
            discount: 0.5,
            priorities: self.params.ranked.then_some(priorities),
            relabel: None,
            demonstrations: 0,
        };
        Needs::replay(replay, Head::Values)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        for t in batch.transitions() {
            let (obs, next) = (f64::from(t.obs[0]), f64::from(t.next_obs[0]));
            let span = next - obs;
            let rewards = if span > 1.5 { (obs + 1.0) + 0.5 * (obs + 2.0) } else { obs + 1.0 };
            let fits = (t.reward - rewards).abs() < 1e-9
                && (f64::from(batch.discounts[t.row]) - 0.5_f64.powf(span)).abs() < 1e-6
                && (1.0..=2.0).contains(&span)
                && t.terminated == (t.ends() && next < 6.5);
            if !fits {
                return Err(Error::new(format!("a transition from {obs} to {next} was shown")));
            }
            self.sum =
                self.sum * 0.9 + obs * batch.weights.get(t.row).map_or(1.0, |&w| f64::from(w));
        }
        for (row, priority) in learn.priorities.iter_mut().enumerate() {
            *priority = batch.obs[row][0];
        }
        self.rows += batch.len() as u64;
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("rows", &mut self.rows);
        archive.value("sum", &mut self.sum);
    }

    fn params(&mut self) -> &mut WatcherParams {
        &mut self.params
    }
}

struct ThisProgram;

impl Exports for ThisProgram {
    const CRATE: (&'static str, &'static str) = ("watching", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Counter>()];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<Watcher>()];
}

/// Lanes, the agent, and the feed between them.
struct Scene {
    lanes: Lanes,
    agent: AgentHandle,
    feed: ReplayFeed,
    progress: Progress,
}

impl Scene {
    fn new(lanes: usize, ranked: bool) -> Self {
        let plugin: PluginHandle = local::<ThisProgram>().expect("it describes itself");
        let params = Values::from([("ranked".to_owned(), Value::Bool(ranked))]);
        let env = plugin.env("counter", &Values::new(), 1).expect("it is there");
        let mut agent = plugin.agent("watcher", &params, env.task(), 3).expect("it is there");
        let needs = agent.needs().expect("it says so");
        let acting = Acting::of(&needs);
        let mut lanes = Lanes::new(&LaneSetup {
            plugin,
            env: "counter".to_owned(),
            params: Values::new(),
            lanes,
            acting,
            seed: 5,
            purpose: "train",
            shard_lanes: None,
        })
        .expect("they start");
        let record = crate::lanes::Record::of(&needs, lanes.task());
        lanes.record(&record, 1);
        let feed = ReplayFeed::new(&lanes, &needs, 9).expect("it fits");
        Self { lanes, agent, feed, progress: Progress::default() }
    }

    fn tick(&mut self) {
        let run_lanes = self.lanes.len() as u64;
        let situation = Situation { run_steps: self.progress.steps, run_lanes, evaluate: false };
        self.lanes.roll_with(&mut self.agent, situation, 1).expect("they step");
        self.progress.steps += run_lanes;
        self.feed.take(&self.lanes);
        let learned = self.feed.learn(&mut self.agent, self.progress);
        self.progress.updates += learned.expect("every transition is as it was");
    }

    fn digest(&mut self) -> Vec<u8> {
        self.agent.save().expect("it saves")
    }
}

#[test]
fn an_agent_is_shown_what_happened_as_often_as_it_asked() {
    for ranked in [false, true] {
        for lanes in [1, 3, 8] {
            let mut scene = Scene::new(lanes, ranked);
            for _ in 0..200 {
                scene.tick();
                let steps = scene.progress.steps;
                assert_eq!(scene.progress.updates, 3 * (steps.saturating_sub(20) / 8));
            }
            assert!((scene.feed.fill() - 1.0).abs() < 1e-9);
            assert_eq!(scene.feed.stats().steps, 50);
        }
    }
}

#[test]
fn a_feed_goes_on_exactly_from_where_it_was_saved() {
    let mut scene = Scene::new(3, true);
    (0..40).for_each(|_| scene.tick());
    let mut archive = Archive::saving();
    scene.feed.state(&mut archive);
    let mut state = archive.finish().expect("it saves");
    state.entries.extend(scene.feed.freeze("").entries());
    let state = state.to_bytes();
    let mut other = Scene::new(3, true);
    (0..40).for_each(|_| other.tick());
    let mut fresh = Scene::new(3, true).feed;
    let mut archive = Archive::loading(State::from_bytes(&state).expect("its own bytes"));
    fresh.state(&mut archive);
    archive.finish().expect("it loads");
    other.feed = fresh;
    for _ in 0..100 {
        scene.tick();
        other.tick();
        assert_eq!(scene.digest(), other.digest());
    }
}
