//! Screens that are lists: moving about, filtering, opening, and what belongs to one row.

use super::{Effect, Msg, prompts};
use crate::action::Action;
use crate::bench::Pick;
use crate::line::Line;
use crate::run::Level;
use crate::state::{Compared, ListView, Overlay, Panel, Prompt, ReplayView, Screen, State};

pub(super) fn loaded(state: &mut State, msg: Msg<'_>) {
    match msg {
        Msg::Sessions(Ok(rows)) => {
            // What stands side by side may have gone on.
            for taken in &mut state.compare.taken {
                let fresh = rows.iter().find(|row| row.name == taken.row.name);
                taken.row = fresh.unwrap_or(&taken.row).clone();
            }
            state.sessions.rows = Some(rows);
            let count = state.sessions.shown().len();
            state.sessions.list.step(0, count);
        }
        Msg::Sessions(Err(error)) | Msg::Curve(_, Err(error)) | Msg::Film(Err(error)) => {
            state.toast(error);
        }
        Msg::Film(Ok(film)) => {
            let due = Some(state.now + 1.0 / state.replay.speed);
            let here = film.track.recorded.get(film.at).map_or(0, |recorded| recorded.steps);
            let is_same = state.replay.film.session == film.session;
            // Whoever scrubs stays where he is.
            let cursor = if is_same { state.replay.cursor } else { here };
            let speed = state.replay.speed;
            state.replay = ReplayView { film, due, speed, at: 0, cursor };
            state.screen = Screen::Replay;
        }
        Msg::Curve(name, Ok(curve)) => {
            let row = state.sessions.rows.iter().flatten().find(|row| row.name == name);
            if let Some(row) = row.cloned() {
                state.compare.take(Compared::new(row, curve));
            }
        }
        Msg::Plugins(rows) => state.plugins.rows = Some(rows),
        Msg::Scaffolded(Ok(lines)) => {
            state.overlay = Some(Overlay::Text { title: "a new plugin".to_owned(), lines, top: 0 });
        }
        Msg::Scaffolded(Err(error)) => {
            if let Some(Overlay::Prompt { error: shown, .. }) = &mut state.overlay {
                *shown = Some(error);
            }
        }
        Msg::Checked(lines) => {
            let title = "check".to_owned();
            state.overlay = Some(Overlay::Text { title, lines: lines.clone(), top: 0 });
            state.plugins.check = lines;
        }
        _ => {}
    }
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let page = state.map.page.max(1) as i64;
    match action {
        Action::Up => step(state, -1),
        Action::Down => step(state, 1),
        Action::PageUp => step(state, -page),
        Action::PageDown => step(state, page),
        Action::First => step(state, i64::MIN / 2),
        Action::Last => step(state, i64::MAX / 2),
        Action::Filter => {
            prompts::open_filter(state);
            Vec::new()
        }
        Action::Open => open(state),
        Action::Refresh if state.screen == Screen::Plugins => vec![Effect::LoadPlugins(true)],
        Action::Refresh => vec![Effect::LoadSessions],
        Action::Resume => of_session(state, Effect::Resume),
        Action::Watch => of_session(state, |name| Effect::LoadFilm(name, Pick::Latest)),
        Action::Draw => draw(state),
        Action::Verify => of_session(state, Effect::Verify),
        Action::Delete => of_session(state, Effect::Delete),
        Action::Select => select(state),
        Action::SelectAll => select_all(state),
        Action::Group => {
            state.compare.is_grouped = !state.compare.is_grouped;
            state.compare.regroup();
            Vec::new()
        }
        Action::NewPlugin => {
            let (prompt, line) = (Prompt::NewPlugin, Line::of("agent my-agent"));
            state.overlay = Some(Overlay::Prompt { prompt, line, error: None });
            Vec::new()
        }
        Action::Check => {
            let chosen =
                state.plugins.shown().get(state.plugins.list.at).map(|row| row.path.clone());
            chosen.map_or_else(Vec::new, |path| vec![Effect::Check(path)])
        }
        _ => Vec::new(),
    }
}

fn of_session(state: &State, effect: fn(String) -> Effect) -> Vec<Effect> {
    let rows = state.sessions.shown();
    rows.get(state.sessions.list.at).map_or_else(Vec::new, |row| vec![effect(row.name.clone())])
}

/// The session that is meant: the chosen one of the list of sessions, else that of the run.
pub(super) fn meant(state: &State) -> Option<String> {
    if state.screen == Screen::Sessions {
        return state.sessions.shown().get(state.sessions.list.at).map(|row| row.name.clone());
    }
    state.current().map(|run| run.about.session.clone())
}

