//! The screen: `train --tui`, and the bench that opens without a word.

mod desk;
mod keep;

use super::plugins::registry;
use super::train;
use crate::cli::TrainFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::stage::Stage;
use desk::Desk;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use thorndike_engine::run::{Goal, Reason};
use thorndike_tui::pump::{self, Outcome as Shown};
use thorndike_tui::state::State;
use thorndike_tui::term::Abilities;

/// Trains on the screen; without a terminal that can show one, in lines.
pub(super) fn train(asked: &TrainFlags, settings: &Settings) -> Outcome {
    let Some(abilities) = abilities() else { return train::run(asked, settings) };
    let threads = train::threads(Some(asked), settings);
    let mut stage = Stage::open(threads)?;
    let registry = registry(settings)?;
    let mut desk = Desk::new(&registry, settings, stage.prints());
    let first = desk.made(train::make(asked, &registry, settings)?);
    let goal = first.goal.clone();
    let start = Box::new(move |ring| first.start(ring));
    let shown = show(&mut stage, &mut desk, abilities, Some(start), asked.quit_when_done)?;
    Ok(shown.first().map_or(Exit::Failed, |outcome| exit(outcome, &goal, &stage)))
}

/// Opens the bench.
pub(super) fn bench(settings: &Settings) -> Outcome {
    let Some(abilities) = abilities() else {
        return Err(Failure::usage(
            "the bench needs a terminal; `thorndike help` says what works without one",
        ));
    };
    let mut stage = Stage::open(train::threads(None, settings))?;
    let registry = registry(settings)?;
    let mut desk = Desk::new(&registry, settings, stage.prints());
    show(&mut stage, &mut desk, abilities, None, false)?;
    Ok(Exit::Success)
}

/// What the terminal can do, where there is one for a screen.
fn abilities() -> Option<Abilities> {
    let abilities = Abilities::of(|name| std::env::var(name).ok());
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    (is_terminal && !abilities.is_dumb).then_some(abilities)
}

fn show(
    stage: &mut Stage,
    desk: &mut Desk<'_>,
    abilities: Abilities,
    first: Option<pump::Start<'_>>,
    quit_when_finished: bool,
) -> Result<Vec<Shown>, Failure> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let terminal = pump::Stage {
        out: stage.out()?,
        input,
        abilities,
        stop: stage.stop_signals(),
        quit_when_finished,
    };
    let shown = pump::show(terminal, State::default(), desk, first);
    let shown = shown.map_err(|error| Failure::failed(format!("the screen is gone: {error}")))?;
    for outcome in &shown {
        tell(stage, outcome);
    }
    Ok(shown)
}

/// What stays on the terminal when the screen is gone.
fn tell(stage: &mut Stage, outcome: &Shown) {
    if let Some(end) = &outcome.end {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), crate::output::figure);
        stage.say(&format!(
            "{}: {} steps, {} episodes, return {}, {}",
            outcome.about.session,
            end.steps,
            end.episodes,
            number(end.return_last100),
            end.reason
        ));
    }
    if let Some(error) = &outcome.failed {
        stage.say(&format!("{}: {error}", outcome.about.session));
    }
    if let Some(place) = &outcome.saved {
        stage.say(&format!("saved as {place}"));
    }
}

fn exit(outcome: &Shown, goal: &Goal, stage: &Stage) -> Exit {
    match outcome.end.as_ref().map(|end| end.reason.as_str()) {
        _ if outcome.failed.is_some() => Exit::Failed,
        None => Exit::Failed,
        Some("stopped") => train::exit(Reason::Stopped, goal, stage.is_stopped()),
        Some("until") => train::exit(Reason::Until, goal, false),
        Some(_) => train::exit(Reason::Steps, goal, false),
    }
}
