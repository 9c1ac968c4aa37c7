//! The screen: runs that are watched and steered, and the bench that opens without a word.

mod desk;

use super::plugins::told_registry;
use crate::cli::Course;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::saved;
use crate::stage::Stage;
use crate::training::{self, Prepared};
use desk::Desk;
pub(super) use desk::curve;
use thorndike_engine::registry::Registry;
use thorndike_engine::run::{Goal, Reason};
use thorndike_tui::link::Link;
use thorndike_tui::pump::{self, Shown};
use thorndike_tui::state::State;

/// Runs until the goal is reached or somebody asks for an end, on the screen.
pub(crate) fn train(
    prepared: Prepared,
    mut stage: Stage,
    course: &Course,
    (registry, settings): (&Registry, &Settings),
) -> Outcome {
    let goal = prepared.run.setup().goal.clone();
    let mut desk = Desk::new(registry, settings, stage.prints());
    let start = Box::new(|ring| desk::start(prepared, course, ring, settings));
    let shown = show(&mut stage, &mut desk, settings, Some(start), course)?;
    let is_interrupted = shown.is_interrupted || stage.is_stopped();
    let first = shown.outcomes.first();
    let code = first.map_or(Exit::Failed, |run| exit(run, &goal, is_interrupted));
    Ok(end(shown, code))
}

/// Opens the bench.
pub(super) fn bench(settings: &Settings) -> Outcome {
    let course = Course::default();
    let mut stage = Stage::open(training::threads(&course, settings))?;
    let registry = told_registry(&mut stage, settings)?;
    let mut desk = Desk::new(&registry, settings, stage.prints());
    let shown = show(&mut stage, &mut desk, settings, None, &course)?;
    Ok(end(shown, Exit::Success))
}

/// Looks at the journal of a session that this process does not write.
pub(super) fn look_on(session: &str, settings: &Settings) -> Outcome {
    let session = saved::open(session, settings)?;
    let course = Course::default();
    let mut stage = Stage::open(training::threads(&course, settings))?;
    let registry = told_registry(&mut stage, settings)?;
    let mut desk = Desk::new(&registry, settings, stage.prints());
    let about = desk.about(&session);
    let start = Box::new(|_| Ok(desk::followed(session, about)));
    let shown = show(&mut stage, &mut desk, settings, Some(start), &course)?;
    Ok(end(shown, Exit::Success))
}

fn show(
    stage: &mut Stage,
    desk: &mut Desk<'_>,
    settings: &Settings,
    first: Option<pump::Start<'_>>,
    course: &Course,
) -> Result<Shown, Failure> {
    let front = settings.front.as_ref().ok_or_else(|| {
        Failure::usage("a screen needs a terminal; without one, say what to do: `thorndike --help`")
    })?;
    let terminal = pump::Stage {
        front: Link::new(front.try_clone()?)?,
        stop: stage.stop_signals(),
        quit_when_finished: course.quit_when_done,
        records: course.record.clone(),
    };
    let wishes = &settings.config.screen;
    let state = State {
        theme: wishes.theme(),
        is_theme_chosen: wishes.theme.is_some(),
        bindings: wishes.bindings().map_err(Failure::usage)?,
        reduced_motion: wishes.reduced_motion,
        ..State::default()
    };
    let shown = pump::show(terminal, state, desk, first);
    shown.map_err(|error| Failure::failed(format!("the screen is gone: {error}")))
}

/// Says what is to stay on the terminal, if somebody is still in front of it.
fn end(shown: Shown, code: Exit) -> Exit {
    let mut lines: Vec<String> = shown.outcomes.iter().flat_map(lines).collect();
    let fault = shown
        .fault
        .map(|fault| format!("error: the screen failed: {fault}; its runs were stopped and saved"));
    let code = if fault.is_some() { Exit::Failed } else { code };
    lines.extend(fault);
    if let Some(seat) = shown.seat {
        seat.end(code as u8, lines);
    }
    code
}

/// What stays on the terminal when the screen is gone.
fn lines(outcome: &pump::Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    let name = &outcome.about.session;
    if outcome.about.is_followed {
        return lines;
    }
    if let Some(end) = &outcome.end {
        let mean = end.return_last100.map_or("-".to_owned(), crate::output::figure);
        let (steps, episodes, reason) = (end.steps, end.episodes, &end.reason);
        lines.push(format!("{name}: {steps} steps, {episodes} episodes, return {mean}, {reason}"));
    }
    if let Some(error) = &outcome.failed {
        lines.push(format!("error: {name}: {error}"));
    }
    if let Some(place) = &outcome.saved {
        lines.push(format!("saved as {place}"));
    }
    lines
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
