//! A grid of dots, several to a character, each with a color.

use crate::glyph::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

/// The sign of a series where a character is one dot, or where there are no colors.
pub fn sign(number: usize) -> char {
    const SIGNS: [char; 6] = ['*', 'o', '+', 'x', '#', '@'];
    SIGNS[number % SIGNS.len()]
}

/// A grid of dots.
#[derive(Clone, Debug)]
pub struct Dots {
    columns: usize,
    rows: usize,
    glyphs: Glyphs,
    /// Dots of a cell as powers of two: dots are set by the hundred thousand.
    shifts: (u32, u32),
    /// A bit for each dot of a cell, row by row.
    bits: Vec<u8>,
    colors: Vec<Color>,
    signs: Vec<char>,
}

impl Dots {
    /// An empty grid over so many cells.
    pub fn new(columns: u16, rows: u16, glyphs: Glyphs) -> Self {
        let cells = columns as usize * rows as usize;
        Self {
            columns: columns as usize,
            rows: rows as usize,
            glyphs,
            shifts: (glyphs.dots().0.ilog2(), glyphs.dots().1.ilog2()),
            bits: vec![0; cells],
            colors: vec![Color::Reset; cells],
            signs: vec![' '; cells],
        }
    }

    /// Dots in a row.
    pub fn wide(&self) -> usize {
        self.columns * self.glyphs.dots().0
    }

    /// Dots in a column.
    pub fn high(&self) -> usize {
        self.rows * self.glyphs.dots().1
    }

    /// Sets a dot; what lies outside is left out.
    pub fn set(&mut self, x: i64, y: i64, color: Color, sign: char) {
        if x < 0 || y < 0 || x >= self.wide() as i64 || y >= self.high() as i64 {
            return;
        }
        let (wide, high) = self.shifts;
        let (x, y) = (x as usize, y as usize);
        let cell = (y >> high) * self.columns + (x >> wide);
        let (left, down) = (x & ((1 << wide) - 1), y & ((1 << high) - 1));
        self.bits[cell] |= 1 << ((down << wide) + left);
        self.colors[cell] = color;
        self.signs[cell] = sign;
    }

    /// Sets the dots of a line.
    pub fn line(&mut self, from: (i64, i64), to: (i64, i64), color: Color, sign: char) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        if dx == 0 {
            let last = self.high() as i64 - 1;
            let (top, bottom) = (from.1.min(to.1).max(0), from.1.max(to.1).min(last));
            (top..=bottom).for_each(|y| self.set(from.0, y, color, sign));
            return;
        }
        let count = dx.abs().max(dy.abs()).clamp(1, 1 << 14);
        for step in 0..=count {
            let at = |from: i64, length: i64| from + (2 * length * step + count) / (2 * count);
            self.set(at(from.0, dx), at(from.1, dy), color, sign);
        }
    }

    /// Draws the dots over what lies there.
    pub fn paint(&self, buffer: &mut Buffer, area: Rect) {
        for row in 0..self.rows {
            for column in 0..self.columns {
                let cell = row * self.columns + column;
                if self.bits[cell] == 0 {
                    continue;
                }
                let sign = if self.glyphs.dots() == (1, 1) {
                    self.signs[cell]
                } else {
                    self.glyphs.dot(self.bits[cell])
                };
                let place = (area.x + column as u16, area.y + row as u16);
                if let Some(there) = buffer.cell_mut(place) {
                    there.set_char(sign).set_style(Style::new().fg(self.colors[cell]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(glyphs: Glyphs, expected: &[&str]) {
        let area = Rect::new(0, 0, 4, 2);
        let mut dots = Dots::new(4, 2, glyphs);
        let (wide, high) = (dots.wide() as i64, dots.high() as i64);
        dots.line((0, 0), (wide - 1, high - 1), Color::Reset, '*');
        dots.set(-1, 0, Color::Reset, '*');
        dots.set(0, high, Color::Reset, '*');
        let mut buffer = Buffer::empty(area);
        dots.paint(&mut buffer, area);
        assert_eq!(buffer, Buffer::with_lines(expected.to_vec()));
    }

    #[test]
    fn a_line_is_drawn_in_every_tier() {
        check(Glyphs::Braille, &["⠑⢄  ", "  ⠑⢄"]);
        check(Glyphs::Half, &["▀▄  ", "  ▀▄"]);
        check(Glyphs::Ascii, &["**  ", "  **"]);
        // BLOCK OCTANT-14 and BLOCK OCTANT-58.
        check(Glyphs::Octant, &["\u{1cd04}\u{1cd80}  ", "  \u{1cd04}\u{1cd80}"]);
    }
}
