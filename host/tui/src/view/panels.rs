//! The panels of the cockpit.

mod memory;
mod speed;

pub(super) use memory::{histogram, memory};
pub(super) use speed::{clock, progress, speed, standing};

use super::Brush;
use crate::picture;
use crate::plot::{self, Ink, Line, Mark, View, short};
use crate::run::{Axis, Level, MarkKind, RunView};
use crate::series::{Series, WEIGHTS};
use crate::state::{Hit, Panel, Shown, State};
use crate::theme::Theme;
use ratatui::layout::Rect;
use ratatui::style::Color;

/// The chart of returns.
pub(super) fn returns(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let mean = match state.charts.weight() {
        Some(weight) => format!("ema {}", WEIGHTS[weight]),
        None => "every episode".to_owned(),
    };
    let last = run.report.return_last100.map_or("-".to_owned(), short);
    let title = format!("return {last}  {mean}");
    let mut lines = Vec::new();
    if let Some((_, baseline)) = &state.baseline {
        lines.push((baseline, 5));
    }
    let evals = run.metrics.iter().find(|(name, _)| name == "eval/return");
    lines.push((&run.returns, 0));
    lines.extend(evals.map(|(_, series)| (series, 2)));
    let what = Chart { name: "return", title, lines, range: state.charts.range };
    chart(state, run, brush, (area, what, state.panel == Panel::Return));
}

/// One of the small charts.
pub(super) fn metric(
    state: &State,
    run: &RunView,
    brush: &mut Brush<'_>,
    (area, offset): (Rect, usize),
) {
    let has_focus = state.panel == if offset == 0 { Panel::MetricA } else { Panel::MetricB };
    if let Some((name, series)) = run.metrics.get(state.charts.metric + offset) {
        let last = series.latest(state.charts.weight()).map_or("-".to_owned(), short);
        let title = format!("{name} {last}");
        let lines = vec![(series, 1 + offset)];
        let what = Chart { name, title, lines, range: None };
        chart(state, run, brush, (area, what, has_focus));
        return;
    }
    let inner = brush.frame(area, "metrics", "", has_focus);
    let text = "the agent has logged nothing here yet";
    let style = brush.theme.dim();
    brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(1), text, style);
}

/// What a chart shows.
struct Chart<'a> {
    name: &'a str,
    title: String,
    lines: Vec<(&'a Series, usize)>,
    range: Option<(f64, f64)>,
}

fn chart(
    state: &State,
    run: &RunView,
    brush: &mut Brush<'_>,
    (area, what, has_focus): (Rect, Chart<'_>, bool),
) {
    let theme = brush.theme;
    let scale = state.charts.scales.get(what.name).copied().unwrap_or_default();
    let right = format!("x {}  y {}", state.charts.axis.name(), scale.name());
    let inner = brush.frame(area, &what.title, &right, has_focus);
    if what.lines.iter().all(|(series, _)| series.is_empty()) {
        let text = "nothing yet";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(1), text, theme.dim());
        return;
    }
    let lines: Vec<Line<'_>> = what
        .lines
        .iter()
        .map(|&(series, number)| Line {
            series,
            color: theme.series(number),
            faint: theme.faint(number),
            sign: plot::sign(number),
        })
        .collect();
    let marks: Vec<Mark> = marks(run, brush);
    let warp = (state.charts.axis != Axis::Steps).then_some((&run.timeline, state.charts.axis));
    let view = View {
        window: crate::update::window(state),
        range: what.range,
        scale,
        weight: state.charts.weight(),
        clip: state.charts.clip,
        cross: state.charts.reads_at(),
        only_means: false,
        is_plain: state.is_plain(),
    };
    let ink = Ink { axis: theme.frame, accent: theme.warn };
    let placed =
        plot::draw(brush.buffer, inner, brush.glyphs, (&lines, warp), (&view, &marks, ink));
    if let Some(placed) = placed {
        brush.map.charts.push((what.name.to_owned(), placed));
        if let Some(x) = state.charts.reads_at().filter(|_| what.name == "return") {
            let text = super::reading(run, &state.charts, x);
            let room = inner.width.saturating_sub(2);
            brush.ending(inner.right() - 1, inner.y, room, &text, theme.title());
        }
    }
}

fn marks(run: &RunView, brush: &Brush<'_>) -> Vec<Mark> {
    let theme = brush.theme;
    // Evaluations have a curve of their own.
    let shown = run.marks.iter().filter(|(_, kind)| *kind != MarkKind::Eval);
    let mark = |(steps, kind): &(u64, MarkKind)| {
        let (letter, color) = mark(*kind, theme);
        Mark { x: *steps as f64, letter, color }
    };
    shown.map(mark).collect()
}

/// The letter and the color of a mark on the x axis.
pub(super) fn mark(kind: MarkKind, theme: Theme) -> (char, Color) {
    match kind {
        MarkKind::Edit => ('E', theme.accent),
        MarkKind::Save => ('C', theme.good),
        MarkKind::Alert => ('!', theme.bad),
        MarkKind::Eval => ('e', theme.dim),
        MarkKind::Branch => ('B', theme.accent),
    }
}

