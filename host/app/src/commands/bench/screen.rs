//! `bench screen`: what the screen costs. Programs with a screen run in terminals of their own,
//! made for the purpose, as their users would run them.

mod beside;
mod other;
mod pty;
mod way;

use crate::commands::json_line;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::figure;
use crate::table;
use pty::Pty;
use serde::Serialize;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use thorndike_engine::clock::Stopwatch;
use thorndike_tui::measure;

const SIZE: (u16, u16) = (120, 40);
const KEYS: usize = 500;
/// How a picture ends.
const FRAME: &[u8] = b"\x1b[?2026l";

/// A figure, what it is held against, and how it was come by.
#[derive(Clone, Serialize)]
struct Line {
    /// The number of the promise that it is about.
    check: &'static str,
    bench: &'static str,
    figure: f64,
    unit: &'static str,
    bar: &'static str,
}

/// Measures everything, some promises alone, or another program with a screen; prints a table.
pub(super) fn run(
    points: u64,
    seconds: f64,
    (checks, other): (&[u8], Option<(&str, &[String])>),
    settings: &Settings,
) -> Outcome {
    if let Some((program, keys)) = other {
        return tell(&other::measured(program, keys, seconds)?, settings);
    }
    let desk = Desk::new()?;
    let is_wanted = |check: u8| checks.is_empty() || checks.contains(&check);
    let mut lines = Vec::new();
    for check in (1..=15).filter(|check| is_wanted(*check)) {
        lines.extend(match check {
            1 => answers(&desk)?,
            2 => [idle(&desk, seconds)?, beside::unfocused(&desk, seconds)?].concat(),
            3 => [beside::measured(&desk, seconds)?, beside::followed(&desk, seconds)?].concat(),
            4 => [repainted(points), way::opened(&desk)?].concat(),
            7 => way::attached(&desk, RUN)?,
            8 => way::scrubbed(&desk)?,
            13 => way::compared(&desk)?,
            14 => way::pictures(),
            15 => [first_picture(&desk)?, way::solved(&desk)?].concat(),
            // The others hold or do not, and are tests.
            _ => Vec::new(),
        });
    }
    tell(&lines, settings)
}

fn tell(lines: &[Line], settings: &Settings) -> Outcome {
    let mut out = io::stdout().lock();
    if settings.json {
        for line in lines {
            json_line(&mut out, line)?;
        }
        return Ok(Exit::Success);
    }
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let figure = format!("{} {}", figure(line.figure), line.unit);
            vec![line.check.to_owned(), line.bench.to_owned(), figure, line.bar.to_owned()]
        })
        .collect();
    for line in table::lines(&rows) {
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Success)
}

fn line(
    check: &'static str,
    bench: &'static str,
    figure: f64,
    unit: &'static str,
    bar: &'static str,
) -> Line {
    Line { check, bench, figure, unit, bar }
}

/// A folder for sessions that goes away, and this program.
struct Desk {
    folder: PathBuf,
    program: PathBuf,
}

impl Desk {
    fn new() -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("thorndike-bench-{}", std::process::id()));
        Self::new_in(&folder)
    }

    fn new_in(folder: &Path) -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), program })
    }

    /// The program in a terminal of its own.
    fn open(&self, words: &str) -> Result<Pty, Failure> {
        let sessions = self.folder.display().to_string();
        let words = words.split_whitespace().chain(["--sessions", &sessions]);
        Ok(Pty::open(&self.program, words, SIZE)?)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What stays is only in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A run that does not end by itself while it is measured.
const RUN: &str = "train q-learning Taxi-v4 --steps 1e12 --tui";

fn repainted(points: u64) -> Vec<Line> {
    let repaint = measure::repaint(SIZE, points, 200);
    vec![
        line("4", "repaint of 12 curves, median", repaint.median_ms, "ms", "2 ms"),
        line("4", "repaint of 12 curves, p99", repaint.p99_ms, "ms", ""),
        line("4", "points in them", repaint.points as f64, "", "60000000"),
        line("3", "adding a point", repaint.push_ns, "ns", "60 ns"),
    ]
}

fn first_picture(desk: &Desk) -> Result<Vec<Line>, Failure> {
    let mut milliseconds = Vec::new();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let mut pty = desk.open("")?;
        pty.wait_for(FRAME, 10.0)?;
        milliseconds.push(watch.seconds() * 1e3);
        pty.kill()?;
    }
    Ok(vec![line(
        "15",
        "first picture of the bench, median",
        median(&mut milliseconds),
        "ms",
        "100 ms",
    )])
}

/// A paused run is looked at and nothing happens.
fn idle(desk: &Desk, seconds: f64) -> Result<Vec<Line>, Failure> {
    let mut pty = desk.open(RUN)?;
    pty.wait_for(FRAME, 20.0)?;
    pty.read_for(1.0)?;
    pty.write(b" ")?;
    // Messages in front go away after some seconds.
    pty.read_for(6.0)?;
    let (watch, before) = (Stopwatch::start(), pty.work()?);
    let bytes = pty.read_for(seconds)?;
    let (passed, after) = (watch.seconds(), pty.work()?);
    pty.kill()?;
    let woken = (after.wakes - before.wakes) as f64 / passed;
    let cpu = 100.0 * (after.seconds - before.seconds) / passed;
    Ok(vec![
        line("2", "idle, bytes", bytes as f64, "", "0"),
        line("2", "idle, wake-ups a second of all threads", woken, "", "2"),
        line("2", "idle, share of a core", cpu, "%", "0.1 %"),
    ])
}

/// From a key to the picture that answers it, while runs keep the processor busy.
fn answers(desk: &Desk) -> Result<Vec<Line>, Failure> {
    // One run on the screen and one beside it: there is work for every core.
    let load = desk.open("train q-learning Taxi-v4 --steps 1e12 --threads 1 --plain")?;
    let mut pty = desk.open(RUN)?;
    pty.wait_for(FRAME, 20.0)?;
    // On the list of plugins nothing moves but what keys move.
    pty.write(b"6")?;
    pty.read_for(6.0)?;
    let mut milliseconds = Vec::new();
    for key in 0..KEYS {
        // Opens and closes the help; the times between differ.
        pty.read_for(0.010 + (key % 7) as f64 * 0.005)?;
        let watch = Stopwatch::start();
        pty.write(if key % 2 == 0 { b"?" } else { b"\r" })?;
        pty.wait_for(FRAME, 5.0)?;
        milliseconds.push(watch.seconds() * 1e3);
    }
    pty.kill()?;
    load.kill()?;
    milliseconds.sort_by(f64::total_cmp);
    let at = |part: f64| milliseconds[((KEYS - 1) as f64 * part) as usize];
    Ok(vec![
        line("1", "key to picture, all cores busy, p50", at(0.5), "ms", "3 ms"),
        line("1", "key to picture, all cores busy, p95", at(0.95), "ms", "16 ms"),
        line("1", "key to picture, all cores busy, p99", at(0.99), "ms", "33 ms"),
    ])
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
