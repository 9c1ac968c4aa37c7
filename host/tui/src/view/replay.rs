//! An episode step by step: its picture, what was seen and done, and where one is in it.

use super::Brush;
use super::brush::{columns, rows};
use crate::picture::{self, Look};
use crate::plot::short;
use crate::state::State;
use ratatui::layout::Rect;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let replay = &state.replay;
    let Some(frame) = replay.film.frames.get(replay.at) else {
        let inner = brush.frame(area, "replay", "", true);
        let text = "no episode is open; on screen 4, p plays one of the chosen session";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    };
    let [top, scrubber] = rows(area, [None, Some(4)]);
    let [left, right] = columns(top, [3, 2]);
    let position = format!("step {}/{}", replay.at, replay.film.frames.len() - 1);
    let inner = brush.frame(left, &replay.film.title, &position, true);
    if let Some(scene) = &frame.scene {
        let look = if state.has_colors { Look::Colors } else { Look::Dots };
        picture::paint_cells(brush.buffer, inner, scene, brush.glyphs, look);
    }
    let inner = brush.frame(right, "step", "", false);
    let mut lines = vec![format!("reward {}   return {}", short(frame.reward), short(frame.total))];
    lines.extend(frame.lines.iter().cloned());
    for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
        brush.within(inner.x + 1, y, inner.width.saturating_sub(2), line, theme.text());
    }
    let inner =
        brush.frame(scrubber, "episode", &format!("{} steps/s", short(replay.speed)), false);
    let wide = inner.width.max(1);
    let frames = &replay.film.frames;
    let count = frames.len().max(1);
    let reward = |column: u16| {
        let from = column as usize * count / wide as usize;
        let to = ((column as usize + 1) * count / wide as usize).max(from + 1).min(count);
        frames[from.min(count - 1)..to].iter().map(|frame| frame.reward).sum::<f64>()
    };
    let spark = Rect::new(inner.x, inner.y, wide, 1);
    brush.spark(spark, (0..wide).map(reward), theme.text().fg(theme.series(0)));
    let x = inner.x + (replay.at * wide as usize / count) as u16;
    brush.within(x, inner.y + 1, 1, brush.glyphs.pick("▲", "^"), theme.accent());
}
