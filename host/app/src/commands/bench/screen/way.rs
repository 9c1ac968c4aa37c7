//! What a person meets on the way: a large session that is opened, a detached run that is taken up
//! again, pictures, many runs side by side, and a first run from an empty folder to a solved task.

use super::pty::Pty;
use super::{Desk, FRAME, Line, line, median};
use crate::failure::Failure;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::journal::{Entry, Episode, Episodes, Metrics, Start};
use thorndike_session::{Identity, Session, Store, Writer};
use thorndike_tui::bench::SessionRow;
use thorndike_tui::measure;
use thorndike_tui::state::{CompareView, Compared};

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

/// The mouse is dragged along the whole of a run of ten million steps.
pub(super) fn scrubbed(desk: &Desk) -> Result<Vec<Line>, Failure> {
    const PLACES: u16 = 200;
    let words = "train q-learning Taxi-v4 --steps 1e7 --session long --quiet";
    let mut trains = desk.open(words)?;
    trains.wait_for_end(300.0)?;
    let mut pty = desk.open("attach long")?;
    pty.wait_for(FRAME, 20.0)?;
    pty.write(b"3")?;
    pty.wait_to_read("cursor at step", 20.0)?;
    pty.read_for(1.0)?;
    let mouse = |button: u16, column: u16, end: char| format!("\x1b[<{button};{column};36{end}");
    pty.write(mouse(0, 3, 'M').as_bytes())?;
    pty.wait_for(FRAME, 5.0)?;
    let mut milliseconds = Vec::new();
    for place in 0..PLACES {
        // Never where it was before: nothing would be drawn.
        let column = 3 + (37 * (place + 1)) % 110;
        let watch = Stopwatch::start();
        pty.write(mouse(32, column, 'M').as_bytes())?;
        pty.wait_for(FRAME, 5.0)?;
        milliseconds.push(watch.seconds() * 1e3);
    }
    pty.kill()?;
    let median = median(&mut milliseconds);
    let late = milliseconds[(milliseconds.len() - 1) * 95 / 100];
    Ok(vec![
        line("8", "dragging along a run of 10 M steps, pictures a second", 1e3 / median, "", "30"),
        line("8", "a place of it, p95", late, "ms", "33 ms"),
    ])
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

/// Groups of seeds, as Compare puts them together: curves of a million points each, and sessions of
/// a million episodes each as they lie on the disk.
pub(super) fn compared(desk: &Desk) -> Result<Vec<Line>, Failure> {
    const RUNS: usize = 100;
    const EPISODES: u64 = 1_000_000;
    let curves = measure::comparison(RUNS, EPISODES);
    let store = Store::new(&desk.folder);
    let sessions = (0..RUNS).map(|number| lived(&store, number, EPISODES));
    let sessions: Vec<Session> = sessions.collect::<Result<_, _>>()?;
    let watch = Stopwatch::start();
    let mut view = CompareView { is_grouped: true, ..CompareView::default() };
    view.taken = sessions.iter().enumerate().map(taken).collect();
    view.regroup();
    let read = watch.seconds();
    if view.taken.iter().any(|taken| taken.returns.points() != EPISODES) {
        return Err(Failure::failed("a session does not tell all of its episodes"));
    }
    Ok(vec![
        line("13", "100 curves of 1 M points taken in and compared", curves, "s", "2 s"),
        line("13", "100 sessions of 1 M episodes read and compared", read, "s", "2 s"),
    ])
}

/// A session as a run of many short episodes leaves it: the first ones one by one, then sums of
/// what ended from one look around to the next.
fn lived(store: &Store, number: usize, episodes: u64) -> Result<Session, Failure> {
    const SINGLE: u64 = 10_000;
    const SUM: u64 = 100;
    let session = store.create(Some(&format!("lived-{number}")), &Identity::default())?;
    let (mut writer, _) = Writer::open(&session)?;
    writer.add(&Entry::Start(Start::default()));
    for episode in 1..=SINGLE {
        let (steps, total) = (100 * episode, (episode % 977) as f64);
        writer.add(&Entry::Episode(Episode { episode, steps, total, ..Episode::default() }));
    }
    for last in (SINGLE + SUM..=episodes).step_by(SUM as usize) {
        let (mean, low, high) = ((last % 977) as f64, 0.0, 977.0);
        let (steps, count) = (100 * last, SUM);
        writer.add(&Entry::Episodes(Episodes {
            last,
            count,
            steps,
            mean,
            low,
            high,
            ..Episodes::default()
        }));
        let metrics = Metrics { steps, episodes: last, ..Metrics::default() };
        writer.add(&Entry::Metrics(metrics));
    }
    writer.flush()?;
    Ok(session)
}

fn taken((number, session): (usize, &Session)) -> Compared {
    let agent = format!("agent-{}", number / 10);
    let row = SessionRow { name: session.name().to_owned(), agent, ..SessionRow::default() };
    Compared::new(row, crate::commands::screen::curve(session))
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
