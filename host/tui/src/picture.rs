//! Draws a scene with characters: what a world looks like, in a terminal or in a file.
//!
//! Shapes are drawn on a grid of points, two by four to a character. Without colors the points of
//! a character become one of the 256 patterns of braille: lines and outlines of a drawing, shades
//! of a photograph. With colors it becomes two blocks, one above the other.

mod canvas;
mod cells;
pub mod image;

use crate::glyph::Glyphs;
use canvas::Canvas;
use cells::Dots;
use plugin_api::scene::{Frame, Scene, Shape};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How points become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Patterns of dots, without an escape byte.
    Dots,
    /// Colored blocks, for a terminal that knows 24-bit colors.
    Colors,
}

/// The scene as lines of text, at most so many columns and rows of picture. Text of the scene's own
/// follows below.
pub fn draw(scene: &Scene, columns: usize, rows: usize, look: Look) -> String {
    let mut lines = Vec::new();
    if let Some((canvas, labels)) = paint(scene, columns, rows) {
        let dots = if scene.frame.is_some() { Dots::Shades } else { Dots::Outlines };
        lines.extend(cells::lines(&canvas, &labels, look, dots));
    }
    lines.extend(plain(&scene.text).lines().map(|line| line.trim_end().to_owned()));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Draws the scene into a field of the screen, in the middle of it, with its text below.
pub fn paint_cells(buffer: &mut Buffer, area: Rect, scene: &Scene, glyphs: Glyphs, look: Look) {
    let text = plain(&scene.text);
    let lines: Vec<&str> = text.lines().collect();
    // A picture leaves its text as much room as it needs, up to half of the field.
    let below = (lines.len() as u16).min(area.height / 2);
    let high =
        if scene.shapes.is_empty() && scene.frame.is_none() { 0 } else { area.height - below };
    let mut y = area.y;
    if let Some((canvas, labels)) = paint(scene, area.width as usize, high as usize) {
        let dots = if scene.frame.is_some() { Dots::Shades } else { Dots::Outlines };
        let (columns, rows) = canvas.size();
        let x = area.x + (area.width - columns as u16) / 2;
        cells::fill(buffer, (x, y), (&canvas, &labels), glyphs, (look, dots));
        y += rows as u16;
    }
    for (line, y) in lines.iter().zip(y..area.bottom()) {
        buffer.set_stringn(area.x, y, line, area.width as usize, ratatui::style::Style::new());
    }
}

/// Text with its place on the canvas, in characters.
#[derive(Clone, Debug)]
struct Label {
    column: i64,
    row: i64,
    text: Vec<char>,
    color: [u8; 3],
}

/// The canvas with all shapes on it; nothing where there is nothing to draw.
fn paint(scene: &Scene, columns: usize, rows: usize) -> Option<(Canvas, Vec<Label>)> {
    if let Some(frame) = &scene.frame {
        return Some((paint_frame(frame, columns, rows)?, Vec::new()));
    }
    let [left, bottom, right, top] = scene.view.map(f64::from);
    let (width, height) = (right - left, top - bottom);
    if scene.shapes.is_empty() || !(width.is_finite() && height.is_finite()) {
        return None;
    }
    let (mut canvas, scale) = Canvas::fitting(width, height, columns, rows)?;
    let mut labels = Vec::new();
    let place = |[x, y]: [f32; 2]| [(f64::from(x) - left) * scale, (top - f64::from(y)) * scale];
    for shape in &scene.shapes {
        match shape {
            Shape::Path { points, fill, color } => {
                let points: Vec<_> = points.iter().map(|&point| place(point)).collect();
                let color = [color.0, color.1, color.2];
                if *fill { canvas.fill(&points, color) } else { canvas.stroke(&points, color) }
            }
            Shape::Circle { center, radius, fill, color } => {
                let (center, radius) = (place(*center), f64::from(*radius) * scale);
                canvas.circle(center, radius, *fill, [color.0, color.1, color.2]);
            }
            Shape::Label { at, text, color } => {
                let text: Vec<char> = plain(text).chars().filter(|c| *c != '\n').collect();
                let [x, y] = place(*at);
                let column = (x / 2.0 - text.len() as f64 / 2.0).round() as i64;
                let row = (y / 4.0).floor() as i64;
                labels.push(Label { column, row, text, color: [color.0, color.1, color.2] });
            }
        }
    }
    Some((canvas, labels))
}

/// Pixels, averaged where there are more of them than points.
fn paint_frame(frame: &Frame, columns: usize, rows: usize) -> Option<Canvas> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let bytes = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(3));
    if bytes != Some(frame.rgb.len()) {
        return None;
    }
    let (mut canvas, _) = Canvas::fitting(width as f64, height as f64, columns, rows)?;
    let (wide, high) = canvas.points();
    let span = |at: usize, points: usize, pixels: usize| {
        let from = at * pixels / points;
        from..((at + 1) * pixels).div_ceil(points).max(from + 1).min(pixels)
    };
    for y in 0..high {
        for x in 0..wide {
            let (mut sum, mut count) = ([0_u64; 3], 0);
            for row in span(y, high, height) {
                for column in span(x, wide, width) {
                    let pixel = &frame.rgb[3 * (row * width + column)..][..3];
                    sum.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += u64::from(*part));
                    count += 1;
                }
            }
            canvas.set(x, y, sum.map(|part| (part / count.max(1)) as u8));
        }
    }
    Some(canvas)
}

