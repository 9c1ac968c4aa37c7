//! The screen as it stands: as text, and as a picture (SVG).

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

fn row(buffer: &Buffer, y: u16) -> impl Iterator<Item = &Cell> {
    (buffer.area.x..buffer.area.right()).filter_map(move |x| buffer.cell((x, y)))
}

/// The screen as lines of text.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in buffer.area.y..buffer.area.bottom() {
        let line: String = row(buffer, y).map(Cell::symbol).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Points of a cell in the picture.
const CELL: (u32, u32) = (9, 18);

/// The screen as a picture.
pub fn svg(buffer: &Buffer) -> String {
    let (wide, high) =
        (u32::from(buffer.area.width) * CELL.0, u32::from(buffer.area.height) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" \
         font-family=\"monospace\" font-size=\"15\">\n\
         <rect width=\"{wide}\" height=\"{high}\" fill=\"#12161c\"/>\n"
    );
    for y in buffer.area.y..buffer.area.bottom() {
        for (x, cell) in row(buffer, y).enumerate() {
            let (left, top) = (x as u32 * CELL.0, u32::from(y) * CELL.1);
            let is_reversed = cell.modifier.contains(Modifier::REVERSED);
            let front = hex(if is_reversed { cell.bg } else { cell.fg }, is_reversed);
            if cell.bg != Color::Reset || is_reversed {
                let ground = hex(if is_reversed { cell.fg } else { cell.bg }, !is_reversed);
                // A string takes everything.
                let _ = writeln!(
                    out,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"{ground}\"/>",
                    CELL.0, CELL.1
                );
            }
            let symbol = cell.symbol();
            if symbol.trim().is_empty() {
                continue;
            }
            let weight =
                if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let symbol = symbol.replace('&', "&amp;").replace('<', "&lt;");
            let _ = writeln!(
                out,
                "<text x=\"{left}\" y=\"{}\" textLength=\"{}\" fill=\"{front}\"{weight}>\
                 {symbol}</text>",
                top + 14,
                CELL.0
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn hex(color: Color, is_ground: bool) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        _ if is_ground => "#12161c".to_owned(),
        _ => "#d8dee9".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn text_and_picture_show_what_the_screen_shows() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
        let red = Style::new().fg(Color::Rgb(255, 0, 0)).add_modifier(Modifier::BOLD);
        buffer.set_string(1, 0, "a<&", red);
        buffer.set_string(0, 1, "⣿", Style::new().bg(Color::Rgb(1, 2, 3)));
        assert_eq!(text(&buffer), " a<&\n⣿\n");
        let svg = svg(&buffer);
        let letter = "<text x=\"18\" y=\"14\" textLength=\"9\" fill=\"#ff0000\" \
                      font-weight=\"bold\">&lt;</text>";
        assert!(svg.contains(letter), "{svg}");
        assert!(svg.contains("fill=\"#010203\"") && svg.ends_with("</svg>\n"), "{svg}");
        assert_eq!(svg.matches("<text").count(), 4);
    }
}
