//! What a person meets on the way: a large session that is opened, a detached run that is taken up
//! again, pictures, many runs side by side, and a first run from an empty folder to a solved task.

use super::pty::Pty;
use super::{Desk, FRAME, Line, line, median};
use crate::failure::Failure;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::journal::{Entry, Metrics, Start};
use thorndike_session::{Identity, Store, Writer};
use thorndike_tui::measure;

/// Points of the large session: moments, and metrics at each.
const MOMENTS: u64 = 100_000;
const METRICS: usize = 12;

/// A session of 1.2 million points is opened and looked at.
pub(super) fn opened(desk: &Desk) -> Result<Vec<Line>, Failure> {
    let store = Store::new(&desk.folder);
    let identity = Identity {
        agent: "tabular:q-learning".into(),
        env: "toy-text:Taxi-v4".into(),
        lanes: 8,
        ..Identity::default()
    };
    let session = store.create(Some("large"), &identity)?;
    let (mut writer, _) = Writer::open(&session)?;
    writer.add(&Entry::Start(Start::default()));
    for moment in 1..=MOMENTS {
        let value = |idx: usize| {
            let phase = moment as f64 / (100.0 * (idx + 1) as f64);
            (format!("train/metric-{idx}").into(), phase.sin() + moment as f64 * 1e-5)
        };
        writer.add(&Entry::Metrics(Metrics {
            steps: 100 * moment,
            seconds: moment as f64,
            values: (0..METRICS).map(value).collect(),
            ..Metrics::default()
        }));
    }
    writer.flush()?;
    drop(writer);
    let (mut milliseconds, mut bytes) = (Vec::new(), 0);
    for _ in 0..5 {
        let watch = Stopwatch::start();
        let mut pty = desk.open("attach large")?;
        pty.wait_for(FRAME, 30.0)?;
        milliseconds.push(watch.seconds() * 1e3);
        bytes = pty.memory()?;
        pty.kill()?;
    }
    Ok(vec![
        line(
            "4",
            "opening a session of 1.2 M points, whole, median",
            median(&mut milliseconds),
            "ms",
            "300 ms",
        ),
        line("4", "memory it then takes", bytes as f64 / f64::from(1 << 20), "MiB", "64 MiB"),
    ])
}

/// A run is detached and taken up from another terminal.
pub(super) fn attached(desk: &Desk, run: &str) -> Result<Vec<Line>, Failure> {
    let mut pty = desk.open(&format!("{run} --session held"))?;
    pty.wait_for(FRAME, 20.0)?;
    pty.read_for(2.0)?;
    let behind = pty.behind().ok_or_else(|| Failure::failed("no process is behind the screen"))?;
    pty.write(b"D")?;
    pty.wait_for_end(10.0)?;
    let mut milliseconds = Vec::new();
    for _ in 0..10 {
        let watch = Stopwatch::start();
        let mut pty = desk.open("attach held")?;
        pty.wait_for(FRAME, 20.0)?;
        milliseconds.push(watch.seconds() * 1e3);
        pty.write(b"D")?;
        pty.wait_for_end(10.0)?;
    }
    Pty::end(behind)?;
    Ok(vec![line(
        "7",
        "taking up a detached run, whole screen, median",
        median(&mut milliseconds),
        "ms",
        "150 ms",
    )])
}

/// Pictures of 480 by 320 pixels, thirty a second.
pub(super) fn pictures() -> Vec<Line> {
    let cost = measure::pictures((480, 320), 120);
    vec![
        line(
            "14",
            "480x320 as half blocks, 30 a second, share of a core",
            cost.cells * 3000.0,
            "%",
            "20 %",
        ),
        line("14", "the same for kitty, 30 a second", cost.kitty * 3000.0, "%", ""),
        line("14", "the same as sixels, 30 a second", cost.sixel * 3000.0, "%", ""),
    ]
}

/// Groups of seeds, as Compare puts them together.
pub(super) fn compared() -> Vec<Line> {
    let seconds = measure::comparison(100, 1_000_000);
    vec![line("13", "100 runs of 1 M points taken in and compared", seconds, "s", "2 s")]
}

/// From an empty folder to a solved task, with three keys.
pub(super) fn solved(desk: &Desk) -> Result<Vec<Line>, Failure> {
    let empty = Desk::new_in(&desk.folder.join("empty"))?;
    let watch = Stopwatch::start();
    let mut pty = empty.open("")?;
    pty.wait_to_read("which agent", 20.0)?;
    pty.write(b"\r")?;
    pty.wait_to_read("which world", 20.0)?;
    pty.write(b"\r")?;
    pty.wait_to_read("side by side", 20.0)?;
    pty.write(b"\r")?;
    let solved = pty.wait_to_read("SOLVED", 120.0);
    let seconds = watch.seconds();
    pty.kill()?;
    solved?;
    Ok(vec![line("15", "three keys, then solved", seconds, "s", "60 s")])
}
