//! What is open in front of a screen, and short messages.

use super::Brush;
use super::brush::rows;
use super::guide;
use crate::action::{ACTIONS, SCOPES};
use crate::line::Line;
use crate::state::{Hit, Overlay, Prompt, QuitChoice, State, Work};
use crate::update::found;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

pub(super) fn draw(state: &State, brush: &mut Brush<'_>, area: Rect) {
    toasts(state, brush, area);
    match &state.overlay {
        None => {}
        Some(Overlay::Palette { line, at }) => palette(state, brush, area, (line, *at)),
        Some(Overlay::Help { line, top }) => help(state, brush, area, (line, *top)),
        Some(Overlay::Prompt { prompt, line, error }) => {
            write(state, brush, area, (prompt, line, error.as_deref()));
        }
        Some(Overlay::Quit { choice }) => quit(state, brush, area, *choice),
        Some(Overlay::Text { title, lines, top }) => text(brush, area, title, (lines, *top)),
        Some(Overlay::Guide(guide)) => guide::draw(guide, brush, area),
    }
    if let Some(work) = &state.work {
        working(work, brush, area);
    }
}

/// A field in the middle, as large as there is room for.
fn middle(area: Rect, wide: u16, high: u16) -> Rect {
    let (wide, high) = (wide.min(area.width), high.min(area.height));
    Rect::new(area.x + (area.width - wide) / 2, area.y + (area.height - high) / 3, wide, high)
}

fn open(brush: &mut Brush<'_>, area: Rect, title: &str, right: &str) -> Rect {
    brush.clear(area);
    brush.frame(area, title, right, true)
}

/// Something that takes its time, and how far it has come.
fn working(work: &Work, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    let field = middle(area, 58, 4);
    let right = work.part.map_or(String::new(), |part| format!("{:.0} %", part * 100.0));
    let inner = open(brush, field, "", &right);
    let room = inner.width.saturating_sub(2);
    brush.within(inner.x + 1, inner.y, room, &work.says, theme.text());
    if let Some(part) = work.part.filter(|_| inner.height > 1) {
        brush.bar(inner.x + 1, inner.y + 1, room, part, theme.text().fg(theme.good));
    }
}

/// A line that is being written, with its cursor.
pub(super) fn line(brush: &mut Brush<'_>, area: Rect, line: &Line) {
    let theme = brush.theme;
    let text = line.text();
    // The cursor stays in sight.
    let skip = (line.cursor() + 1).saturating_sub(area.width as usize);
    let shown: String = text.chars().skip(skip).collect();
    brush.within(area.x, area.y, area.width, &shown, theme.text());
    let x = area.x + (line.cursor() - skip) as u16;
    if let Some(cell) = brush.buffer.cell_mut((x, area.y)) {
        cell.set_style(theme.accent().add_modifier(Modifier::REVERSED));
    }
}

fn palette(state: &State, brush: &mut Brush<'_>, area: Rect, (written, at): (&Line, usize)) {
    let theme = brush.theme;
    let field = middle(area, 76, 18);
    let inner = open(brush, field, "actions", "enter takes  esc closes");
    let [first, list] = rows(inner, [Some(1), None]);
    brush.styled(first.x, first.y, ":", theme.accent());
    let room = Rect::new(first.x + 1, first.y, first.width.saturating_sub(1), 1);
    line(brush, room, written);
    let found = found(state, &written.text());
    let page = list.height as usize;
    let top = at.saturating_sub(page.saturating_sub(1));
    for (row, (idx, spec)) in found.iter().enumerate().skip(top).take(page).enumerate() {
        let y = list.y + row as u16;
        let whole = Rect::new(list.x, y, list.width, 1);
        brush.hit(whole, Hit::Choice(idx));
        if idx == at {
            brush.buffer.set_style(whole, theme.chosen());
        }
        let style = if idx == at { theme.chosen() } else { theme.text() };
        brush.within(list.x + 1, y, 18, spec.name, style);
        let keys = state.bindings.keys(spec.scope, spec.action);
        let keys_room = (keys.chars().count() as u16).min(16);
        let style = if idx == at { style } else { theme.dim() };
        let room = list.width.saturating_sub(22 + keys_room);
        brush.within(list.x + 20, y, room, spec.says, style);
        brush.ending(list.right() - 1, y, keys_room, &keys, style);
    }
    if found.is_empty() {
        brush.within(list.x + 1, list.y, list.width, "there is no such action", theme.dim());
    }
}

fn help(state: &State, brush: &mut Brush<'_>, area: Rect, (written, top): (&Line, usize)) {
    let theme = brush.theme;
    let field = middle(area, 84, area.height.saturating_sub(2).max(3));
    let inner = open(brush, field, "keys", "type to search  esc closes");
    let [first, list] = rows(inner, [Some(1), None]);
    brush.styled(first.x, first.y, "/", theme.accent());
    line(brush, Rect::new(first.x + 1, first.y, first.width.saturating_sub(1), 1), written);
    let words = written.text().to_lowercase();
    let mut lines = Vec::new();
    // What matters on this screen comes first.
    let here = state.scopes();
    let others = SCOPES.iter().filter(|scope| !here.contains(scope));
    for scope in here.iter().chain(others).copied() {
        let before = lines.len();
        for spec in ACTIONS.iter().filter(|spec| spec.scope == scope) {
            let keys = state.bindings.keys(scope, spec.action);
            let text = format!("{} {} {keys}", spec.name, spec.says).to_lowercase();
            if words.split_whitespace().all(|word| text.contains(word)) {
                if lines.len() == before {
                    lines.push((scope.title().to_owned(), String::new()));
                }
                lines.push((format!("  {keys}"), spec.says.to_owned()));
            }
        }
    }
    let top = top.min(lines.len().saturating_sub(list.height as usize));
    for ((keys, says), y) in lines.iter().skip(top).zip(list.y..list.bottom()) {
        let style = if says.is_empty() { theme.title() } else { theme.accent() };
        brush.within(list.x, y, 17, keys, style);
        brush.within(list.x + 18, y, list.width.saturating_sub(18), says, theme.text());
    }
}

