//! `train`: an agent learns in an environment, and what it came to is saved.

use super::registry;
use crate::chosen::{self, Chosen, Source};
use crate::cli::TrainFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{self, Output, Progress, Style};
use crate::saved;
use crate::stage::Stage;
use crate::terminal;
use crate::watch::Watch;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::thread;
use thorndike_engine::clock::Stopwatch;
use thorndike_engine::event::{Done, Event};
use thorndike_engine::lanes::Patience;
use thorndike_engine::run::{Goal, Reason, Run, Setup};
use thorndike_session::{Session, Store};

/// Lanes where neither flag nor config nor preset says how many.
const LANES: usize = 8;

/// Steps of a run where nothing says when it ends.
const STEPS: u64 = 100_000;

/// Trains until the goal is reached or somebody asks for an end, and saves the session.
pub(super) fn run(train: &TrainFlags, settings: &Settings) -> Outcome {
    let is_terminal = io::stdout().is_terminal();
    let threads = train.threads.map(usize::from).or(settings.config.threads);
    let threads = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let mut stage = Stage::open(threads)?;
    let registry = registry(settings)?;
    let env = chosen::env(&registry, &train.env, Source::Words(&train.env_set))?;
    let (agent, preset) = chosen::agent(&registry, &train.agent, &env, Source::Words(&train.set))?;
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
    let patience = train.time_out.map(|time_out| Patience {
        min_lanes: train.min_returns.map_or(lanes.div_ceil(10), usize::from).min(lanes),
        time_out,
    });
    let style = style(train, settings, is_terminal);
    let shown = output::Goal { steps: goal.steps, episodes: goal.episodes };
    let out = stage.out()?;
    let progress = Progress::new(shown, terminal::size(&out).0);
    let mut output = Output::new(out, style, progress);

    let setup = Setup { patience, ..setup(&agent, &env, train.seed, lanes, goal.clone()) };
    let mut run = Run::new(setup)
        .map_err(|error| error.context(format!("{} in {}", agent.name, env.name)))?;
    let identity = saved::identity(&agent, &env, train.seed, lanes);
    let session = Store::new(&settings.sessions).create(train.session.as_deref(), &identity)?;
    let watch = train.watch.then(|| (Watch::new(&agent, &env), settings));
    let reason = drive(&mut run, (&agent, &env), watch, &mut output, &mut stage);
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

fn setup(agent: &Chosen, env: &Chosen, seed: u64, lanes: usize, goal: Goal) -> Setup {
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
        patience: None,
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
    mut watch: Option<(Watch, &Settings)>,
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
        let ticked = run.tick(&mut |event| {
            if tells_episodes || !matches!(event, Event::Episode(_)) {
                episodes.push(event);
            }
        });
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
            if let Some((watch, settings)) = &mut watch
                && let Some(alert) = watch.look(run, (agent, env), settings)
            {
                output.event(&Event::Alert(alert))?;
            }
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

/// Tells when to look at the clock: about every twentieth of a second, without a look between.
struct Pulse {
    watch: Stopwatch,
    ticks: u32,
    left: u32,
}

impl Pulse {
    const SECONDS: f64 = 0.05;

    fn start() -> Self {
        Self { watch: Stopwatch::start(), ticks: 1, left: 1 }
    }

    /// Counts a tick; true when it is time to look around.
    fn beats(&mut self) -> bool {
        self.left -= 1;
        if self.left > 0 {
            return false;
        }
        let ticks = f64::from(self.ticks) * Self::SECONDS / self.watch.lap().max(1e-9);
        // Ticks may become slower all of a sudden, so their number grows with care.
        self.ticks = (ticks as u32).clamp(1, 2 * self.ticks.min(1 << 20));
        self.left = self.ticks;
        true
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
fn exit(reason: Reason, goal: &Goal, is_stopped: bool) -> Exit {
    match reason {
        Reason::Stopped if is_stopped => Exit::Interrupted,
        Reason::Stopped => Exit::Short,
        Reason::Steps | Reason::Episodes if goal.until.is_some() => Exit::Short,
        _ => Exit::Success,
    }
}
