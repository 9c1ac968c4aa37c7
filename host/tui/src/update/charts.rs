//! Where and how one looks at charts.

use super::Effect;
use crate::action::Action;
use crate::series::{Series, WEIGHTS};
use crate::state::{Panel, Screen, State};

/// Whether the action is about charts on the screen in front.
pub(super) fn means(state: &State, action: Action) -> bool {
    use Action as A;
    let moves = matches!(action, A::Left | A::Right) && state.looks().cross.is_some();
    matches!(state.screen, Screen::Cockpit | Screen::Compare)
        && (moves
            || matches!(
                action,
                A::ZoomIn
                    | A::ZoomOut
                    | A::ZoomHome
                    | A::PanLeft
                    | A::PanRight
                    | A::TallIn
                    | A::TallOut
                    | A::SmoothLess
                    | A::SmoothMore
                    | A::Axis
                    | A::Scale
                    | A::Clip
                    | A::Crosshair
                    | A::Pin
            ))
        || state.screen == Screen::Cockpit && matches!(action, A::Metric | A::Marker)
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::ZoomIn => zoom(state, 0.5, None),
        Action::ZoomOut => zoom(state, 2.0, None),
        Action::ZoomHome => {
            let looks = state.looks_mut();
            (looks.window, looks.range) = (None, None);
        }
        Action::PanLeft => pan(state, -0.25),
        Action::PanRight => pan(state, 0.25),
        Action::TallIn => tall(state, 0.5),
        Action::TallOut => tall(state, 2.0),
        Action::SmoothLess => smooth(state, -1),
        Action::SmoothMore => smooth(state, 1),
        Action::Axis => {
            let axis = state.looks().axis.next();
            state.looks_mut().axis = axis;
            if state.screen == Screen::Compare {
                state.compare.follow_axis();
            }
            state.toast(format!("x: {}", axis.name()));
        }
        Action::Scale => {
            let name = chart_name(state);
            let scale = state.looks_mut().scales.entry(name).or_default();
            *scale = scale.next();
            let name = scale.name();
            state.looks_mut().range = None;
            state.toast(format!("y: {name}"));
        }
        Action::Clip => {
            let looks = state.looks_mut();
            looks.clip = !looks.clip;
            let says = if looks.clip { "left out" } else { "taken in" };
            state.toast(format!("outliers are {says}"));
        }
        Action::Crosshair => {
            let middle = window(state).map(|(from, to)| f64::midpoint(from, to));
            let looks = state.looks_mut();
            looks.cross = if looks.cross.is_some() { None } else { middle };
        }
        Action::Left => move_cross(state, -1.0),
        Action::Right => move_cross(state, 1.0),
        Action::Metric => {
            let count = state.current().map_or(0, |run| run.metrics.len());
            let next = (state.charts.metric + 2) % count.max(1).next_multiple_of(2);
            state.charts.metric = next;
        }
        Action::Pin => pin(state),
        _ => next_mark(state),
    }
    Vec::new()
}

/// The name under which the scale of the focused chart is kept.
pub(super) fn chart_name(state: &State) -> String {
    let metric = |offset: usize| {
        let run = state.current();
        let metric = run.and_then(|run| run.metrics.get(state.charts.metric + offset));
        metric.map_or_else(String::new, |(name, _)| name.clone())
    };
    match state.panel {
        Panel::MetricA => metric(0),
        Panel::MetricB => metric(1),
        _ => "return".to_owned(),
    }
}

/// The visible part of the x axis.
pub(super) fn window(state: &State) -> Option<(f64, f64)> {
    state.looks().window.or_else(|| whole(state))
}

