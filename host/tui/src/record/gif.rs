//! A recording that is a picture: a GIF that goes on and on. It is put together on a thread of its
//! own, so that the screen never waits for it.

use super::font::{CELL, has_ink};
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

/// Pictures that follow closer on each other are put together.
const FRAME_S: f64 = 0.15;
/// How long the last one stays.
const LAST_S: f64 = 2.0;
const GROUND: [u8; 3] = [0x12, 0x16, 0x1c];
const INK: [u8; 3] = [0xd8, 0xde, 0xe9];

/// A recording under way.
#[derive(Debug)]
pub(super) struct Movie {
    screens: Sender<(f64, Buffer)>,
    worker: JoinHandle<io::Result<()>>,
}

impl Movie {
    /// Begins with a screen of this size, which it keeps.
    pub(super) fn begin(file: File, (columns, rows): (u16, u16)) -> io::Result<Self> {
        let (screens, inbox) = channel();
        let size = (columns as usize * CELL.0, rows as usize * CELL.1);
        let worker = thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || work(file, size, &inbox).map_err(io::Error::other))?;
        Ok(Self { screens, worker })
    }

    /// Keeps what is shown.
    pub(super) fn keep(&self, now: f64, shown: &Buffer) -> io::Result<()> {
        let sent = self.screens.send((now, shown.clone()));
        sent.map_err(|_| io::Error::other("the recording has ended"))
    }

    /// Waits until everything is written.
    pub(super) fn end(self) -> io::Result<()> {
        drop(self.screens);
        let panicked = |_| io::Error::other("the recording failed");
        self.worker.join().map_err(panicked)?
    }
}

fn work(
    file: File,
    size: (usize, usize),
    inbox: &Receiver<(f64, Buffer)>,
) -> Result<(), gif::EncodingError> {
    let (width, height) = (size.0 as u16, size.1 as u16);
    let mut encoder = Encoder::new(BufWriter::new(file), width, height, &[])?;
    encoder.set_repeat(Repeat::Infinite)?;
    let mut picture = Picture::new(size);
    let mut latest: Option<(f64, Buffer)> = None;
    for (now, screen) in inbox {
        latest = Some(match latest.take() {
            Some((since, _)) if now - since < FRAME_S => (since, screen),
            Some((since, before)) => {
                picture.write(&mut encoder, &before, now - since)?;
                (now, screen)
            }
            None => (now, screen),
        });
    }
    match latest {
        Some((_, last)) => picture.write(&mut encoder, &last, LAST_S),
        None => Ok(()),
    }
}

/// What the film shows so far.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Option<[u8; 3]>>,
    shown: Buffer,
}

impl Picture {
    fn new((width, height): (usize, usize)) -> Self {
        let pixels = vec![None; width * height];
        Self { width, height, pixels, shown: Buffer::empty(Rect::ZERO) }
    }

    /// Writes what has changed, to be shown for some seconds.
    fn write(
        &mut self,
        encoder: &mut Encoder<BufWriter<File>>,
        screen: &Buffer,
        seconds: f64,
    ) -> Result<(), gif::EncodingError> {
        let before = self.pixels.clone();
        self.draw(screen);
        let field = self.changed(&before);
        let mut frame = self.frame(&before, field);
        frame.delay = (seconds * 100.0).round().clamp(2.0, 6000.0) as u16;
        encoder.write_frame(&frame)
    }

    /// Draws the cells that are others than before.
    fn draw(&mut self, screen: &Buffer) {
        let is_new = self.shown.area != screen.area;
        for y in 0..screen.area.height {
            for x in 0..screen.area.width {
                let Some(cell) = screen.cell((x, y)) else { continue };
                if is_new || self.shown.cell((x, y)) != Some(cell) {
                    self.draw_cell(x as usize * CELL.0, y as usize * CELL.1, cell);
                }
            }
        }
        self.shown = screen.clone();
    }

    fn draw_cell(&mut self, left: usize, top: usize, cell: &Cell) {
        let (front, ground) = colors(cell);
        let letter = cell.symbol().chars().next().unwrap_or(' ');
        for y in 0..CELL.1.min(self.height.saturating_sub(top)) {
            for x in 0..CELL.0.min(self.width.saturating_sub(left)) {
                let color = if has_ink(letter, (x, y)) { front } else { ground };
                self.pixels[(top + y) * self.width + left + x] = Some(color);
            }
        }
    }

    /// The smallest field with all that changed: left, top, width and height.
    fn changed(&self, before: &[Option<[u8; 3]>]) -> [usize; 4] {
        let [mut left, mut top, mut right, mut bottom] = [self.width, self.height, 0, 0];
        for (y, (old, new)) in
            before.chunks(self.width).zip(self.pixels.chunks(self.width)).enumerate()
        {
            let differs = |x: &usize| old[*x] != new[*x];
            let Some(first) = (0..self.width).find(differs) else { continue };
            let last = (0..self.width).rev().find(differs).unwrap_or(first);
            (left, right) = (left.min(first), right.max(last + 1));
            (top, bottom) = (top.min(y), y + 1);
        }
        if right == 0 { [0, 0, 1, 1] } else { [left, top, right - left, bottom - top] }
    }

