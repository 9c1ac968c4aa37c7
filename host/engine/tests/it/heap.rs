//! In the steady state a round allocates nothing.

use crate::toy::Stamped;
use plugin_api::abi::local::local;
use plugin_api::export::{AgentExport, EnvExport, Exports};
use plugin_api::prelude::*;
use plugin_api::testing::heap::{Counted, allocations};
use thorndike_engine::event::Event;
use thorndike_engine::run::{Mode, Run, Setup};

#[global_allocator]
static ALLOCATOR: Counted = Counted;

params! {
    /// How it learns.
    struct StillParams {
        /// How experience reaches it.
        feed: String = "rollout" of ["rollout", "replay"],
        /// Whether it asks for priorities.
        ranked: bool = false,
    }
}

/// Sums up what it sees, without a word on the heap.
#[derive(Debug)]
struct Still {
    params: StillParams,
    sum: f64,
}

impl Policy for Still {
    fn act(&self, obs: Rows<'_>, out: &mut Act<'_>) {
        for (row, obs) in obs.iter().enumerate() {
            out.head.row(row).fill(obs[2]);
            out.values[row] = self.sum as f32 % 8.0;
        }
    }
}

impl Agent for Still {
    const NAME: &'static str = "still";
    type Params = StillParams;

    fn new(params: &StillParams, _task: &Task, _rng: &mut Rng) -> Result<Self> {
        Ok(Self { params: params.clone(), sum: 0.0 })
    }

    fn needs(&self) -> Needs {
        let discount = 0.9;
        if self.params.feed == "rollout" {
            let needs = Needs::rollout(8, Head::Values).epsilon_greedy(0.3);
            return needs.returns(Returns::Gae { discount, lambda: 0.9 });
        }
        let priorities = Priorities { alpha: 0.5, beta: 0.5.into(), epsilon: 0.1 };
        let replay = Replay {
            capacity: 500,
            warmup: 20,
            every: 8,
            n_step: 3,
            priorities: self.params.ranked.then_some(priorities),
            ..Replay::default()
        };
        Needs { values: true, ..Needs::replay(replay, Head::Values) }.epsilon_greedy(0.3)
    }

    fn learn(&mut self, batch: &Batch<'_>, learn: &mut Learn<'_>) -> Result<()> {
        self.sum += batch.rewards.iter().sum::<f64>();
        learn.priorities.fill(1.0);
        learn.log.scalar("sum", self.sum);
        Ok(())
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("sum", &mut self.sum);
    }

    fn params(&mut self) -> &mut StillParams {
        &mut self.params
    }
}

struct Quiet;

impl Exports for Quiet {
    const CRATE: (&'static str, &'static str) = ("quiet", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Stamped>()];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<Still>()];
}

#[track_caller]
fn check(params: &str, lanes: usize, shard_lanes: usize) {
    let plugin = local::<Quiet>().expect("it describes itself");
    let base = crate::toy::setup(params, "", lanes, shard_lanes);
    let setup = Setup {
        agent_plugin: plugin.clone(),
        env_plugin: plugin,
        agent: "still".to_owned(),
        mode: Mode::Lockstep,
        ..base
    };
    // Threads are handed their work in blocks, which are theirs to allocate; one needs none.
    crate::toy::with_threads(1, || {
        let mut run = Run::new(setup).expect("it can be made");
        let mut episodes = 0;
        let mut round = |_: u64| {
            let mut tell = |event: Event| episodes += u64::from(matches!(event, Event::Episode(_)));
            run.tick(&mut tell).expect("nothing fails");
        };
        (0..2000).for_each(&mut round);
        let ((), count) = allocations(|| (0..500).for_each(&mut round));
        assert_eq!(count, 0, "{params}");
        assert!(episodes > 100, "{episodes} episodes ended");
    });
}

#[test]
fn a_round_allocates_nothing_once_there_is_room() {
    check("", 8, 8);
    check("", 8, 3);
    check("feed=replay", 4, 4);
    check("feed=replay ranked=true", 4, 2);
}
