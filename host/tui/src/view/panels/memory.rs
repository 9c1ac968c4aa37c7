//! What the agent remembers; where it has no memory, what its episodes came to.

use crate::plot::short;
use crate::run::RunView;
use crate::view::Brush;
use crate::view::front::wrap;
use ratatui::layout::Rect;
use thorndike_engine::buffer::{Bin, BufferStats};

/// The panel.
pub(crate) fn memory(run: &RunView, brush: &mut Brush<'_>, area: Rect, has_focus: bool) {
    let theme = brush.theme;
    if let Some(stats) = &run.buffer {
        let inner = brush.frame(area, "replay buffer", "5: more", has_focus);
        of_buffer(stats, brush, inner);
        return;
    }
    let inner = brush.frame(area, "episodes", "", has_focus);
    let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let report = &run.report;
    let mut rows = vec![
        ("last 100", number(report.return_last100)),
        ("length", number(report.length_last100)),
        ("success", number(report.success_last100)),
        ("number", short(run.episodes as f64)),
    ];
    if let Some(eval) = &run.eval {
        let best = number(run.eval_best);
        rows.insert(1, ("judged", format!("{}  best {best}", short(eval.return_mean))));
    }
    if let Some(threshold) = run.about.threshold {
        rows.push(("solved at", short(threshold)));
    }
    for ((name, text), y) in rows.iter().zip(inner.y..inner.bottom()) {
        brush.within(inner.x + 1, y, 10, name, theme.dim());
        let x = inner.x + 12;
        brush.within(x, y, inner.right().saturating_sub(x), text, theme.text());
    }
}

fn of_buffer(stats: &BufferStats, brush: &mut Brush<'_>, inner: Rect) {
    let theme = brush.theme;
    let fill = stats.steps as f64 / stats.capacity.max(1) as f64;
    let text = format!("{}/{}", short(stats.steps as f64), short(stats.capacity as f64));
    let lines = inner.y..inner.bottom();
    for (row, y) in lines.enumerate() {
        let (name, x) = (
            ["fill", "age", "reward", "priority", "return", "ends", "memory"].get(row),
            inner.x + 11,
        );
        let Some(name) = name else { return };
        brush.within(inner.x + 1, y, 9, name, theme.dim());
        let room = inner.right().saturating_sub(x);
        let spark = Rect::new(x, y, room.min(20), 1);
        match row {
            0 => {
                let wide = room.saturating_sub(text.chars().count() as u16 + 2);
                brush.bar(x, y, wide, fill, theme.text().fg(theme.good));
                brush.ending(inner.right(), y, room, &text, theme.text());
            }
            1 => counts(&stats.ages, brush, spark, room),
            2 => counts(&stats.rewards, brush, spark, room),
            3 => counts(&stats.priorities, brush, spark, room),
            4 => {
                let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
                let recent = number(stats.return_recent);
                let text = format!("{recent} recent  {} long", number(stats.return_long));
                brush.within(x, y, room, &text, theme.text());
            }
            5 => {
                brush.within(x, y, room, &short(stats.ends as f64), theme.text());
            }
            _ => {
                let text = format!("{:.1} MiB", stats.bytes as f64 / f64::from(1 << 20));
                brush.within(x, y, room, &text, theme.text());
            }
        }
    }
}

/// Bins as one line of bars with the ends of their range.
fn counts(bins: &[Bin], brush: &mut Brush<'_>, area: Rect, room: u16) {
    let theme = brush.theme;
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        brush.within(area.x, area.y, room, "-", theme.dim());
        return;
    };
    let style = theme.text().fg(theme.series(0));
    let shown = bins.len().min(area.width as usize);
    let field = Rect::new(area.x, area.y, shown as u16, 1);
    brush.spark(field, bins.iter().take(shown).map(|bin| bin.count as f64), style);
    let text = format!("{} to {}", short(first.low), short(last.high));
    let x = area.x + shown as u16 + 1;
    brush.within(x, area.y, room.saturating_sub(shown as u16 + 1), &text, theme.dim());
}

/// Bins as a field of bars, with the ends of each below.
pub(crate) fn histogram(
    bins: &[Bin],
    brush: &mut Brush<'_>,
    area: Rect,
    (title, none): (&str, &str),
) {
    let theme = brush.theme;
    let total: u64 = bins.iter().map(|bin| bin.count).sum();
    let inner = brush.frame(area, title, &short(total as f64), false);
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        let room = inner.width.saturating_sub(2);
        for (line, y) in wrap(none, room as usize).iter().zip(inner.y..inner.bottom()) {
            brush.within(inner.x + 1, y, room, line, theme.dim());
        }
        return;
    };
    if inner.height < 2 {
        return;
    }
    let wide = (inner.width as usize / bins.len()).max(1);
    let numbers = bins.iter().flat_map(|bin| std::iter::repeat_n(bin.count as f64, wide));
    let numbers: Vec<f64> = numbers.take(inner.width as usize).collect();
    let field = Rect::new(inner.x, inner.y, numbers.len() as u16, inner.height - 1);
    brush.spark(field, numbers.into_iter(), theme.text().fg(theme.series(0)));
    let y = inner.bottom() - 1;
    brush.within(inner.x, y, inner.width, &short(first.low), theme.dim());
    brush.ending(inner.right(), y, inner.width / 2, &short(last.high), theme.dim());
}
