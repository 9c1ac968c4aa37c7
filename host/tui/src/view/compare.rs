//! Runs side by side: their returns in one chart, their numbers, and how their settings differ.

use super::Brush;
use super::brush::{columns, rows};
use crate::plot::{self, Ink, Line, View, short};
use crate::state::{Compared, Hit, State};
use crate::statistics::{better, interquartile_mean, interval};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let [left, right] = columns(area, [1, 3]);
    sessions(state, brush, left);
    let table = (state.compare.taken.len() as u16 + 3).clamp(4, area.height / 3);
    let [chart, numbers, diff] =
        rows(right, [None, Some(table), Some((area.height / 4).clamp(3, 8))]);
    curves(state, brush, chart);
    table_of(state, brush, numbers);
    differences(state, brush, diff);
}

fn sessions(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let inner = brush.frame(area, "sessions", "space", true);
    brush.map.page = inner.height as usize;
    let rows: Vec<_> = state.sessions.rows.iter().flatten().collect();
    let rows: Vec<_> =
        rows.into_iter().filter(|row| state.compare.list.passes(&row.name)).collect();
    let first = state.compare.list.first(inner.height as usize, rows.len());
    for (row, (idx, session)) in
        rows.iter().enumerate().skip(first).take(inner.height as usize).enumerate()
    {
        let y = inner.y + row as u16;
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let taken = state.compare.taken.iter().position(|taken| taken.row.name == session.name);
        let style = if idx == state.compare.list.at {
            brush.buffer.set_style(line, theme.chosen());
            theme.chosen()
        } else {
            theme.text()
        };
        let letter = taken.map_or(' ', letter);
        let of_series = taken.map_or(style, |number| style.fg(theme.series(number)));
        brush.within(inner.x, y, 2, &format!("{letter} "), of_series);
        brush.within(inner.x + 2, y, inner.width.saturating_sub(2), &session.name, style);
    }
}

fn letter(number: usize) -> char {
    char::from(b'A' + (number % 26) as u8)
}

fn curves(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let inner = brush.frame(area, "return", "x steps", false);
    let taken = &state.compare.taken;
    if taken.is_empty() {
        let text = "space takes the chosen session in";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    }
    let lines: Vec<Line<'_>> = taken
        .iter()
        .enumerate()
        .map(|(number, taken)| Line {
            series: &taken.returns,
            color: theme.series(number),
            faint: theme.faint(number),
            number,
        })
        .collect();
    let view = View {
        // Returns of single episodes hide each other; without a mean nothing could be read.
        weight: Some(state.charts.weight().unwrap_or(3)),
        window: state.charts.window,
        clip: state.charts.clip,
        cross: state.charts.reads_at(),
        scale: state.charts.scales.get("return").copied().unwrap_or_default(),
        ..View::default()
    };
    let ink = Ink { axis: theme.frame, accent: theme.warn };
    plot::draw(brush.buffer, inner, brush.glyphs, (&lines, None), (&view, &[], ink));
}

/// Groups of sessions that differ in their seeds alone, in the order they were taken in.
fn groups(taken: &[Compared]) -> Vec<(&Compared, Vec<f64>)> {
    let settings = |taken: &Compared| {
        (taken.row.agent.clone(), taken.row.env.clone(), taken.row.params.clone())
    };
    let mut groups: Vec<(&Compared, Vec<f64>)> = Vec::new();
    for taken in taken {
        let last = taken.row.return_last100.unwrap_or(f64::NAN);
        match groups.iter_mut().find(|(first, _)| settings(first) == settings(taken)) {
            Some((_, values)) => values.push(last),
            None => groups.push((taken, vec![last])),
        }
    }
    groups
}

/// What seeds of the same settings say together, and how likely the first group is better.
fn grouped(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let inner = brush.frame(area, "groups of seeds", "return of the last 100", false);
    let name_room = (inner.width as usize).saturating_sub(43).clamp(8, 40);
    let head =
        format!("{:<name_room$} {:>3} {:>9} {:>20} {:>7}", "group", "n", "IQM", "95 %", "P(A>B)");
    brush.within(inner.x, inner.y, inner.width, &head, theme.dim());
    let groups = groups(&state.compare.taken);
    for ((first, values), y) in groups.iter().zip(inner.y + 1..inner.bottom()) {
        let name: String = first.row.name.chars().take(name_room).collect();
        let mean = interquartile_mean(values).map_or("-".to_owned(), short);
        let band = interval(values)
            .map_or("-".to_owned(), |(low, high)| format!("{} to {}", short(low), short(high)));
        let against = groups.first().filter(|(one, _)| one.row.name != first.row.name);
        let better = against.and_then(|(_, best)| better(best, values));
        let better = better.map_or("-".to_owned(), |part| format!("{part:.2}"));
        let count = values.len();
        let text = format!("{name:<name_room$} {count:>3} {mean:>9} {band:>20} {better:>7}");
        brush.within(inner.x, y, inner.width, &text, theme.text());
    }
}

fn table_of(state: &State, brush: &mut Brush<'_>, area: Rect) {
    if state.compare.is_grouped {
        return grouped(state, brush, area);
    }
    let theme = brush.theme;
    let inner = brush.frame(area, "numbers", "", false);
    let name_room = (inner.width as usize).saturating_sub(2 + 38).clamp(8, 40);
    let head = format!(
        "  {:<name_room$} {:>8} {:>9} {:>9} {:>6}",
        "session", "steps", "last 100", "ema 0.99", "seed"
    );
    brush.within(inner.x, inner.y, inner.width, &head, theme.dim());
    for ((number, taken), y) in
        state.compare.taken.iter().enumerate().zip(inner.y + 1..inner.bottom())
    {
        let last = taken.row.return_last100.map_or("-".to_owned(), short);
        let mean = taken.returns.latest(Some(3)).map_or("-".to_owned(), short);
        let name: String = taken.row.name.chars().take(name_room).collect();
        let steps = short(taken.row.steps as f64);
        let seed = taken.row.seed;
        let text = format!("{name:<name_room$} {steps:>8} {last:>9} {mean:>9} {seed:>6}");
        let style = theme.text().fg(theme.series(number));
        brush.within(inner.x, y, 2, &letter(number).to_string(), style);
        brush.within(inner.x + 2, y, inner.width.saturating_sub(2), &text, theme.text());
    }
}

/// Only settings that differ.
fn differences(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let taken = &state.compare.taken;
    let mut settings: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (number, taken) in taken.iter().enumerate() {
        let own = [("agent", &taken.row.agent), ("env", &taken.row.env)];
        let params = taken.row.params.iter().map(|(name, value)| (&name[..], value));
        for (name, value) in own.into_iter().chain(params) {
            let values = settings.entry(name).or_default();
            values.resize(number, "-");
            values.push(value);
        }
    }
    let differ = |values: &Vec<&str>| {
        values.len() < taken.len() || values.windows(2).any(|two| two[0] != two[1])
    };
    let all = settings.len();
    let lines: Vec<String> = settings
        .iter()
        .filter(|(_, values)| differ(values))
        .map(|(name, values)| {
            let mut values = values.clone();
            values.resize(taken.len(), "-");
            format!("{name}: {}", values.join(" | "))
        })
        .collect();
    let inner =
        brush.frame(area, "what differs", &format!("{} are equal", all - lines.len()), false);
    for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
        brush.within(inner.x + 1, y, inner.width.saturating_sub(2), line, theme.text());
    }
}