/// The picture of the watched lane.
pub(super) fn picture(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let has_focus = state.panel == Panel::Picture;
    let has_colors = state.has_colors && brush.glyphs != crate::glyph::Glyphs::Ascii;
    let look = if has_colors { picture::Look::Colors } else { picture::Look::Dots };
    let lane = run.lanes.get(run.lane);
    let name = run.about.env.rsplit(':').next().unwrap_or_default();
    let right = lane.map_or_else(String::new, |lane| {
        format!("step {} return {}", lane.now.length, short(lane.now.total))
    });
    let title = format!("{name}  lane {}", run.lane);
    let inner = brush.frame(area, &title, &right, has_focus);
    match &run.picture {
        Some((_, Some(scene))) => super::scene(state, scene, Shown::Lane, brush, (inner, look)),
        Some((_, None)) => {
            let style = brush.theme.dim();
            let text = "this world draws nothing";
            brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(1), text, style);
        }
        None => {}
    }
}

/// The params, those first that may change.
pub(super) fn params(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let key = state.bindings.key(crate::action::Action::Edit);
    let has_focus = state.panel == Panel::Params;
    let inner = brush.frame(area, "params", &format!("{key} edits"), has_focus);
    let specs = &run.about.specs;
    let page = inner.height as usize;
    let first =
        state.param.saturating_sub(page.saturating_sub(1)).min(specs.len().saturating_sub(page));
    let name_room = specs.iter().map(|spec| spec.name.len()).max().unwrap_or(0).min(18) as u16;
    for (row, (idx, spec)) in specs.iter().enumerate().skip(first).take(page).enumerate() {
        let y = inner.y + row as u16;
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let is_chosen = has_focus && idx == state.param;
        if is_chosen {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = if spec.live { theme.text() } else { theme.dim() };
        let style = if is_chosen { theme.chosen() } else { style };
        brush.within(inner.x + 1, y, name_room, &spec.name, style);
        let value = run.params.get(&spec.name).unwrap_or(&spec.default);
        let was = run.edits.0.iter().find_map(|edit| edit.before.get(&spec.name));
        let was = was.map_or_else(String::new, |was| format!("  (was {was})"));
        let text = format!("{value}{}{was}", spec.unit);
        let x = inner.x + name_room + 2;
        brush.within(x, y, inner.right().saturating_sub(x), &text, style);
    }
    if specs.is_empty() {
        brush.within(inner.x + 1, inner.y, inner.width, "this agent has none", theme.dim());
    }
}

/// The lanes with the rewards of their steps as they come.
pub(super) fn lanes(run: &RunView, brush: &mut Brush<'_>, area: Rect, has_focus: bool) {
    let theme = brush.theme;
    let title = format!("lanes {}", run.lanes_count);
    let inner = brush.frame(area, &title, "reward  return  length", has_focus);
    let page = inner.height as usize;
    let first = run.lane.saturating_sub(page.saturating_sub(1));
    for (row, (idx, lane)) in run.lanes.iter().enumerate().skip(first).take(page).enumerate() {
        let y = inner.y + row as u16;
        let style = if idx == run.lane { theme.accent() } else { theme.dim() };
        brush.within(inner.x, y, 4, &format!("{idx:>3} "), style);
        let numbers =
            format!("{:>7} {:>6}", lane.returned.map_or("-".to_owned(), short), lane.now.length);
        let room = inner.width.saturating_sub(5);
        let numbers_room = (numbers.len() as u16).min(room);
        let text = if lane.now.failed { "stands still".to_owned() } else { numbers };
        let style = if lane.now.failed { theme.text().fg(theme.bad) } else { theme.text() };
        brush.ending(inner.right(), y, numbers_room, &text, style);
        let wide = room.saturating_sub(numbers_room + 1);
        let spark = Rect::new(inner.x + 4, y, wide, 1);
        let style = theme.text().fg(theme.series(idx));
        brush.spark(spark, lane.rewards.latest(wide as usize), style);
    }
}

/// The latest lines of the log.
pub(super) fn log(run: &RunView, brush: &mut Brush<'_>, area: Rect, has_focus: bool) {
    let alerts = run.alerts.len();
    let right = match alerts {
        0 => String::new(),
        1 => "1 alert".to_owned(),
        _ => format!("{alerts} alerts"),
    };
    let inner = brush.frame(area, "log", &right, has_focus);
    let count = inner.height as usize;
    let lines = run.log.iter().skip(run.log.len().saturating_sub(count));
    for (line, y) in lines.zip(inner.y..) {
        log_line(line, brush, Rect::new(inner.x, y, inner.width, 1));
    }
}

/// A line of the log.
pub(super) fn log_line(line: &crate::run::LogLine, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let color = match line.level {
        Level::Print => theme.dim,
        Level::Info => theme.text,
        Level::Edit => theme.accent,
        Level::Warn => theme.warn,
        Level::Error => theme.bad,
    };
    let time = format!("{:>8} {:>7} ", clock(line.seconds), short(line.steps as f64));
    let mut x = area.x;
    x += brush.within(x, area.y, area.width, &time, theme.dim());
    let room = area.right().saturating_sub(x);
    x += brush.within(x, area.y, room, line.level.word(), theme.title().fg(color)) + 1;
    let x = x.max(area.x + 23);
    let room = area.right().saturating_sub(x);
    brush.within(x, area.y, room, &line.text, theme.text());
}
