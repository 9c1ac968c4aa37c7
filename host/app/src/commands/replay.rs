//! `replay`: recorded episodes are played again, and every step is compared with what was seen.

mod marks;

use super::json_line;
use super::plugins::registry;
use super::step::Step;
use crate::chosen::Chosen;
use crate::cli::ReplayFlags;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::number;
use crate::output::{Output, Progress, Style, figure};
use crate::saved::{self, IMPORTED, Named};
use crate::stage::Stage;
use crate::terminal;
use plugin_api::Task;
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::time::Duration;
use thorndike_engine::keep;
use thorndike_engine::replay::{Level, Moment, Player};
use thorndike_session::error::shown;
use thorndike_session::replay::{Head, Library, Take, Takes};
use thorndike_session::{Error, Session};
use thorndike_tui::picture::{self, Look};

/// Steps a second at speed 1.
const STEPS_A_SECOND: f64 = 20.0;

/// Plays one episode step by step, or all of them to check them.
pub(super) fn run(asked: &ReplayFlags, settings: &Settings) -> Outcome {
    let look = terminal::look();
    let Named { session, step: episode } = saved::open_at(&asked.session, settings)?;
    if session.identity().agent == IMPORTED {
        return Err(Failure::usage(format!(
            "session `{}` was imported and holds no episodes; show it, export its curves, or \
             compare with it",
            shown(session.name())
        )));
    }
    let mut stage = Stage::open(1)?;
    let style = if settings.json { Style::Json } else { Style::Plain };
    let mut output = Output::new(stage.out()?, style, Progress::default());
    let Takes { all: takes, lost } = session.takes()?;
    tell_troubles(&session, &mut stage);
    let mut exit = Exit::Success;
    for error in &lost {
        stage.say(&format!("error: {error}; the other episodes are sound as far as it is known"));
        exit = Exit::Failed;
    }
    if asked.list {
        for take in &takes {
            tell(take, None, &mut output)?;
        }
        return Ok(exit);
    }
    let world = World::of(&session, settings, &mut stage);
    let wanted = match (asked.mark, episode) {
        (Some(mark), None) => Some(marks::episode(&session, mark, asked.trial)?),
        (None, Some(episode)) => Some(find(&session, episode, asked.trial)?),
        (None, None) => None,
        (Some(_), Some(episode)) => {
            return Err(Failure::usage(format!(
                "--mark finds an episode, and `@{episode}` names one; take one of the two"
            )));
        }
    };
    if let Some(take) = wanted {
        let player = world.player(&session, take)?;
        let look = asked.render.then_some(look);
        return show(player, asked, look, &mut output, &mut stage);
    }
    let failed = play_all((&session, &world), takes, &mut output, &mut stage)?;
    Ok(if failed == Exit::Success { exit } else { failed })
}

/// Plays all of them, and tells of each; what stands in the way of one does not of the others.
fn play_all(
    (session, world): (&Session, &World),
    takes: Vec<Take>,
    output: &mut Output<File>,
    stage: &mut Stage,
) -> Outcome {
    let mut exit = Exit::Success;
    let mut player: Option<Player> = None;
    let mut said = String::new();
    let mut working = stage.working("playing", takes.iter().map(|take| take.length).sum());
    for take in takes {
        let length = take.length;
        if stage.is_stopped() {
            return Ok(Exit::Interrupted);
        }
        let level = world.level(&take);
        // Whoever has met a difference simulates no more.
        let playing = match player.take().filter(|player| player.task().is_some()) {
            Some(mut player) => player.put_in(take, level).map(|()| player).map_err(Failure::from),
            None => world.player(session, take),
        };
        let playing = match playing {
            Ok(playing) => playing,
            Err(failure) => {
                // What stands in the way of a file does so for all of its episodes.
                if failure.message != said {
                    stage.say(&format!("error: {}", failure.message));
                    said = failure.message;
                }
                exit = Exit::Failed;
                working.add(length);
                continue;
            }
        };
        let playing = player.insert(playing);
        if let Err(error) = playing.play() {
            stage.say(&format!("error: {error}"));
            exit = Exit::Failed;
        }
        working.hide();
        tell(playing.take(), Some(playing.level()), output)?;
        working.add(length);
    }
    stage.relay(output)?;
    Ok(exit)
}

/// The world that a session's episodes were recorded in, if it is still there.
pub(super) struct World(Option<Chosen>);

impl World {
    pub(super) fn of(session: &Session, settings: &Settings, stage: &mut Stage) -> Self {
        let identity = session.identity();
        let env = registry(settings).and_then(|registry| saved::world(identity, &registry));
        if let Err(failure) = &env {
            stage.say(&format!("note: {}; showing what was recorded", failure.message));
        }
        Self(env.ok())
    }

    /// From now on its pictures are for a film.
    pub(super) fn film(&self) {
        if let Some(env) = &self.0 {
            env.handle.film(true);
        }
    }

    /// How much an episode can be trusted before it is played.
    fn level(&self, take: &Take) -> Level {
        self.0.as_ref().map_or(Level::ActionsOnly, |env| level(env, take))
    }

    /// A player for an episode that was recorded there.
    pub(super) fn player(&self, session: &Session, take: Take) -> Result<Player, Failure> {
        player(self.0.as_ref(), session, take)
    }
}

fn level(env: &Chosen, take: &Take) -> Level {
    let is_same = take.head.plugin == env.used.hash && take.head.cpu == keep::cpu();
    if is_same { Level::Exact } else { Level::Portable }
}

