//! Turns points into characters, and puts labels in front of them.

use super::canvas::Canvas;
use super::{Label, Look};
use crate::glyph::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};

/// Bits of the dots of a braille character, row by row.
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// How bright a point must be to be a dot, in an order that spreads dots evenly (Bayer, 1973).
const THRESHOLDS: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

/// How points become dots where there are no colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dots {
    /// Lines, and the outlines of areas: what a drawing needs.
    Outlines,
    /// The brighter, the more of them: what a photograph needs.
    Shades,
}

/// The canvas as lines of text without blanks at their ends.
pub(super) fn lines(canvas: &Canvas, labels: &[Label], look: Look, dots: Dots) -> Vec<String> {
    let (columns, rows) = canvas.size();
    let letters = letters(canvas, labels);
    let cell = |row: usize, column: usize| match (letters[row * columns + column], look) {
        (Some((letter, _)), Look::Dots) => letter.to_string(),
        (Some((letter, color)), Look::Colors) => {
            let ground = area(canvas, column, 4 * row..4 * row + 4);
            styled(Some(color), ground, letter)
        }
        (None, Look::Dots) => braille(canvas, column, row, dots).to_string(),
        (None, Look::Colors) => blocks(canvas, column, row),
    };
    let line = |row| (0..columns).map(|column| cell(row, column)).collect::<String>();
    (0..rows).map(|row| line(row).trim_end_matches([' ', '\u{2800}']).to_owned()).collect()
}

/// The letter that stands in front of each character, with its color.
fn letters(canvas: &Canvas, labels: &[Label]) -> Vec<Option<(char, [u8; 3])>> {
    let (columns, rows) = canvas.size();
    let mut letters = vec![None; columns * rows];
    for label in labels {
        for (idx, &letter) in label.text.iter().enumerate() {
            let column = label.column.saturating_add(idx as i64);
            if (0..columns as i64).contains(&column) && (0..rows as i64).contains(&label.row) {
                letters[label.row as usize * columns + column as usize] =
                    Some((letter, label.color));
            }
        }
    }
    letters
}

/// Puts the canvas into a picture of the screen.
pub(super) fn fill(
    buffer: &mut Buffer,
    (left, top): (u16, u16),
    (canvas, labels): (&Canvas, &[Label]),
    glyphs: Glyphs,
    (look, dots): (Look, Dots),
) {
    let (columns, rows) = canvas.size();
    let letters = letters(canvas, labels);
    let color = |[r, g, b]: [u8; 3]| Color::Rgb(r, g, b);
    for row in 0..rows {
        for column in 0..columns {
            let upper = area(canvas, column, 4 * row..4 * row + 2);
            let lower = area(canvas, column, 4 * row + 2..4 * row + 4);
            let letter = letters[row * columns + column];
            let (sign, style) = match (letter, look) {
                (Some((letter, front)), Look::Colors) => {
                    let style = Style::new().fg(color(front));
                    let whole = area(canvas, column, 4 * row..4 * row + 4);
                    (letter, whole.map_or(style, |ground| style.bg(color(ground))))
                }
                (Some((letter, _)), Look::Dots) => (letter, Style::new()),
                (None, Look::Dots) if glyphs == Glyphs::Ascii => {
                    let bits = braille(canvas, column, row, dots) as u32 - 0x2800;
                    let sign = [' ', '.', ':', '+', '+', '*', '*', '#', '#'];
                    (sign[bits.count_ones() as usize], Style::new())
                }
                (None, Look::Dots) => (braille(canvas, column, row, dots), Style::new()),
                (None, Look::Colors) => match (upper, lower) {
                    (None, None) => continue,
                    (None, Some(lower)) => ('▄', Style::new().fg(color(lower))),
                    (Some(upper), None) => ('▀', Style::new().fg(color(upper))),
                    (Some(upper), Some(lower)) => {
                        ('▀', Style::new().fg(color(upper)).bg(color(lower)))
                    }
                },
            };
            let place = (left + column as u16, top + row as u16);
            if let Some(cell) = buffer.cell_mut(place) {
                cell.set_char(sign).set_style(style);
            }
        }
    }
}

/// A character of braille.
fn braille(canvas: &Canvas, column: usize, row: usize, how: Dots) -> char {
    let mut bits = 0x2800;
    for (dy, dots) in DOTS.iter().enumerate() {
        for (dx, dot) in dots.iter().enumerate() {
            let (x, y) = (2 * column + dx, 4 * row + dy);
            let is_dot = match how {
                Dots::Outlines => is_outline(canvas, x, y),
                Dots::Shades => is_bright(canvas, x, y),
            };
            bits |= if is_dot { *dot } else { 0 };
        }
    }
    char::from_u32(bits).expect("these are all characters of braille")
}

/// Whether a point belongs to a line, or another area or nothing begins to its left or above, or
/// the canvas ends.
fn is_outline(canvas: &Canvas, x: usize, y: usize) -> bool {
    let here = canvas.point(x, y);
    let (wide, high) = canvas.points();
    let at_edge = here.is_some() && (x == 0 || y == 0 || x + 1 == wide || y + 1 == high);
    let differs = |dx: usize, dy: usize| {
        let there = canvas.point(x - dx, y - dy);
        // A line is drawn already; what lies beside it needs no outline there.
        !there.is_some_and(|there| there.is_line) && there.map(|p| p.color) != here.map(|p| p.color)
    };
    here.is_some_and(|here| here.is_line)
        || at_edge
        || (x > 0 && differs(1, 0))
        || (y > 0 && differs(0, 1))
}

fn is_bright(canvas: &Canvas, x: usize, y: usize) -> bool {
    let threshold = 8 + 16 * THRESHOLDS[y % 4][x % 4];
    canvas.point(x, y).is_some_and(|point| brightness(point.color) >= threshold)
}

/// How bright a color looks (weights of BT.709).
fn brightness([red, green, blue]: [u8; 3]) -> u8 {
    ((54 * u32::from(red) + 183 * u32::from(green) + 19 * u32::from(blue)) >> 8) as u8
}

/// The upper and the lower half of a character, each in the color most of it has.
fn blocks(canvas: &Canvas, column: usize, row: usize) -> String {
    let upper = area(canvas, column, 4 * row..4 * row + 2);
    let lower = area(canvas, column, 4 * row + 2..4 * row + 4);
    match (upper, lower) {
        (None, None) => " ".to_owned(),
        (None, lower) => styled(lower, None, '▄'),
        (upper, lower) => styled(upper, lower, '▀'),
    }
}

/// The mean color of what is drawn in some rows of a character; nothing where nothing is.
fn area(canvas: &Canvas, column: usize, rows: std::ops::Range<usize>) -> Option<[u8; 3]> {
    let points = rows.flat_map(|y| [(2 * column, y), (2 * column + 1, y)]);
    let colors: Vec<_> = points.filter_map(|(x, y)| Some(canvas.point(x, y)?.color)).collect();
    let mean = |part: usize| {
        let sum: u32 = colors.iter().map(|color| u32::from(color[part])).sum();
        (sum / colors.len() as u32) as u8
    };
    (!colors.is_empty()).then(|| [mean(0), mean(1), mean(2)])
}

fn styled(front: Option<[u8; 3]>, ground: Option<[u8; 3]>, letter: char) -> String {
    let code = |what: u32, color: Option<[u8; 3]>| {
        color.map(|[red, green, blue]| format!("{what};2;{red};{green};{blue}"))
    };
    let codes: Vec<_> = [code(38, front), code(48, ground)].into_iter().flatten().collect();
    format!("\u{1b}[{}m{letter}\u{1b}[0m", codes.join(";"))
}
