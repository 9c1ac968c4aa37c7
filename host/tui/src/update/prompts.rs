//! Keys while something is open in front: palette, help, prompts, questions.

use super::leave::stop_all;
use super::{Effect, act, found, guide};
use crate::bench::NewPlugin;
use crate::line::Line;
use crate::run::Asked;
use crate::state::{Overlay, Prompt, QuitChoice, Screen, State};
use crate::term::{Code, Key};
use plugin_api::params::Values;
use thorndike_engine::drive::Command;
use thorndike_engine::run::until;

pub(super) fn press(state: &mut State, key: Key) -> Vec<Effect> {
    let Some(overlay) = state.overlay.take() else { return Vec::new() };
    match overlay {
        Overlay::Palette { line, at } => palette(state, key, line, at),
        Overlay::Help { line, top } => {
            help(state, key, line, top);
            Vec::new()
        }
        Overlay::Prompt { prompt, line, .. } => write(state, key, prompt, line),
        Overlay::Quit { choice } => quit(state, key, choice),
        Overlay::Text { title, lines, top } => {
            let top = match key.code {
                Code::Esc | Code::Enter | Code::Char('q' | ' ') => return Vec::new(),
                Code::Up | Code::Char('k') => top.saturating_sub(1),
                Code::Down | Code::Char('j') => (top + 1).min(lines.len()),
                Code::PageUp => top.saturating_sub(10),
                Code::PageDown => (top + 10).min(lines.len()),
                _ => top,
            };
            state.overlay = Some(Overlay::Text { title, lines, top });
            Vec::new()
        }
        Overlay::Guide(guide) => guide::press(state, key, guide),
    }
}

fn palette(state: &mut State, key: Key, mut line: Line, mut at: usize) -> Vec<Effect> {
    let found = found(state, &line.text());
    match key.code {
        Code::Esc => return Vec::new(),
        Code::Enter => {
            return found.get(at).map_or_else(Vec::new, |spec| act(state, spec.action));
        }
        Code::Up => at = at.saturating_sub(1),
        Code::Down | Code::Tab => at = (at + 1).min(found.len().saturating_sub(1)),
        _ => {
            if line.press(key) {
                at = 0;
            }
        }
    }
    state.overlay = Some(Overlay::Palette { line, at });
    Vec::new()
}

fn help(state: &mut State, key: Key, mut line: Line, mut top: usize) {
    match key.code {
        Code::Esc | Code::Enter => return,
        Code::Up => top = top.saturating_sub(1),
        Code::Down => top += 1,
        Code::PageUp => top = top.saturating_sub(10),
        Code::PageDown => top += 10,
        _ => {
            if line.press(key) {
                top = 0;
            }
        }
    }
    state.overlay = Some(Overlay::Help { line, top });
}

fn write(state: &mut State, key: Key, prompt: Prompt, mut line: Line) -> Vec<Effect> {
    match key.code {
        Code::Esc => {
            if prompt == Prompt::Filter {
                super::lists::set_filter(state, "");
            }
            return Vec::new();
        }
        Code::Enter => {
            return match finish(state, &prompt, &line.text()) {
                Ok(effects) => effects,
                Err(error) => {
                    state.overlay = Some(Overlay::Prompt { prompt, line, error: Some(error) });
                    Vec::new()
                }
            };
        }
        Code::Up | Code::Down | Code::Tab => {
            if let Prompt::Param(name) = &prompt {
                return other_param(state, name, key);
            }
        }
        _ => {
            line.press(key);
        }
    }
    if prompt == Prompt::Filter {
        super::lists::set_filter(state, &line.text());
    }
    state.overlay = Some(Overlay::Prompt { prompt, line, error: None });
    Vec::new()
}

/// Goes on to the next or the previous param that may change.
fn other_param(state: &mut State, name: &str, key: Key) -> Vec<Effect> {
    let Some(run) = state.current() else { return Vec::new() };
    let live: Vec<usize> =
        (0..run.about.specs.len()).filter(|&idx| run.about.specs[idx].live).collect();
    let at = live.iter().position(|&idx| run.about.specs[idx].name == name).unwrap_or(0);
    let by = if key.code == Code::Up { live.len() - 1 } else { 1 };
    state.param = live[(at + by) % live.len()];
    act(state, crate::action::Action::Edit)
}

