//! Turns what changed between two pictures of the screen into bytes, in the colors there are, as
//! one frame that the terminal shows at once. crossterm words the bytes.

use super::Colors;
use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::{
    Attribute, Color as Ink, Print, SetAttribute, SetBackgroundColor, SetForegroundColor,
};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

/// Knows what the terminal shows.
#[derive(Debug)]
pub struct Painter {
    colors: Colors,
    shown: Buffer,
    /// What lies on the screen is not known: everything is drawn.
    is_stale: bool,
    bytes: Vec<u8>,
}

/// How letters look at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    front: Color,
    ground: Color,
    modifiers: Modifier,
}

const PLAIN: Pen = Pen { front: Color::Reset, ground: Color::Reset, modifiers: Modifier::empty() };

/// Words of the terminal, written to memory, which takes everything.
macro_rules! words {
    ($bytes:expr, $($command:expr),+) => {
        queue!($bytes, $($command),+).expect("memory takes everything")
    };
}

impl Painter {
    /// Nothing is known of what is shown.
    pub fn new(colors: Colors) -> Self {
        // Which colors there are is known here; crossterm is not to look for itself.
        crossterm::style::force_color_output(true);
        Self { colors, shown: Buffer::empty(Rect::ZERO), is_stale: true, bytes: Vec::new() }
    }

    /// Whatever is on the screen, the next frame draws all of it.
    pub fn forget(&mut self) {
        self.is_stale = true;
    }

    /// The bytes that lead from what is shown to `next`, which is swapped for the old picture; none
    /// where nothing changed.
    pub fn frame(&mut self, next: &mut Buffer) -> &[u8] {
        self.bytes.clear();
        if self.shown.area != next.area || self.is_stale {
            self.shown = Buffer::empty(next.area);
            words!(
                self.bytes,
                BeginSynchronizedUpdate,
                SetAttribute(Attribute::Reset),
                Clear(ClearType::All)
            );
            self.is_stale = false;
        }
        self.changes(next);
        std::mem::swap(&mut self.shown, next);
        if !self.bytes.is_empty() {
            words!(self.bytes, EndSynchronizedUpdate);
        }
        &self.bytes
    }

    /// Whatever is in a field, the next frame draws all of it.
    pub fn forget_field(&mut self, field: Rect) {
        let field = field.intersection(self.shown.area);
        for y in field.y..field.bottom() {
            for x in field.x..field.right() {
                // No letter is ever drawn like this, so every one is another.
                self.shown[(x, y)].set_symbol("\u{e000}");
            }
        }
    }

    /// The bytes of the latest frame.
    pub fn latest(&self) -> &[u8] {
        &self.bytes
    }

    /// What is shown.
    pub fn shown(&self) -> &Buffer {
        &self.shown
    }

    fn changes(&mut self, next: &Buffer) {
        let mut pen = PLAIN;
        let mut at: Option<(u16, u16)> = None;
        let mut bytes = std::mem::take(&mut self.bytes);
        for (x, y, cell) in self.shown.diff_iter(next) {
            if bytes.is_empty() {
                words!(bytes, BeginSynchronizedUpdate);
            }
            if at != Some((x, y)) {
                words!(bytes, MoveTo(x, y));
            }
            let wanted = Pen { front: cell.fg, ground: cell.bg, modifiers: cell.modifier };
            change_pen(&mut bytes, pen, wanted, self.colors);
            pen = wanted;
            words!(bytes, Print(cell.symbol()));
            let wide = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1) as u16;
            at = Some((x + wide, y)).filter(|(x, _)| *x < next.area.right());
        }
        if pen != PLAIN {
            words!(bytes, SetAttribute(Attribute::Reset));
        }
        self.bytes = bytes;
    }
}

fn change_pen(bytes: &mut Vec<u8>, from: Pen, to: Pen, colors: Colors) {
    let (mut before, to) = (visible(from, colors), visible(to, colors));
    if before.modifiers != to.modifiers {
        words!(bytes, SetAttribute(Attribute::Reset));
        before = PLAIN;
        let codes = [
            (Modifier::BOLD, Attribute::Bold),
            (Modifier::DIM, Attribute::Dim),
            (Modifier::ITALIC, Attribute::Italic),
            (Modifier::UNDERLINED, Attribute::Underlined),
            (Modifier::REVERSED, Attribute::Reverse),
        ];
        for (modifier, attribute) in codes {
            if to.modifiers.contains(modifier) {
                words!(bytes, SetAttribute(attribute));
            }
        }
    }
    if before.front != to.front {
        words!(bytes, SetForegroundColor(ink(to.front, colors)));
    }
    if before.ground != to.ground {
        words!(bytes, SetBackgroundColor(ink(to.ground, colors)));
    }
}

