//! How fast a run goes, where the time goes, how far it is.

use crate::plot::short;
use crate::run::RunView;
use crate::view::Brush;
use ratatui::layout::Rect;

/// How far it is: steps, part, time left.
pub(crate) fn progress(run: &RunView) -> String {
    let mut words = Vec::new();
    let goal = run.about.budget.map(|budget| format!("/{}", short(budget as f64)));
    words.push(format!("{}{} steps", short(run.steps as f64), goal.unwrap_or_default()));
    if let Some(part) = run.part() {
        words.push(format!("{:.0} %", 100.0 * part));
    }
    if let Some(seconds) = run.seconds_left() {
        words.push(format!("eta {}", clock(seconds)));
    }
    words.join("  ")
}

/// Return and speed in one line.
pub(crate) fn standing(run: &RunView) -> String {
    let last = run.report.return_last100.map_or("-".to_owned(), short);
    format!("return {last}  {}/s", short(run.report.steps_per_s))
}

/// Seconds as `0:07`, `12:34` or `1:02:03`.
pub(crate) fn clock(seconds: f64) -> String {
    let seconds = seconds.ceil().clamp(0.0, 3.6e6) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// The panel.
pub(crate) fn speed(run: &RunView, brush: &mut Brush<'_>, area: Rect, has_focus: bool) {
    let theme = brush.theme;
    let inner = brush.frame(area, "speed", &clock(run.seconds), has_focus);
    let report = &run.report;
    let mut y = inner.y;
    let mut line = |brush: &mut Brush<'_>, name: &str, text: &str| {
        if y < inner.bottom() {
            brush.within(inner.x + 1, y, 10, name, theme.dim());
            let x = inner.x + 12;
            brush.within(x, y, inner.right().saturating_sub(x), text, theme.text());
            y += 1;
        }
        y
    };
    let at = line(brush, "steps/s", &short(report.steps_per_s)) - 1;
    let spark = Rect::new(inner.x + 20, at, inner.width.saturating_sub(21), 1);
    brush.spark(spark, run.rates.latest(spark.width as usize), theme.text().fg(theme.series(0)));
    let updates = (run.updates as f64 / run.seconds.max(1e-9)).round();
    line(brush, "updates/s", &short(updates));
    line(brush, "episodes", &short(run.episodes as f64));
    let mut y = line(brush, "threads", &format!("{}", run.threads));
    for (idx, (name, share)) in report.time.iter().enumerate() {
        if y >= inner.bottom() {
            return;
        }
        brush.within(inner.x + 1, y, 12, name, theme.dim());
        let wide = inner.width.saturating_sub(20);
        let style = theme.text().fg(theme.series(idx));
        brush.bar(inner.x + 14, y, wide, *share, style);
        let text = format!("{:.0} %", 100.0 * share);
        brush.ending(inner.right(), y, 5, &text, theme.text());
        y += 1;
    }
    if y < inner.bottom()
        && let Some(part) = run.part()
    {
        brush.within(inner.x + 1, y, 12, "budget", theme.dim());
        let wide = inner.width.saturating_sub(20);
        brush.bar(inner.x + 14, y, wide, part, theme.text().fg(theme.good));
        brush.ending(inner.right(), y, 5, &format!("{:.0} %", 100.0 * part), theme.text());
    }
}
