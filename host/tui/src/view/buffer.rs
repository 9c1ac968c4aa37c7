//! What the agent remembers: histograms, and single steps as learning draws them.

use super::Brush;
use super::brush::{columns, rows};
use super::panels::histogram;
use crate::plot::short;
use crate::state::{Hit, State};
use plugin_api::{TERMINATED, TRUNCATED};
use ratatui::layout::Rect;
use thorndike_engine::buffer::{BufferStats, Peek, Transition};

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let stats = state.current().and_then(|run| run.buffer.as_ref());
    let Some(stats) = stats else {
        let inner = brush.frame(area, "replay buffer", "", true);
        let text = match state.current() {
            None => "no run yet",
            Some(run) if run.report.steps == 0 => "the run has told nothing yet",
            Some(_) => "this agent learns from what it has just lived through and keeps no memory",
        };
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    };
    let peek = state.current().and_then(|run| run.peek.as_deref());
    let high = area.height.saturating_sub(3);
    let [head, charts, steps] = rows(area, [Some(3), Some(high * 2 / 5), None]);
    summary(stats, brush, head);
    let errors = peek.map_or(&[][..], |peek| &peek.errors);
    let title = match peek.map(|peek| peek.source) {
        Some(source) if !source.is_empty() && area.width >= 110 => {
            format!("td error by {source}")
        }
        _ => "td error".to_owned(),
    };
    let [a, b, c, d] = columns(charts, [1, 1, 1, 1]);
    histogram(&stats.ages, brush, a, ("age in steps of its lane", "nothing yet"));
    histogram(&stats.rewards, brush, b, ("reward", "nothing yet"));
    histogram(&stats.priorities, brush, c, ("priority", "none: all steps are drawn alike"));
    histogram(errors, brush, d, (&title, "none: the heads of this policy hold no values"));
    inspector(state, peek, brush, steps);
}

fn summary(stats: &BufferStats, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let inner = brush.frame(area, "replay buffer", "", false);
    let fill = stats.steps as f64 / stats.capacity.max(1) as f64;
    let wide = (inner.width / 3).max(4);
    brush.bar(inner.x + 1, inner.y, wide, fill, theme.text().fg(theme.good));
    let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let range = stats
        .return_range
        .map_or("-".to_owned(), |(low, high)| format!("{} to {}", short(low), short(high)));
    let parts = [
        format!("{}/{} steps", short(stats.steps as f64), short(stats.capacity as f64)),
        format!("{} ends", short(stats.ends as f64)),
        format!("{:.1} MiB", stats.bytes as f64 / f64::from(1 << 20)),
        format!("return {} of 100", number(stats.return_recent)),
        format!("{} of 1000", number(stats.return_long)),
        range,
    ];
    let mut x = inner.x + wide + 3;
    for part in parts {
        let room = inner.right().saturating_sub(x);
        // A part that is cut would say something else.
        if part.chars().count() > room as usize {
            break;
        }
        x += brush.within(x, inner.y, room, &part, theme.text()) + 2;
    }
}

