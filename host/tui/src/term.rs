//! The terminal: what it can do, what comes from its keyboard and mouse, and what is drawn on it.
//! One thread owns it.

pub mod abilities;
pub mod answers;
pub mod guard;
pub mod images;
pub mod input;
pub mod key;
pub mod paint;
pub mod probe;

pub use abilities::{Abilities, Colors};
pub use guard::Guard;
pub use input::Input;
pub use key::{Code, Key};
pub use paint::Painter;

use rustix::fd::AsFd;

/// Columns and rows of a terminal; 80 by 24 where nothing is said.
pub fn size(terminal: impl AsFd) -> (u16, u16) {
    match rustix::termios::tcgetwinsize(terminal) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// Pixels of a character, side by side and one above the other, where the kernel was told.
pub fn cell(terminal: impl AsFd) -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(terminal).ok()?;
    let wide = size.ws_xpixel.checked_div(size.ws_col)?;
    let high = size.ws_ypixel.checked_div(size.ws_row)?;
    Some((wide, high)).filter(|(wide, high)| *wide > 0 && *high > 0)
}
