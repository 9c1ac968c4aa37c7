//! A run: an agent learning in lanes of an environment, as a state machine that others drive.
//!
//! `tick` does one round of act, step and learn. Whoever drives it decides when to look, when to
//! save and when to stop; nothing in here depends on the time of day or the number of threads.

mod average;
mod change;
mod copies;
mod crewed;
pub mod goal;
mod inspect;
pub(crate) mod look;
mod reports;
mod shown;
mod snapshot;
mod supply;
mod tell;
mod trace;
mod trial;
mod turns;
pub mod until;

pub use goal::{Goal, Reason, Until};
pub use look::LaneNow;
pub use snapshot::Snapshot;
pub use thorndike_session::{Mode, Moments};
pub use trial::{Trial, Trials};

use crate::buffer::forecast::forecast;
use crate::event::{Done, Event};
use crate::lanes::{self, Acting, Ended, LaneSetup, Lanes, Patience, Situation};
use crate::replay::{Pass, Recording};
use crate::stats::Episodes;
use copies::Copies;
use crewed::Crewed;
use plugin_api::abi::handle::{AgentHandle, PluginHandle, PolicyHandle};
use plugin_api::needs::{Feed, Needs};
use plugin_api::params::Values;
use plugin_api::rng::SeedTree;
use plugin_api::{Error, Result, Task};
use reports::Reports;
use supply::Supply;

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The plugin with the agent.
    pub agent_plugin: PluginHandle,
    /// The agent's name in its plugin.
    pub agent: String,
    /// Params of the agent that differ from the defaults.
    pub params: Values,
    /// The plugin with the environment.
    pub env_plugin: PluginHandle,
    /// The environment's name in its plugin.
    pub env: String,
    /// Params of the environment that differ from the defaults.
    pub env_params: Values,
    /// Root of all random numbers.
    pub seed: u64,
    /// Lanes side by side, of every copy where there are several.
    pub lanes: usize,
    /// Lanes that one thread steps at a time; `None` leaves the choice to a measurement. It changes
    /// how fast a run is, not what comes out.
    pub shard_lanes: Option<usize>,
    /// How long a round waits for slow lanes; `None` waits for all and keeps the run reproducible.
    pub patience: Option<Patience>,
    /// How acting and learning share the time.
    pub mode: Mode,
    /// When it ends.
    pub goal: Goal,
}

/// Counters that a run's digest covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Environment steps.
    pub steps: u64,
    /// Calls of learn.
    pub updates: u64,
}

/// A run.
#[derive(Debug)]
pub struct Run {
    setup: Setup,
    task: Task,
    agent: AgentHandle,
    needs: Needs,
    lanes: Lanes,
    supply: Supply,
    /// A policy for each shard, once threads act.
    policies: Vec<PolicyHandle>,
    /// Updates the policies know of.
    policies_at: Option<u64>,
    counters: Counters,
    episodes: Episodes,
    ended: Vec<Ended>,
    /// Workers, in async mode.
    crewed: Option<Crewed>,
    /// The other copies, where there are several.
    copies: Option<Copies>,
    reports: Reports,
    /// States that reports tell of.
    trace: Option<trace::Trace>,
    /// Whether anybody was told that lanes are late.
    told_late: bool,
    /// Whether episodes are recorded.
    records: bool,
}

