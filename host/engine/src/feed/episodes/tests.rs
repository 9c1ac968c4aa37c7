//! Tests of learning from whole episodes, with a world and an agent of this program.

use super::*;
use crate::feed::counter::Counter;
use crate::lanes::{Acting, LaneSetup, Situation};
use plugin_api::abi::local::local;
use plugin_api::export::{AgentExport, EnvExport, Exports};
use plugin_api::params::Values;
use plugin_api::prelude::*;

/// Checks that it is shown whole episodes, and counts their steps.
#[derive(Debug)]
struct Reader {
    params: (),
    rows: u64,
}

impl Policy for Reader {
    fn act(&self, _obs: Rows<'_>, out: &mut Act<'_>) {
        out.head.flat().fill(0.0);
    }
}

impl Agent for Reader {
    const NAME: &'static str = "reader";
    type Params = ();

    fn new((): &(), _task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: (), rows: 0 })
    }

    fn needs(&self) -> Needs {
        Needs::episodes(Head::Values).returns(Returns::MonteCarlo { discount: 0.5 })
    }

    fn learn(&mut self, batch: &Batch<'_>, _learn: &mut Learn<'_>) -> Result<()> {
        let mut expected = 0.0;
        let mut later = 0.0;
        for t in batch.transitions() {
            if (t.obs[0] - expected).abs() > 0.1 {
                return Err(Error::new(format!("step {} is not step {expected}", t.obs[0])));
            }
            expected = if t.ends() { 0.0 } else { expected + 1.0 };
        }
        if expected > 0.0 {
            return Err(Error::new("an episode that goes on was shown"));
        }
        for row in (0..batch.len()).rev() {
            let t = batch.transition(row);
            later = t.reward + if t.ends() { 0.0 } else { 0.5 * later };
            if (f64::from(batch.returns[row]) - later).abs() > 1e-5 {
                return Err(Error::new(format!("row {row} has the return {}", batch.returns[row])));
            }
        }
        self.rows += batch.len() as u64;
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("rows", &mut self.rows);
    }

    fn params(&mut self) -> &mut () {
        &mut self.params
    }
}

struct ThisProgram;

impl Exports for ThisProgram {
    const CRATE: (&'static str, &'static str) = ("reading", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Counter>()];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<Reader>()];
}

/// An older system never emptied its box of episodes, so that each came back with every later one.
#[test]
fn each_episode_is_handed_over_whole_and_once() {
    let plugin = local::<ThisProgram>().expect("it describes itself");
    let env = plugin.env("counter", &Values::new(), 1).expect("it is there");
    let mut agent = plugin.agent("reader", &Values::new(), env.task(), 3).expect("it is there");
    let needs = agent.needs().expect("it says so");
    let acting = Acting::of(&needs);
    let mut lanes = Lanes::new(&LaneSetup {
        plugin,
        env: "counter".to_owned(),
        params: Values::new(),
        lanes: 5,
        acting,
        seed: 5,
        shard_lanes: None,
        purpose: "train",
    })
    .expect("they start");
    let record = Record::of(&needs, lanes.task());
    lanes.record(&record, 1);
    let mut feed = EpisodeFeed::new(&lanes, &record, needs.returns);
    let mut ended = Vec::new();
    for step in 0..200 {
        let situation = Situation { run_steps: 5 * step, run_lanes: 5, evaluate: false };
        lanes.roll_with(&mut agent, situation, 1).expect("they step");
        feed.take(&lanes);
        feed.learn(&mut agent, Progress::default()).expect("episodes are whole");
        lanes.take_ended(&mut ended);
        let steps: u64 = ended.iter().map(|ended| ended.length).sum();
        let state = plugin_api::State::from_bytes(&agent.save().expect("it saves"));
        let state = state.expect("its own bytes");
        let rows = state.entries.iter().find(|entry| entry.name.ends_with("rows"));
        let rows = rows.map(|entry| &entry.bytes[..]);
        assert_eq!(rows, Some(&steps.to_le_bytes()[..]), "after {step} steps");
    }
}
