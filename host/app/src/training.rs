//! A run on its way, from wherever it stands to its end: told, kept, and ended in good order.

use crate::chosen::Chosen;
use crate::cli::Course;
use crate::commands::screen;
use crate::config::Settings;
use crate::export::board;
use crate::failure::{Exit, Failure, Outcome};
use crate::faults::Striker;
use crate::output::{self, Output, Progress, Style};
use crate::saved::TOOL;
use crate::stage::Stage;
use crate::terminal;
use crate::watch::Watch;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::thread;
use thorndike_engine::clock::{self, Pulse};
use thorndike_engine::escort::{Escort, Guest};
use thorndike_engine::event::{Alert, Done, Event};
use thorndike_engine::keep::{Keeper, Origin, Plan, Replays};
use thorndike_engine::lanes::Patience;
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Reason, Run, Trials};
use thorndike_session::{Session, Writer};

/// Episodes that a run is judged by unless said otherwise.
const EVAL_EPISODES: usize = 10;

/// A run that is ready to go, with its session.
pub(crate) struct Prepared {
    pub(crate) run: Run,
    pub(crate) agent: Chosen,
    pub(crate) env: Chosen,
    pub(crate) writer: Writer,
    pub(crate) origin: Origin,
    /// What the user should know before it goes.
    pub(crate) notes: Vec<String>,
}

/// How a run is watched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    /// In lines.
    Lines(Style),
    /// On a screen.
    Screen,
}

impl Way {
    /// What was asked for, as far as the terminal can show it. To be asked before plugins are let
    /// in.
    pub(crate) fn of(course: &Course, settings: &Settings) -> Self {
        let is_shown = course.tui && settings.front.is_some();
        if is_shown { Self::Screen } else { Self::Lines(style(course, settings)) }
    }

    /// How lines are told.
    pub(crate) fn style(self) -> Style {
        match self {
            Self::Lines(style) => style,
            Self::Screen => Style::Progress,
        }
    }
}

impl Prepared {
    /// Runs until the goal is reached or somebody asks for an end, and saves the session.
    pub(crate) fn go(
        self,
        way: Way,
        mut stage: Stage,
        course: &Course,
        (registry, settings): (&Registry, &Settings),
    ) -> Outcome {
        for note in &self.notes {
            stage.say(note);
        }
        let style = match way {
            Way::Screen => return screen::train(self, stage, course, (registry, settings)),
            Way::Lines(style) => style,
        };
        let output = output(&stage, style, &self.run.setup().goal)?;
        let Self { run, agent, env, writer, origin, .. } = self;
        let training = Training { run, agent: &agent, env: &env, stage, output, settings };
        training.go(writer, &origin, course)
    }
}

/// How the run is kept.
pub(crate) fn plan(agent: &Chosen, env: &Chosen, course: &Course) -> Plan {
    let plugins = vec![agent.used.clone(), env.used.clone()];
    Plan {
        every: course.snapshot_every.0,
        tool: TOOL.to_owned(),
        plugins,
        env_plugin: env.used.hash.clone(),
        replays: course.replays.map(Replays::from),
        replay_bytes: course.replay_mb.map(|megabytes| u64::from(megabytes) << 20),
    }
}

/// A run on its way, and everything around it.
struct Training<'a> {
    run: Run,
    agent: &'a Chosen,
    env: &'a Chosen,
    stage: Stage,
    output: Output<File>,
    settings: &'a Settings,
}

