//! The picture of the screen: a pure function of the state.

mod brush;
mod buffer;
mod cockpit;
mod compare;
mod front;
mod guide;
mod listing;
mod panels;
mod replay;

pub use brush::Brush;

use crate::action::{ACTIONS, Action, Spec, spec};
use crate::picture::{self, Look};
use crate::plot::short;
use crate::run::RunView;
use crate::state::{Charts, Hit, Map, SCREENS, SMALLEST, Screen, Shown, State};
use plugin_api::scene::Scene;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use thorndike_engine::drive::Phase;

/// How much there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A few words.
    Tiny,
    /// A chart and a line.
    Small,
    /// Charts and the most important numbers.
    Medium,
    /// Everything.
    Large,
}

/// How much a screen of this size has room for.
pub fn tier((columns, rows): (u16, u16)) -> Tier {
    match (columns, rows) {
        (110.., 34..) => Tier::Large,
        (80.., 24..) => Tier::Medium,
        (50.., 14..) => Tier::Small,
        _ => Tier::Tiny,
    }
}

/// Draws the screen, and says what the mouse can do there.
pub fn draw(state: &State, buffer: &mut Buffer) -> Map {
    let area = buffer.area;
    let mut brush = Brush::new(buffer, state.theme, state.glyphs);
    if state.is_too_small() {
        let (columns, rows) = SMALLEST;
        brush.text(area.x, area.y, area.width, &format!("needs {columns}x{rows}"));
        return brush.map;
    }
    if tier(state.size) == Tier::Tiny {
        cockpit::tiny(state, &mut brush, area);
    } else {
        let inner = Rect::new(area.x, area.y + 1, area.width, area.height - 2);
        header(state, &mut brush, Rect::new(area.x, area.y, area.width, 1));
        match state.screen {
            Screen::Cockpit => cockpit::draw(state, &mut brush, inner),
            Screen::Compare => compare::draw(state, &mut brush, inner),
            Screen::Replay => replay::draw(state, &mut brush, inner),
            Screen::Sessions => listing::sessions(state, &mut brush, inner),
            Screen::Buffer => buffer::draw(state, &mut brush, inner),
            Screen::Plugins => listing::plugins(state, &mut brush, inner),
            Screen::Log => listing::log(state, &mut brush, inner),
        }
        footer(state, &mut brush, Rect::new(area.x, area.bottom() - 1, area.width, 1));
    }
    if let Some([a, b]) = state.zoom_box {
        let (left, top) = (a.0.min(b.0), a.1.min(b.1));
        let field = Rect::new(left, top, a.0.abs_diff(b.0) + 1, a.1.abs_diff(b.1) + 1);
        let chosen = brush.theme.chosen();
        brush.buffer.set_style(field.intersection(area), chosen);
    }
    front::draw(state, &mut brush, area);
    brush.map
}

fn header(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let mut x = area.x + 1;
    let is_wide = area.width >= 110;
    if is_wide {
        x += brush.styled(x, area.y, "THORNDIKE", theme.accent()) + 2;
    }
    for (number, (screen, name, action)) in SCREENS.iter().enumerate() {
        let name: String = name.chars().take(if is_wide { 8 } else { 4 }).collect();
        let text = format!("{}{}{name}", number + 1, if is_wide { " " } else { "" });
        let style = if *screen == state.screen { theme.chosen() } else { theme.dim() };
        let wide = brush.styled(x, area.y, &text, style);
        brush.hit(Rect::new(x, area.y, wide, 1), Hit::Action(*action));
        x += wide + if is_wide { 2 } else { 1 };
    }
    let Some(run) = state.current() else { return };
    let mut words = Vec::new();
    if state.runs.len() > 1 {
        words.push(format!("run {}/{}", state.run + 1, state.runs.len()));
    }
    if run.left_out > 0 {
        words.push(format!("left out {}", short(run.left_out as f64)));
    }
    if state.is_recording {
        words.push("REC".to_owned());
    }
    let word = run.word();
    let left = words.join("  ");
    let room = area.right().saturating_sub(x + 2);
    let needed = (left.chars().count() + word.len() + 3) as u16;
    if needed <= room {
        let at = area.right() - needed;
        brush.styled(at, area.y, &left, theme.dim());
        let style = phase_style(brush, run.phase);
        brush.styled(area.right() - word.len() as u16 - 1, area.y, word, style);
    }
}

