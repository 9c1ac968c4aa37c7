//! The mouse: clicks mean what the key for the same thing means.

use super::{Effect, act, charts, guide, prompts};
use crate::action::Action;
use crate::plot::Placed;
use crate::state::{Hit, Overlay, Screen, State};
use crate::term::Key;
use crate::term::input::{Mouse, MouseKind};
use ratatui::layout::{Position, Rect};

pub(super) fn update(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    let at = Position::new(mouse.column, mouse.row);
    let corner = (mouse.column, mouse.row);
    match mouse.kind {
        // A box is drawn with the right button, or with the left one and shift or control.
        MouseKind::Down(0) if mouse.shift => state.zoom_box = chart(state, at).map(|_| [corner; 2]),
        MouseKind::Down(2) => state.zoom_box = chart(state, at).map(|_| [corner; 2]),
        MouseKind::Drag(_) if state.zoom_box.is_some() => {
            state.zoom_box = state.zoom_box.map(|[first, _]| [first, corner]);
        }
        MouseKind::Up(_) if state.zoom_box.is_some() => zoom_into(state),
        MouseKind::Down(0) => {
            state.drag = Some(corner);
            return hit(state, at).map_or_else(Vec::new, |hit| click(state, hit));
        }
        MouseKind::Drag(0) if state.is_scrubbing => scrub(state, mouse.column),
        MouseKind::Drag(0) => drag(state, mouse),
        MouseKind::Up(_) if state.is_scrubbing => {
            (state.is_scrubbing, state.drag) = (false, None);
            return super::replay::open_here(state);
        }
        MouseKind::WheelUp | MouseKind::WheelDown => return wheel(state, mouse),
        MouseKind::Up(_) => state.drag = None,
        MouseKind::Move => {
            let placed = chart(state, at);
            state.looks_mut().hover = placed.map(|(_, placed)| placed.x_at(mouse.column));
        }
        _ => {}
    }
    Vec::new()
}

/// Looks at what lies in the box that was drawn; a box of one cell is a place for the crosshair.
fn zoom_into(state: &mut State) {
    let Some([a, b]) = state.zoom_box.take() else { return };
    let Some((name, placed)) = chart(state, Position::new(a.0, a.1)) else { return };
    if a.0 == b.0 {
        state.looks_mut().cross = Some(placed.x_at(a.0));
        return;
    }
    let (left, right) = (a.0.min(b.0), a.0.max(b.0).min(placed.area.right().saturating_sub(1)));
    let window = (placed.x_at(left), placed.x_at(right));
    if window.1 > window.0 {
        state.looks_mut().window = Some(window);
    }
    if name == "return" && a.1 != b.1 {
        let scale = state.looks().scales.get(&name).copied().unwrap_or_default();
        let lowest = placed.area.bottom().saturating_sub(1);
        let (top, bottom) = (a.1.min(b.1), a.1.max(b.1).min(lowest));
        state.looks_mut().range = Some((placed.y_at(bottom, scale), placed.y_at(top, scale)));
    }
}

fn inside(area: Rect, at: Position) -> bool {
    area.contains(at)
}

/// The frontmost thing there.
fn hit(state: &State, at: Position) -> Option<Hit> {
    let hits = state.map.hits.iter().rev();
    hits.filter(|(area, _)| inside(*area, at)).map(|(_, hit)| *hit).next()
}

fn chart(state: &State, at: Position) -> Option<(String, Placed)> {
    if state.overlay.is_some() {
        return None;
    }
    state.map.charts.iter().find(|(_, placed)| inside(placed.area, at)).cloned()
}

fn click(state: &mut State, hit: Hit) -> Vec<Effect> {
    match (hit, &mut state.overlay) {
        (Hit::Choice(choice), Some(Overlay::Quit { .. })) => {
            prompts::answer(state, prompts::CHOICES[choice.min(2)])
        }
        (Hit::Choice(choice), Some(Overlay::Palette { line, at })) => {
            let words = line.text();
            *at = choice;
            let found = super::found(state, &words);
            let action = found.get(choice).map(|spec| spec.action);
            state.overlay = None;
            action.map_or_else(Vec::new, |action| act(state, action))
        }
        (Hit::Choice(choice), Some(Overlay::Guide(guide))) => {
            // The first click chooses, the second takes.
            if guide.at == choice {
                return guide::go_on(guide);
            }
            guide.at = choice;
            Vec::new()
        }
        (_, Some(_)) | (Hit::Choice(_), None) => Vec::new(),
        (Hit::Action(action), None) => act(state, action),
        (Hit::Panel(panel), None) => {
            state.panel = panel;
            Vec::new()
        }
        (Hit::Scrubber, None) => {
            state.is_scrubbing = true;
            scrub(state, state.drag.map_or(0, |(column, _)| column));
            Vec::new()
        }
        (Hit::Row(row), None) => {
            match state.screen {
                Screen::Sessions => state.sessions.list.at = row,
                Screen::Plugins => state.plugins.list.at = row,
                Screen::Compare => state.compare.list.at = row,
                Screen::Buffer => state.peek.0.at = row,
                Screen::Cockpit => {
                    state.param = row;
                    state.panel = crate::state::Panel::Params;
                }
                _ => {}
            }
            Vec::new()
        }
    }
}

/// Goes to the place of the whole run under the mouse; the episode there is opened once the button
/// is let go.
fn scrub(state: &mut State, column: u16) {
    let scrubber = state.map.hits.iter().find(|(_, hit)| *hit == Hit::Scrubber);
    let Some((area, _)) = scrubber else { return };
    let along = column.clamp(area.x, area.right()) - area.x;
    let part = f64::from(along) / f64::from(area.width.max(1));
    state.replay.cursor = (part * state.replay.film.track.steps as f64) as u64;
}

/// Moves the charts along with the mouse.
fn drag(state: &mut State, mouse: Mouse) {
    let Some((column, row)) = state.drag else { return };
    let Some((_, placed)) = chart(state, Position::new(column, row)) else { return };
    let part = f64::from(i32::from(column) - i32::from(mouse.column))
        / f64::from(placed.area.width.max(1));
    charts::pan(state, part);
    state.drag = Some((mouse.column, row));
}

fn wheel(state: &mut State, mouse: Mouse) -> Vec<Effect> {
    let is_up = mouse.kind == MouseKind::WheelUp;
    if let Some((_, placed)) = chart(state, Position::new(mouse.column, mouse.row)) {
        let x = placed.x_at(mouse.column);
        charts::zoom(state, if is_up { 0.8 } else { 1.25 }, Some(x));
        return Vec::new();
    }
    let (name, action) = if is_up { ("up", Action::Up) } else { ("down", Action::Down) };
    match (&state.overlay, Key::named(name)) {
        // What lies behind stays where it is.
        (Some(_), Some(key)) => (0..3).flat_map(|_| prompts::press(state, key)).collect(),
        _ => act(state, action),
    }
}
