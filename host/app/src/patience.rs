//! Tells of calls into plugins that take long: some of them never come back.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use thorndike_engine::plugin::safety::{Visit, everywhere, is_screen_entered};

/// How often calls are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// Looks that a call outlasts before it is told of; each further time twice as many.
const LONG: u64 = 2;

/// Looks after calls until it is dropped.
#[derive(Debug)]
pub(crate) struct Patience {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Patience {
    /// Begins to look, and tells on this standard error, or in the log while there is a screen.
    pub(crate) fn new(mut err: File) -> Self {
        let (stop, stopped) = mpsc::channel();
        let tell = move |line: &str| {
            // A progress line may stand there.
            let before = if err.is_terminal() { "\n" } else { "" };
            // Where standard error is closed nobody can be told.
            let _ = if is_screen_entered() {
                // It is captured, as the prints of plugins are, and shown in the log.
                writeln!(io::stderr(), "{line}")
            } else {
                writeln!(err, "{before}{line}")
            };
        };
        let look = move || {
            let mut watch = Watch { calls: Vec::new(), tell };
            while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                watch.look(everywhere());
            }
        };
        let thread = thread::Builder::new().name("patience".to_owned()).spawn(look);
        // Without it nobody is told, and that is all.
        Self { stop: Some(stop), thread: thread.ok() }
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

/// A call, the looks that it has outlasted, and how many there are before it is told of next.
struct Seen {
    visit: Visit,
    looks: u64,
    told_after: u64,
}

struct Watch<T> {
    calls: Vec<Seen>,
    tell: T,
}

impl<T: FnMut(&str)> Watch<T> {
    fn look(&mut self, visits: impl Iterator<Item = Visit>) {
        let mut before = std::mem::take(&mut self.calls);
        for visit in visits {
            let known = before.iter().position(|seen| seen.visit == visit);
            let mut seen = match known {
                Some(idx) => before.swap_remove(idx),
                None => Seen { visit, looks: 0, told_after: LONG },
            };
            if seen.looks == seen.told_after {
                seen.told_after *= 2;
                let place = visit.place;
                (self.tell)(&format!(
                    "note: `{}` has been in `{}` for {} s, at step {}; Ctrl-C twice ends the bench \
                     without waiting for it",
                    place.plugin,
                    place.call,
                    seen.looks * LOOK.as_secs(),
                    place.step
                ));
            }
            seen.looks += 1;
            self.calls.push(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use thorndike_engine::plugin::safety::{Call, at_step, enter, everywhere, tag};

    #[test]
    fn a_call_that_lasts_is_told_of_less_and_less_often() {
        let mut told = Vec::new();
        let mut watch = Watch { calls: Vec::new(), tell: |line: &str| told.push(line.to_owned()) };
        at_step(3);
        let slow = tag("slow");
        for calls in [1, 20] {
            for _ in 0..calls {
                let _inside = enter(slow, Call::Learn);
                for _ in 0..20 / calls {
                    watch.look(everywhere());
                }
            }
        }
        let times: Vec<&str> =
            told.iter().filter_map(|line| line.split(" for ").nth(1)?.split(' ').next()).collect();
        assert_eq!(times, ["10", "20", "40", "80"], "{told:?}");
        assert!(told[0].starts_with("note: `slow` has been in `learn` for 10 s, at step 3;"));
    }
}
