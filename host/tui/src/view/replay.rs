//! An episode step by step: its picture, what was seen, done and thought, and where one is in it
//! and in the whole run.

use super::Brush;
use super::brush::{columns, rows};
use super::front::wrap;
use super::panels::mark;
use crate::bench::{Film, Frame};
use crate::picture::Look;
use crate::plot::short;
use crate::state::{Hit, Shown, State};
use ratatui::layout::Rect;
use thorndike_engine::mind::{Part, Thought};

/// Why nobody knows what a policy thought.
const NO_THINKER: &str = "no policy was saved before this episode, so nothing is known of its \
                          thoughts; s in the cockpit saves one";

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let replay = &state.replay;
    let Some(frame) = replay.film.frames.get(replay.at) else {
        let inner = brush.frame(area, "replay", "", true);
        let text = "no episode was recorded yet; on screen 4, p plays one of another session";
        brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(2), text, theme.dim());
        return;
    };
    let run_rows = if area.height > 24 { 6 } else { 4 };
    let [top, episode, run] = rows(area, [None, Some(4), Some(run_rows)]);
    let [left, right] = columns(top, [3, 2]);
    let position = format!("step {}/{}", replay.at, replay.film.frames.len() - 1);
    let inner = brush.frame(left, &replay.film.title, &position, true);
    if let Some(scene) = &frame.scene {
        let look = if state.has_colors { Look::Colors } else { Look::Dots };
        super::scene(state, scene, Shown::Step, brush, (inner, look));
    }
    step(frame, &replay.film, brush, right);
    episode_scrubber(state, brush, episode);
    run_scrubber(state, brush, run);
}

/// What the step brought, what the policy made of it, and what it saw.
fn step(frame: &Frame, film: &Film, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let who = film
        .thinker
        .map_or(String::new(), |steps| format!("policy of step {}", short(steps as f64)));
    let inner = brush.frame(area, "step", &who, false);
    let (x, room) = (inner.x + 1, inner.width.saturating_sub(2));
    let mut y = inner.y;
    let mut line = |brush: &mut Brush<'_>, text: &str, style| {
        if y < inner.bottom() {
            brush.within(x, y, room, text, style);
            y += 1;
        }
    };
    let text = format!("reward {}   return {}", short(frame.reward), short(frame.total));
    line(brush, &text, theme.text());
    let Some((thought, chosen)) = &frame.thought else {
        for text in &frame.lines {
            line(brush, text, theme.text());
        }
        if film.thinker.is_none() {
            line(brush, "", theme.text());
            for text in wrap(NO_THINKER, room as usize) {
                line(brush, &text, theme.dim());
            }
        }
        return;
    };
    let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
    let text = format!("value {}   advantage {}", number(thought.value), number(frame.advantage));
    line(brush, &text, theme.text());
    line(brush, thought.kind, theme.title());
    let below = frame.lines.len().min(4) as u16 + 1;
    let most = usize::from((inner.bottom().saturating_sub(y)).saturating_sub(below)).max(2);
    let shown = thought.parts.len().min(most);
    let field = Rect::new(x, y, room, (shown as u16).min(inner.bottom().saturating_sub(y)));
    parts(thought, *chosen, brush, field);
    let mut y = y + field.height;
    if shown < thought.parts.len() && y < inner.bottom() {
        let text = format!("and {} more", thought.parts.len() - shown);
        brush.within(x, y, room, &text, theme.dim());
        y += 1;
    }
    for (text, y) in frame.lines.iter().zip(y..inner.bottom()) {
        brush.within(x, y, room, text, theme.dim());
    }
}

/// A bar for each number of the head; the choice that was made stands out.
fn parts(thought: &Thought, chosen: Option<usize>, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let finite =
        || thought.parts.iter().map(|part| part.number).filter(|number| number.is_finite());
    let (low, high) =
        (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let is_probability = thought.kind == "probability";
    // Values are told apart by what lies between them, however far all of them are from 0.
    let room = 0.1 * (high - low);
    let (low, high) = if is_probability { (0.0, 1.0) } else { (low - room, high) };
    let has_choices = thought.parts.iter().any(|part| part.place.1 > 0);
    for (idx, (part, y)) in thought.parts.iter().zip(area.y..area.bottom()).enumerate() {
        let is_chosen = has_choices && chosen == Some(part.place.1);
        let style = if is_chosen { theme.accent() } else { theme.text() };
        let sign = if is_chosen { brush.glyphs.pick("▸", ">") } else { " " };
        let name = name(part, has_choices, idx);
        brush.within(area.x, y, 8, &format!("{sign}{name}"), style);
        let wide = area.width.saturating_sub(26);
        let share = if high > low { (part.number - low) / (high - low) } else { 0.0 };
        brush.bar(area.x + 8, y, wide, share, style);
        let spread = part.spread.map_or(String::new(), |std| format!(" ± {}", short(std)));
        let text = format!("{}{spread}", short(part.number));
        brush.within(area.x + 9 + wide, y, 17, &text, style);
    }
}

fn name(part: &Part, has_choices: bool, idx: usize) -> String {
    let (element, choice) = part.place;
    match (has_choices, element) {
        (true, 0) => format!("{choice}"),
        (true, _) => format!("{element}.{choice}"),
        (false, _) => format!("[{idx}]"),
    }
}

fn episode_scrubber(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let replay = &state.replay;
    let speed = format!("{} steps/s", short(replay.speed));
    let inner = brush.frame(area, "episode", &speed, false);
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

/// The whole run: returns, what happened, recorded episodes, and the cursor.
fn run_scrubber(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let replay = &state.replay;
    let track = &replay.film.track;
    let title = format!("run  {} steps", short(track.steps as f64));
    let right = format!("cursor at step {}", replay.cursor);
    let inner = brush.frame(area, &title, &right, false);
    brush.hit(inner, Hit::Scrubber);
    let wide = inner.width.max(1);
    let column = |steps: u64| {
        let part = steps as f64 / track.steps.max(1) as f64;
        inner.x + ((part * f64::from(wide)) as u16).min(wide - 1)
    };
    let mut sums = vec![(0.0, 0_u32); wide as usize];
    for (steps, total) in &track.returns {
        let sum = &mut sums[usize::from(column(*steps) - inner.x)];
        *sum = (sum.0 + total, sum.1 + 1);
    }
    let means = sums.iter().map(|(sum, count)| sum / f64::from(*count));
    let high = inner.height.saturating_sub(2).max(1);
    let spark = Rect::new(inner.x, inner.y, wide, high.min(inner.height));
    brush.spark(spark, means, theme.text().fg(theme.series(0)));
    let (marks_y, cursor_y) = (inner.y + high, inner.y + high + 1);
    if marks_y < inner.bottom() {
        let dot = brush.glyphs.pick("·", ".");
        for recorded in &track.recorded {
            brush.within(column(recorded.steps), marks_y, 1, dot, theme.dim());
        }
        for (steps, kind) in &track.marks {
            let (sign, color) = mark(*kind, theme);
            let sign = sign.to_string();
            brush.within(column(*steps), marks_y, 1, &sign, theme.text().fg(color));
        }
    }
    let open = track.recorded.get(replay.film.at).map(|recorded| column(recorded.steps));
    let y = if cursor_y < inner.bottom() { cursor_y } else { marks_y.min(inner.bottom() - 1) };
    if let Some(x) = open {
        brush.within(x, y, 1, brush.glyphs.pick("▼", "v"), theme.text());
    }
    let cursor = brush.glyphs.pick("▲", "^");
    brush.within(column(replay.cursor), y, 1, cursor, theme.accent());
}
