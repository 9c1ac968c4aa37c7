//! What the terminal says that it can do, by the variables of its user.

use crate::glyph::Glyphs;
use serde::{Deserialize, Serialize};

/// Colors of a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colors {
    /// None: bold, dim and reversed letters tell things apart.
    None,
    /// The sixteen everybody has.
    Sixteen,
    /// The palette of 256.
    #[default]
    Palette,
    /// Red, green and blue.
    True,
}

impl Colors {
    /// The tier of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "never" => Some(Self::None),
            "16" => Some(Self::Sixteen),
            "256" => Some(Self::Palette),
            "true" => Some(Self::True),
            _ => None,
        }
    }
}

/// What a terminal can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// Its colors.
    pub colors: Colors,
    /// Its characters.
    pub glyphs: Glyphs,
    /// Whether escape sequences mean anything to it.
    pub is_dumb: bool,
}

impl Abilities {
    /// By what the variables say.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let color_term = set("COLORTERM").unwrap_or_default();
        let colors = if set("NO_COLOR").is_some() || term == "dumb" || term.starts_with("vt") {
            Colors::None
        } else if color_term == "truecolor" || color_term == "24bit" {
            Colors::True
        } else if term.contains("256") || term.starts_with("tmux") || term.starts_with("screen") {
            Colors::Palette
        } else {
            Colors::Sixteen
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name));
        let locale = locale.unwrap_or_default().to_ascii_lowercase().replace('-', "");
        let glyphs = if !locale.contains("utf8") {
            Glyphs::Ascii
        } else if term == "linux" {
            // The console of Linux has the blocks, but neither braille nor octants.
            Glyphs::Half
        } else {
            // Octants are for terminals that say which they are.
            Glyphs::Braille
        };
        Self { colors, glyphs, is_dumb: term.is_empty() || term == "dumb" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[(&str, &str)], colors: Colors, glyphs: Glyphs, is_dumb: bool) {
        let variable = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(Abilities::of(variable), Abilities { colors, glyphs, is_dumb }, "{set:?}");
    }

    #[test]
    fn variables_decide() {
        let utf8 = ("LANG", "en_US.UTF-8");
        let xterm = ("TERM", "xterm-256color");
        check(&[utf8, xterm], Colors::Palette, Glyphs::Braille, false);
        check(&[utf8, xterm, ("COLORTERM", "truecolor")], Colors::True, Glyphs::Braille, false);
        check(&[utf8, xterm, ("NO_COLOR", "1")], Colors::None, Glyphs::Braille, false);
        check(&[utf8, xterm, ("NO_COLOR", "")], Colors::Palette, Glyphs::Braille, false);
        check(&[("LANG", "C"), xterm], Colors::Palette, Glyphs::Ascii, false);
        let c = [utf8, xterm, ("LC_ALL", "C")];
        check(&c, Colors::Palette, Glyphs::Ascii, false);
        check(&[utf8, ("TERM", "linux")], Colors::Sixteen, Glyphs::Half, false);
        check(&[utf8, ("TERM", "xterm-kitty")], Colors::Sixteen, Glyphs::Braille, false);
        check(&[utf8, ("TERM", "dumb")], Colors::None, Glyphs::Braille, true);
        check(&[], Colors::Sixteen, Glyphs::Ascii, true);
    }
}
