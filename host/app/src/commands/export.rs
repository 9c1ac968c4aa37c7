//! `export`: what a session holds, written for other programs.

mod actor;

use super::replay::{World, find, nothing_recorded, tell_troubles};
use crate::cli::{ExportFlags, Form};
use crate::config::Settings;
use crate::export::{board, chart, film, table};
use crate::failure::{Exit, Failure, Outcome};
use crate::output::Working;
use crate::saved::{self, Named};
use crate::stage::Stage;
use chart::{Chart, averaged, smoothed};
use std::fs;
use std::io;
use std::path::Path;
use thorndike_engine::keep::convert::AGENT;
use thorndike_engine::registry::closest;
use thorndike_engine::replay::Player;
use thorndike_session::error::shown;
use thorndike_session::replay::Take;
use thorndike_session::state::{Kind, to_safetensors};
use thorndike_session::{Error, Model, Session};
use thorndike_tui::picture::Look;
use thorndike_tui::picture::image::{self, Weight};

/// Writes what was asked for.
pub(super) fn run(asked: &ExportFlags, settings: &Settings) -> Outcome {
    let Named { session, step } = saved::open_at(&asked.session, settings)?;
    let is_whole =
        matches!(asked.to, Form::Tensorboard | Form::Csv | Form::Jsonl | Form::Svg | Form::Png);
    if let Some(step) = step.filter(|_| is_whole) {
        return Err(Failure::usage(format!(
            "what is exported so is the whole run, so `@{step}` means nothing here; name the \
             session alone"
        )));
    }
    let path = &asked.path;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| asked.to != Form::Tensorboard && !folder.is_dir())
    {
        let says = format!("there is no folder {}; make it first", folder.display());
        return Err(Failure::failed(says));
    }
    let cannot =
        |error: io::Error| Failure::failed(format!("cannot write {}: {error}", path.display()));
    let bytes = match asked.to {
        Form::Tensorboard => {
            let (identity, model) = (session.identity(), saved::model(&session));
            let group = board::group(session.name());
            let board = board::write(path, &group, &identity.params, &model).map_err(cannot)?;
            weights(board, &session).map_err(cannot)?;
            return Ok(Exit::Success);
        }
        Form::Csv => {
            let mut out = Vec::new();
            table::csv(&mut out, &saved::model(&session))?;
            out
        }
        Form::Jsonl => {
            let mut out = Vec::new();
            drop(saved::model(&session));
            table::jsonl(&mut out, &mut session.read())?;
            out
        }
        Form::Svg => curve(&session, asked, settings)?.svg().into_bytes(),
        Form::Png => image::png(&curve(&session, asked, settings)?.image(), Weight::Small),
        Form::Safetensors => {
            let mut loaded = session.load_before(step.unwrap_or(u64::MAX))?;
            let state = loaded.take(AGENT);
            let state = state.ok_or_else(|| Error::NoSnapshot(session.name().to_owned()))?;
            to_safetensors(&state.tensors.iter().collect::<Vec<_>>())
        }
        Form::Onnx => actor::onnx(Named { session, step }, settings)?,
        Form::Gif | Form::Cast | Form::Mp4 => return episode(&session, step, asked, settings),
    };
    fs::write(path, bytes).map_err(cannot)?;
    Ok(Exit::Success)
}

/// How the numbers that an agent acts and learns with lie, at each snapshot that is left.
fn weights(mut board: board::Board, session: &Session) -> io::Result<()> {
    let numbers = session.generations().unwrap_or_default();
    let mut working = Working::on(io::stderr(), "writing", numbers.len() as u64);
    for number in numbers {
        working.add(1);
        let Ok(snapshot) = session.snapshot(number) else { continue };
        let Ok(state) = session.state(&snapshot, AGENT) else { continue };
        let (wall, steps) = (snapshot.saved as f64, snapshot.summary.steps);
        for tensor in state.tensors {
            let is_moment = tensor.name.contains("optimiser");
            let floats: Vec<f64> = match tensor.kind {
                Kind::F32 => {
                    let floats = tensor.bytes.as_chunks::<4>().0.iter();
                    floats.map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
                }
                Kind::F64 => {
                    let floats = tensor.bytes.as_chunks::<8>().0.iter();
                    floats.map(|bytes| f64::from_le_bytes(*bytes)).collect()
                }
                _ => Vec::new(),
            };
            if floats.len() > 1 && !is_moment {
                let tag = format!("weights/{}", tensor.name);
                board.histogram(wall, steps, &tag, &floats)?;
            }
        }
    }
    board.flush()
}

