//! An episode as a film: pictures for a GIF or ffmpeg, text for asciinema.

use super::letters;
use crate::failure::Failure;
use crate::output::Working;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use thorndike_engine::replay::Player;
use thorndike_tui::picture::image::{Image, pixels};
use thorndike_tui::picture::{self, Look};
use thorndike_tui::record::Cast;

/// Largest picture, in pixels.
const PIXELS: (usize, usize) = (480, 360);

/// Size of the terminal of a cast.
const CELLS: (u16, u16) = (80, 30);

const FRAMES_A_SECOND: u16 = 20;

/// The pictures of an episode, one before each step. All have the size of the first.
pub(crate) fn images(player: &mut Player, working: &mut Working) -> Result<Vec<Image>, Failure> {
    let mut images: Vec<Image> = Vec::new();
    player.seek(0)?;
    loop {
        working.set(player.position());
        let scene = player.render()?;
        let image =
            scene.and_then(|scene| pixels(&scene, PIXELS.0, PIXELS.1)).map(|(mut image, texts)| {
                for text in texts {
                    let x = text.at.0 - letters::width(&text.text, 1) / 2;
                    letters::write(&mut image, (x, text.at.1), 1, text.color, &text.text);
                }
                image
            });
        let image = image.ok_or_else(|| {
            Failure::failed("there is nothing to draw but text; `--to cast` can show that")
        })?;
        if images
            .first()
            .is_none_or(|first| (first.width, first.height) == (image.width, image.height))
        {
            images.push(image);
        }
        match player.step()? {
            // After an end the world shows another episode.
            Some(moment) if moment.flags == 0 => {}
            _ => return Ok(images),
        }
    }
}

/// Writes pictures as a GIF that goes on and on.
pub(crate) fn gif(out: &mut impl Write, images: Vec<Image>) -> Result<(), Failure> {
    let Some(first) = images.first() else { return Err(Failure::failed("there are no pictures")) };
    let failed =
        |error: gif::EncodingError| Failure::failed(format!("cannot write the gif: {error}"));
    let (width, height) = (first.width as u16, first.height as u16);
    let mut encoder = gif::Encoder::new(out, width, height, &[]).map_err(failed)?;
    encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
    for image in images {
        let mut frame = gif::Frame::from_rgb_speed(width, height, &image.rgb, 10);
        frame.delay = 100 / FRAMES_A_SECOND;
        encoder.write_frame(&frame).map_err(failed)?;
    }
    Ok(())
}

/// Has ffmpeg write pictures as a film.
pub(crate) fn mp4(path: &Path, images: &[Image]) -> Result<(), Failure> {
    let Some(first) = images.first() else { return Err(Failure::failed("there are no pictures")) };
    let size = format!("{}x{}", first.width, first.height);
    let mut command = Command::new("ffmpeg");
    command.args(["-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &size]);
    command.args(["-r", &FRAMES_A_SECOND.to_string(), "-i", "-", "-pix_fmt", "yuv420p"]);
    command.args(["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"]).arg(path);
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Failure::failed("an mp4 needs ffmpeg, which is not installed; `--to gif` needs nothing")
        }
        _ => Failure::failed(format!("cannot start ffmpeg: {error}")),
    })?;
    if let Some(mut input) = child.stdin.take() {
        for image in images {
            // When ffmpeg has had enough, its exit code says why.
            if input.write_all(&image.rgb).is_err() {
                break;
            }
        }
    }
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::failed(format!("ffmpeg could not write {}: {status}", path.display())))
    }
}

/// Writes an episode for asciinema, version 3.
pub(crate) fn cast(
    out: &mut impl Write,
    title: &str,
    player: &mut Player,
    look: Look,
) -> Result<(), Failure> {
    let mut cast = Cast::begin(out, CELLS, Some(title), 0.0)?;
    let (columns, rows) = (usize::from(CELLS.0), usize::from(CELLS.1));
    player.seek(0)?;
    let mut now = 0.0;
    let mut last = String::from("the episode begins");
    loop {
        let Some(scene) = player.render()? else {
            return Err(Failure::failed("there is nothing to draw in this environment"));
        };
        let drawn = picture::draw(&scene, columns, rows - 2, look);
        let text = format!("\u{1b}[H\u{1b}[2J{}\r\n{last}", drawn.replace('\n', "\r\n"));
        cast.keep(now, CELLS, text.as_bytes())?;
        now += 1.0 / f64::from(FRAMES_A_SECOND);
        match player.step()? {
            Some(moment) if moment.flags == 0 => {
                last = format!("step {} reward {}", moment.step, moment.reward);
            }
            Some(moment) => {
                let text = format!("\r\nstep {} reward {} end\r\n", moment.step, moment.reward);
                cast.keep(now, CELLS, text.as_bytes())?;
                return Ok(cast.end()?);
            }
            None => return Ok(cast.end()?),
        }
    }
}
