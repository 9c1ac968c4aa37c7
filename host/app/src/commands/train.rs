//! `train`: an agent learns in an environment, and what it came to is saved.

use super::plugins::registry;
use crate::chosen::{self, Chosen, Source};
use crate::cli::TrainFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{self, Output, Progress, Style};
use crate::saved;
use crate::stage::Stage;
use crate::terminal;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::thread;
use thorndike_engine::clock::Pulse;
use thorndike_engine::event::{Done, Event};
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Reason, Run, Setup};
use thorndike_session::{Session, Store};

/// A run that was asked for, with what it is made of.
pub(super) struct Made {
    pub(super) run: Run,
    pub(super) agent: Chosen,
    pub(super) env: Chosen,
    pub(super) session: Session,
    pub(super) goal: Goal,
}

/// Makes the run and its session.
pub(super) fn make(
    train: &TrainFlags,
    registry: &Registry,
    settings: &Settings,
) -> Result<Made, Failure> {
    let env = chosen::env(registry, &train.env, Source::Words(&train.env_set))?;
    let (agent, preset) = chosen::agent(registry, &train.agent, &env, Source::Words(&train.set))?;
    let lanes = train.lanes.map(usize::from).or(settings.config.lanes);
    let lanes = lanes.or(preset.as_ref().map(|preset| preset.lanes)).unwrap_or(LANES);
    let mut goal = Goal {
        steps: train.steps.map(u64::from),
        episodes: train.episodes.map(u64::from),
        until: train.until,
    };
    if goal == Goal::default() {
        goal.steps = Some(preset.map_or(STEPS, |preset| preset.steps));
    }
    let run = Run::new(setup(&agent, &env, train.seed, lanes, goal.clone()))
        .map_err(|error| error.context(format!("{} in {}", agent.name, env.name)))?;
    let identity = saved::identity(&agent, &env, train.seed, lanes);
    let session = Store::new(&settings.sessions).create(train.session.as_deref(), &identity)?;
    Ok(Made { run, agent, env, session, goal })
}

/// Threads that a run may use.
pub(super) fn threads(train: Option<&TrainFlags>, settings: &Settings) -> usize {
    let threads = train.and_then(|train| train.threads).map(usize::from);
    let threads = threads.or(settings.config.threads);
    threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Lanes where neither flag nor config nor preset says how many.
pub(super) const LANES: usize = 8;

/// Steps of a run where nothing says when it ends.
pub(super) const STEPS: u64 = 100_000;

/// Trains until the goal is reached or somebody asks for an end, and saves the session.
pub(super) fn run(train: &TrainFlags, settings: &Settings) -> Outcome {
    let is_terminal = io::stdout().is_terminal();
    let mut stage = Stage::open(threads(Some(train), settings))?;
    let registry = registry(settings)?;
    let style = style(train, settings, is_terminal);
    let Made { mut run, agent, env, session, goal } = make(train, &registry, settings)?;
    let shown = output::Goal { steps: goal.steps, episodes: goal.episodes };
    let out = stage.out()?;
    let progress = Progress::new(shown, terminal::size(&out).0);
    let mut output = Output::new(out, style, progress);
    let reason = drive(&mut run, (&agent, &env), &mut output, &mut stage);
    // What was learned until the output was closed is worth keeping, too.
    let (reason, closed) = match reason {
        Ok(reason) => (reason, None),
        Err(Stopped::Output(error)) => (Reason::Stopped, Some(error)),
        Err(Stopped::Plugin(failure)) => {
            output.close()?;
            return Err(failure);
        }
    };
    let end = run.finish(reason)?;
    saved::save(&session, &mut run, &end)?;
    if let Some(error) = closed {
        return Err(Failure::failed(format!(
            "standard output is closed: {error}; the run was stopped and saved as {}",
            session.name()
        )));
    }
    tell_end(&mut output, &mut stage, &session, end)?;
    Ok(exit(reason, &goal, stage.is_stopped()))
}

pub(super) fn setup(agent: &Chosen, env: &Chosen, seed: u64, lanes: usize, goal: Goal) -> Setup {
    Setup {
        agent_plugin: agent.handle.clone(),
        agent: agent.name.clone(),
        params: agent.params.clone(),
        env_plugin: env.handle.clone(),
        env: env.name.clone(),
        env_params: env.params.clone(),
        seed,
        lanes,
        shard_lanes: None,
        goal,
    }
}

fn style(train: &TrainFlags, settings: &Settings, is_terminal: bool) -> Style {
    match (settings.json, train.quiet, train.plain || !is_terminal) {
        (true, _, _) => Style::Json,
        (_, true, _) => Style::Quiet,
        (_, _, true) => Style::Plain,
        _ => Style::Progress,
    }
}

/// Why a run went no further.
enum Stopped {
    Plugin(Failure),
    Output(io::Error),
}

impl From<plugin_api::Error> for Stopped {
    fn from(error: plugin_api::Error) -> Self {
        Self::Plugin(error.into())
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Runs to the end, telling what happens.
fn drive(
    run: &mut Run,
    (agent, env): (&Chosen, &Chosen),
    output: &mut Output<File>,
    stage: &mut Stage,
) -> Result<Reason, Stopped> {
    let mut start = run.start();
    if let Event::Start(start) = &mut start {
        (start.agent, start.env) = (agent.full.clone(), env.full.clone());
    }
    output.event(&start)?;
    let tells_episodes = output.style() == Style::Json;
    let every = if output.style() == Style::Progress { 0.2 } else { 1.0 };
    let mut pulse = Pulse::start();
    let mut episodes = Vec::new();
    loop {
        let mut keep = |event| episodes.push(event);
        let mut forget = |_| {};
        let ticked = run.tick(if tells_episodes { &mut keep } else { &mut forget });
        ticked.map_err(|error| {
            let step = run.counters().steps;
            error.context(format!("{} in {} at step {step}", agent.full, env.full))
        })?;
        for event in episodes.drain(..) {
            output.event(&event)?;
        }
        let reason = run.over().or(stage.is_stopped().then_some(Reason::Stopped));
        if pulse.beats() || reason.is_some() {
            stage.relay(output)?;
            let columns = terminal::size(output.out()).0;
            output.resize(columns);
            // There is at least one report, however short the run.
            let age = if reason.is_some() { 0.0 } else { every };
            if let Some(report) = run.report_due(age)? {
                output.event(&report)?;
            }
        }
        if let Some(reason) = reason {
            return Ok(reason);
        }
    }
}

fn tell_end(
    output: &mut Output<File>,
    stage: &mut Stage,
    session: &Session,
    end: Done,
) -> Result<(), Failure> {
    stage.relay(output)?;
    output.event(&Event::Done(end))?;
    if output.style() != Style::Quiet {
        stage.say(&format!("saved as {}", session.folder().display()));
    }
    Ok(())
}

/// A run with a condition has not reached its goal when something else ended it.
pub(super) fn exit(reason: Reason, goal: &Goal, is_stopped: bool) -> Exit {
    match reason {
        Reason::Stopped if is_stopped => Exit::Interrupted,
        Reason::Stopped => Exit::Short,
        Reason::Steps | Reason::Episodes if goal.until.is_some() => Exit::Short,
        _ => Exit::Success,
    }
}
