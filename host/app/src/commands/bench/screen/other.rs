//! Any program with a screen, measured as this one is: how soon it shows something, how soon it
//! answers a key, what it does while nothing happens, and what memory it takes.

use super::pty::Pty;
use super::{Line, SIZE, line, median};
use crate::failure::Failure;
use std::path::Path;
use thorndike_engine::clock::Stopwatch;

/// So many bytes are a picture.
const PICTURE: usize = 1000;
const KEYS: usize = 60;

/// Starts the program of these words, waits until it has come to rest, and presses keys in turn.
pub(super) fn measured(words: &str, keys: &[String], seconds: f64) -> Result<Vec<Line>, Failure> {
    let mut words = words.split_whitespace();
    let program = words.next().ok_or_else(|| Failure::usage("which program? name it"))?;
    let watch = Stopwatch::start();
    let mut pty = Pty::open(Path::new(program), words, SIZE)
        .map_err(|error| Failure::failed(format!("cannot start {program}: {error}")))?;
    let mut bytes = 0;
    while bytes < PICTURE && watch.seconds() < 30.0 {
        bytes += pty.read(0.5)?.len();
    }
    let first = watch.seconds() * 1e3;
    if bytes < PICTURE {
        pty.end_family()?;
        return Err(Failure::failed(format!("{program} has drawn nothing in half a minute")));
    }
    // Data is loaded by and by.
    pty.read_for(5.0)?;
    let (idle, before) = (Stopwatch::start(), pty.work()?);
    let told = pty.read_for(seconds)?;
    let (passed, after) = (idle.seconds(), pty.work()?);
    let mut milliseconds = Vec::new();
    for key in keys.iter().cycle().take(KEYS) {
        pty.read_for(0.12 + (milliseconds.len() % 7) as f64 * 0.011)?;
        let watch = Stopwatch::start();
        pty.write(key.as_bytes())?;
        if !pty.read(2.0)?.is_empty() {
            milliseconds.push(watch.seconds() * 1e3);
        }
    }
    let memory = pty.memory()?;
    pty.end_family()?;
    let answered = milliseconds.len();
    let half = if answered == 0 { f64::NAN } else { median(&mut milliseconds) };
    let late = milliseconds.get((answered * 19 / 20).min(answered.saturating_sub(1)));
    Ok(vec![
        line("", "first picture", first, "ms", ""),
        line("", "key to bytes, p50", half, "ms", ""),
        line("", "key to bytes, p95", late.copied().unwrap_or(f64::NAN), "ms", ""),
        line("", "keys that were answered", answered as f64, "of 60", ""),
        line("", "idle, bytes a second", told as f64 / passed, "", ""),
        line("", "idle, wake-ups a second", (after.wakes - before.wakes) as f64 / passed, "", ""),
        line(
            "",
            "idle, share of a core",
            100.0 * (after.seconds - before.seconds) / passed,
            "%",
            "",
        ),
        line("", "memory of all its processes", memory as f64 / f64::from(1 << 20), "MiB", ""),
    ])
}