    /// A field of the picture with the colors it needs; what did not change is left as it is.
    fn frame(
        &self,
        before: &[Option<[u8; 3]>],
        [left, top, width, height]: [usize; 4],
    ) -> Frame<'static> {
        const COLORS_MAX: usize = 255;
        let mut known: BTreeMap<[u8; 3], u8> = BTreeMap::new();
        let mut palette: Vec<u8> = vec![0; 3];
        let mut buffer = Vec::with_capacity(width * height);
        for y in top..top + height {
            for x in left..left + width {
                let at = y * self.width + x;
                let color = self.pixels[at].unwrap_or(GROUND);
                if before[at] == Some(color) {
                    buffer.push(0);
                    continue;
                }
                let count = known.len();
                let number = *known.entry(color).or_insert_with(|| {
                    if count < COLORS_MAX {
                        palette.extend(color);
                        count as u8 + 1
                    } else {
                        nearest(&palette, color)
                    }
                });
                buffer.push(number);
            }
        }
        Frame {
            left: left as u16,
            top: top as u16,
            width: width as u16,
            height: height as u16,
            dispose: DisposalMethod::Keep,
            transparent: Some(0),
            palette: Some(palette),
            buffer: Cow::Owned(buffer),
            ..Frame::default()
        }
    }
}

/// The number of the closest color of a palette, whose first place is taken.
fn nearest(palette: &[u8], color: [u8; 3]) -> u8 {
    let far = |other: &[u8]| -> u32 {
        other.iter().zip(color).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let all = palette.chunks_exact(3).enumerate().skip(1);
    all.min_by_key(|(_, other)| far(other)).map_or(1, |(number, _)| number as u8)
}

/// Colors of the letter and of what is behind it.
fn colors(cell: &Cell) -> ([u8; 3], [u8; 3]) {
    let color = |color: Color, usual: [u8; 3]| match color {
        Color::Rgb(r, g, b) => [r, g, b],
        _ => usual,
    };
    let (mut front, mut ground) = (color(cell.fg, INK), color(cell.bg, GROUND));
    if cell.modifier.contains(Modifier::DIM) {
        let mixed = |idx: usize| u8::midpoint(front[idx], ground[idx]);
        front = [mixed(0), mixed(1), mixed(2)];
    }
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut front, &mut ground);
    }
    (front, ground)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    fn screen(text: &str, color: Color) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 2));
        buffer.set_string(1, 1, text, Style::new().fg(color));
        buffer
    }

    #[test]
    fn a_film_has_the_pictures_and_the_times_of_the_screen() {
        let path = std::env::temp_dir().join(format!("thorndike-{}.gif", std::process::id()));
        let movie = Movie::begin(File::create(&path).expect("writable"), (4, 2)).expect("a thread");
        let red = Color::Rgb(255, 0, 0);
        movie.keep(0.0, &screen("a", red)).expect("it runs");
        // The next one comes too soon to be seen, and takes the place of the first.
        movie.keep(0.01, &screen("▀", red)).expect("it runs");
        movie.keep(0.5, &screen("▄", red)).expect("it runs");
        movie.end().expect("writable");
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let file = File::open(&path).expect("it was written");
        let mut decoder = options.read_info(file).expect("it is a gif");
        assert_eq!((decoder.width(), decoder.height()), (28, 28));
        let first = decoder.read_next_frame().expect("sound").expect("there").clone();
        assert_eq!((first.delay, first.width, first.height), (50, 28, 28));
        let at = |frame: &Frame<'_>, x: usize, y: usize| {
            frame.buffer[4 * (y * frame.width as usize + x)..][..4].to_vec()
        };
        assert_eq!(at(&first, 8, 15), [255, 0, 0, 255]);
        assert_eq!(at(&first, 8, 25), [GROUND[0], GROUND[1], GROUND[2], 255]);
        let second = decoder.read_next_frame().expect("sound").expect("there").clone();
        let place = (second.left, second.top, second.width, second.height);
        assert_eq!((second.delay, place), (200, (7, 14, 7, 14)));
        assert_eq!(at(&second, 1, 13), [255, 0, 0, 255]);
        assert!(decoder.read_next_frame().expect("sound").is_none());
        std::fs::remove_file(&path).expect("it is ours");
    }

    #[test]
    fn more_colors_than_a_picture_may_have_become_their_neighbours() {
        let palette = [0, 0, 0, 10, 10, 10, 200, 200, 200];
        assert_eq!(nearest(&palette, [0, 0, 0]), 1);
        assert_eq!(nearest(&palette, [190, 255, 190]), 2);
    }
}