/// Text without escape sequences and other control characters, apart from ends of lines.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                // Such a sequence ends with the first letter or sign beyond the digits.
                while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {}
            }
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::scene::Color;

    #[track_caller]
    fn check(scene: &Scene, columns: usize, rows: usize, expected: &[&str]) {
        let text = draw(scene, columns, rows, Look::Dots);
        assert_eq!(text.lines().collect::<Vec<_>>(), expected, "\n{text}");
    }

    fn scene(paint: impl FnOnce(&mut Scene)) -> Scene {
        let mut scene = Scene::default();
        paint(&mut scene);
        scene
    }

    #[test]
    fn lines_and_circles() {
        let cross = scene(|scene| {
            scene.view(0.0, 0.0, 16.0, 16.0);
            scene.line([0.0, 0.0], [16.0, 16.0], Color::WHITE);
            scene.line([0.0, 16.0], [16.0, 0.0], Color::WHITE);
        });
        check(&cross, 8, 8, &["⠑⢄⠀⠀⠀⠀⢀⠜", "⠀⠀⠑⢄⢀⠔⠁", "⠀⠀⢀⠔⠑⢄", "⣀⠔⠁⠀⠀⠀⠑⢄"]);
        let circle = scene(|scene| {
            scene.view(-8.0, -8.0, 8.0, 8.0).circle([0.0, 0.0], 7.5, Color::GREEN);
        });
        check(&circle, 8, 8, &["⢀⡴⠚⠉⠉⠓⢦⡀", "⡞⠀⠀⠀⠀⠀⠀⢳", "⢧⠀⠀⠀⠀⠀⠀⡼", "⠈⠳⢤⣀⣀⡤⠞⠁"]);
    }

    #[test]
    fn areas_are_outlined_and_later_ones_hide_earlier_ones() {
        let board = scene(|scene| {
            scene.view(0.0, 0.0, 20.0, 16.0).rect([0.0, 0.0], [20.0, 16.0], Color::WHITE);
            scene.rect([6.0, 4.0], [8.0, 8.0], Color::RED);
            scene.rect([10.0, 0.0], [10.0, 8.0], Color::WHITE);
        });
        let expected = ["⡏⠉⠉⠉⠉⠉⠉⠉⠉⢹", "⡇⠀⠀⡏⠉⠉⠉⡇⠀⢸", "⡇⠀⠀⡇⠀⡏⠉⠀⠀⢸", "⣇⣀⣀⣉⣉⣀⣀⣀⣀⣸"];
        check(&board, 10, 4, &expected);
    }

    #[test]
    fn labels_stand_in_front_and_end_with_the_picture() {
        let board = scene(|scene| {
            scene.view(0.0, 0.0, 20.0, 8.0);
            scene.label([10.0, 2.0], "go!", Color::WHITE).label([0.0, 6.0], "left", Color::WHITE);
            scene.label([20.0, 6.0], "right", Color::WHITE).label([10.0, 20.0], "no", Color::WHITE);
        });
        check(&board, 10, 4, &["ft⠀⠀⠀⠀⠀⠀ri", "⠀⠀⠀⠀go!"]);
    }

    #[test]
    fn brighter_pixels_have_more_dots() {
        let grey = |level: u8| {
            scene(|scene| {
                scene.pixels(8, 4, vec![level; 3 * 8 * 4]);
            })
        };
        check(&grey(255), 4, 4, &["⣿⣿⣿⣿"]);
        check(&grey(128), 4, 4, &["⢕⢕⢕⢕"]);
        check(&grey(0), 4, 4, &[]);
    }

    #[test]
    fn the_picture_keeps_its_shape_within_the_room_there_is() {
        let wide = scene(|scene| {
            scene.view(0.0, 0.0, 100.0, 10.0).rect([0.0, 0.0], [100.0, 10.0], Color::WHITE);
        });
        for (columns, rows) in [(40, 20), (40, 1), (1, 1), (7, 3)] {
            let text = draw(&wide, columns, rows, Look::Dots);
            assert!(text.lines().count() <= rows, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
        }
        assert_eq!(draw(&wide, 40, 20, Look::Dots).lines().count(), 2);
        assert_eq!(draw(&wide, 0, 0, Look::Dots), "");
    }

    #[test]
    fn pixels_are_averaged() {
        let mut rgb = vec![0; 3 * 64 * 32];
        rgb[..3 * 64 * 16].fill(255);
        let frame = scene(|scene| {
            scene.pixels(64, 32, rgb);
        });
        check(&frame, 8, 8, &["⣿⣿⣿⣿⣿⣿⣿⣿"]);
        let mut broken = scene(|scene| {
            scene.pixels(1, 1, vec![0; 3]);
        });
        broken.frame.as_mut().expect("it has one").width = u32::MAX;
        check(&broken, 8, 8, &[]);
    }

    #[test]
    fn text_is_shown_without_what_could_harm_a_terminal() {
        let mut board = scene(|scene| {
            scene.write("\u{1b}[41mS\u{1b}[0mFFF\t\u{7}\n\u{1b}]0;title\u{7}FHFH\n\n");
        });
        check(&board, 8, 8, &["SFFF", "]0;titleFHFH"]);
        board.view = [0.0, 0.0, 1.0, 1.0];
        board.label([0.5, 0.5], "\u{1b}[2Jx\ny", Color::WHITE);
        let text = draw(&board, 8, 8, Look::Dots);
        assert!(text.contains("xy") && !text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn colors_are_two_blocks_to_a_character() {
        let flag = scene(|scene| {
            scene.view(0.0, 0.0, 4.0, 4.0);
            scene.rect([0.0, 2.0], [4.0, 2.0], Color(1, 2, 3));
            scene.rect([0.0, 0.0], [2.0, 2.0], Color(4, 5, 6));
        });
        let expected = "\u{1b}[38;2;1;2;3;48;2;4;5;6m▀\u{1b}[0m\u{1b}[38;2;1;2;3m▀\u{1b}[0m";
        assert_eq!(draw(&flag, 2, 1, Look::Colors), expected);
    }

    #[test]
    fn no_scene_can_do_harm() {
        let numbers = [
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN_POSITIVE,
            0.0,
            -1.0,
            1e9,
        ];
        for view in numbers {
            for at in numbers {
                let odd = scene(|scene| {
                    scene.view(0.0, 0.0, view, 10.0);
                    scene.polygon(&[[at, 0.0], [3.0, at], [at, at], [1.0, 1.0]], Color::RED);
                    scene.path(&[[at, 0.0], [3.0, at], [at, at]], Color::RED).path(&[], Color::RED);
                    scene.disc([at, 1.0], at, Color::RED).circle([1.0, at], at, Color::RED);
                    scene.label([at, at], "x".repeat(1000), Color::RED).polygon(&[], Color::RED);
                });
                for look in [Look::Dots, Look::Colors] {
                    let text = draw(&odd, 30, 10, look);
                    assert!(text.lines().count() <= 10, "{text}");
                }
            }
        }
    }
}
