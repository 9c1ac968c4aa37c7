//! What panels draw with: texts that stay in their room, frames, bars, short histories.

use crate::glyph::Glyphs;
use crate::state::{Hit, Map};
use crate::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Draws on a picture of the screen and keeps what the mouse can do there.
#[derive(Debug)]
pub struct Brush<'a> {
    /// The picture.
    pub buffer: &'a mut Buffer,
    /// Colors.
    pub theme: Theme,
    /// Characters.
    pub glyphs: Glyphs,
    /// What the mouse can do.
    pub map: Map,
}

impl<'a> Brush<'a> {
    /// A brush for an empty picture.
    pub fn new(buffer: &'a mut Buffer, theme: Theme, glyphs: Glyphs) -> Self {
        Self { buffer, theme, glyphs, map: Map::default() }
    }

    /// A click there means this.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        let area = area.intersection(self.buffer.area);
        if !area.is_empty() {
            self.map.hits.push((area, hit));
        }
    }

    /// Writes ordinary text; returns its width.
    pub fn text(&mut self, x: u16, y: u16, room: u16, text: &str) -> u16 {
        let style = self.theme.text();
        self.within(x, y, room, text, style)
    }

    /// Writes text up to the edge of the picture; returns its width.
    pub fn styled(&mut self, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let room = self.buffer.area.right().saturating_sub(x);
        self.within(x, y, room, text, style)
    }

    /// Writes as much of a text as there is room for; returns its width.
    pub fn within(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if x >= area.right() || y >= area.bottom() || y < area.y {
            return 0;
        }
        let room = room.min(area.right() - x);
        let plain;
        let text = if self.glyphs == Glyphs::Ascii && !text.is_ascii() {
            plain = ascii(text);
            &plain
        } else {
            text
        };
        let (end, _) = self.buffer.set_stringn(x, y, text, room as usize, style);
        end - x
    }

    /// Writes text that ends at a column.
    pub fn ending(&mut self, right: u16, y: u16, room: u16, text: &str, style: Style) {
        let wide = (unicode_width::UnicodeWidthStr::width(text) as u16).min(room);
        self.within(right.saturating_sub(wide), y, wide, text, style);
    }

    /// Draws a frame with a title and says what is inside.
    pub fn frame(&mut self, area: Rect, title: &str, right: &str, has_focus: bool) -> Rect {
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let style = if has_focus { self.theme.accent() } else { self.theme.frame() };
        let edges = if self.glyphs == Glyphs::Ascii { "+-+|+-+" } else { "╭─╮│╰─╯" };
        let edge: Vec<char> = edges.chars().collect();
        let (right_x, bottom) = (area.right() - 1, area.bottom() - 1);
        let mut put = |x: u16, y: u16, letter: char| self.put(x, y, letter, style);
        for x in area.x + 1..right_x {
            put(x, area.y, edge[1]);
            put(x, bottom, edge[5]);
        }
        for y in area.y + 1..bottom {
            put(area.x, y, edge[3]);
            put(right_x, y, edge[3]);
        }
        put(area.x, area.y, edge[0]);
        put(right_x, area.y, edge[2]);
        put(area.x, bottom, edge[4]);
        put(right_x, bottom, edge[6]);
        let room = area.width.saturating_sub(4);
        let title_style = if has_focus { self.theme.accent() } else { self.theme.title() };
        let used = if title.is_empty() {
            0
        } else {
            self.within(area.x + 2, area.y, room, &format!(" {title} "), title_style)
        };
        let wide = right.chars().count() as u16 + 2;
        if !right.is_empty() && used + wide < room {
            let x = area.right() - 2 - wide;
            self.within(x, area.y, wide, &format!(" {right} "), self.theme.dim());
        }
        Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    }

    /// Writes one letter, where that is within the picture.
    fn put(&mut self, x: u16, y: u16, letter: char, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_char(letter).set_style(style);
        }
    }

    /// Empties a field, for something in front.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }

    /// A bar that is full to a part, 0 to 1.
    pub fn bar(&mut self, x: u16, y: u16, wide: u16, part: f64, style: Style) {
        let full = (part.clamp(0.0, 1.0) * f64::from(wide)).round() as u16;
        let (on, off) = (self.glyphs.pick("█", "#"), self.glyphs.pick("░", "."));
        for idx in 0..wide {
            let (sign, style) = if idx < full { (on, style) } else { (off, self.theme.frame()) };
            self.put(x + idx, y, sign.chars().next().unwrap_or(' '), style);
        }
    }

    /// A short history as bars, scaled to its own range or around 0.
    pub fn spark(&mut self, area: Rect, numbers: impl Iterator<Item = f64>, style: Style) {
        let numbers: Vec<f64> = numbers.collect();
        let finite = || numbers.iter().copied().filter(|number| number.is_finite());
        let (low, high) =
            (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        let low = if low > 0.0 && low < 0.5 * high { 0.0 } else { low };
        let eighths = usize::from(area.height) * 8;
        let start = area.right().saturating_sub(numbers.len() as u16).max(area.x);
        for (idx, number) in numbers.iter().enumerate().take(area.width as usize) {
            let part = if high > low { (number - low) / (high - low) } else { 0.5 };
            // The lowest is seen, too.
            let tall = 1 + (part * (eighths - 1) as f64).round().max(0.0) as usize;
            for row in 0..area.height {
                let here = tall.saturating_sub(usize::from(row) * 8).min(8);
                if here > 0 && number.is_finite() {
                    let y = area.bottom() - 1 - row;
                    self.put(start + idx as u16, y, self.glyphs.bar(here), style);
                }
            }
        }
    }
}

/// The nearest letters where there is nothing but ASCII.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            letter if letter.is_ascii() => letter,
            '±' => '~',
            '×' => 'x',
            '–' | '—' | '─' => '-',
            '·' | '…' | '░' => '.',
            '→' => '>',
            '█' | '▓' => '#',
            _ => '?',
        })
        .collect()
}

/// Cuts a field into columns by weights, without gaps.
pub(super) fn columns<const N: usize>(area: Rect, weights: [u16; N]) -> [Rect; N] {
    let all: u16 = weights.iter().sum();
    let mut left = area.x;
    let mut sum = 0;
    weights.map(|weight| {
        sum += weight;
        let right =
            area.x + (u32::from(area.width) * u32::from(sum) / u32::from(all.max(1))) as u16;
        let column = Rect::new(left, area.y, right - left, area.height);
        left = right;
        column
    })
}

/// Cuts a field into rows of these heights; what is left goes to the one without a height.
pub(super) fn rows<const N: usize>(area: Rect, heights: [Option<u16>; N]) -> [Rect; N] {
    let fixed: u16 = heights.iter().flatten().sum();
    let rest = area.height.saturating_sub(fixed);
    let mut y = area.y;
    heights.map(|height| {
        let height = height.unwrap_or(rest).min(area.bottom().saturating_sub(y));
        let row = Rect::new(area.x, y, area.width, height);
        y += height;
        row
    })
}
