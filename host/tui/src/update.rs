//! What happens when something happens: a message changes the state and asks for effects. Nothing
//! in here touches the world.

mod charts;
mod guide;
mod leave;
mod lists;
mod mouse;
mod prompts;
mod replay;
mod steer;

use crate::action::{ACTIONS, Action};
use crate::bench::{About, Curve, Film, Form, NewPlugin, Offer, Pick, Plan, PluginRow, SessionRow};
use crate::line::Line;
use crate::lineage::Stretch;
use crate::run::{Level, RunView};
use crate::state::{GuideStage, Overlay, PANELS, SCREENS, Screen, State};
use crate::term::{Input, Key};
use thorndike_engine::drive::{Command, Delivery, Phase};

/// Something that happened.
#[derive(Debug)]
pub enum Msg<'a> {
    /// From keyboard or mouse.
    Input(Input),
    /// A run told something.
    Delivery(usize, &'a mut Delivery),
    /// Plugins printed lines.
    Printed(Vec<String>),
    /// The terminal has another size.
    Resized(u16, u16),
    /// A run was started, or why not.
    Started(Result<(About, Vec<Stretch>), String>),
    /// The agents there are.
    Agents(Vec<Offer>),
    /// The worlds there are.
    Envs(Vec<Offer>),
    /// What can be set before a run.
    Form(Result<Form, String>),
    /// All sessions.
    Sessions(Result<Vec<SessionRow>, String>),
    /// The returns of a session.
    Curve(String, Result<Curve, String>),
    /// An episode to be looked at.
    Film(Result<Film, String>),
    /// All plugins.
    Plugins(Vec<PluginRow>),
    /// What a check of a plugin found.
    Checked(Vec<String>),
    /// How to go on with a plugin that was just written, or why there is none.
    Scaffolded(Result<Vec<String>, String>),
    /// Something that was asked for was done, or why not.
    Outcome(Result<String, String>),
    /// Somebody outside asked for an end.
    Asked,
}

/// Something to be done in the world.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is a call of `Bench`, of a run, or of the terminal")]
pub enum Effect {
    Ask(usize, Command),
    Start(Plan),
    LoadAgents,
    LoadEnvs(String),
    LoadForm(String, String),
    LoadSessions,
    Resume(String),
    Branch(String),
    Verify(String),
    Delete(String),
    Undelete,
    Tag(String, String),
    Note(String, String),
    LoadCurve(String),
    LoadFilm(String, Pick),
    LoadPlugins(bool),
    Check(String),
    NewPlugin(NewPlugin, String),
    Suspend,
    Redraw,
    Record,
    Export,
    Copy(String),
    Detach,
    Leave,
}

/// Changes the state by what happened.
pub fn update(state: &mut State, msg: Msg<'_>) -> Vec<Effect> {
    match msg {
        Msg::Input(input) => self::input(state, input),
        Msg::Delivery(run, delivery) => delivered(state, run, delivery),
        Msg::Printed(lines) => {
            if let Some(run) = state.current_mut() {
                for line in lines {
                    run.say(Level::Print, line);
                }
            }
            Vec::new()
        }
        Msg::Resized(columns, rows) => {
            state.size = (columns, rows);
            vec![Effect::Redraw]
        }
        Msg::Started(started) => self::started(state, started),
        Msg::Agents(_) | Msg::Envs(_) | Msg::Form(_) => guide::loaded(state, msg),
        Msg::Sessions(_)
        | Msg::Curve(..)
        | Msg::Film(_)
        | Msg::Plugins(_)
        | Msg::Checked(_)
        | Msg::Scaffolded(_) => {
            lists::loaded(state, msg);
            Vec::new()
        }
        Msg::Outcome(outcome) => {
            state.toast(outcome.unwrap_or_else(|error| error));
            if state.screen == Screen::Sessions { vec![Effect::LoadSessions] } else { Vec::new() }
        }
        Msg::Asked => leave::interrupt(state),
    }
}