/// A list of drawn steps, and everything about the chosen one.
fn inspector(state: &State, peek: Option<&Peek>, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let [left, right] = columns(area, [2, 3]);
    let (list, _) = &state.peek;
    let drawn = peek.map_or(&[][..], |peek| &peek.rows);
    let inner = brush.frame(left, "drawn steps", &format!("{}", drawn.len()), true);
    let [head, inner] = rows(inner, [Some(1), None]);
    // Numbers that are cut would be others.
    let [a, b, c, d] = if head.width < 32 { [3, 6, 6, 8] } else { [4, 6, 8, 9] };
    let lane = if a < 4 { "ln" } else { "lane" };
    let names = format!("{lane:>a$} {:>b$} {:>c$} {:>d$}", "age", "reward", "td error");
    brush.within(head.x + 1, head.y, head.width.saturating_sub(2), &names, theme.dim());
    brush.map.page = inner.height as usize;
    if drawn.is_empty() {
        let text = "waiting for the first steps";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
    }
    let first = list.first(inner.height as usize, drawn.len());
    for ((idx, step), y) in drawn.iter().enumerate().skip(first).zip(inner.y..inner.bottom()) {
        let line = Rect::new(inner.x, y, inner.width, 1);
        brush.hit(line, Hit::Row(idx));
        let is_chosen = idx == list.at;
        if is_chosen {
            brush.buffer.set_style(line, theme.chosen());
        }
        let style = if is_chosen { theme.chosen() } else { theme.text() };
        let error = step.error.map_or("-".to_owned(), short);
        let told = step.goals.as_ref().is_some_and(|goals| goals.told.is_some());
        let told = if told { "new goal" } else { "" };
        let text = format!(
            "{:>a$} {:>b$} {:>c$} {error:>d$}  {:<3} {told}",
            step.lane,
            short(step.age as f64),
            short(step.reward),
            ending(step.flags),
        );
        brush.within(inner.x + 1, y, inner.width.saturating_sub(2), &text, style);
    }
    let inner = brush.frame(right, "step", "r draws others", false);
    let Some(step) = drawn.get(list.at) else { return };
    let room = inner.width.saturating_sub(2);
    for ((text, is_title), y) in details(step, room as usize).iter().zip(inner.y..inner.bottom()) {
        let style = if *is_title { theme.title() } else { theme.text() };
        brush.within(inner.x + 1, y, room, text, style);
    }
}

fn ending(flags: u8) -> &'static str {
    match (flags & TERMINATED != 0, flags & TRUNCATED != 0) {
        (true, _) => "end",
        (false, true) => "cut",
        _ => "",
    }
}

/// Lines about a step, and whether each is a title.
fn details(step: &Transition, room: usize) -> Vec<(String, bool)> {
    let mut lines = Vec::new();
    let optional = |name: &str, value: Option<f64>| {
        value.map_or(String::new(), |value| format!("   {name} {}", short(value)))
    };
    lines.push((
        format!(
            "reward {}   discount {}{}{}",
            short(step.reward),
            short(step.discount),
            optional("weight", step.weight),
            optional("td error", step.error),
        ),
        false,
    ));
    let mut row = |title: &str, numbers: &[f32]| {
        lines.push((title.to_owned(), true));
        lines.extend(wrapped(numbers, room).into_iter().map(|line| (line, false)));
    };
    if let Some(goals) = &step.goals {
        row("goal it had", &goals.wanted);
        if let Some(told) = &goals.told {
            row("goal that hindsight gave it", told);
        }
        row("what it reached", &goals.reached);
    }
    row("action", &step.action);
    row("seen", &step.obs);
    row("seen next", &step.next_obs);
    if let Some(goals) = step.goals.as_ref().filter(|goals| goals.told.is_some()) {
        let text = format!(
            "reward {} before hindsight, {} with the new goal",
            short(goals.reward),
            short(step.reward)
        );
        lines.insert(1, (text, false));
    }
    lines
}

/// Numbers in lines of some width; of very many, the first.
fn wrapped(numbers: &[f32], room: usize) -> Vec<String> {
    const NUMBERS_MAX: usize = 48;
    let wide = 9;
    let a_line = (room.saturating_sub(2) / wide).max(1);
    let shown = &numbers[..numbers.len().min(NUMBERS_MAX)];
    let line = |numbers: &[f32]| {
        let words: Vec<String> =
            numbers.iter().map(|number| format!("{:>8}", short(f64::from(*number)))).collect();
        format!(" {}", words.join(" "))
    };
    let mut lines: Vec<String> = shown.chunks(a_line).map(line).collect();
    if shown.len() < numbers.len() {
        lines.push(format!("  and {} more", numbers.len() - shown.len()));
    }
    lines
}
