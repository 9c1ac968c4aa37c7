//! What the screen costs the run beside it: the same run with and without it, in turns.

use super::pty::Pty;
use super::{Desk, FRAME, Line, line, median};
use crate::failure::Failure;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::Store;

/// Pairs of runs.
const ROUNDS: usize = 5;

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