/// What of a pen can be seen where colors are missing.
fn visible(pen: Pen, colors: Colors) -> Pen {
    if colors != Colors::None {
        return pen;
    }
    let mut modifiers = pen.modifiers;
    // A field in another color is told apart by being reversed.
    if pen.ground != Color::Reset {
        modifiers |= Modifier::REVERSED;
    }
    Pen { front: Color::Reset, ground: Color::Reset, modifiers }
}

/// The nearest color there is.
fn ink(color: Color, colors: Colors) -> Ink {
    match (color, colors) {
        (Color::Rgb(r, g, b), Colors::True) => Ink::Rgb { r, g, b },
        (Color::Rgb(r, g, b), Colors::Palette) => Ink::AnsiValue(palette([r, g, b])),
        (Color::Rgb(r, g, b), _) => Ink::AnsiValue(sixteen([r, g, b])),
        (Color::Indexed(index), _) => Ink::AnsiValue(index),
        _ => Ink::Reset,
    }
}

/// The nearest of the palette: a cube of six steps each, and a ramp of greys.
pub(crate) fn palette(rgb: [u8; 3]) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |part: u8| {
        let distance = |idx: &usize| STEPS[*idx].abs_diff(part);
        (0..6).min_by_key(distance).unwrap_or(0)
    };
    let cube = rgb.map(nearest);
    let of_cube = cube.map(|idx| STEPS[idx]);
    let mean = rgb.iter().map(|&part| u32::from(part)).sum::<u32>() / 3;
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let of_grey = [8 + 10 * grey; 3];
    if distance(rgb, of_grey) < distance(rgb, of_cube) {
        232 + grey
    } else {
        (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8
    }
}

/// The nearest of the sixteen, as most terminals show them.
fn sixteen(rgb: [u8; 3]) -> u8 {
    const USUAL: [[u8; 3]; 16] = [
        [0, 0, 0],
        [205, 0, 0],
        [0, 205, 0],
        [205, 205, 0],
        [0, 0, 238],
        [205, 0, 205],
        [0, 205, 205],
        [229, 229, 229],
        [127, 127, 127],
        [255, 0, 0],
        [0, 255, 0],
        [255, 255, 0],
        [92, 92, 255],
        [255, 0, 255],
        [0, 255, 255],
        [255, 255, 255],
    ];
    (0..16).min_by_key(|idx| distance(rgb, USUAL[*idx as usize])).unwrap_or(7)
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn text(painter: &mut Painter, next: &mut Buffer) -> String {
        String::from_utf8(painter.frame(next).to_vec()).expect("only text is drawn")
    }

    #[test]
    fn only_what_changed_is_drawn_and_nothing_when_nothing_did() {
        let mut painter = Painter::new(Colors::True);
        let red = Style::new().fg(Color::Rgb(1, 2, 3)).add_modifier(Modifier::BOLD);
        let picture = || {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
            buffer.set_string(1, 1, "ab", red);
            buffer
        };
        let first = text(&mut painter, &mut picture());
        let expected =
            "\x1b[?2026h\x1b[0m\x1b[2J\x1b[2;2H\x1b[0m\x1b[1m\x1b[38;2;1;2;3mab\x1b[0m\x1b[?2026l";
        assert_eq!(first, expected);
        assert_eq!(text(&mut painter, &mut picture()), "");
        let mut next = picture();
        next.set_string(2, 1, "c", red);
        let expected = "\x1b[?2026h\x1b[2;3H\x1b[0m\x1b[1m\x1b[38;2;1;2;3mc\x1b[0m\x1b[?2026l";
        assert_eq!(text(&mut painter, &mut next), expected);
        painter.forget();
        assert!(text(&mut painter, &mut picture()).contains("\x1b[2J"));
    }

    #[test]
    fn colors_are_brought_to_what_there_is() {
        let drawn = |colors: Colors| {
            let mut painter = Painter::new(colors);
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
            let style = Style::new().fg(Color::Rgb(250, 10, 10)).bg(Color::Rgb(0, 0, 95));
            buffer.set_string(0, 0, "x", style);
            text(&mut painter, &mut buffer)
        };
        assert!(drawn(Colors::True).contains("\x1b[38;2;250;10;10m\x1b[48;2;0;0;95mx"));
        assert!(drawn(Colors::Palette).contains("\x1b[38;5;196m\x1b[48;5;17mx"));
        assert!(
            drawn(Colors::Sixteen).contains("\x1b[38;5;9m\x1b[48;5;0mx"),
            "{:?}",
            drawn(Colors::Sixteen)
        );
        assert!(drawn(Colors::None).contains("\x1b[0m\x1b[7mx"), "{:?}", drawn(Colors::None));
    }
}
