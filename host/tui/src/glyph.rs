//! With which characters the screen is drawn: from blocks of eight dots down to plain ASCII.

use ratatui::symbols::pixel::{OCTANTS, QUADRANTS};
use serde::{Deserialize, Serialize};

/// What a terminal and its font can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Glyphs {
    /// Blocks of two by four dots, filled (Unicode 16).
    Octant,
    /// Patterns of two by four dots.
    #[default]
    Braille,
    /// Blocks of two by two.
    Half,
    /// Letters and signs alone.
    Ascii,
}

impl Glyphs {
    /// The tier of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "octant" => Some(Self::Octant),
            "braille" => Some(Self::Braille),
            "half" => Some(Self::Half),
            "ascii" => Some(Self::Ascii),
            _ => None,
        }
    }

    /// Dots of a character, side by side and one above the other.
    pub fn dots(self) -> (usize, usize) {
        match self {
            Self::Octant | Self::Braille => (2, 4),
            Self::Half => (2, 2),
            Self::Ascii => (1, 1),
        }
    }

    /// The character with these dots, a bit each, row by row.
    pub fn dot(self, bits: u8) -> char {
        match self {
            Self::Octant => OCTANTS[bits as usize],
            Self::Braille => braille(bits),
            Self::Half => QUADRANTS[bits as usize % 16],
            Self::Ascii => {
                if bits == 0 {
                    ' '
                } else {
                    '*'
                }
            }
        }
    }

    /// The first where there is more than ASCII, else the second.
    pub fn pick(self, rich: &'static str, plain: &'static str) -> &'static str {
        if self == Self::Ascii { plain } else { rich }
    }

    /// A bar of eighths, 0 to 8, growing upwards.
    pub fn bar(self, eighths: usize) -> char {
        let bars = match self {
            Self::Ascii => [' ', '.', '.', ':', ':', '|', '|', '#', '#'],
            _ => [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        };
        bars[eighths.min(8)]
    }
}

/// The dots of a block of two by four, row by row, if it is one.
pub fn block_dots(letter: char) -> Option<u8> {
    let at = |blocks: &[char]| blocks.iter().position(|block| *block == letter);
    if let Some(bits) = at(&OCTANTS) {
        return Some(bits as u8);
    }
    // A dot of a quadrant is as tall as two of an octant.
    let bits = at(&QUADRANTS)?;
    let tall =
        |bit: usize| if bits >> bit & 1 == 1 { 0b101 << (4 * (bit / 2) + bit % 2) } else { 0 };
    Some((0..4).map(tall).sum::<usize>() as u8)
}

/// Braille numbers its dots column by column, the lowest row last.
fn braille(bits: u8) -> char {
    const PLACES: [u32; 8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
    let pattern = (0..8).filter(|bit| bits & (1 << bit) != 0).map(|bit| PLACES[bit]).sum::<u32>();
    char::from_u32(0x2800 + pattern).expect("these are all characters of braille")
}