fn phase_style(brush: &Brush<'_>, phase: Phase) -> ratatui::style::Style {
    let theme = brush.theme;
    let color = match phase {
        Phase::Running => theme.good,
        Phase::Paused => theme.warn,
        Phase::Failed => theme.bad,
        Phase::Ended => theme.accent,
    };
    theme.title().fg(color)
}

/// What is shown at the foot of every screen, however little room there is.
const ALWAYS: [Action; 3] = [Action::Palette, Action::Help, Action::Quit];

/// The keys that matter here, as many as there is room for.
fn footer(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let mut own: Vec<&Spec> = Vec::new();
    for scope in state.scopes() {
        own.extend(ACTIONS.iter().filter(|spec| spec.scope == *scope));
    }
    own.retain(|spec| !spec.hint.is_empty() && !ALWAYS.contains(&spec.action));
    let key = |spec: &Spec| state.bindings.key(spec.action);
    let wide = |spec: &Spec| (key(spec).chars().count() + 1 + spec.hint.chars().count()) as u16;
    let always = ALWAYS.map(spec);
    let mut room = area.width.saturating_sub(1);
    let mut shown = Vec::new();
    for spec in always.into_iter().filter(|spec| !key(spec).is_empty()) {
        room = room.saturating_sub(wide(spec) + 2);
    }
    for spec in own.into_iter().filter(|spec| !key(spec).is_empty()) {
        let Some(rest) = room.checked_sub(wide(spec) + 2) else { break };
        room = rest;
        shown.push(spec);
    }
    let mut x = area.x + 1;
    for spec in shown.into_iter().chain(always) {
        let (key, wide) = (key(spec), wide(spec));
        if key.is_empty() || x + wide > area.right() {
            continue;
        }
        brush.hit(Rect::new(x, area.y, wide, 1), Hit::Action(spec.action));
        x += brush.styled(x, area.y, &key, theme.accent()) + 1;
        x += brush.styled(x, area.y, spec.hint, theme.dim()) + 2;
    }
}

/// A picture of the world: with pixels where the terminal takes them, else with characters.
fn scene(
    state: &State,
    scene: &Scene,
    shown: Shown,
    brush: &mut Brush<'_>,
    (area, look): (Rect, Look),
) {
    let is_drawn = scene.frame.is_some() || !scene.shapes.is_empty();
    if state.shows_images() && is_drawn && scene.text.is_empty() && !area.is_empty() {
        brush.map.image = Some((area, shown));
    } else {
        picture::paint_cells(brush.buffer, area, scene, brush.glyphs, look);
    }
}

/// What the charts say at a place, in one line.
pub fn reading(run: &RunView, charts: &Charts, x: f64) -> String {
    let mut words = vec![format!("step {}", short(x.round()))];
    let series = std::iter::once(("return", &run.returns));
    let metrics = run.metrics.iter().map(|(name, series)| (&name[..], series));
    for (name, series) in series.chain(metrics).take(6) {
        let Some(leaf) = series.leaf_at(x) else { continue };
        let extremes = series.extremes(leaf..leaf + 1);
        let value = if extremes.is_empty() { f64::NAN } else { extremes.high };
        let mut word = format!("{name} {}", short(value));
        if let Some(weight) = charts.weight() {
            word = format!("{word} ({})", short(series.smooth(weight, leaf)));
        }
        words.push(word);
    }
    words.join("  ")
}

#[cfg(test)]
mod tests;
