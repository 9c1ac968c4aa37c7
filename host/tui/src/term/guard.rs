//! Takes the terminal over and gives it back, on every way out. The bytes that lead back are the
//! same ones that the net under fatal signals writes.

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue};
use std::fs::File;
use std::io::{self, Write};
use std::panic;
use std::sync::{Once, OnceLock};
use std::thread;
use thorndike_engine::plugin::safety;

/// Alternate screen, no cursor, no wrapping, mouse, focus and pastes told.
fn enter() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EnterAlternateScreen,
        cursor::Hide,
        DisableLineWrap,
        EnableMouseCapture,
        EnableFocusChange,
        EnableBracketedPaste
    )?;
    Ok(bytes)
}

/// And back, also from the middle of a frame.
fn leave() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        DisableFocusChange,
        DisableMouseCapture,
        EnableLineWrap,
        SetAttribute(Attribute::Reset),
        cursor::Show,
        LeaveAlternateScreen
    )?;
    Ok(bytes)
}

/// Leaves the screen of a terminal whose own process is gone.
pub fn farewell(out: &mut File) -> io::Result<()> {
    out.write_all(&leave()?)
}

/// The bytes that lead back, for handlers that may only write.
static LEAVE: OnceLock<Vec<u8>> = OnceLock::new();

/// Holds the terminal; gives it back when dropped.
#[derive(Debug)]
pub struct Guard {
    out: File,
    is_ours: bool,
}

impl Guard {
    /// Takes the terminal over: `out` shows the screen, standard input is its keyboard.
    pub fn take(out: File) -> io::Result<Self> {
        restore_after_panic();
        let mut guard = Self { out, is_ours: false };
        guard.enter()?;
        Ok(guard)
    }

    /// Takes the terminal over, anew after it was given back.
    pub fn enter(&mut self) -> io::Result<()> {
        if self.is_ours {
            return Ok(());
        }
        if LEAVE.get().is_none() {
            // Whoever was first has written the same.
            let _ = LEAVE.set(leave()?);
        }
        enable_raw_mode()?;
        safety::screen_entered(LEAVE.get().map_or(&[], |bytes| &bytes[..]));
        self.is_ours = true;
        self.out.write_all(&enter()?)
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) -> io::Result<()> {
        if !self.is_ours {
            return Ok(());
        }
        self.is_ours = false;
        let written = self.out.write_all(LEAVE.get().map_or(&[], |bytes| &bytes[..]));
        safety::screen_left();
        disable_raw_mode()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_that_is_set_is_taken_back() {
        let set = String::from_utf8(enter().expect("memory")).expect("text");
        let back = String::from_utf8(leave().expect("memory")).expect("text");
        let modes = set.split("\u{1b}[?").skip(1);
        for mode in modes {
            let (number, letter) = mode.split_at(mode.len() - 1);
            let other = if letter == "h" { "l" } else { "h" };
            assert!(back.contains(&format!("\u{1b}[?{number}{other}")), "{mode:?} in {back:?}");
        }
        assert!(set.contains("?1049h") && set.contains("?25l"), "{set:?}");
    }
}