fn finish(state: &mut State, prompt: &Prompt, text: &str) -> Result<Vec<Effect>, String> {
    let at = state.run;
    match prompt {
        Prompt::Param(name) => {
            let run = state.current_mut().ok_or("there is no run")?;
            let spec = run.about.specs.iter().find(|spec| spec.name == *name);
            let spec = spec.ok_or_else(|| format!("there is no param `{name}`"))?;
            let value = spec.parse(text).map_err(|error| error.to_string())?;
            if run.params.get(name) == Some(&value) {
                return Ok(Vec::new());
            }
            run.asked.push_back(Asked::Edit);
            let values = Values::from([(name.clone(), value)]);
            Ok(vec![Effect::Ask(at, Command::Edit(values))])
        }
        Prompt::Until => Ok(vec![Effect::Ask(at, Command::Until(until::parse(text)?))]),
        Prompt::Tag | Prompt::Note => {
            let session = super::lists::meant(state).ok_or("there is no session")?;
            let text = text.to_owned();
            Ok(vec![match prompt {
                Prompt::Tag => Effect::Tag(session, text),
                _ => Effect::Note(session, text),
            }])
        }
        Prompt::Filter => {
            super::lists::set_filter(state, text);
            Ok(Vec::new())
        }
        Prompt::NewPlugin => {
            let (kind, name) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
            let kind = match kind {
                "agent" => NewPlugin::Agent,
                "env" => NewPlugin::Env,
                _ => return Err("begin with `agent` or `env`, then its name".to_owned()),
            };
            // What is wrong with the name is said where it can be mended.
            let (prompt, line) = (Prompt::NewPlugin, Line::of(text));
            state.overlay = Some(Overlay::Prompt { prompt, line, error: None });
            Ok(vec![Effect::NewPlugin(kind, name.trim().to_owned())])
        }
    }
}

/// The answers to the question about quitting, in the order in which they are shown.
pub(super) const CHOICES: [QuitChoice; 3] =
    [QuitChoice::Detach, QuitChoice::Stop, QuitChoice::Stay];

fn quit(state: &mut State, key: Key, choice: QuitChoice) -> Vec<Effect> {
    let at = CHOICES.iter().position(|known| *known == choice).unwrap_or(0);
    let choice = match key.code {
        Code::Esc | Code::Char('c' | 'n') => return Vec::new(),
        Code::Left | Code::Up | Code::Char('h') => CHOICES[(at + 2) % 3],
        Code::Right | Code::Tab | Code::Down | Code::Char('l') => CHOICES[(at + 1) % 3],
        Code::Char('d') => return answer(state, QuitChoice::Detach),
        Code::Char('s' | 'q' | 'y') => return answer(state, QuitChoice::Stop),
        Code::Enter => return answer(state, choice),
        _ => choice,
    };
    state.overlay = Some(Overlay::Quit { choice });
    Vec::new()
}

/// What the answer to the question about quitting brings.
pub(super) fn answer(state: &mut State, choice: QuitChoice) -> Vec<Effect> {
    state.overlay = None;
    match choice {
        QuitChoice::Stay => Vec::new(),
        QuitChoice::Detach => vec![Effect::Detach],
        QuitChoice::Stop => {
            state.is_leaving = true;
            state.toast("stopping and saving");
            stop_all(state)
        }
    }
}

/// The list behind the overlay has something to filter.
pub(super) fn open_filter(state: &mut State) {
    if matches!(state.screen, Screen::Sessions | Screen::Plugins | Screen::Log | Screen::Compare) {
        let text = super::lists::filter(state);
        let line = Line::of(&text);
        state.overlay = Some(Overlay::Prompt { prompt: Prompt::Filter, line, error: None });
    }
}
