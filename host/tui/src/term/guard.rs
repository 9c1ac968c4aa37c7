//! Takes the terminal over and gives it back, on every way out. The bytes that lead back are the
//! same ones that the net under fatal signals writes.

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic;
use std::sync::Once;
use std::thread;
use thorndike_engine::plugin::safety;

/// Alternate screen, no cursor, no wrapping, mouse, focus and pastes told.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?2004h";
/// And back, also from the middle of a frame.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1002l\x1b[?7h\x1b[0m\
                       \x1b[?25h\x1b[?1049l";

/// Holds the terminal; gives it back when dropped.
#[derive(Debug)]
pub struct Guard {
    out: File,
    input: File,
    before: Termios,
    is_ours: bool,
}

impl Guard {
    /// Takes the terminal over: `out` shows the screen, `input` is its keyboard.
    pub fn take(out: File, input: File) -> io::Result<Self> {
        let before = tcgetattr(&input)?;
        restore_after_panic();
        let mut guard = Self { out, input, before, is_ours: false };
        guard.enter()?;
        Ok(guard)
    }

    /// Where the screen is drawn.
    pub fn out(&mut self) -> &mut File {
        &mut self.out
    }

    /// The keyboard.
    pub fn input(&self) -> &File {
        &self.input
    }

    /// Columns and rows; 80 by 24 where nothing is said.
    pub fn size(&self) -> (u16, u16) {
        match rustix::termios::tcgetwinsize(&self.out) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => (80, 24),
        }
    }

    /// Takes the terminal over, anew after it was given back.
    pub fn enter(&mut self) -> io::Result<()> {
        if self.is_ours {
            return Ok(());
        }
        let mut raw = self.before.clone();
        raw.make_raw();
        tcsetattr(self.input.as_fd(), OptionalActions::Now, &raw)?;
        safety::screen_entered(LEAVE);
        self.is_ours = true;
        self.out.write_all(ENTER)
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) -> io::Result<()> {
        if !self.is_ours {
            return Ok(());
        }
        self.is_ours = false;
        let written = self.out.write_all(LEAVE);
        safety::screen_left();
        tcsetattr(self.input.as_fd(), OptionalActions::Now, &self.before)?;
        written
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A terminal that is gone need not be given back.
        let _ = self.leave();
    }
}

/// A panic is told on a terminal that can show it. Threads of plugins and of a run tell theirs in
/// other ways, and the screen goes on.
fn restore_after_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let owner = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == owner {
                safety::restore_terminal();
            }
            before(info);
        }));
    });
}