/// A player for an episode, that simulates where its world is there.
pub(in crate::commands) fn player(
    env: Option<&Chosen>,
    session: &Session,
    take: Take,
) -> Result<Player, Failure> {
    let library = Library::new(session.clone());
    let Some(env) = env else { return Ok(Player::of_actions(library, take)?) };
    let level = level(env, &take);
    Ok(Player::new(&env.handle, (&env.name, &env.params), level, (library, take))?)
}

/// The recorded episode of this number, in training or in the latest round of evaluation that has
/// it.
pub(super) fn find(session: &Session, episode: u64, trial: bool) -> Result<Take, Failure> {
    let Takes { mut all, lost } = session.takes()?;
    // Rounds of evaluation count their episodes anew.
    all.retain(|take| (take.head.trial > 0) == trial);
    if let Some(place) = all.iter().rposition(|take| take.head.episode == episode) {
        return Ok(all.swap_remove(place));
    }
    all.sort_by_key(|take| take.head.episode.abs_diff(episode));
    let near: Vec<String> = all.iter().take(3).map(|take| take.head.episode.to_string()).collect();
    if near.is_empty() {
        return Err(nothing_recorded(session, &lost));
    }
    let (name, near) = (shown(session.name()), near.join(", "));
    let lost = lost.first().map_or(String::new(), |lost| format!(", or it is lost: {lost}"));
    let says = format!("episode {episode} of session `{name}` was not recorded{lost}; near it are");
    Err(Failure::usage(format!("{says} {near}")))
}

/// Why there is no episode to be had.
pub(super) fn nothing_recorded(session: &Session, lost: &[Error]) -> Failure {
    match lost.first() {
        Some(lost) => Failure::failed(format!("{lost}; no other episode is there")),
        None => {
            let name = shown(session.name());
            Failure::usage(format!("session `{name}` has no recorded episodes"))
        }
    }
}

/// Says what is wrong with the session beside its episodes.
pub(super) fn tell_troubles(session: &Session, stage: &mut Stage) {
    for trouble in saved::troubles(session, &session.model()) {
        stage.say(&format!("note: {trouble}"));
    }
}

/// One replay, as JSON.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    episode: u64,
    steps: u64,
    #[serde(rename = "return")]
    total: f64,
    length: u64,
    cause: &'a str,
    level: Option<String>,
}

fn tell(take: &Take, level: Option<Level>, output: &mut Output<File>) -> Result<(), Failure> {
    let Take { head, length, .. } = take;
    let length = *length;
    let level = level.map(|level| level.to_string());
    if output.style() == Style::Json {
        let Head { episode, steps, total, cause, .. } = head;
        let (episode, steps, total) = (*episode, *steps, *total);
        let line = Line { event: "replay", episode, steps, total, length, cause, level };
        json_line(output.out(), &line)?;
        return Ok(());
    }
    let level = level.map_or(String::new(), |level| format!(" level={level}"));
    let cause = shown(&head.cause);
    let (episode, steps, total) = (head.episode, head.steps, figure(head.total));
    output.text(&format!(
        "episode {episode} return={total} length={length} at={steps} kept={cause}{level}"
    ))?;
    Ok(())
}

/// Shows the steps of one episode.
fn show(
    mut player: Player,
    asked: &ReplayFlags,
    look: Option<Look>,
    output: &mut Output<File>,
    stage: &mut Stage,
) -> Outcome {
    let pause = asked.speed.map(|speed| Duration::from_secs_f64(1.0 / STEPS_A_SECOND / speed));
    player.seek(asked.step)?;
    if asked.step == 0 {
        tell_first(&player, output)?;
    }
    draw(&mut player, look, output)?;
    while !stage.is_stopped() {
        let Some(moment) = player.step()? else {
            stage.relay(output)?;
            tell(player.take(), Some(player.level()), output)?;
            return Ok(Exit::Success);
        };
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
        stage.relay(output)?;
        tell_step(&moment, player.task(), output)?;
        if moment.flags == 0 {
            draw(&mut player, look, output)?;
        }
    }
    Ok(Exit::Interrupted)
}

fn tell_first(player: &Player, output: &mut Output<File>) -> Result<(), Failure> {
    let Some(task) = player.task() else { return Ok(()) };
    let obs = number::list(task.observations.dtype(), player.first());
    match output.style() {
        Style::Json => {
            writeln!(output.out(), "{{\"event\":\"reset\",\"seed\":null,\"obs\":{obs}}}")?;
        }
        _ => output.text(&format!("reset obs={obs}"))?,
    }
    Ok(())
}

fn tell_step(
    moment: &Moment,
    task: Option<&Task>,
    output: &mut Output<File>,
) -> Result<(), Failure> {
    let &Moment { ref action, ref obs, reward, flags, step, .. } = moment;
    Step { task, action, obs, reward, flags }.tell((&format!("step {step}"), ""), output)
}

fn draw(player: &mut Player, look: Option<Look>, output: &mut Output<File>) -> Result<(), Failure> {
    let Some(look) = look else { return Ok(()) };
    let (columns, rows) = terminal::picture_size(output.out());
    match player.render()? {
        Some(scene) => output.text(&picture::draw(&scene, columns, rows, look))?,
        None => return Err(Failure::failed("there is nothing to draw here; leave --render out")),
    }
    Ok(())
}
