//! The cockpit: a run as it goes, in as many panels as there is room for.

use super::brush::{columns, rows};
use super::panels;
use super::{Brush, Tier, phase_style, tier};
use crate::plot::short;
use crate::run::RunView;
use crate::state::{Hit, Panel, State};
use ratatui::layout::Rect;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let Some(run) = state.current() else {
        let theme = brush.theme;
        let text = "no run yet: N begins one, 4 shows the sessions there are";
        brush.within(area.x + 2, area.y + 1, area.width.saturating_sub(4), text, theme.dim());
        return;
    };
    let [line, area] = rows(area, [Some(1), None]);
    title(run, brush, line);
    if state.is_alone {
        panel(state, run, brush, (state.panel, area));
        return;
    }
    match tier(state.size) {
        Tier::Large => large(state, run, brush, area),
        Tier::Medium => medium(state, run, brush, area),
        _ => small(state, run, brush, area),
    }
}

/// What runs, and how far it is; the session's name first where there is room for both.
fn title(run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let right = panels::progress(run);
    let wide = (right.chars().count() as u16).min(area.width.saturating_sub(2));
    brush.ending(area.right() - 1, area.y, wide, &right, theme.text());
    let end = (area.right() - 1).saturating_sub(wide + 2);
    let name = |full: &str| full.rsplit(':').next().unwrap_or(full).to_owned();
    let what = format!("{} in {}", name(&run.about.agent), name(&run.about.env));
    let saved = run.saved.as_ref().map(|(steps, _)| format!("saved at {}", short(*steps as f64)));
    let words = [
        (Some(run.about.session.clone()), theme.title()),
        (Some(what), theme.text()),
        (Some(format!("seed {}", run.seed)), theme.dim()),
        (Some(format!("{} lanes", run.lanes_count)), theme.dim()),
        (saved, theme.dim()),
    ];
    let mut x = area.x + 1;
    for (word, style) in words {
        let Some(word) = word else { continue };
        let wide = word.chars().count() as u16;
        if x + wide <= end {
            x += brush.within(x, area.y, wide, &word, style) + 2;
        }
    }
}

fn large(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let log = (area.height / 7).clamp(4, 8);
    let low = (area.height / 4).clamp(7, 12);
    let middle = (area.height / 4).clamp(7, 14);
    let [top, mid, low, log] = rows(area, [None, Some(middle), Some(low), Some(log)]);
    let [left, right] = columns(top, [2, 1]);
    panel(state, run, brush, (Panel::Return, left));
    panel(state, run, brush, (Panel::Picture, right));
    let [a, b, speed] = columns(mid, [1, 1, 1]);
    panel(state, run, brush, (Panel::MetricA, a));
    panel(state, run, brush, (Panel::MetricB, b));
    panel(state, run, brush, (Panel::Speed, speed));
    let [memory, params, lanes] = columns(low, [1, 1, 1]);
    panel(state, run, brush, (Panel::Memory, memory));
    panel(state, run, brush, (Panel::Params, params));
    panel(state, run, brush, (Panel::Lanes, lanes));
    panel(state, run, brush, (Panel::Log, log));
}

fn medium(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let [top, mid, log] = rows(area, [None, Some(area.height * 2 / 5), Some(4)]);
    let [left, right] = columns(top, [5, 3]);
    panel(state, run, brush, (Panel::Return, left));
    let side = match state.panel {
        Panel::Picture | Panel::Speed | Panel::Memory => state.panel,
        _ if state.shows_picture => Panel::Picture,
        _ => Panel::Lanes,
    };
    panel(state, run, brush, (side, right));
    let [left, right] = columns(mid, [1, 1]);
    let small = if state.panel == Panel::MetricB { Panel::MetricB } else { Panel::MetricA };
    panel(state, run, brush, (small, left));
    panel(state, run, brush, (Panel::Params, right));
    panel(state, run, brush, (Panel::Log, log));
}

fn small(state: &State, run: &RunView, brush: &mut Brush<'_>, area: Rect) {
    let [chart, line] = rows(area, [None, Some(1)]);
    panel(state, run, brush, (state.panel, chart));
    let theme = brush.theme;
    let text = format!("{}  {}", panels::standing(run), panels::progress(run));
    brush.within(line.x + 1, line.y, line.width.saturating_sub(2), &text, theme.text());
}

fn panel(state: &State, run: &RunView, brush: &mut Brush<'_>, (panel, area): (Panel, Rect)) {
    if area.width < 4 || area.height < 2 {
        return;
    }
    brush.hit(area, Hit::Panel(panel));
    let has_focus = state.panel == panel;
    match panel {
        Panel::Return => panels::returns(state, run, brush, area),
        Panel::Picture => panels::picture(state, run, brush, area),
        Panel::MetricA => panels::metric(state, run, brush, (area, 0)),
        Panel::MetricB => panels::metric(state, run, brush, (area, 1)),
        Panel::Speed => panels::speed(run, brush, area, has_focus),
        Panel::Memory => panels::memory(run, brush, area, has_focus),
        Panel::Params => panels::params(state, run, brush, area),
        Panel::Lanes => panels::lanes(run, brush, area, has_focus),
        Panel::Log => panels::log(run, brush, area, has_focus),
    }
}

/// Lines of the few words below the first one.
pub(super) const TINY_LINES: u16 = 5;

/// A run in a few words, a line each; the most important first.
pub(super) fn tiny(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let Some(run) = state.current() else {
        brush.text(area.x, area.y, area.width, "no run; N begins one");
        return;
    };
    let name = |full: &str| full.rsplit(':').next().unwrap_or(full).to_owned();
    let style = phase_style(brush, run.phase);
    let wide = brush.within(area.x, area.y, area.width, run.word(), style) + 1;
    let step = short(run.steps as f64);
    let room = area.width.saturating_sub(wide);
    brush.within(area.x + wide, area.y, room, &format!("step {step}"), theme.text());
    let last = run.report.return_last100.map_or("-".to_owned(), short);
    let left = run.seconds_left().map_or("-".to_owned(), panels::clock);
    let lines = [
        format!("return {last}"),
        format!("eta {left} {}/s", short(run.report.steps_per_s)),
        format!("{} in {}", name(&run.about.agent), name(&run.about.env)),
        format!("episodes {}", short(run.episodes as f64)),
        format!("updates {}", short(run.updates as f64)),
    ];
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        let wide = brush.text(area.x, y, area.width, line);
        if y == area.y + 1 {
            let room = area.width.saturating_sub(wide + 2);
            brush.within(area.x + wide + 2, y, room, &run.about.session, theme.dim());
        }
    }
}