/// Threads to work with.
pub(crate) fn threads(course: &Course, settings: &Settings) -> usize {
    let threads = course.threads.map(usize::from).or(settings.config.threads);
    threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

/// What these words say of where a run ends.
pub(crate) fn goal(course: &Course) -> Goal {
    Goal {
        steps: course.steps.map(u64::from),
        episodes: course.episodes.map(u64::from),
        until: course.until,
        budget: course.budget.map(u64::from),
    }
}

/// How long rounds of so many lanes wait for slow ones.
pub(crate) fn patience(course: &Course, lanes: usize) -> Option<Patience> {
    let min_lanes = course.min_returns.map_or(lanes.div_ceil(10), usize::from).min(lanes);
    course.time_out.map(|time_out| Patience { min_lanes, time_out })
}

/// When a run is judged, if it is to be.
fn trials(course: &Course, run: &Run, best: Option<f64>) -> Option<Trials> {
    let episodes = course.eval_episodes.map_or(EVAL_EPISODES, usize::from);
    course.eval_every.map(|every| Trials::new(every.into(), episodes, run, best))
}

/// States that reports are to tell of.
pub(crate) fn trace(run: &mut Run, course: &Course) -> Result<(), Failure> {
    let states: Vec<Vec<f64>> = course.trace.iter().map(|row| row.0.clone()).collect();
    run.trace(&states).map_err(|error| Failure::usage(format!("--trace: {error}")))
}

/// Everybody who comes along with a run, as the words say.
pub(crate) fn escort(
    (run, keeper): (&Run, Keeper),
    (agent, env): (&Chosen, &Chosen),
    course: &Course,
    settings: &Settings,
) -> Result<Escort, Failure> {
    let mut guests: Vec<Box<dyn Guest>> = Vec::new();
    if cfg!(debug_assertions) {
        guests.push(Box::new(Striker));
    }
    if let Some(board) = board(course, keeper.session())? {
        guests.push(Box::new(board));
    }
    if course.watch {
        guests.push(Box::new(Watch::new(agent.clone(), env.clone(), settings.clone())));
    }
    let trials = trials(course, run, keeper.best_eval());
    let mut escort = Escort::from(Some(keeper));
    (escort.trials, escort.guests) = (trials, guests);
    Ok(escort)
}

/// Where and how a run is told. To be asked before plugins are let in.
fn style(course: &Course, settings: &Settings) -> Style {
    let is_terminal = io::stdout().is_terminal();
    match (settings.json, course.quiet, course.plain || !is_terminal || terminal::is_dumb()) {
        (true, _, _) => Style::Json,
        (_, true, _) => Style::Quiet,
        (_, _, true) => Style::Plain,
        _ => Style::Progress,
    }
}

/// The output of a run with this goal.
pub(crate) fn output(stage: &Stage, style: Style, goal: &Goal) -> Result<Output<File>, Failure> {
    let shown = output::Goal { steps: goal.steps, episodes: goal.episodes };
    let out = stage.out()?;
    let progress = Progress::new(shown, terminal::size(&out).0);
    Ok(Output::new(out, style, progress))
}

impl Training<'_> {
    /// Runs until the goal is reached or somebody asks for an end, and saves the session.
    fn go(mut self, writer: Writer, origin: &Origin, course: &Course) -> Outcome {
        let plan = plan(self.agent, self.env, course);
        let session = writer.session().clone();
        let keeper = Keeper::begin(writer, &mut self.run, origin, plan)?;
        let parts = (self.agent, self.env);
        let mut escort = escort((&self.run, keeper), parts, course, self.settings)?;
        let reason = match self.drive(&mut escort) {
            Ok(reason) => Ok(reason),
            // What was learned until the output was closed is worth keeping, too.
            Err(Stopped::Output(error)) => Err(error),
            Err(Stopped::Plugin(failure)) => {
                self.output.close()?;
                return Err(self.rescued(escort, failure));
            }
        };
        let end = self.run.finish(*reason.as_ref().unwrap_or(&Reason::Stopped))?;
        let kept = escort.end(&mut self.run, &end);
        let kept = kept.map_err(|problem| {
            Failure::failed(format!(
                "the end of the run could not be saved: {problem}; what was saved before is sound"
            ))
        });
        match reason {
            Err(error) => {
                kept?;
                Err(Failure::failed(format!(
                    "standard output is closed: {error}; the run was stopped and saved as {}",
                    session.name()
                )))
            }
            Ok(reason) => {
                self.tell_end(&session, end, kept.is_ok())?;
                kept?;
                Ok(exit(reason, &self.run.setup().goal, self.stage.is_stopped()))
            }
        }
    }

    /// Keeps what can be kept of a run that failed.
    fn rescued(&mut self, escort: Escort, mut failure: Failure) -> Failure {
        let Some(keeper) = escort.keeper else { return failure };
        let name = keeper.session().name().to_owned();
        // An agent that failed cannot be saved, and then the snapshots before it are what there is.
        if keeper.rescue(&mut self.run).is_ok() {
            failure.message = format!("{}; the run was saved as {name}", failure.message);
        }
        failure
    }

    /// Runs to the end, telling what happens.
    fn drive(&mut self, escort: &mut Escort) -> Result<Reason, Stopped> {
        let mut start = self.run.start();
        if let Event::Start(start) = &mut start {
            (start.agent, start.env) = (self.agent.full.clone(), self.env.full.clone());
        }
        self.output.event(&start)?;
        let tells_episodes = self.output.style() == Style::Json;
        let mut pulse = Pulse::start();
        let mut told = Vec::new();
        escort.begin(&mut self.run)?;
        while self.run.over().is_none() {
            let ticked = escort.tick(&mut self.run, &mut |event| {
                if tells_episodes || !matches!(event, Event::Episode(_)) {
                    told.push(event);
                }
            });
            self.tell_all(&mut told)?;
            ticked.map_err(|error| {
                let step = self.run.counters().steps;
                error.context(format!("{} in {} at step {step}", self.agent.full, self.env.full))
            })?;
            let is_stopped = self.stage.is_stopped();
            if pulse.beats() || is_stopped {
                self.look_around(escort, &mut told, is_stopped)?;
            }
            if is_stopped {
                return Ok(Reason::Stopped);
            }
        }
        self.look_around(escort, &mut told, true)?;
        Ok(self.run.over().unwrap_or(Reason::Stopped))
    }

    /// Passes on what was printed, reports, and gives everybody a chance to look.
    fn look_around(
        &mut self,
        escort: &mut Escort,
        told: &mut Vec<Event>,
        is_last: bool,
    ) -> Result<(), Stopped> {
        self.stage.relay(&mut self.output)?;
        let columns = terminal::size(self.output.out()).0;
        self.output.resize(columns);
        let every = if self.output.style() == Style::Progress { 0.2 } else { 1.0 };
        // There is at least one report, however short the run.
        let age = if is_last { 0.0 } else { every };
        escort.report(&mut self.run, age, &mut |event| told.push(event))?;
        escort.beat(&mut self.run, &mut |event| told.push(event))?;
        self.tell_all(told)
    }

    fn tell_all(&mut self, told: &mut Vec<Event>) -> Result<(), Stopped> {
        told.drain(..).try_for_each(|event| self.output.event(&event))?;
        Ok(())
    }

    fn tell_end(&mut self, session: &Session, end: Done, is_kept: bool) -> Result<(), Failure> {
        self.stage.relay(&mut self.output)?;
        self.output.event(&Event::Done(end))?;
        if self.output.style() != Style::Quiet && is_kept {
            self.stage.say(&format!("saved as {}", session.folder().display()));
        }
        Ok(())
    }
}

