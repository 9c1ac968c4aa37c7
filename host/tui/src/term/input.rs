//! Turns the bytes of a terminal into keys, clicks, pastes and changes of focus.

use super::key::{Code, Key};

/// Something that came from the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
}

/// What the mouse did, and in which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
    /// Whether shift was held.
    pub shift: bool,
}

/// What a mouse can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// A button was pressed: 0 left, 1 middle, 2 right.
    Down(u8),
    /// It was let go.
    Up(u8),
    /// It moved with the button held.
    Drag(u8),
    /// It moved.
    Move,
    /// The wheel turned away.
    WheelUp,
    /// The wheel turned near.
    WheelDown,
}

/// Bytes of a paste that are kept.
const PASTE_MAX: usize = 64 << 10;

/// Puts together what may come in pieces.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    held: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What the bytes so far are.
enum Step {
    Input(usize, Option<Input>),
    More,
}

impl Parser {
    /// Takes bytes in and gives out what they mean.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        self.held.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.held.len() {
            if self.paste.is_some() {
                at += self.pasted(at, out);
                if self.paste.is_some() {
                    break;
                }
                continue;
            }
            match step(&self.held[at..]) {
                Step::More => break,
                Step::Input(length, None) if self.held[at..at + length] == *b"\x1b[200~" => {
                    at += length;
                    self.paste = Some(Vec::new());
                }
                Step::Input(length, input) => {
                    at += length;
                    out.extend(input);
                }
            }
        }
        self.held.drain(..at);
    }

    /// Whether bytes wait for more: the escape key looks like the beginning of a sequence.
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty() && self.paste.is_none()
    }

    /// Nothing more came: what waits is what it looks like.
    pub fn give_up(&mut self, out: &mut Vec<Input>) {
        for byte in std::mem::take(&mut self.held) {
            if byte == 0x1b {
                out.push(Input::Key(Key::plain(Code::Esc)));
            } else if byte.is_ascii_graphic() {
                out.push(Input::Key(Key::char(char::from(byte))));
            }
        }
    }

    /// Takes in pasted bytes; returns how many of those held.
    fn pasted(&mut self, at: usize, out: &mut Vec<Input>) -> usize {
        const END: &[u8] = b"\x1b[201~";
        let held = &self.held[at..];
        let end = held.windows(END.len()).position(|window| window == END);
        // The beginning of the end may have come already.
        let text = end.unwrap_or(held.len().saturating_sub(END.len() - 1));
        let paste = self.paste.get_or_insert_default();
        let room = PASTE_MAX.saturating_sub(paste.len());
        paste.extend(&held[..text.min(room)]);
        if end.is_none() {
            return text;
        }
        let text_bytes = self.paste.take().unwrap_or_default();
        out.push(Input::Paste(String::from_utf8_lossy(&text_bytes).into_owned()));
        text + END.len()
    }
}

fn key(code: Code) -> Input {
    Input::Key(Key::plain(code))
}

/// The first thing that some bytes mean.
fn step(bytes: &[u8]) -> Step {
    match bytes[0] {
        0x1b => escape(bytes),
        b'\r' | b'\n' => Step::Input(1, Some(key(Code::Enter))),
        b'\t' => Step::Input(1, Some(key(Code::Tab))),
        0x7f | 0x08 => Step::Input(1, Some(key(Code::Backspace))),
        0 => Step::Input(1, Some(Input::Key(Key::ctrl(' ')))),
        byte @ 0x01..=0x1a => {
            Step::Input(1, Some(Input::Key(Key::ctrl(char::from(b'a' + byte - 1)))))
        }
        byte @ 0x1c..=0x1f => {
            Step::Input(1, Some(Input::Key(Key::ctrl(char::from(b'4' + byte - 0x1c)))))
        }
        _ => letter(bytes),
    }
}

/// A character in UTF-8; what is none is left out.
fn letter(bytes: &[u8]) -> Step {
    let length = match bytes[0] {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return Step::Input(1, None),
    };
    if bytes.len() < length {
        return Step::More;
    }
    match std::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.chars().next()) {
        Some(letter) => Step::Input(length, Some(Input::Key(Key::char(letter)))),
        None => Step::Input(1, None),
    }
}

fn escape(bytes: &[u8]) -> Step {
    match bytes.get(1) {
        None => Step::More,
        Some(b'[') => sequence(bytes),
        Some(b'O') => match bytes.get(2) {
            None => Step::More,
            Some(last) => Step::Input(3, arrow(*last).map(key)),
        },
        Some(0x1b) => Step::Input(1, Some(key(Code::Esc))),
        Some(_) => match step(&bytes[1..]) {
            Step::Input(length, Some(Input::Key(key))) => {
                Step::Input(1 + length, Some(Input::Key(Key { alt: true, ..key })))
            }
            Step::Input(length, _) => Step::Input(1 + length, None),
            Step::More => Step::More,
        },
    }
}

fn arrow(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'H' => Code::Home,
        b'F' => Code::End,
        b'M' => Code::Enter,
        _ => return None,
    })
}

