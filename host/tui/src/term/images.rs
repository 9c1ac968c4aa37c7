//! Pictures of pixels, where a terminal can show them: what it answers when it is asked, and how a
//! picture is told to it.

mod encode;
mod probe;

use serde::{Deserialize, Serialize};

pub use encode::{encode, take_away};
pub use probe::{may_have, probe};

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