/// Event files for TensorBoard, if they were asked for.
fn board(course: &Course, session: &Session) -> Result<Option<board::Board>, Failure> {
    let Some(folder) = &course.tensorboard else { return Ok(None) };
    let wall = clock::unix_seconds() as f64;
    let group = board::group(session.name());
    let board = board::Board::create(folder, wall).and_then(|mut board| {
        board.params(wall, &group, &session.identity().params)?;
        Ok(board)
    });
    board
        .map(Some)
        .map_err(|error| Failure::failed(format!("cannot write to {}: {error}", folder.display())))
}

impl Guest for board::Board {
    fn told(&mut self, event: &Event) -> Result<(), Alert> {
        let wall = clock::unix_seconds() as f64;
        self.event(wall, event).and_then(|()| self.flush()).map_err(|error| Alert {
            steps: 0,
            topic: "tensorboard".to_owned(),
            message: format!("cannot write for TensorBoard any more: {error}; the run goes on"),
        })
    }
}

/// Why a run went no further.
pub(crate) enum Stopped {
    Plugin(Failure),
    Output(io::Error),
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Plugin(failure) => failure,
            Stopped::Output(error) => error.into(),
        }
    }
}

impl From<plugin_api::Error> for Stopped {
    fn from(error: plugin_api::Error) -> Self {
        // Once a run is on its way nothing that goes wrong is a matter of how it was asked for.
        Self::Plugin(Failure::failed(error.to_string()))
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// A run with a condition has not reached its goal when something else ended it.
pub(crate) fn exit(reason: Reason, goal: &Goal, is_stopped: bool) -> Exit {
    match reason {
        Reason::Stopped if is_stopped => Exit::Interrupted,
        Reason::Stopped => Exit::Short,
        Reason::Steps | Reason::Episodes if goal.until.is_some() => Exit::Short,
        _ => Exit::Success,
    }
}