fn step(state: &mut State, by: i64) -> Vec<Effect> {
    match state.screen {
        Screen::Sessions => {
            let count = state.sessions.shown().len();
            state.sessions.list.step(by, count);
        }
        Screen::Plugins => {
            let count = state.plugins.shown().len();
            state.plugins.list.step(by, count);
        }
        Screen::Compare => {
            let count = state.comparable().count();
            state.compare.list.step(by, count);
        }
        Screen::Log => {
            let count = state.current().map_or(0, |run| run.log.len()) as i64;
            let back = state.log.back as i64;
            state.log.back = back.saturating_sub(by).clamp(0, count) as usize;
        }
        Screen::Cockpit => {
            let count = state.current().map_or(0, |run| run.about.specs.len());
            let mut list = ListView { at: state.param, ..ListView::default() };
            if state.panel == Panel::Params {
                list.step(by, count);
            }
            state.param = list.at;
        }
        Screen::Buffer => {
            let rows = state.current().and_then(|run| run.peek.as_ref());
            let count = rows.map_or(0, |peek| peek.rows.len());
            state.peek.0.step(by, count);
        }
        Screen::Replay => {}
    }
    Vec::new()
}

fn open(state: &mut State) -> Vec<Effect> {
    match state.screen {
        Screen::Cockpit if state.panel == Panel::Params && state.is_alone => {
            super::act(state, Action::Edit)
        }
        Screen::Cockpit => {
            state.is_alone = !state.is_alone;
            super::look_again(state)
        }
        Screen::Sessions => of_session(state, Effect::Resume),
        Screen::Compare => select(state),
        Screen::Log => {
            // The next level: everything, then what is more than a print, and so on.
            state.log.level = match state.log.level {
                Level::Print => Level::Info,
                Level::Info => Level::Edit,
                Level::Edit => Level::Warn,
                Level::Warn => Level::Error,
                Level::Error => Level::Print,
            };
            Vec::new()
        }
        Screen::Replay => super::replay::open_here(state),
        Screen::Buffer => draw(state),
        Screen::Plugins => {
            let shown = state.plugins.shown();
            let Some(plugin) = shown.get(state.plugins.list.at) else { return Vec::new() };
            let (title, lines) = (plugin.name.clone(), plugin.lines());
            state.overlay = Some(Overlay::Text { title, lines, top: 0 });
            Vec::new()
        }
    }
}

/// Draws other steps from the memory.
fn draw(state: &mut State) -> Vec<Effect> {
    state.peek.1 += 1;
    if let Some(run) = state.current_mut() {
        run.peek = None;
        run.awaited.2 = false;
    }
    super::look_again(state)
}

/// Takes the chosen session in, or leaves it out.
fn select(state: &mut State) -> Vec<Effect> {
    let Some(name) = state.compared().map(str::to_owned) else { return Vec::new() };
    if state.compare.taken.iter().any(|taken| taken.row.name == name) {
        state.compare.keep(|taken| taken.row.name != name);
        return Vec::new();
    }
    vec![Effect::LoadCurve(name)]
}

/// Takes in all sessions that pass the filter; leaves them out where all are in already.
fn select_all(state: &mut State) -> Vec<Effect> {
    let shown: Vec<String> = state.comparable().map(|row| row.name.clone()).collect();
    let is_in = |name: &&String| state.compare.taken.iter().any(|taken| taken.row.name == **name);
    let missing: Vec<String> = shown.iter().filter(|name| !is_in(name)).cloned().collect();
    if missing.is_empty() {
        state.compare.keep(|taken| !shown.contains(&taken.row.name));
    }
    missing.into_iter().map(Effect::LoadCurve).collect()
}

/// The filter of the list in front.
pub(super) fn filter(state: &State) -> String {
    match state.screen {
        Screen::Sessions => state.sessions.list.filter.clone(),
        Screen::Plugins => state.plugins.list.filter.clone(),
        Screen::Log => state.log.list.filter.clone(),
        Screen::Compare => state.compare.list.filter.clone(),
        _ => String::new(),
    }
}

pub(super) fn set_filter(state: &mut State, text: &str) {
    let list = match state.screen {
        Screen::Sessions => &mut state.sessions.list,
        Screen::Plugins => &mut state.plugins.list,
        Screen::Log => &mut state.log.list,
        Screen::Compare => &mut state.compare.list,
        _ => return,
    };
    text.clone_into(&mut list.filter);
    list.at = 0;
    state.log.back = 0;
}
