//! How far a long piece of work is: one line on standard error where that is a terminal, from its
//! second second on, and gone when the work is over.

use super::progress::bar;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::fd::AsFd;
use thorndike_engine::clock::Stopwatch;

/// Seconds before the line is shown, and between two of them.
const SHOWN_AFTER: f64 = 1.0;
const REDRAWN_AFTER: f64 = 0.1;

/// How far a piece of work is.
#[derive(Debug)]
pub(crate) struct Working {
    what: &'static str,
    total: u64,
    at: u64,
    begun: Stopwatch,
    drawn: f64,
    /// Where it is shown, if anywhere.
    out: Option<File>,
}

impl Working {
    /// Work of so many pieces that is told on this, where it is a terminal.
    pub(crate) fn on(out: impl AsFd, what: &'static str, total: u64) -> Self {
        let own = out.as_fd().try_clone_to_owned().ok().map(File::from);
        let out = own.filter(File::is_terminal);
        Self { what, total, at: 0, begun: Stopwatch::start(), drawn: 0.0, out }
    }

    /// Makes room for a line of somebody else.
    pub(crate) fn hide(&mut self) {
        if let Some(out) = self.out.as_mut().filter(|_| self.drawn > 0.0) {
            // Where it cannot be taken away it stays.
            let _ = out.write_all(b"\r\x1b[K");
        }
    }

    /// So many more pieces are finished.
    pub(crate) fn add(&mut self, pieces: u64) {
        self.set(self.at + pieces);
    }

    /// So many pieces are finished.
    pub(crate) fn set(&mut self, at: u64) {
        self.at = at;
        let Some(out) = &mut self.out else { return };
        let now = self.begun.seconds();
        if now < SHOWN_AFTER || now < self.drawn + REDRAWN_AFTER {
            return;
        }
        self.drawn = now;
        let line = line(self.what, at, self.total, now);
        // Where it cannot be shown, the work goes on all the same.
        let _ = write!(out, "\r{line}\x1b[K");
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.hide();
    }
}

fn line(what: &str, at: u64, total: u64, seconds: f64) -> String {
    let part = (at as f64 / total.max(1) as f64).min(1.0);
    let left = if part > 0.0 { seconds / part * (1.0 - part) } else { f64::INFINITY };
    let left = if left.is_finite() { format!(", {left:.0} s left") } else { String::new() };
    format!("{what} {:3.0}% [{}]{left}", 100.0 * part, bar(part, 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_and_how_long() {
        let expected = "reading  25% [#####...............], 6 s left";
        assert_eq!(line("reading", 1, 4, 2.0), expected);
        assert_eq!(line("reading", 0, 0, 2.0), "reading   0% [....................]");
        assert!(line("reading", 9, 4, 2.0).contains("100%"), "more than was thought");
    }

    #[test]
    fn nothing_is_drawn_where_there_is_no_terminal() {
        let (read, write) = std::io::pipe().expect("pipes can be made");
        let mut working = Working::on(&write, "reading", 2);
        (working.begun, working.drawn) = (Stopwatch::started_before(9.0), 0.0);
        working.add(1);
        drop((working, write));
        assert_eq!(std::io::read_to_string(read).expect("it is text"), "");
    }
}
