//! What the screen costs the run beside it: the same run with and without it, in turns.

use super::pty::Pty;
use super::{Desk, FRAME, Line, line, median};
use crate::failure::Failure;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::Store;

/// Pairs of runs.
const ROUNDS: usize = 5;

/// A run in lines: its flags, and the thread that trains.
const PLAIN: (&str, &str) = ("--plain", "thorndike");
/// The same on a screen.
const SHOWN: (&str, &str) = ("--tui --quit-when-done", "run");

/// What runs took.
#[derive(Clone, Copy, Default)]
struct Taken {
    steps_per_s: f64,
    /// Processor seconds of the thread that trains.
    training_s: f64,
    /// Part of a core that the thread of the screen took.
    screen: f64,
}

/// Other work on the machine changes how long a run takes much more than how much of a processor,
/// so both are told.
pub(super) fn measured(desk: &Desk, seconds: f64) -> Result<Vec<Line>, Failure> {
    let steps = (seconds * 1e6) as u64;
    let (mut ratios, mut work, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let plain = stretch(desk, &format!("plain-{round}"), steps, PLAIN)?;
        let shown = stretch(desk, &format!("tui-{round}"), steps, SHOWN)?;
        ratios.push(100.0 * shown.steps_per_s / plain.steps_per_s);
        work.push(100.0 * plain.training_s / shown.training_s);
        shares.push(100.0 * shown.screen);
    }
    let usual = 100.0 * usual(desk, seconds)?;
    Ok(vec![
        line("3", "speed with the screen, of that without", median(&mut ratios), "%", "99 %"),
        line("3", "steps for its processor time, likewise", median(&mut work), "%", "99 %"),
        line(
            "3",
            "thread of the screen beside it, share of a core",
            median(&mut shares),
            "%",
            "2 %",
        ),
        line("3", "thread of the screen beside PPO, share of a core", usual, "%", "2 %"),
    ])
}

/// A short run and a long one: what lies between them is training alone, without the start.
fn stretch(desk: &Desk, name: &str, steps: u64, how: (&str, &str)) -> Result<Taken, Failure> {
    let short = taken(desk, &format!("{name}-short"), steps, how)?;
    let long = taken(desk, &format!("{name}-long"), 3 * steps, how)?;
    Ok(Taken { training_s: long.training_s - short.training_s, ..long })
}

fn taken(
    desk: &Desk,
    name: &str,
    steps: u64,
    (flags, trains): (&str, &str),
) -> Result<Taken, Failure> {
    let words = "train q-learning Taxi-v4 --threads 1 --replays none";
    let mut pty = desk.open(&format!("{words} --steps {steps} --session {name} {flags}"))?;
    let (mut taken, watch) = (Taken::default(), Stopwatch::start());
    while !pty.is_over()? {
        pty.read_for(0.005)?;
        taken.training_s = pty.seconds_of(trains).unwrap_or(taken.training_s);
        let screen = pty.seconds_of("thorndike").map(|seconds| seconds / watch.seconds());
        taken.screen = screen.unwrap_or(taken.screen);
    }
    let session = Store::new(&desk.folder).open(name)?;
    taken.steps_per_s = session.latest()?.summary.steps_per_s;
    Ok(taken)
}

/// Part of a core that the thread of the screen takes beside an agent that learns as most do.
fn usual(desk: &Desk, seconds: f64) -> Result<f64, Failure> {
    let words = "train ppo CartPole-v1 --steps 1e12 --threads 1 --session usual --tui";
    let mut pty: Pty = desk.open(words)?;
    pty.wait_for(FRAME, 20.0)?;
    pty.read_for(2.0)?;
    let spent = |pty: &Pty| pty.seconds_of("thorndike").unwrap_or(f64::NAN);
    let (watch, before) = (Stopwatch::start(), spent(&pty));
    pty.read_for(seconds)?;
    let share = (spent(&pty) - before) / watch.seconds();
    pty.kill()?;
    Ok(share)
}
