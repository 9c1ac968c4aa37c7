//! The screen: runs that are watched and steered, and the bench that opens without a word.

mod desk;

use super::plugins::registry;
use crate::cli::{self, Course};
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::stage::Stage;
use crate::terminal;
use crate::training::{self, Prepared};
use desk::Desk;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Reason};
use thorndike_tui::pump::{self, Shown};
use thorndike_tui::state::State;
use thorndike_tui::term::Abilities;

/// Runs until the goal is reached or somebody asks for an end, on the screen.
pub(crate) fn train(
    prepared: Prepared,
    mut stage: Stage,
    abilities: Abilities,
    course: &Course,
    (registry, settings): (&Registry, &Settings),
) -> Outcome {
    let goal = prepared.run.setup().goal.clone();
    let mut desk = Desk::new(registry, settings, stage.prints());
    let start = Box::new(|ring| desk::start(prepared, course, ring));
    let shown = show(&mut stage, &mut desk, (abilities, settings), Some(start), course)?;
    let is_interrupted = shown.is_interrupted || stage.is_stopped();
    Ok(shown.outcomes.first().map_or(Exit::Failed, |run| exit(run, &goal, is_interrupted)))
}

/// Opens the bench.
pub(super) fn bench(settings: &Settings) -> Outcome {
    let Some(abilities) = terminal::screen(settings) else {
        let usage = cli::command().render_usage();
        return Err(Failure::usage(format!(
            "the bench needs a terminal; without one, say what to do\n\n{usage}"
        )));
    };
    let course = Course::default();
    let mut stage = Stage::open(training::threads(&course, settings))?;
    let registry = registry(settings)?;
    let mut desk = Desk::new(&registry, settings, stage.prints());
    show(&mut stage, &mut desk, (abilities, settings), None, &course)?;
    Ok(Exit::Success)
}

fn show(
    stage: &mut Stage,
    desk: &mut Desk<'_>,
    (abilities, settings): (Abilities, &Settings),
    first: Option<pump::Start<'_>>,
    course: &Course,
) -> Result<Shown, Failure> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let terminal = pump::Stage {
        out: stage.out()?,
        input,
        abilities,
        stop: stage.stop_signals(),
        quit_when_finished: course.quit_when_done,
    };
    let wishes = &settings.config.screen;
    let state = State {
        theme: wishes.theme(),
        bindings: wishes.bindings().map_err(Failure::usage)?,
        reduced_motion: wishes.reduced_motion,
        ..State::default()
    };
    let shown = pump::show(terminal, state, desk, first);
    let shown = shown.map_err(|error| Failure::failed(format!("the screen is gone: {error}")))?;
    for outcome in &shown.outcomes {
        tell(stage, outcome);
    }
    Ok(shown)
}

/// What stays on the terminal when the screen is gone.
fn tell(stage: &mut Stage, outcome: &pump::Outcome) {
    let name = &outcome.about.session;
    if let Some(end) = &outcome.end {
        let mean = end.return_last100.map_or("-".to_owned(), crate::output::figure);
        let (steps, episodes, reason) = (end.steps, end.episodes, &end.reason);
        stage.say(&format!("{name}: {steps} steps, {episodes} episodes, return {mean}, {reason}"));
    }
    if let Some(error) = &outcome.failed {
        stage.say(&format!("error: {name}: {error}"));
    }
    if let Some(place) = &outcome.saved {
        stage.say(&format!("saved as {place}"));
    }
}

fn exit(outcome: &pump::Outcome, goal: &Goal, is_interrupted: bool) -> Exit {
    if outcome.failed.is_some() {
        return Exit::Failed;
    }
    match outcome.end.as_ref().map(|end| end.reason.as_str()) {
        None => Exit::Failed,
        Some("stopped") => training::exit(Reason::Stopped, goal, is_interrupted),
        Some("until") => training::exit(Reason::Until, goal, false),
        Some(_) => training::exit(Reason::Steps, goal, false),
    }
}
