//! A line of text that is being written.

use crate::term::{Code, Key};

/// A line of text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    letters: Vec<char>,
    cursor: usize,
}

impl Line {
    /// A line with the cursor at its end.
    pub fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
        Self { cursor: letters.len(), letters }
    }

    /// The text.
    pub fn text(&self) -> String {
        self.letters.iter().collect()
    }

    /// Letters before the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Takes a key in; false if it means nothing to a line.
    pub fn press(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Char('a'), true) | (Code::Home, _) => self.cursor = 0,
            (Code::Char('e'), true) | (Code::End, _) => self.cursor = self.letters.len(),
            (Code::Char('u'), true) => {
                self.letters.drain(..self.cursor);
                self.cursor = 0;
            }
            (Code::Char('w'), true) => self.erase_word(),
            (Code::Char(letter), false) if !key.alt => self.insert(letter),
            (Code::Backspace, _) => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.letters.remove(self.cursor);
                }
            }
            (Code::Delete, _) if self.cursor < self.letters.len() => {
                self.letters.remove(self.cursor);
            }
            (Code::Left, _) => self.cursor = self.cursor.saturating_sub(1),
            (Code::Right, _) => self.cursor = (self.cursor + 1).min(self.letters.len()),
            _ => return false,
        }
        true
    }

    /// Takes pasted text in.
    pub fn paste(&mut self, text: &str) {
        text.chars().filter(|letter| !letter.is_control()).for_each(|letter| self.insert(letter));
    }

    fn insert(&mut self, letter: char) {
        self.letters.insert(self.cursor, letter);
        self.cursor += 1;
    }

    fn erase_word(&mut self) {
        let before = &self.letters[..self.cursor];
        let end = before.iter().rposition(|c| *c != ' ').map_or(0, |idx| idx + 1);
        let start = before[..end].iter().rposition(|c| *c == ' ').map_or(0, |idx| idx + 1);
        self.letters.drain(start..self.cursor);
        self.cursor = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_as_everywhere() {
        let mut line = Line::of("step size");
        for name in ["ctrl-w", "x", "left", "y", "home", "delete", "end", "backspace", "z"] {
            assert!(line.press(Key::named(name).expect("a key")), "{name}");
        }
        assert_eq!((line.text().as_str(), line.cursor()), ("tep yz", 6));
        line.paste("a\u{1b}\nb");
        assert_eq!(line.text(), "tep yzab");
        assert!(!line.press(Key::plain(Code::Esc)) && !line.press(Key::plain(Code::Up)));
        line.press(Key::ctrl('u'));
        assert!(line.is_empty());
    }
}
