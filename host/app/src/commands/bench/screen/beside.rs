//! What the screen costs the run beside it: the same run with and without it, in turns.

use super::pty::Pty;
use super::{Desk, FRAME, Line, RUN, line, median};
use crate::failure::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::journal::{Entry, Metrics, Start};
use thorndike_session::{Identity, Store, Writer};

/// Pairs of runs.
const ROUNDS: usize = 10;

/// A run in lines: its flags, and the thread that trains; the first one where it has no name.
const PLAIN: (&str, Option<&str>) = ("--plain", None);
/// The same on a screen.
const SHOWN: (&str, Option<&str>) = ("--tui --quit-when-done", Some("run"));

/// What runs took.
#[derive(Clone, Copy, Default)]
struct Taken {
    steps_per_s: f64,
    /// Processor seconds of the thread that trains.
    training_s: f64,
}

/// Other work on the machine changes how long a run takes much more than how much of a processor,
/// so both are told.
pub(super) fn measured(desk: &Desk, seconds: f64) -> Result<Vec<Line>, Failure> {
    let steps = (seconds * 1e6) as u64;
    let (mut ratios, mut work) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let stretch = |name, how| stretch(desk, &format!("{name}-{round}"), steps, how);
        // Whatever drifts meanwhile meets both alike.
        let (plain, shown) = if round % 2 == 0 {
            let plain = stretch("plain", PLAIN)?;
            (plain, stretch("tui", SHOWN)?)
        } else {
            let shown = stretch("tui", SHOWN)?;
            (stretch("plain", PLAIN)?, shown)
        };
        ratios.push(100.0 * shown.steps_per_s / plain.steps_per_s);
        work.push(100.0 * plain.training_s / shown.training_s);
    }
    let fast = 100.0 * share(desk, "q-learning Taxi-v4 --replays none --session fast", seconds)?;
    let usual = 100.0 * share(desk, "ppo CartPole-v1 --session usual", seconds)?;
    Ok(vec![
        line("3", "speed with the screen, of that without", median(&mut ratios), "%", "99 %"),
        line("3", "steps for its processor time, likewise", median(&mut work), "%", "99 %"),
        line("3", "thread of the screen beside it, share of a core", fast, "%", "2 %"),
        line("3", "thread of the screen beside PPO, share of a core", usual, "%", "2 %"),
    ])
}

/// A short run and a long one: what lies between them is training alone, without the start.
fn stretch(
    desk: &Desk,
    name: &str,
    steps: u64,
    how: (&str, Option<&str>),
) -> Result<Taken, Failure> {
    let short = taken(desk, &format!("{name}-short"), steps, how)?;
    let long = taken(desk, &format!("{name}-long"), 3 * steps, how)?;
    Ok(Taken { training_s: long.training_s - short.training_s, ..long })
}

fn taken(
    desk: &Desk,
    name: &str,
    steps: u64,
    (flags, trains): (&str, Option<&str>),
) -> Result<Taken, Failure> {
    let words = "train q-learning Taxi-v4 --threads 1 --replays none";
    let mut pty = desk.open(&format!("{words} --steps {steps} --session {name} {flags}"))?;
    let mut taken = Taken::default();
    while !pty.is_over()? {
        pty.read_for(0.01)?;
        taken.training_s = pty.seconds_of(trains).unwrap_or(taken.training_s);
    }
    let session = Store::new(&desk.folder).open(name)?;
    taken.steps_per_s = session.latest()?.summary.steps_per_s;
    Ok(taken)
}

/// Part of a core that the thread of the screen takes beside a run of these words.
fn share(desk: &Desk, words: &str, seconds: f64) -> Result<f64, Failure> {
    let mut pty = desk.open(&format!("train {words} --steps 1e12 --threads 1 --tui"))?;
    pty.wait_for(FRAME, 20.0)?;
    pty.read_for(2.0)?;
    let spent = |pty: &Pty| pty.seconds_of(None).unwrap_or(f64::NAN);
    let (watch, before) = (Stopwatch::start(), spent(&pty));
    pty.read_for(seconds)?;
    let share = (spent(&pty) - before) / watch.seconds();
    pty.kill()?;
    Ok(share)
}

/// A live run that is shown where nobody looks: pictures a second.
pub(super) fn unfocused(desk: &Desk, seconds: f64) -> Result<Vec<Line>, Failure> {
    let mut pty = desk.open(&format!("{RUN} --session unseen"))?;
    pty.wait_for(FRAME, 20.0)?;
    pty.read_for(4.0)?;
    pty.write(b"\x1b[O")?;
    pty.read_for(1.0)?;
    let (watch, mut seen) = (Stopwatch::start(), Vec::new());
    while watch.seconds() < seconds {
        seen.extend(pty.read(seconds - watch.seconds())?);
    }
    let frames = seen.windows(FRAME.len()).filter(|window| *window == FRAME).count();
    pty.kill()?;
    let rate = frames as f64 / watch.seconds();
    Ok(vec![line("2", "live run without the focus, pictures a second", rate, "", "10")])
}

/// A run elsewhere tells fifty times a second what a dozen metrics are, and is looked at.
pub(super) fn followed(desk: &Desk, seconds: f64) -> Result<Vec<Line>, Failure> {
    let session = Store::new(&desk.folder).create(Some("elsewhere"), &Identity::default())?;
    let (mut writer, _) = Writer::open(&session)?;
    writer.add(&Entry::Start(Start::default()));
    let is_over = Arc::new(AtomicBool::new(false));
    let told = is_over.clone();
    let teller = thread::spawn(move || -> Result<(), thorndike_session::Error> {
        let mut moment = 0;
        while !told.load(Ordering::Relaxed) {
            moment += 1;
            let value = |idx: u64| (format!("train/{idx}").into(), ((idx + moment) % 97) as f64);
            writer.add(&Entry::Metrics(Metrics {
                steps: 100 * moment,
                seconds: 0.02 * moment as f64,
                values: (0..12).map(value).collect(),
                ..Metrics::default()
            }));
            writer.flush()?;
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    });
    let look = || -> Result<f64, Failure> {
        let mut pty = desk.open("attach elsewhere")?;
        pty.wait_for(FRAME, 20.0)?;
        pty.read_for(5.0)?;
        let (watch, before) = (Stopwatch::start(), pty.work()?);
        pty.read_for(seconds)?;
        let share = (pty.work()?.seconds - before.seconds) / watch.seconds();
        pty.kill()?;
        Ok(share)
    };
    let share = look();
    is_over.store(true, Ordering::Relaxed);
    let ended = teller.join().map_err(|_| Failure::failed("the run elsewhere has panicked"))?;
    ended?;
    let what = "watching 12 metrics 50 times a second, all threads, share of a core";
    Ok(vec![line("3", what, 100.0 * share?, "%", "2 %")])
}
