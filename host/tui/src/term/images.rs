//! Pictures of pixels, where a terminal can show them: what it answers when it is asked, and how a
//! picture is told to it.

mod encode;

use serde::{Deserialize, Serialize};

pub use encode::{encode, take_away};

/// How a terminal takes pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// That of kitty, which knows pictures by number.
    Kitty,
    /// Rows of six pixels.
    Sixel,
    /// Files in the text, as iTerm2 began it.
    Iterm,
}

impl Protocol {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "kitty" => Some(Self::Kitty),
            "sixel" => Some(Self::Sixel),
            "iterm2" => Some(Self::Iterm),
            _ => None,
        }
    }
}

/// What a terminal can do with pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    /// How it takes them.
    pub protocol: Protocol,
    /// Pixels of a character, side by side and one above the other.
    pub cell: (u16, u16),
}

impl Images {
    /// The size of a character, where what is known of it makes sense; else that of most fonts.
    pub fn cell(known: Option<(u16, u16)>) -> (u16, u16) {
        let is_sound =
            |cell: &(u16, u16)| (4..=64).contains(&cell.0) && (8..=128).contains(&cell.1);
        known.filter(is_sound).unwrap_or((8, 16))
    }
}
