//! What comes from a terminal that was asked what it can do: its answers, and the keys that are
//! pressed before it has answered. Over a slow line that may take a while, and an answer that was
//! taken for keys would do things nobody asked for.

use super::input::Input;
use super::key::{Code, Key};

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Tells answers from keys.
#[derive(Debug, Default)]
pub struct Sorter {
    /// Bytes that may be the beginning of something.
    waiting: Vec<u8>,
    answers: Vec<u8>,
    is_whole: bool,
}

/// What stands at the beginning of some bytes, and how many bytes it has.
enum Found {
    Key(Input, usize),
    Answer(usize),
    /// It means nothing here.
    Noise(usize),
    /// More has to come before anything can be said.
    Part,
}

impl Sorter {
    /// Takes bytes in, and returns the keys among them.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Input> {
        self.waiting.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut from = 0;
        while from < self.waiting.len() {
            let rest = &self.waiting[from..];
            let wide = match first(rest) {
                Found::Part => break,
                Found::Noise(wide) => wide,
                Found::Key(key, wide) => {
                    keys.push(key);
                    wide
                }
                Found::Answer(wide) => {
                    let answer = &rest[..wide];
                    // Every terminal gives this one, and it was asked for last.
                    self.is_whole |= answer.starts_with(b"\x1b[?") && answer.ends_with(b"c");
                    self.answers.extend_from_slice(answer);
                    wide
                }
            };
            from += wide;
        }
        self.waiting.drain(..from);
        keys
    }

    /// Whether the last answer is there.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether an escape waits alone: what belongs to an answer comes along with it.
    pub fn holds_escape(&self) -> bool {
        self.waiting == [ESC]
    }

    /// The escape key, where one waits.
    pub fn escape(&mut self) -> Option<Input> {
        let is_held = self.holds_escape();
        is_held.then(|| {
            self.waiting.clear();
            Input::Key(Key::plain(Code::Esc))
        })
    }

    /// All answers so far.
    pub fn answers(&self) -> &[u8] {
        &self.answers
    }
}

fn first(bytes: &[u8]) -> Found {
    match bytes {
        [ESC] | [ESC, b'O'] => Found::Part,
        // Strings end in `ESC \` or in a bell.
        [ESC, b'_' | b'P' | b']' | b'^' | b'X', ..] => {
            let ends = |at: &usize| bytes[*at] == 7 || bytes[*at..].starts_with(b"\x1b\\");
            match (2..bytes.len()).find(ends) {
                Some(at) => Found::Answer(if bytes[at] == 7 { at + 1 } else { at + 2 }),
                None => Found::Part,
            }
        }
        [ESC, b'[', rest @ ..] => match rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) {
            Some(at) => sequence(bytes, 2 + at),
            None => Found::Part,
        },
        [ESC, b'O', letter, ..] => {
            arrow(*letter, 0).map_or(Found::Noise(3), |key| Found::Key(key, 3))
        }
        [ESC, rest @ ..] => match letter(rest) {
            Found::Key(Input::Key(key), wide) => {
                Found::Key(Input::Key(Key { alt: true, ..key }), wide + 1)
            }
            Found::Part => Found::Part,
            _ => Found::Noise(2),
        },
        _ => letter(bytes),
    }
}

/// `ESC [`, numbers, and the letter at a place.
fn sequence(bytes: &[u8], end: usize) -> Found {
    let (wide, inner) = (end + 1, &bytes[2..end]);
    let mut numbers = inner.split(|byte| *byte == b';').map(|number| {
        std::str::from_utf8(number).ok().and_then(|number| number.parse::<u8>().ok())
    });
    let (code, held) = (numbers.next().flatten(), numbers.next().flatten());
    let held = held.map_or(0, |held| held.saturating_sub(1));
    let key = |code| Some(Input::Key(with(Key::plain(code), held)));
    let found = match (bytes[end], code) {
        (b'c' | b't', _) => return Found::Answer(wide),
        (b'~', Some(200)) => {
            let rest = &bytes[wide..];
            let at = rest.windows(PASTE_END.len()).position(|part| part == PASTE_END);
            return at.map_or(Found::Part, |at| {
                let text = String::from_utf8_lossy(&rest[..at]).into_owned();
                Found::Key(Input::Paste(text), wide + at + PASTE_END.len())
            });
        }
        // Of the mouse, and of things that were not asked for.
        _ if inner.first().is_some_and(|byte| b"<=>?".contains(byte)) => None,
        (b'~', Some(1 | 7)) => key(Code::Home),
        (b'~', Some(3)) => key(Code::Delete),
        (b'~', Some(4 | 8)) => key(Code::End),
        (b'~', Some(5)) => key(Code::PageUp),
        (b'~', Some(6)) => key(Code::PageDown),
        (b'Z', _) => Some(Input::Key(Key { shift: true, ..Key::plain(Code::Tab) })),
        (b'I', _) => Some(Input::Focus(true)),
        (b'O', _) => Some(Input::Focus(false)),
        (letter, _) => arrow(letter, held),
    };
    found.map_or(Found::Noise(wide), |key| Found::Key(key, wide))
}