impl Run {
    /// A run at its beginning.
    pub fn new(setup: Setup) -> Result<Self> {
        check(&setup)?;
        let task = setup.env_plugin.env(&setup.env, &setup.env_params, 1)?.task().clone();
        let mut agent = agent(&setup, &task)?;
        let needs = agent.needs()?;
        check_feed(&setup, &needs)?;
        let acting = Acting::of(&needs);
        check_memory(&task, &needs, setup.lanes)?;
        let mut lanes = Lanes::new(&LaneSetup {
            plugin: setup.env_plugin.clone(),
            env: setup.env.clone(),
            params: setup.env_params.clone(),
            lanes: setup.lanes,
            acting,
            seed: setup.seed,
            purpose: "train",
            shard_lanes: shard_lanes(&setup),
        })?;
        let seed = SeedTree::new(setup.seed).seed("replay", 0);
        let supply = Supply::new((&needs, setup.mode), &task, &mut lanes, seed)?;
        let crewed = Crewed::of(setup.mode, &lanes, supply.round_steps());
        let copies = Copies::of(&setup, (&task, &needs), &mut agent)?;
        Ok(Self {
            setup,
            task,
            agent,
            needs,
            lanes,
            supply,
            policies: Vec::new(),
            policies_at: None,
            counters: Counters::default(),
            episodes: Episodes::default(),
            ended: Vec::new(),
            crewed,
            copies,
            reports: Reports::start(),
            trace: None,
            told_late: false,
            records: false,
        })
    }

    /// What it was made of.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// What the agent needs.
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Where it stands, all copies taken together.
    pub fn counters(&self) -> Counters {
        let others = self.copies.as_ref().map(Copies::counters).unwrap_or_default();
        Counters {
            steps: self.counters.steps + others.steps,
            updates: self.counters.updates + others.updates,
        }
    }

    /// What its episodes came to, those of all copies.
    pub fn episodes(&self) -> &Episodes {
        self.copies.as_ref().map_or(&self.episodes, |copies| &copies.episodes)
    }

    /// Seconds of work so far.
    pub fn seconds(&self) -> f64 {
        self.reports.seconds()
    }

    /// The agent.
    pub fn agent_mut(&mut self) -> &mut AgentHandle {
        &mut self.agent
    }

    /// Bytes of the buffers.
    pub fn memory_bytes(&self) -> u64 {
        let segments = self.lanes.shards().iter().map(|shard| shard.segment().bytes()).sum::<u64>();
        let others = self.copies.iter().flat_map(|copies| &copies.others);
        others.map(Self::memory_bytes).sum::<u64>()
            + segments
            + match &self.supply {
                Supply::Rollout(feed) => feed.bytes(),
                Supply::Replay(feed, _) => feed.bytes(),
                Supply::Nothing(_) | Supply::Episodes(_) => 0,
            }
    }

    /// Why the run is over, if it is.
    pub fn over(&self) -> Option<Reason> {
        self.setup.goal.reached(self.counters().steps, self.episodes())
    }

    /// One round of act, step and learn. Episodes that ended are told.
    ///
    /// When something fails in some lanes, the others finish the round and the agent learns from
    /// them; the run then stands still, with the same error for every further call, until
    /// [`Run::mend`].
    pub fn tick(&mut self, tell: &mut dyn FnMut(Event)) -> Result<()> {
        self.lanes.check()?;
        let timed = self.reports.time_this_tick();
        let turned = match self.setup.mode {
            Mode::Lockstep => self.in_turn(timed),
            Mode::Pipelined => self.side_by_side(timed),
            Mode::Async { .. } => self.learn_from_crew(timed),
            Mode::Copies { .. } => self.side_by_side_copies(timed),
        };
        self.count_episodes(tell);
        self.tell_of_late_lanes(tell);
        turned
    }

    /// What was recorded since the last call; this is what is recorded from now on.
    pub fn take_recordings(&mut self, pass: Pass) -> Vec<Recording> {
        match &mut self.crewed {
            Some(crewed) => crewed.take_recordings(pass),
            None => self.lanes.take_recordings(pass),
        }
    }

    /// Records episodes. That changes nothing but the time a step takes.
    pub fn put_in_tape(&mut self, pass: Pass) -> Result<()> {
        self.records = true;
        self.lanes.put_in_tape(pass)
    }

    fn situation(&self) -> Situation {
        Situation {
            run_steps: self.counters.steps,
            run_lanes: self.setup.lanes as u64,
            evaluate: false,
        }
    }

