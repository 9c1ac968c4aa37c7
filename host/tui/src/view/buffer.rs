//! What the agent remembers, as histograms.

use super::Brush;
use super::brush::{columns, rows};
use super::panels::histogram;
use crate::plot::short;
use crate::state::State;
use ratatui::layout::Rect;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let stats = state.current().and_then(|run| run.buffer.as_ref());
    let Some(stats) = stats else {
        let inner = brush.frame(area, "replay buffer", "", true);
        let text = match state.current() {
            None => "no run yet",
            Some(_) => "this agent learns from what it has just lived through and keeps no memory",
        };
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    };
    let [head, top, bottom] = rows(area, [Some(3), None, Some(area.height.saturating_sub(3) / 2)]);
    let inner = brush.frame(head, "replay buffer", "", true);
    let fill = stats.steps as f64 / stats.capacity.max(1) as f64;
    let wide = (inner.width / 3).max(4);
    brush.bar(inner.x + 1, inner.y, wide, fill, theme.text().fg(theme.good));
    let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let range = stats
        .return_range
        .map_or("-".to_owned(), |(low, high)| format!("{} to {}", short(low), short(high)));
    let text = format!(
        "{}/{} steps  {} ends  {:.1} MiB  return {} of 100, {} of 1000, {range}",
        short(stats.steps as f64),
        short(stats.capacity as f64),
        short(stats.ends as f64),
        stats.bytes as f64 / f64::from(1 << 20),
        number(stats.return_recent),
        number(stats.return_long),
    );
    let x = inner.x + wide + 3;
    brush.within(x, inner.y, inner.right().saturating_sub(x), &text, theme.text());
    let [left, right] = columns(top, [1, 1]);
    histogram(&stats.ages, brush, left, "age in steps of its lane");
    histogram(&stats.rewards, brush, right, "reward");
    histogram(&stats.priorities, brush, bottom, "priority");
}
