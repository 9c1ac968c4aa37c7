//! What the terminal can do, as far as it says so.

use crate::config::Settings;
use rustix::termios::tcgetwinsize;
use std::env;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use thorndike_tui::picture::Look;
use thorndike_tui::term::Abilities;

/// Columns and rows of a terminal; 80 by 24 where nothing is said.
pub(crate) fn size(terminal: impl AsFd) -> (usize, usize) {
    match tcgetwinsize(terminal) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            (usize::from(size.ws_col), usize::from(size.ws_row))
        }
        _ => (80, 24),
    }
}

/// Columns and rows that a picture may take: most of the screen, and never a wall of it.
pub(crate) fn picture_size(terminal: impl AsFd) -> (usize, usize) {
    let (columns, rows) = size(terminal);
    (columns.min(100), rows.saturating_sub(4).clamp(1, 25))
}

/// Whether it says that it knows 24-bit colors, and its user wants colors.
pub(crate) fn has_colors() -> bool {
    let says = env::var("COLORTERM").is_ok_and(|says| says == "truecolor" || says == "24bit");
    says && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The best that standard output can show of a picture. To be asked before plugins are let in.
pub(crate) fn look() -> Look {
    let is_colored = io::stdout().is_terminal() && has_colors();
    if is_colored { Look::Colors } else { Look::Dots }
}

/// Whether escape sequences mean nothing to the terminal.
pub(crate) fn is_dumb() -> bool {
    env::var("TERM").is_ok_and(|term| term == "dumb")
}

/// What the terminal can do, where it can show a screen. To be asked before plugins are let in.
pub(crate) fn screen(settings: &Settings) -> Option<Abilities> {
    let mut abilities = Abilities::of(|name| env::var(name).ok());
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let chosen = &settings.config.screen;
    abilities.glyphs = chosen.glyphs().unwrap_or(abilities.glyphs);
    abilities.colors = chosen.colors().unwrap_or(abilities.colors);
    (is_terminal && !abilities.is_dumb).then_some(abilities)
}

/// Whether text is UTF-8 there.
pub(crate) fn is_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    let name = set.unwrap_or_default().to_ascii_lowercase().replace('-', "");
    name.contains("utf8")
}
