//! Recorded episodes are played again step by step, and every step is compared.

use plugin_api::abi::handle::PluginHandle;
use plugin_api::abi::local::local;
use plugin_api::export::{AgentExport, EnvExport, Exports};
use plugin_api::params::Values;
use plugin_api::prelude::*;
use std::path::Path;
use thorndike_engine::keep::{Every, Keeper, Origin, Plan, Replays};
use thorndike_engine::replay::{Level, Player};
use thorndike_engine::run::{Goal, Reason, Run, Setup};
use thorndike_session::replay::Library;
use thorndike_session::{Identity, Session, Store, Writer};

params! {
    struct WalkParams {
        /// A step that shows something else; 0 for none.
        odd: u64 = 0 in 0..,
    }
}

/// Shows how many steps were taken, and forgets at once that a step was odd.
#[derive(Clone)]
struct Walk {
    odd: u64,
    step: u64,
}

impl Env for Walk {
    const NAME: &'static str = "Walk-v0";
    type Params = WalkParams;
    type Obs = f32;
    type Action = i64;

    fn new(params: &WalkParams) -> Result<Self> {
        Ok(Self { odd: params.odd, step: 0 })
    }

    fn task(&self) -> Task {
        Task::new(Space::unbounded::<f32>(&[3]), Space::discrete(5), LENGTH as u32)
    }

    fn reset(&mut self, _rng: &mut Rng, obs: &mut [f32]) {
        self.step = 0;
        obs.fill(0.0);
    }

    fn step(&mut self, _action: &[i64], _rng: &mut Rng, obs: &mut [f32]) -> Step {
        self.step += 1;
        obs[0] = if self.step == self.odd { -1.0 } else { self.step as f32 };
        Step::go_on(1.0)
    }

    fn state(&mut self, archive: &mut Archive) {
        archive.value("step", &mut self.step);
    }
}

/// Steps of an episode: several states are saved on the way.
const LENGTH: u64 = 3500;

/// A session with one episode in which no step was odd.
fn recorded(folder: &Path) -> Session {
    let store = Store::new(folder);
    let session = store.create(Some("walk"), &Identity { lanes: 1, ..Identity::default() });
    let session = session.expect("the name is free");
    let (writer, _) = Writer::open(&session).expect("alone");
    let setup = crate::toy::setup("feed=nothing", "", 1, 2);
    let goal = Goal { steps: Some(LENGTH), ..Goal::default() };
    let env = Walk::NAME.to_owned();
    let mut run = Run::new(Setup { env_plugin: walks(), env, goal, ..setup }).expect("all fits");
    let plan = Plan { every: Every::Never, replays: Some(Replays::All), ..Plan::default() };
    let mut keeper = Keeper::begin(writer, &mut run, &Origin::default(), plan).expect("it begins");
    while run.over().is_none() {
        run.tick(&mut |event| keeper.event(&event)).expect("nothing fails");
        keeper.tick(&mut run).expect("nothing fails");
    }
    let end = run.finish(Reason::Steps).expect("nothing fails");
    keeper.end(&mut run, &end).expect("it is written");
    session
}

struct Walks;

impl Exports for Walks {
    const CRATE: (&'static str, &'static str) = ("walks", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Walk>()];
    const AGENTS: &'static [AgentExport] = &[];
}

fn walks() -> PluginHandle {
    local::<Walks>().expect("it describes itself")
}

#[test]
fn a_step_that_turns_out_otherwise_is_found_wherever_it_is() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.join(format!("replays-{}", std::process::id()));
    let session = recorded(&folder);
    let takes = session.takes().expect("they are sound").all;
    assert_eq!(takes.iter().map(|take| take.length).collect::<Vec<_>>(), [LENGTH]);
    for odd in [0, 1, 7, 1500, LENGTH] {
        let params = Values::from([("odd".to_owned(), plugin_api::params::Value::Int(odd as i64))]);
        let what = (Library::new(session.clone()), takes[0].clone());
        let mut player = Player::new(&walks(), (Walk::NAME, &params), Level::Portable, what)
            .expect("it can be played");
        let played = player.play().map_err(|error| error.to_string());
        if odd == 0 {
            assert_eq!((played, player.position()), (Ok(()), LENGTH));
        } else {
            let error = played.expect_err("a step was odd");
            assert!(error.starts_with(&format!("step {odd} of episode 1 ")), "{error}");
        }
    }
    // A folder that stays is only in the target folder.
    let _ = std::fs::remove_dir_all(folder);
}
