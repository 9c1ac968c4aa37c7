//! Screens that are lists: sessions, plugins, the log.

use super::brush::{columns, rows};
use super::front::wrap;
use super::{Brush, panels};
use crate::bench::{Part, PluginRow};
use crate::plot::short;
use crate::run::Level;
use crate::state::{Hit, ListView, State};
use ratatui::layout::Rect;

/// A list with a title; says which rows are visible and where.
fn list(
    brush: &mut Brush<'_>,
    area: Rect,
    title: &str,
    (view, count): (&ListView, usize),
) -> (Rect, usize) {
    let right = if view.filter.is_empty() {
        format!("{count}")
    } else {
        format!("{count} hold `{}`", view.filter)
    };
    let inner = brush.frame(area, title, &right, true);
    brush.map.page = inner.height as usize;
    (inner, view.first(inner.height as usize, count))
}

/// All sessions, and what there is to know about the chosen one.
pub(super) fn sessions(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let shown = state.sessions.shown();
    let details = if area.height > 20 { 8 } else { 0 };
    let [top, bottom] = rows(area, [None, Some(details)]);
    let (inner, _) = list(brush, top, "sessions", (&state.sessions.list, shown.len()));
    let [head, inner] = rows(inner, [Some(1), None]);
    let names = ["session", "state", "steps", "last 100", "size"].map(str::to_owned);
    session_line(names, brush, head, theme.dim());
    brush.map.page = inner.height as usize;
    let first = state.sessions.list.first(brush.map.page, shown.len());
    for (row, (idx, session)) in
        shown.iter().enumerate().skip(first).take(inner.height as usize).enumerate()
    {
        let y = inner.y + row as u16;
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let is_chosen = idx == state.sessions.list.at;
        if is_chosen {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = if is_chosen { theme.chosen() } else { theme.text() };
        let mean = session.return_last100.map_or("-".to_owned(), short);
        let size = format!("{:.1} MB", session.bytes as f64 / 1e6);
        let (name, word) = (session.name.clone(), session.state.clone());
        session_line([name, word, short(session.steps as f64), mean, size], brush, line, style);
    }
    if shown.is_empty() {
        let text = match &state.sessions.rows {
            None => "looking for sessions",
            Some(rows) if rows.is_empty() => "no session yet: N begins a run",
            Some(_) => "none holds these words; / changes them",
        };
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
    }
    let chosen = shown.get(state.sessions.list.at);
    if let Some(session) = chosen.filter(|_| details > 0) {
        let inner = brush.frame(bottom, &session.name, "", false);
        let params: Vec<String> =
            session.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut lines =
            vec![format!("{} in {}, seed {}", session.agent, session.env, session.seed)];
        if !session.tags.is_empty() {
            lines.push(format!("tags: {}", session.tags.join(", ")));
        }
        if !session.note.is_empty() {
            lines.push(format!("note: {}", session.note));
        }
        lines.extend(wrap(&params.join(" "), inner.width.saturating_sub(2) as usize));
        for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
            brush.within(inner.x + 1, y, inner.width.saturating_sub(2), line, theme.text());
        }
    }
}

/// A row of the list: name, state, and three numbers.
fn session_line(
    [name, word, steps, mean, size]: [String; 5],
    brush: &mut Brush<'_>,
    line: Rect,
    style: ratatui::style::Style,
) {
    let [place, state, numbers] = columns(line, [5, 2, 4]);
    brush.within(place.x + 1, place.y, place.width.saturating_sub(2), &name, style);
    brush.within(state.x, state.y, state.width.saturating_sub(1), &word, style);
    let text = format!("{steps:>7} {mean:>9} {size:>9}");
    brush.ending(numbers.right() - 1, numbers.y, numbers.width, &text, style);
}

/// All plugins, refused ones among them, and what the chosen one offers.
pub(super) fn plugins(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let shown = state.plugins.shown();
    let [left, right] = columns(area, [2, 3]);
    let (inner, first) = list(brush, left, "plugins", (&state.plugins.list, shown.len()));
    for (row, (idx, plugin)) in
        shown.iter().enumerate().skip(first).take(inner.height as usize).enumerate()
    {
        let y = inner.y + row as u16;
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let is_chosen = idx == state.plugins.list.at;
        if is_chosen {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = if is_chosen { theme.chosen() } else { theme.text() };
        brush.within(inner.x + 1, y, inner.width.saturating_sub(14), &plugin.name, style);
        let (word, style) = match &plugin.refused {
            Some(_) => ("refused", style.fg(theme.bad)),
            None => (&plugin.version[..], style),
        };
        brush.ending(inner.right() - 1, y, 12, word, style);
    }
    if let Some(plugin) = shown.get(state.plugins.list.at) {
        plugin_details(plugin, brush, right);
    }
}

fn plugin_details(plugin: &PluginRow, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let inner = brush.frame(area, &plugin.name, "", false);
    let room = inner.width.saturating_sub(2);
    let mut lines: Vec<(String, ratatui::style::Style)> = Vec::new();
    lines.extend(wrap(&plugin.path, room as usize).into_iter().map(|line| (line, theme.dim())));
    if let Some(reason) = &plugin.refused {
        let style = theme.text().fg(theme.bad);
        lines.extend(wrap(reason, room as usize).into_iter().map(|line| (line, style)));
    }
    for part in &plugin.parts {
        lines.push((format!("{} {}", part.kind, part.name), theme.title()));
        lines.extend(part_lines(part, room as usize).into_iter().map(|line| (line, theme.text())));
    }
    for ((line, style), y) in lines.iter().zip(inner.y..inner.bottom()) {
        brush.within(inner.x + 1, y, room, line, *style);
    }
}

fn part_lines(part: &Part, room: usize) -> Vec<String> {
    let param = |spec: &plugin_api::params::ParamSpec| {
        let live = if spec.live { " (live)" } else { "" };
        format!("{}={}{live}", spec.name, spec.default)
    };
    let params: Vec<String> = part.params.iter().map(param).collect();
    let mut lines = Vec::new();
    if !params.is_empty() {
        lines.extend(wrap(&format!("  {}", params.join(", ")), room));
    }
    if !part.presets.is_empty() {
        lines.extend(wrap(&format!("  presets: {}", part.presets.join(", ")), room));
    }
    lines
}

/// Everything that was said, the newest below.
pub(super) fn log(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let Some(run) = state.current() else {
        let inner = brush.frame(area, "log", "", true);
        brush.within(inner.x + 1, inner.y, inner.width, "no run yet", theme.dim());
        return;
    };
    let lines: Vec<_> = run
        .log
        .iter()
        .filter(|line| line.level >= state.log.level)
        .filter(|line| state.log.list.passes(&format!("{} {}", line.level.word(), line.text)))
        .collect();
    let title = match state.log.level {
        Level::Print => "log: everything  enter leaves lower levels out".to_owned(),
        level => format!("log: {} and above  enter goes on", level.word()),
    };
    let (inner, _) = list(brush, area, &title, (&state.log.list, lines.len()));
    let page = inner.height as usize;
    let back = state.log.back.min(lines.len().saturating_sub(page));
    let first = lines.len().saturating_sub(page + back);
    for (line, y) in lines.iter().skip(first).zip(inner.y..inner.bottom()) {
        panels::log_line(line, brush, Rect::new(inner.x, y, inner.width, 1));
    }
}