fn arrow(letter: u8, held: u8) -> Option<Input> {
    let code = match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'M' => Code::Enter,
        _ => return None,
    };
    Some(Input::Key(with(Key::plain(code), held)))
}

/// Shift, alt and control as the bits that terminals tell.
fn with(key: Key, held: u8) -> Key {
    Key { shift: held & 1 != 0, alt: held & 2 != 0, ctrl: held & 4 != 0, ..key }
}

fn letter(bytes: &[u8]) -> Found {
    let key = match bytes[0] {
        b'\r' | b'\n' => Key::plain(Code::Enter),
        b'\t' => Key::plain(Code::Tab),
        8 | 0x7f => Key::plain(Code::Backspace),
        ESC => Key::plain(Code::Esc),
        0 => Key::ctrl(' '),
        byte @ 1..=26 => Key::ctrl(char::from(b'a' + byte - 1)),
        byte @ 28..=31 => Key::ctrl(char::from(b'\\' + byte - 28)),
        byte => {
            let wide = match byte {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => 1,
            };
            if bytes.len() < wide {
                return Found::Part;
            }
            let text = std::str::from_utf8(&bytes[..wide]).ok();
            return text
                .and_then(|text| text.chars().next())
                .map_or(Found::Noise(1), |letter| Found::Key(Input::Key(Key::char(letter)), wide));
        }
    };
    Found::Key(Input::Key(key), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(keys: &[Input]) -> String {
        let name = |key: &Input| match key {
            Input::Key(key) => key.to_string(),
            other => format!("{other:?}"),
        };
        keys.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check(bytes: &str, keys: &str, answers: &str) {
        // However the bytes are cut, they mean the same.
        for size in [1, 2, 3, 7, 1000] {
            let mut sorter = Sorter::default();
            let mut came = Vec::new();
            for part in bytes.as_bytes().chunks(size) {
                came.extend(sorter.take(part));
            }
            came.extend(sorter.escape());
            assert_eq!(names(&came), keys, "{bytes:?} by {size}");
            assert_eq!(String::from_utf8_lossy(sorter.answers()), answers, "{bytes:?} by {size}");
        }
    }

    #[test]
    fn keys_between_answers_are_keys_and_answers_are_none() {
        let kitty = "\x1b_Gi=4207;OK\x1b\\";
        let name = "\x1bP>|kitty(0.26.5)\x1b\\";
        check(&format!("q{kitty}\x1b[A{name}x"), "q up x", &format!("{kitty}{name}"));
        let light = "\x1b]11;rgb:ffff/ffff/dddd\x1b\\";
        let belled = "\x1b]11;rgb:ff/ff/dd\x07";
        check(&format!("{light} {belled}"), "space", &format!("{light}{belled}"));
        check("\x1b[6;18;9t\x1b[?62;4c", "", "\x1b[6;18;9t\x1b[?62;4c");
    }

    #[test]
    fn keys_are_those_that_are_read_later() {
        check("\r\t\x7f\x03\x15é:", "enter tab backspace ctrl-c ctrl-u é :", "");
        check(
            "\x1b[1;2C\x1b[5~\x1b[Z\x1bOH\x1b[3~",
            "shift-right pageup shift-tab home delete",
            "",
        );
        check("\x1bx\x1b", "alt-x esc", "");
        check("\x1b[I\x1b[200~a\x1b[Ab\x1b[201~", "Focus(true) Paste(\"a\\u{1b}[Ab\")", "");
        check("\x1b[<0;10;5Mk", "k", "");
    }

    #[test]
    fn the_last_answer_is_that_which_all_terminals_give() {
        let mut sorter = Sorter::default();
        sorter.take(b"\x1b_Gi=4207;OK\x1b\\\x1b[6;18;9t\x1b[?6");
        assert!(!sorter.is_whole() && !sorter.holds_escape());
        sorter.take(b"2;c");
        assert!(sorter.is_whole());
    }
}
