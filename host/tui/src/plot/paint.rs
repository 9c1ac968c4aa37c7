//! What stands around and between the lines of a chart: axes, numbers, marks, gaps, signs, and the
//! crosshair.

use super::axis::ticks as round_ticks;
use super::{Along, Column, Ink, Line, Mark, Placed, Scale};
use crate::glyph::Glyphs;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// The sign of each line every so often along it, at other places than those of its neighbours.
pub(super) fn signs(
    buffer: &mut Buffer,
    inner: Rect,
    glyphs: Glyphs,
    (lines, columns): (&[Line<'_>], &[Vec<Column>]),
    place: &impl Fn(f64) -> i64,
) {
    const APART: u16 = 12;
    let (wide, tall) = glyphs.dots();
    for (number, (line, columns)) in lines.iter().zip(columns).enumerate() {
        for cell in (number as u16 * 5 % APART..inner.width).step_by(APART as usize) {
            let mut dots = columns[cell as usize * wide..].iter().take(wide);
            let seen = dots.find(|column| !column.extremes.is_empty());
            let Some(Column { extremes, mean }) = seen else { continue };
            let y = place(mean.unwrap_or(f64::midpoint(extremes.low, extremes.high)));
            let row = (y.max(0) as u16 / tall as u16).min(inner.height - 1);
            buffer[(inner.x + cell, inner.y + row)].set_char(line.sign);
        }
    }
}

pub(super) fn axes(
    buffer: &mut Buffer,
    area: Rect,
    glyphs: Glyphs,
    (placed, ticks_y, ink): (Placed, &[(f64, String)], Ink),
    scale: Scale,
) {
    let style = Style::new().fg(ink.axis);
    let inner = placed.area;
    let bar = glyphs.pick("│", "|");
    for row in inner.y..inner.bottom() {
        buffer[(inner.x - 1, row)].set_symbol(bar).set_style(style);
    }
    for (value, text) in ticks_y {
        let part = scale.part(*value, placed.range);
        if !(-1e-9..=1.0 + 1e-9).contains(&part) {
            continue;
        }
        let row = inner.y + ((1.0 - part) * f64::from(inner.height - 1)).round() as u16;
        let room = (inner.x - area.x).saturating_sub(1) as usize;
        let text: String = text.chars().take(room).collect();
        let left = inner.x - 1 - text.chars().count() as u16;
        buffer.set_string(left, row, text, style);
        buffer.set_string(inner.x - 1, row, glyphs.pick("┤", "+"), style);
    }
    let row = inner.bottom();
    let rule = glyphs.pick("─", "-");
    for column in inner.x..inner.right() {
        buffer[(column, row)].set_symbol(rule).set_style(style);
    }
    buffer.set_string(inner.x - 1, row, glyphs.pick("└", "+"), style);
}

/// Numbers along x, where no mark stands in their place.
pub(super) fn ticks(
    buffer: &mut Buffer,
    glyphs: Glyphs,
    (placed, along): (Placed, Along<'_>),
    ink: Ink,
) {
    let (inner, style) = (placed.area, Style::new().fg(ink.axis));
    let (row, rule) = (inner.bottom(), glyphs.pick("─", "-"));
    let wanted = (inner.width / 14).max(2) as usize;
    for (value, text) in round_ticks(along.ends.0, along.ends.1, wanted) {
        let part = (value - along.ends.0) / (along.ends.1 - along.ends.0);
        let column = inner.x + (part * f64::from(inner.width - 1)).round() as u16;
        let length = text.chars().count() as u16;
        let is_free = (column..column + length)
            .all(|x| x < inner.right() && buffer[(x, row)].symbol() == rule);
        if is_free {
            buffer.set_string(column, row, text, style);
        }
    }
}

fn column_of(placed: Placed, along: Along<'_>, x: f64) -> Option<u16> {
    let part = along.part(x);
    let column = (part * f64::from(placed.area.width)).floor();
    (0.0..=1.0)
        .contains(&part)
        .then(|| placed.area.x + (column as u16).min(placed.area.width.saturating_sub(1)))
}

pub(super) fn marks(buffer: &mut Buffer, (placed, along): (Placed, Along<'_>), marks: &[Mark]) {
    for mark in marks {
        if let Some(column) = column_of(placed, along, mark.x) {
            let style = Style::new().fg(mark.color).add_modifier(Modifier::BOLD);
            buffer.set_string(column, placed.area.bottom(), mark.letter.to_string(), style);
        }
    }
}

/// A gap is marked where it is, at the foot of the chart.
pub(super) fn gaps(
    buffer: &mut Buffer,
    placed: Placed,
    (columns, wide): (&[Vec<Column>], usize),
    glyphs: Glyphs,
    ink: Ink,
) {
    let inner = placed.area;
    for column in 0..inner.width {
        let dots = column as usize * wide / inner.width as usize
            ..(column as usize + 1) * wide / inner.width as usize;
        if columns.iter().any(|line| line[dots.clone()].iter().any(|c| c.extremes.gap)) {
            let style = Style::new().fg(ink.accent).add_modifier(Modifier::BOLD);
            let row = inner.bottom() - 1;
            buffer.set_string(inner.x + column, row, glyphs.pick("×", "x"), style);
        }
    }
}

pub(super) fn cross(
    buffer: &mut Buffer,
    (placed, along): (Placed, Along<'_>),
    glyphs: Glyphs,
    x: f64,
    ink: Ink,
) {
    let Some(column) = column_of(placed, along, x) else { return };
    let style = Style::new().fg(ink.accent);
    for row in placed.area.y..placed.area.bottom() {
        let cell = &mut buffer[(column, row)];
        if cell.symbol() == " " {
            cell.set_symbol(glyphs.pick("┊", ":"));
        }
        cell.set_style(style);
    }
}
