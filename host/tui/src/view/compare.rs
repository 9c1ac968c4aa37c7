//! Runs side by side: their returns in one chart, their numbers, and how their settings differ.

use super::Brush;
use super::brush::{columns, rows};
use crate::plot::{self, Ink, Line, View, short};
use crate::series::WEIGHTS;
use crate::state::{Hit, State};
use crate::statistics::{SAMPLES_BAND, better};
use ratatui::layout::Rect;
use std::collections::BTreeMap;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let [left, right] = columns(area, [1, 3]);
    sessions(state, brush, left);
    let table = (state.compare.curves() as u16 + 3).clamp(4, area.height / 3);
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
    let rows: Vec<_> = state.comparable().collect();
    let first = state.compare.list.first(inner.height as usize, rows.len());
    for (row, (idx, session)) in
        rows.iter().enumerate().skip(first).take(inner.height as usize).enumerate()
    {
        let y = inner.y + row as u16;
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let number = state.compare.number_of(&session.name);
        let style = if idx == state.compare.list.at {
            brush.buffer.set_style(line, theme.chosen());
            theme.chosen()
        } else {
            theme.text()
        };
        let letter = number.map_or(' ', letter);
        let of_series = number.map_or(style, |number| style.fg(theme.series(number)));
        brush.within(inner.x, y, 2, &format!("{letter} "), of_series);
        brush.within(inner.x + 2, y, inner.width.saturating_sub(2), &session.name, style);
    }
}

fn letter(number: usize) -> char {
    char::from(b'A' + (number % 26) as u8)
}

fn curves(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let compare = &state.compare;
    let (looks, scales) = (&compare.charts, &compare.charts.scales);
    let scale = scales.get("return").copied().unwrap_or_default();
    let right = format!("x {}  y {}", looks.axis.name(), scale.name());
    let mean = match looks.weight() {
        None if !compare.is_grouped => "every episode".to_owned(),
        _ => format!("ema {}", WEIGHTS[compare.weight()]),
    };
    let title = if compare.is_grouped { "interquartile mean of returns, 95 %" } else { "return" };
    let inner = brush.frame(area, &format!("{title}  {mean}"), &right, false);
    if compare.taken.is_empty() {
        let text = "space takes the chosen session in, * all of them";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    }
    let line = |number: usize, series, is_band: bool| Line {
        series,
        color: if is_band { theme.faint(number) } else { theme.series(number) },
        faint: theme.faint(number),
        sign: letter(number),
    };
    let taken = compare.taken.iter().enumerate();
    let groups = || compare.groups.iter().enumerate();
    let lines: Vec<Line<'_>> = if compare.is_grouped {
        let bands = groups().map(|(number, group)| line(number, &group.band, true));
        bands.chain(groups().map(|(number, group)| line(number, &group.middle, false))).collect()
    } else {
        taken.map(|(number, taken)| line(number, taken.shown(), false)).collect()
    };
    let view = View {
        // Curves of groups are means already.
        weight: looks.weight().filter(|_| !compare.is_grouped),
        window: looks.window,
        range: looks.range,
        clip: looks.clip,
        cross: looks.reads_at(),
        scale,
        only_means: !compare.is_grouped && compare.taken.len() > 1 && looks.weight().is_some(),
        is_plain: state.is_plain(),
    };
    let ink = Ink { axis: theme.frame, accent: theme.warn };
    let placed = plot::draw(brush.buffer, inner, brush.glyphs, (&lines, None), (&view, &[], ink));
    brush.map.charts.extend(placed.map(|placed| ("return".to_owned(), placed)));
}

/// What seeds of the same settings say together, and how likely the first group is better.
fn grouped(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let compare = &state.compare;
    let at = compare.charts.reads_at();
    let right = at.map_or("return of the last 100".to_owned(), |x| format!("at {}", short(x)));
    let inner = brush.frame(area, "groups of seeds", &right, false);
    let name_room = (inner.width as usize).saturating_sub(2 + 53).clamp(8, 40);
    let head = format!(
        "  {:<name_room$} {:>3} {:>9} {:>20} {:>9} {:>7}",
        "group", "n", "IQM", "95 %", "AUC", "P(A>B)"
    );
    brush.within(inner.x, inner.y, inner.width, &head, theme.dim());
    let text = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let mut best: Option<Vec<f64>> = None;
    for ((number, group), y) in compare.groups.iter().enumerate().zip(inner.y + 1..inner.bottom()) {
        let here = at.map(|x| compare.standing(&group.members, Some(x), SAMPLES_BAND));
        let standing = here.unwrap_or_else(|| group.end.clone());
        let first = &compare.taken[group.members[0]].row.name;
        let name: String = first.chars().take(name_room).collect();
        let band =
            standing.interval.map(|(low, high)| format!("{} to {}", short(low), short(high)));
        let band = band.unwrap_or("-".to_owned());
        let better = best.as_ref().and_then(|best| better(best, &standing.values));
        let better = better.map_or("-".to_owned(), |part| format!("{part:.2}"));
        let (count, middle) = (standing.values.len(), text(standing.middle));
        let area = text(standing.area);
        let row =
            format!("{name:<name_room$} {count:>3} {middle:>9} {band:>20} {area:>9} {better:>7}");
        row_of(brush, (inner, y), number, &row);
        best.get_or_insert(standing.values);
    }
}

/// A row of a table, behind the letter of its curve.
fn row_of(brush: &mut Brush<'_>, (inner, y): (Rect, u16), number: usize, text: &str) {
    let theme = brush.theme;
    let style = theme.text().fg(theme.series(number));
    brush.within(inner.x, y, 2, &letter(number).to_string(), style);
    brush.within(inner.x + 2, y, inner.width.saturating_sub(2), text, theme.text());
}

fn table_of(state: &State, brush: &mut Brush<'_>, area: Rect) {
    if state.compare.is_grouped {
        return grouped(state, brush, area);
    }
    let theme = brush.theme;
    let inner = brush.frame(area, "numbers", "", false);
    let compare = &state.compare;
    let name_room = (inner.width as usize).saturating_sub(2 + 48).clamp(8, 40);
    let at = compare.charts.reads_at();
    let read = at.map_or("mean".to_owned(), |x| format!("at {}", short(x)));
    let head = format!(
        "  {:<name_room$} {:>8} {:>9} {read:>9} {:>9} {:>6}",
        "session", "steps", "last 100", "AUC", "seed"
    );
    brush.within(inner.x, inner.y, inner.width, &head, theme.dim());
    let text = |value: Option<f64>| value.map_or("-".to_owned(), short);
    for ((number, taken), y) in compare.taken.iter().enumerate().zip(inner.y + 1..inner.bottom()) {
        let last = text(taken.row.return_last100);
        let mean = text(match at {
            Some(x) => taken.value_at(compare.weight(), x),
            None => taken.returns.latest(Some(compare.weight())),
        });
        let name: String = taken.row.name.chars().take(name_room).collect();
        let (steps, seed) = (short(taken.row.steps as f64), taken.row.seed);
        let area = text(taken.area.mean());
        let row = format!("{name:<name_room$} {steps:>8} {last:>9} {mean:>9} {area:>9} {seed:>6}");
        row_of(brush, (inner, y), number, &row);
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