/// `ESC [ numbers letter`.
fn sequence(bytes: &[u8]) -> Step {
    const LENGTH_MAX: usize = 64;
    let end = bytes.iter().skip(2).position(|byte| (0x40..=0x7e).contains(byte));
    let Some(end) = end.map(|end| end + 2) else {
        let too_long = bytes.len() > LENGTH_MAX;
        return if too_long { Step::Input(bytes.len(), None) } else { Step::More };
    };
    let text = std::str::from_utf8(&bytes[2..end]).unwrap_or_default();
    let input = if let Some(text) = text.strip_prefix('<') {
        mouse(text, bytes[end])
    } else {
        let mut numbers = text.split(';').map(|number| number.parse::<u16>().unwrap_or(1));
        let (first, modifiers) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
        named(first, modifiers, bytes[end])
    };
    Step::Input(end + 1, input)
}

fn named(first: u16, modifiers: u16, last: u8) -> Option<Input> {
    let code = match last {
        b'I' => return Some(Input::Focus(true)),
        b'O' => return Some(Input::Focus(false)),
        b'Z' => return Some(Input::Key(Key { shift: true, ..Key::plain(Code::Tab) })),
        b'~' => match first {
            1 | 7 => Code::Home,
            3 => Code::Delete,
            4 | 8 => Code::End,
            5 => Code::PageUp,
            6 => Code::PageDown,
            _ => return None,
        },
        b'u' => char::from_u32(u32::from(first)).map(|letter| match letter {
            '\u{1b}' => Code::Esc,
            '\r' => Code::Enter,
            '\t' => Code::Tab,
            letter => Code::Char(letter),
        })?,
        letter => arrow(letter)?,
    };
    let bits = modifiers.saturating_sub(1);
    let (shift, alt, ctrl) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
    Some(Input::Key(Key { code, ctrl, alt, shift }))
}

fn mouse(text: &str, last: u8) -> Option<Input> {
    let mut numbers = text.split(';').map(|number| number.parse::<u16>().ok());
    let (what, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let button = (what & 3) as u8;
    let kind = match (what & 64 != 0, what & 32 != 0, last) {
        (true, _, _) if button == 0 => MouseKind::WheelUp,
        (true, _, _) if button == 1 => MouseKind::WheelDown,
        (true, _, _) => return None,
        (_, true, _) if button == 3 => MouseKind::Move,
        (_, true, _) => MouseKind::Drag(button),
        (_, _, b'm') => MouseKind::Up(button),
        _ => MouseKind::Down(button),
    };
    let (column, row) = (column.saturating_sub(1), row.saturating_sub(1));
    Some(Input::Mouse(Mouse { kind, column, row, shift: what & 4 != 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Input> {
        let (mut parser, mut out) = (Parser::default(), Vec::new());
        parser.feed(bytes, &mut out);
        if parser.is_waiting() {
            parser.give_up(&mut out);
        }
        // However the bytes are cut, they mean the same.
        let (mut parser, mut cut) = (Parser::default(), Vec::new());
        for byte in bytes {
            parser.feed(&[*byte], &mut cut);
        }
        if parser.is_waiting() {
            parser.give_up(&mut cut);
        }
        assert_eq!(out, cut, "{bytes:?}");
        out
    }

    #[track_caller]
    fn keys(bytes: &[u8], expected: &[&str]) {
        let names: Vec<String> = read(bytes)
            .into_iter()
            .map(|input| match input {
                Input::Key(key) => key.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(names, expected, "{bytes:?}");
    }

    #[test]
    fn keys_are_read() {
        keys(b"a?\r\t\x7f", &["a", "?", "enter", "tab", "backspace"]);
        keys("é界".as_bytes(), &["é", "界"]);
        keys(b"\x03\x1a\x12", &["ctrl-c", "ctrl-z", "ctrl-r"]);
        keys(b"\x1b[A\x1bOB\x1b[1;2C\x1b[1;5D", &["up", "down", "shift-right", "ctrl-left"]);
        keys(b"\x1b[5~\x1b[3~\x1b[H\x1b[4~", &["pageup", "delete", "home", "end"]);
        keys(b"\x1b[Z\x1bx", &["shift-tab", "alt-x"]);
        keys(b"\x1b", &["esc"]);
        keys(b"\x1b\x1b[A", &["esc", "up"]);
        keys(b"\xff\x1b[99;99Xa", &["a"]);
        keys(b"\x1b[I\x1b[O", &["Focus(true)", "Focus(false)"]);
    }

    #[test]
    fn the_mouse_is_read() {
        let at = |kind, column, row, shift| Input::Mouse(Mouse { kind, column, row, shift });
        let expected = [
            at(MouseKind::Down(0), 9, 4, false),
            at(MouseKind::Drag(0), 10, 4, false),
            at(MouseKind::Up(0), 10, 4, false),
            at(MouseKind::WheelUp, 0, 0, false),
            at(MouseKind::WheelDown, 0, 0, true),
            at(MouseKind::Move, 1, 1, false),
        ];
        let bytes = b"\x1b[<0;10;5M\x1b[<32;11;5M\x1b[<0;11;5m\x1b[<64;1;1M\x1b[<69;1;1M\
                      \x1b[<35;2;2M";
        assert_eq!(read(bytes), expected);
    }

    #[test]
    fn pastes_are_texts_whatever_is_in_them() {
        let pasted = read(b"\x1b[200~q\x1b[A\nlr\x1b[201~x");
        let expected = [Input::Paste("q\u{1b}[A\nlr".into()), Input::Key(Key::char('x'))];
        assert_eq!(pasted, expected);
    }
}