fn whole(state: &State) -> Option<(f64, f64)> {
    if state.screen == Screen::Compare {
        return state.compare.span();
    }
    let run = state.current()?;
    let metrics = run.metrics.iter().map(|(_, series)| series);
    let spans = std::iter::once(&run.returns).chain(metrics).filter_map(Series::span);
    spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

/// Looks at so many times as much, around the crosshair, a place or the middle.
pub(super) fn zoom(state: &mut State, factor: f64, around: Option<f64>) {
    let Some((from, to)) = window(state) else { return };
    let Some((first, last)) = whole(state) else { return };
    let middle = around.or(state.looks().cross).unwrap_or(f64::midpoint(from, to));
    let (from, to) = (middle - (middle - from) * factor, middle + (to - middle) * factor);
    let is_all = to - from >= last - first;
    // Less than a step, or than a thousandth of anything else, shows nothing new.
    let is_least = to - from < (1e-3 * (last - first)).min(1.0);
    if is_all {
        state.looks_mut().window = None;
    } else if !is_least {
        state.looks_mut().window = Some(within(from, to, (first, last)));
    }
}

/// Moves by a part of what is visible.
pub(super) fn pan(state: &mut State, part: f64) {
    let Some((from, to)) = state.looks().window else { return };
    let Some(whole) = whole(state) else { return };
    let by = part * (to - from);
    state.looks_mut().window = Some(within(from + by, to + by, whole));
}

fn within(from: f64, to: f64, (first, last): (f64, f64)) -> (f64, f64) {
    let width = (to - from).min(last - first);
    let from = from.clamp(first, last - width);
    (from, from + width)
}

fn tall(state: &mut State, factor: f64) {
    let chart = state.map.charts.iter().find(|(name, _)| name == "return");
    let Some((_, placed)) = chart else { return };
    let (low, high) = state.looks().range.unwrap_or(placed.range);
    let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0 * factor);
    if half > 1e-12 && half < 1e15 {
        state.looks_mut().range = Some((middle - half, middle + half));
    }
}

fn smooth(state: &mut State, by: i64) {
    let smooth = state.looks().smooth as i64 + by;
    state.looks_mut().smooth = smooth.clamp(0, WEIGHTS.len() as i64) as usize;
    if state.screen == Screen::Compare {
        state.compare.regroup();
    }
    match state.looks().weight() {
        Some(weight) => state.toast(format!("moving mean: {}", WEIGHTS[weight])),
        None => state.toast("no moving mean"),
    }
}

fn move_cross(state: &mut State, by: f64) {
    let Some((from, to)) = window(state) else { return };
    let columns = state.map.charts.first().map_or(80, |(_, placed)| placed.area.width.max(1));
    let step = (to - from) / f64::from(columns);
    if let Some(x) = &mut state.looks_mut().cross {
        *x = (*x + by * step).clamp(from, to);
    }
}

fn pin(state: &mut State) {
    let Some((name, returns)) = pinnable(state) else { return };
    if state.baseline.as_ref().is_some_and(|(pinned, _)| *pinned == name) {
        state.baseline = None;
        state.toast("no baseline");
    } else {
        state.toast(format!("baseline: {name}"));
        state.baseline = Some((name, returns));
    }
}

/// What would be the baseline: the chosen session where several are compared, else the run.
fn pinnable(state: &State) -> Option<(String, Series)> {
    if state.screen != Screen::Compare {
        return state.current().map(|run| (run.about.session.clone(), run.returns.clone()));
    }
    let name = state.compared()?;
    let taken = state.compare.taken.iter().find(|taken| taken.row.name == name)?;
    Some((name.to_owned(), taken.returns.clone()))
}

fn next_mark(state: &mut State) {
    let Some(run) = state.current() else { return };
    let now = state.looks().cross.unwrap_or(-1.0);
    let mut marks: Vec<f64> = run.marks.iter().map(|(steps, _)| *steps as f64).collect();
    marks.sort_by(f64::total_cmp);
    let next = marks.iter().find(|mark| **mark > now).or(marks.first()).copied();
    match next {
        Some(mark) => state.looks_mut().cross = Some(mark),
        None => state.toast("there is no mark"),
    }
}

/// What the crosshair reads, or the name of the session.
pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let text = match (state.looks().cross, state.current()) {
        (Some(x), _) if state.screen == Screen::Compare => state.compare.reading(x),
        (Some(x), Some(run)) => crate::view::reading(run, &state.charts, x),
        _ => match super::lists::meant(state) {
            Some(session) => session,
            None => return Vec::new(),
        },
    };
    state.toast(format!("copied: {text}"));
    vec![Effect::Copy(text)]
}
