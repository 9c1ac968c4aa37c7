//! What is asked of a run: pause, step, edit, undo, save, stop.

use super::Effect;
use crate::action::Action;
use crate::line::Line;
use crate::run::Asked;
use crate::state::{Overlay, Prompt, State};
use thorndike_engine::drive::{Command, Phase, Stride};

/// Whether the action is asked of a run.
pub(super) fn means(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Pause
            | A::StepRound
            | A::StepUpdate
            | A::StepEpisode
            | A::RunUntil
            | A::Edit
            | A::Undo
            | A::Redo
            | A::Snapshot
            | A::Stop
            | A::Mend
            | A::Branch
            | A::Tag
            | A::Note
            | A::NextLane
            | A::Picture
            | A::NextAlert
            | A::Explain
    )
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let at = state.run;
    if action == Action::Undo && state.screen == crate::state::Screen::Sessions {
        return vec![Effect::Undelete];
    }
    if matches!(action, Action::Branch | Action::Tag | Action::Note) {
        return of_session(state, action);
    }
    if state.current().is_none() {
        state.toast("there is no run; N begins one");
        return Vec::new();
    }
    let ask = |command| vec![Effect::Ask(at, command)];
    match action {
        Action::Pause => {
            let running = state.current().is_some_and(|run| run.phase == Phase::Running);
            ask(if running { Command::Pause } else { Command::Resume })
        }
        Action::StepRound => ask(Command::Step(Stride::Round)),
        Action::StepUpdate => ask(Command::Step(Stride::Update)),
        Action::StepEpisode => ask(Command::Step(Stride::Episode)),
        Action::Snapshot => ask(Command::Save),
        Action::Stop => ask(Command::Stop),
        Action::Mend => ask(Command::Mend),
        Action::RunUntil => prompt(state, Prompt::Until, "return>="),
        Action::Edit => edit(state),
        Action::Undo | Action::Redo => undo(state, action),
        Action::NextLane => {
            let Some(run) = state.current_mut() else { return Vec::new() };
            run.lane = (run.lane + 1) % run.lanes.len().max(1);
            run.awaited.0 = false;
            super::look_again(state)
        }
        Action::Picture => {
            state.shows_picture = !state.shows_picture;
            super::look_again(state)
        }
        Action::NextAlert => to_alert(state),
        _ => explain(state),
    }
}

/// What is done to a session, whether its run is under way or not.
fn of_session(state: &mut State, action: Action) -> Vec<Effect> {
    let Some(session) = super::lists::meant(state) else {
        state.toast("there is no session yet; N begins a run");
        return Vec::new();
    };
    match action {
        Action::Branch => vec![Effect::Branch(session)],
        Action::Tag => prompt(state, Prompt::Tag, ""),
        _ => {
            // A note is one text, which is written on.
            let rows = state.sessions.rows.iter().flatten();
            let note = rows.filter(|row| row.name == session).map(|row| row.note.clone()).next();
            prompt(state, Prompt::Note, &note.unwrap_or_default())
        }
    }
}

fn prompt(state: &mut State, prompt: Prompt, text: &str) -> Vec<Effect> {
    state.overlay = Some(Overlay::Prompt { prompt, line: Line::of(text), error: None });
    Vec::new()
}

/// Writes the chosen live param.
fn edit(state: &mut State) -> Vec<Effect> {
    let chosen = state.param;
    let Some(run) = state.current() else { return Vec::new() };
    let specs = &run.about.specs;
    if !specs.iter().any(|spec| spec.live) {
        let agent = run.about.agent.clone();
        state.toast(format!("no param of {agent} may change during a run"));
        return Vec::new();
    }
    let chosen = specs.get(chosen).filter(|spec| spec.live);
    let spec = chosen.or(specs.iter().find(|spec| spec.live)).expect("there is one");
    let name = spec.name.clone();
    let value = run.params.get(&name).unwrap_or(&spec.default).to_string();
    state.param = state
        .current()
        .and_then(|run| run.about.specs.iter().position(|spec| spec.name == name))
        .unwrap_or(0);
    prompt(state, Prompt::Param(name), &value)
}

fn undo(state: &mut State, action: Action) -> Vec<Effect> {
    let at = state.run;
    let Some(run) = state.current_mut() else { return Vec::new() };
    let (values, asked) = if action == Action::Undo {
        (run.edits.0.last().map(|edit| edit.before.clone()), Asked::Undo)
    } else {
        (run.edits.1.last().map(|edit| edit.after.clone()), Asked::Redo)
    };
    // Until the answer has come nobody knows what the latest edit is.
    if !run.asked.is_empty() {
        return Vec::new();
    }
    if let Some(values) = values {
        run.asked.push_back(asked);
        return vec![Effect::Ask(at, Command::Edit(values))];
    }
    state.toast(match asked {
        Asked::Redo => "no edit was taken back",
        _ => "there is no edit to take back",
    });
    Vec::new()
}

fn to_alert(state: &mut State) -> Vec<Effect> {
    let Some(run) = state.current() else { return Vec::new() };
    match run.alerts.last().map(|(alert, _)| alert.steps) {
        Some(steps) => state.charts.cross = Some(steps as f64),
        None => state.toast("there is no alert"),
    }
    Vec::new()
}

fn explain(state: &mut State) -> Vec<Effect> {
    let Some(run) = state.current() else { return Vec::new() };
    match run.alerts.last() {
        Some((alert, diagnosis)) => {
            let mut lines = vec![format!("at step {}: {}", alert.steps, alert.message)];
            if let Some(diagnosis) = diagnosis {
                lines.push(String::new());
                lines.push(format!("What it means: {}.", diagnosis.means));
                lines.push(String::new());
                lines.push(format!("What usually helps: {}.", diagnosis.helps));
            }
            state.overlay = Some(Overlay::Text { title: alert.topic.clone(), lines, top: 0 });
        }
        None => state.toast("there is no alert"),
    }
    Vec::new()
}