fn delivered(state: &mut State, run: usize, delivery: &mut Delivery) -> Vec<Effect> {
    let is_shown = run == state.run;
    let (wants_picture, screen) = (state.wants_picture(), state.screen);
    let draw = state.peek.1;
    let Some(view) = state.runs.get_mut(run) else { return Vec::new() };
    let before = view.phase;
    // Lanes are told about twenty times a second; answers alone ask for nothing more.
    let is_beat = !delivery.lanes.is_empty();
    let news = view.fold(delivery);
    let moved = before != view.phase || is_beat;
    let mut effects = Vec::new();
    if is_shown && moved {
        effects.extend(look(view, run, (wants_picture, screen), draw));
    }
    let name = (state.runs.len() > 1).then(|| state.runs[run].about.session.clone());
    for text in news {
        state.toast(name.as_ref().map_or(text.clone(), |name| format!("{name}: {text}")));
    }
    if before != Phase::Ended
        && state.runs[run].phase == Phase::Ended
        && state.runs[run].is_solved()
    {
        state.toast("solved: the mean return of 100 episodes reached its goal");
    }
    if state.is_leaving && !state.is_under_way() {
        effects.push(Effect::Leave);
    }
    effects
}

/// Asks a run for what can be seen of it, at most once before it comes.
fn look(
    view: &mut RunView,
    run: usize,
    (wants_picture, screen): (bool, Screen),
    draw: u64,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if wants_picture && !view.awaited.0 {
        view.awaited.0 = true;
        effects.push(Effect::Ask(run, Command::Picture(view.lane)));
    }
    let wants_buffer = matches!(screen, Screen::Cockpit | Screen::Buffer);
    if wants_buffer && view.report.buffer_fill > 0.0 && !view.awaited.1 {
        view.awaited.1 = true;
        effects.push(Effect::Ask(run, Command::Buffer));
    }
    // Steps stay in front until others are asked for.
    if screen == Screen::Buffer && view.peek.is_none() && wants_buffer && !view.awaited.2 {
        view.awaited.2 = true;
        effects.push(Effect::Ask(run, Command::Peek(draw)));
    }
    effects
}

/// Asks the run in front again for what can be seen, after one looks elsewhere.
fn look_again(state: &mut State) -> Vec<Effect> {
    let wants = (state.wants_picture(), state.screen);
    let (run, draw) = (state.run, state.peek.1);
    state.current_mut().map_or_else(Vec::new, |view| look(view, run, wants, draw))
}

fn started(state: &mut State, started: Result<(About, Vec<Stretch>), String>) -> Vec<Effect> {
    match started {
        Ok((about, past)) => {
            state.toast(format!("{} in {}", about.agent, about.env));
            let mut run = RunView::new(about);
            run.recall(&past);
            state.runs.push(run);
            state.run = state.runs.len() - 1;
            state.screen = Screen::Cockpit;
            state.overlay = None;
            state.charts.window = None;
        }
        Err(error) => match &mut state.overlay {
            Some(Overlay::Guide(guide)) => guide.error = Some(error),
            _ => state.toast(error),
        },
    }
    Vec::new()
}