    /// Hash of parameters and counters: equal digests mean equal runs.
    pub fn digest(&mut self) -> Result<String> {
        let mut agents = vec![self.agent.save()?];
        self.each_other(|other| {
            agents.push(other.agent.save()?);
            Ok(())
        })?;
        let episodes = self.episodes();
        Ok(snapshot::digest(self.counters(), (episodes.count, episodes.total), &agents))
    }

    /// What the run came to.
    pub fn finish(&mut self, reason: Reason) -> Result<Done> {
        let digest = self.digest()?;
        Ok(Done { digest, reason: reason.to_string(), ..self.standing() })
    }

    /// What the run has come to so far, without its digest.
    pub fn standing(&self) -> Done {
        let seconds = self.reports.seconds();
        let (Counters { steps, updates }, episodes) = (self.counters(), self.episodes());
        Done {
            steps,
            episodes: episodes.count,
            updates,
            seconds,
            steps_per_s: steps as f64 / seconds.max(1e-9),
            return_mean: episodes.return_mean(),
            return_last100: episodes.return_latest(),
            digest: String::new(),
            reason: String::new(),
        }
    }
}

/// Whether everything that was asked for goes together.
fn check(setup: &Setup) -> Result<()> {
    if setup.mode == Mode::Pipelined && setup.patience.is_some() {
        return Err(Error::argument(
            "a pipelined run waits for all lanes, so that it can be repeated; leave the time-out \
             out, or train in lockstep or async mode",
        ));
    }
    if let Mode::Async { lag, workers } = setup.mode
        && (lag > LAG_MAX || workers == 0)
    {
        return Err(Error::argument(format!(
            "async mode takes 1 worker or more and a lag of at most {LAG_MAX} updates, not \
             {workers} and {lag}"
        )));
    }
    if let Mode::Copies { copies, round, .. } = setup.mode {
        if copies == 0 || round == 0 {
            return Err(Error::argument("there is 1 copy or more, and a round has 1 step or more"));
        }
        if setup.patience.is_some() {
            return Err(Error::argument(
                "copies wait for all their lanes, so that the run can be repeated; leave the \
                 time-out or the copies out",
            ));
        }
    }
    Ok(())
}

/// Updates that a policy may be behind at most: more would take memory and teach nothing.
const LAG_MAX: u64 = 64;

/// Whether workers can bring the agent what it needs.
fn check_feed(setup: &Setup, needs: &Needs) -> Result<()> {
    match (setup.mode, &needs.feed) {
        (Mode::Async { .. }, Feed::Rollout { .. })
        | (Mode::Lockstep | Mode::Pipelined | Mode::Copies { .. }, _) => Ok(()),
        _ => Err(Error::argument(format!(
            "async mode is for agents that learn from rollouts, and `{}` does not; train it in \
             lockstep or pipelined mode",
            setup.agent
        ))),
    }
}

/// Whether lanes and what they bring fit into memory. Replay buffers look after themselves.
fn check_memory(task: &Task, needs: &Needs, lanes: usize) -> Result<()> {
    let learning = match needs.feed {
        Feed::Rollout { .. } | Feed::Episodes => forecast(needs, task, lanes),
        Feed::Nothing | Feed::Replay(_) => 0,
    };
    let acting = Acting::of(needs);
    let kept = lanes::forecast::kept(task, &acting, lanes)?;
    lanes::forecast::check(task, &acting, lanes, learning.saturating_add(kept))
}

/// Lanes of a shard where the mode or patience asks for a certain cut.
fn shard_lanes(setup: &Setup) -> Option<usize> {
    match (setup.mode, setup.patience) {
        (Mode::Async { workers, .. }, _) => Some(setup.lanes.div_ceil(workers.max(1))),
        (_, Some(_)) => setup.shard_lanes.or(Some(Patience::shard_lanes(setup.lanes))),
        _ => setup.shard_lanes,
    }
}

fn agent(setup: &Setup, task: &Task) -> Result<AgentHandle> {
    let seed = SeedTree::new(setup.seed).seed("agent", 0);
    setup.agent_plugin.agent(&setup.agent, &setup.params, task, seed)
}