fn write(
    state: &State,
    brush: &mut Brush<'_>,
    area: Rect,
    (prompt, written, error): (&Prompt, &Line, Option<&str>),
) {
    let theme = brush.theme;
    let (title, says) = match prompt {
        Prompt::Param(name) => {
            let spec = state.current();
            let spec = spec.and_then(|run| run.about.specs.iter().find(|spec| spec.name == *name));
            let says = spec.map_or_else(String::new, |spec| {
                let range = spec.range();
                let doc = spec.doc.lines().next().unwrap_or_default();
                if range.is_empty() { doc.to_owned() } else { format!("{range}: {doc}") }
            });
            (format!("edit {name}"), says)
        }
        Prompt::Until => {
            let says = "return, length, success, steps or episodes; >=, <=, > or <; a number";
            ("run until".to_owned(), says.to_owned())
        }
        Prompt::Tag => {
            ("tag".to_owned(), "a word to find the session by; -word takes it away".to_owned())
        }
        Prompt::Note => ("note".to_owned(), "what is worth remembering".to_owned()),
        Prompt::Filter => {
            ("filter".to_owned(), "words that must be there, !word that must not".to_owned())
        }
        Prompt::NewPlugin => {
            let says = "`agent NAME` or `env NAME`: a crate that builds and runs as it is";
            ("new plugin".to_owned(), says.to_owned())
        }
    };
    let field = middle(area, 64, 4);
    let inner = open(brush, field, &title, "enter sets  esc cancels");
    line(brush, Rect::new(inner.x + 1, inner.y, inner.width.saturating_sub(2), 1), written);
    let (text, style) = match error {
        Some(error) => (error, theme.text().fg(theme.bad)),
        None => (&says[..], theme.dim()),
    };
    if inner.height > 1 {
        brush.within(inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), text, style);
    }
}

fn quit(state: &State, brush: &mut Brush<'_>, area: Rect, choice: QuitChoice) {
    let theme = brush.theme;
    let running = state.runs.iter().filter(|run| run.is_under_way()).count();
    let field = middle(area, 58, 5);
    let inner = open(brush, field, "quit", "");
    let text = match running {
        1 => "a run is under way".to_owned(),
        _ => format!("{running} runs are under way"),
    };
    brush.within(inner.x + 1, inner.y, inner.width.saturating_sub(1), &text, theme.text());
    let answers = [
        (QuitChoice::Detach, "detach"),
        (QuitChoice::Stop, "save and stop"),
        (QuitChoice::Stay, "cancel"),
    ];
    let mut x = inner.x + 1;
    for (idx, (answer, name)) in answers.iter().enumerate() {
        let style = if *answer == choice { theme.chosen() } else { theme.dim() };
        let wide = brush.within(x, inner.y + 2, 20, &format!(" {name} "), style);
        brush.hit(Rect::new(x, inner.y + 2, wide, 1), Hit::Choice(idx));
        x += wide + 2;
    }
}

fn text(brush: &mut Brush<'_>, area: Rect, title: &str, (lines, top): (&[String], usize)) {
    let theme = brush.theme;
    let wide = 92.min(area.width.saturating_sub(2)).max(10);
    let wrapped: Vec<String> =
        lines.iter().flat_map(|line| wrap(line, wide as usize - 4)).collect();
    let field = middle(area, wide, wrapped.len() as u16 + 2);
    let hint = if field.height < wrapped.len() as u16 + 2 {
        "arrows move  esc closes"
    } else {
        "esc closes"
    };
    let inner = open(brush, field, title, hint);
    let top = top.min(wrapped.len().saturating_sub(inner.height as usize));
    for (line, y) in wrapped.iter().skip(top).zip(inner.y..inner.bottom()) {
        brush.within(inner.x + 1, y, inner.width.saturating_sub(2), line, theme.text());
    }
}

/// A text in lines of at most so many letters, cut between words.
pub(super) fn wrap(text: &str, wide: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > wide {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

fn toasts(state: &State, brush: &mut Brush<'_>, area: Rect) {
    let theme = brush.theme;
    // Nothing lies in front of the few words that there is room for.
    let is_tiny = super::tier(state.size) == super::Tier::Tiny;
    for (row, toast) in state.toasts.iter().rev().enumerate() {
        // The newest stands lowest, above the keys.
        let Some(y) = area.bottom().checked_sub(2 + row as u16) else { return };
        if y <= area.y || is_tiny && y <= area.y + super::cockpit::TINY_LINES {
            return;
        }
        let text = format!(" {} ", toast.text);
        let room = area.width.saturating_sub(2);
        let wide = (unicode_width::UnicodeWidthStr::width(&text[..]) as u16).min(room);
        brush.ending(area.right() - 1, y, wide, &text, theme.chosen());
    }
}