fn input(state: &mut State, input: Input) -> Vec<Effect> {
    if state.is_too_small() {
        return match input {
            Input::Key(key) => match state.bindings.action(state.scopes(), key) {
                Some(action @ (Action::Quit | Action::Interrupt | Action::Suspend)) => {
                    act(state, action)
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
    }
    match input {
        Input::Key(key) => press(state, key),
        Input::Mouse(mouse) => mouse::update(state, mouse),
        Input::Paste(text) => {
            if let Some(Overlay::Prompt { line, .. } | Overlay::Palette { line, .. }) =
                &mut state.overlay
            {
                line.paste(&text);
            }
            Vec::new()
        }
        Input::Focus(is_focused) => {
            state.is_focused = is_focused;
            Vec::new()
        }
        Input::Resized(..) => Vec::new(),
    }
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    // What always works, whatever is open.
    if let Some(action @ (Action::Interrupt | Action::Suspend | Action::Redraw | Action::Record)) =
        state.bindings.action(state.scopes(), key)
    {
        return act(state, action);
    }
    if state.overlay.is_some() {
        return prompts::press(state, key);
    }
    match state.bindings.action(state.scopes(), key) {
        Some(action) => act(state, action),
        None => Vec::new(),
    }
}

/// Does what was asked for, by key, palette or mouse alike.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some((screen, _, _)) = SCREENS.iter().find(|(_, _, opens)| *opens == action) {
        return open_screen(state, *screen);
    }
    match action {
        Action::Palette => open(state, Overlay::Palette { line: Line::default(), at: 0 }),
        Action::Help => open(state, Overlay::Help { line: Line::default(), top: 0 }),
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Quit => leave::quit(state),
        Action::Detach => leave::detach(state),
        Action::Interrupt => leave::interrupt(state),
        Action::Record => vec![Effect::Record],
        Action::Export => vec![Effect::Export],
        Action::Theme => next_theme(state),
        Action::NewRun => {
            state.overlay = Some(Overlay::Guide(Box::default()));
            vec![Effect::LoadAgents]
        }
        Action::NextRun => {
            state.run = (state.run + 1) % state.runs.len().max(1);
            state.charts.window = None;
            look_again(state)
        }
        Action::NextFocus | Action::PreviousFocus => move_focus(state, action),
        Action::Back => back(state),
        Action::Copy => charts::copy(state),
        _ if replay::means(action) => replay::act(state, action),
        _ if steer::means(action) => steer::act(state, action),
        _ if charts::means(state, action) => charts::act(state, action),
        _ => lists::act(state, action),
    }
}

fn open(state: &mut State, overlay: Overlay) -> Vec<Effect> {
    state.overlay = Some(overlay);
    Vec::new()
}

fn open_screen(state: &mut State, screen: Screen) -> Vec<Effect> {
    let meant = lists::meant(state);
    state.screen = screen;
    state.is_alone = false;
    let mut effects = look_again(state);
    match screen {
        // With nothing open yet, the latest episode of whatever one looks at is.
        Screen::Replay if state.replay.film.frames.is_empty() => {
            effects.extend(meant.map(|session| Effect::LoadFilm(session, Pick::Latest)));
        }
        Screen::Sessions => effects.push(Effect::LoadSessions),
        Screen::Compare if state.sessions.rows.is_none() || state.is_under_way() => {
            effects.push(Effect::LoadSessions);
        }
        Screen::Plugins if state.plugins.rows.is_none() => effects.push(Effect::LoadPlugins(false)),
        _ => {}
    }
    effects
}

fn next_theme(state: &mut State) -> Vec<Effect> {
    let themes = crate::theme::THEMES;
    let at = themes.iter().position(|theme| theme.name == state.theme.name).unwrap_or(0);
    state.theme = themes[(at + 1) % themes.len()];
    state.is_theme_chosen = true;
    state.toast(format!("colors: {}", state.theme.name));
    Vec::new()
}

fn move_focus(state: &mut State, action: Action) -> Vec<Effect> {
    if state.screen != Screen::Cockpit {
        return Vec::new();
    }
    let at = PANELS.iter().position(|panel| *panel == state.panel).unwrap_or(0);
    let by = if action == Action::NextFocus { 1 } else { PANELS.len() - 1 };
    state.panel = PANELS[(at + by) % PANELS.len()];
    look_again(state)
}

fn back(state: &mut State) -> Vec<Effect> {
    if state.looks_mut().cross.take().is_some() {
        return Vec::new();
    }
    state.is_alone = false;
    if state.screen != Screen::Cockpit && !state.runs.is_empty() {
        state.screen = Screen::Cockpit;
    }
    look_again(state)
}

/// The visible part of the x axis, in steps.
pub fn window(state: &State) -> Option<(f64, f64)> {
    charts::window(state)
}

/// Actions whose name or sentence holds all words that were written, the closest first.
pub fn found(state: &State, words: &str) -> Vec<&'static crate::action::Spec> {
    let words = words.to_lowercase();
    let scopes = state.scopes();
    let mut all: Vec<_> = ACTIONS
        .iter()
        .filter(|spec| scopes.contains(&spec.scope))
        .filter(|spec| {
            let text = format!("{} {}", spec.name, spec.says).to_lowercase();
            words.split_whitespace().all(|word| text.contains(word))
        })
        .collect();
    all.sort_by_key(|spec| {
        let begins = spec.name.starts_with(words.trim());
        (!begins, !spec.name.contains(words.trim()))
    });
    all
}

/// Whether the guided start should open: there is nothing else to see.
pub fn begin(state: &mut State, is_empty: bool) -> Vec<Effect> {
    if !state.runs.is_empty() {
        return Vec::new();
    }
    state.screen = Screen::Sessions;
    let mut effects = vec![Effect::LoadSessions];
    if is_empty {
        state.overlay = Some(Overlay::Guide(Box::new(crate::state::Guide {
            stage: GuideStage::Agent,
            ..Default::default()
        })));
        effects.push(Effect::LoadAgents);
    }
    effects
}

#[cfg(test)]
mod tests;