/// A film of an episode: that of this number, or the best one that was recorded.
fn episode(
    session: &Session,
    episode: Option<u64>,
    asked: &ExportFlags,
    settings: &Settings,
) -> Outcome {
    let mut stage = Stage::open(1)?;
    tell_troubles(session, &mut stage);
    let world = World::of(session, settings, &mut stage);
    if asked.to != Form::Cast {
        world.film();
    }
    let take = match episode {
        Some(episode) => find(session, episode, false)?,
        None => best(session)?,
    };
    let mut player = world.player(session, take)?;
    if player.task().is_none() {
        return Err(Failure::failed("without its environment an episode cannot be drawn"));
    }
    let mut working = stage.working("drawing", player.len());
    let bytes = film(session, &mut player, asked, &mut working)?;
    drop(working);
    let path = &asked.path;
    if let Some(bytes) = bytes {
        fs::write(path, bytes).map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display()))
        })?;
    }
    Ok(Exit::Success)
}

/// The bytes of the film, unless another program has written it.
fn film(
    session: &Session,
    player: &mut Player,
    asked: &ExportFlags,
    working: &mut Working,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut out = Vec::new();
    match asked.to {
        Form::Cast => {
            let title = format!("{} episode {}", session.name(), player.take().head.episode);
            film::cast(&mut out, &title, player, Look::Colors)?;
        }
        Form::Mp4 => {
            film::mp4(Path::new(&asked.path), &film::images(player, working)?)?;
            return Ok(None);
        }
        _ => film::gif(&mut out, film::images(player, working)?)?,
    }
    Ok(Some(out))
}

fn best(session: &Session) -> Result<Take, Failure> {
    let takes = session.takes()?;
    // Of equals, the first one.
    let best = takes.all.into_iter().rev().max_by(|a, b| a.head.total.total_cmp(&b.head.total));
    best.ok_or_else(|| nothing_recorded(session, &takes.lost))
}

/// The learning curve of a session, or the mean of several.
fn curve(session: &Session, asked: &ExportFlags, settings: &Settings) -> Result<Chart, Failure> {
    let metric = &asked.metric;
    let mut sessions = vec![session.clone()];
    for other in &asked.with {
        sessions.push(saved::open(other, settings)?);
    }
    let mut curves = Vec::new();
    for session in &sessions {
        let model = saved::model(session);
        let points = chart::points(&model, metric);
        if points.is_empty() {
            return Err(unknown(session.name(), metric, &model));
        }
        curves.push(smoothed(&points, asked.smooth));
    }
    let curve = match curves.len() {
        1 => chart::Curve { points: curves.remove(0), spread: Vec::new() },
        _ => averaged(&curves),
    };
    if curve.points.is_empty() {
        return Err(Failure::usage(format!(
            "there is no step at which all of these sessions tell of `{metric}`"
        )));
    }
    let identity = session.identity();
    let seeds = match sessions.len() {
        1 => String::new(),
        count => format!(", {count} runs"),
    };
    let title = format!("{metric}: {} in {}{seeds}", identity.agent, identity.env);
    Ok(Chart { title, across: "steps".to_owned(), curve })
}

fn unknown(session: &str, metric: &str, model: &Model) -> Failure {
    let names: Vec<&str> = model.series.keys().map(String::as_str).collect();
    let name = shown(session);
    Failure::usage(match names.as_slice() {
        [] => format!("session `{name}` tells of no numbers, so there is no curve to draw"),
        names => {
            let meant = closest(metric, names).map(|close| format!("; did you mean `{close}`?"));
            format!(
                "session `{name}` tells of no `{metric}`, it tells of {}{}",
                names.join(", "),
                meant.unwrap_or_default()
            )
        }
    })
}
