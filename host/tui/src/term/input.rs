//! What comes from keyboard and mouse, in the words of the screen. crossterm reads and parses it.

use super::key::{Code, Key};
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use serde::{Deserialize, Serialize};

/// Something that came from the terminal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// A key was pressed.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// The terminal has another size: columns and rows.
    Resized(u16, u16),
}

/// What the mouse did, and in which cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
    /// Whether shift or control was held; most terminals keep shift for themselves.
    pub shift: bool,
}

/// What a mouse can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What an event of the terminal means here; nothing where it means nothing.
pub fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) => key(event).map(Input::Key),
        Event::Mouse(event) => mouse(event).map(Input::Mouse),
        Event::Paste(mut text) => {
            let end = (0..=PASTE_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
            Some(Input::Paste(text))
        }
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
        Event::Resize(columns, rows) => Some(Input::Resized(columns, rows)),
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut key = Key {
        code: Code::Enter,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: event.modifiers.contains(KeyModifiers::SHIFT),
    };
    key.code = match event.code {
        // Some terminals send these for the keys that are called so.
        KeyCode::Char('h') if key.ctrl => return Some(Key::plain(Code::Backspace)),
        KeyCode::Char('j' | 'm') if key.ctrl => return Some(Key::plain(Code::Enter)),
        KeyCode::Char('i') if key.ctrl => return Some(Key::plain(Code::Tab)),
        KeyCode::Char(letter) => {
            key.shift = false;
            Code::Char(letter)
        }
        KeyCode::BackTab => {
            key.shift = true;
            Code::Tab
        }
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    Some(key)
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let number = |button| match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    };
    let kind = match event.kind {
        MouseEventKind::Down(button) => MouseKind::Down(number(button)),
        MouseEventKind::Up(button) => MouseKind::Up(number(button)),
        MouseEventKind::Drag(button) => MouseKind::Drag(number(button)),
        MouseEventKind::Moved => MouseKind::Move,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        MouseEventKind::ScrollLeft | MouseEventKind::ScrollRight => return None,
    };
    let shift = event.modifiers.intersects(KeyModifiers::SHIFT | KeyModifiers::CONTROL);
    Some(Mouse { kind, column: event.column, row: event.row, shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: KeyCode, modifiers: KeyModifiers, expected: &str) {
        let named = input(Event::Key(KeyEvent::new(code, modifiers)));
        let name = named.map(|input| match input {
            Input::Key(key) => key.to_string(),
            other => format!("{other:?}"),
        });
        assert_eq!(name.as_deref().unwrap_or(""), expected, "{code:?} {modifiers:?}");
    }

    #[test]
    fn keys_have_the_names_that_the_config_uses() {
        let (none, shift, ctrl) = (KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::CONTROL);
        check(KeyCode::Char('a'), none, "a");
        check(KeyCode::Char('G'), shift, "G");
        check(KeyCode::Char(' '), ctrl, "ctrl-space");
        check(KeyCode::Char('r'), ctrl, "ctrl-r");
        check(KeyCode::Char('x'), KeyModifiers::ALT, "alt-x");
        check(KeyCode::Char('j'), ctrl, "enter");
        check(KeyCode::Char('h'), ctrl, "backspace");
        check(KeyCode::BackTab, shift, "shift-tab");
        check(KeyCode::Left, shift, "shift-left");
        check(KeyCode::PageUp, none, "pageup");
        check(KeyCode::F(1), none, "");
        let release = KeyEvent::new_with_kind(KeyCode::Up, none, KeyEventKind::Release);
        assert_eq!(input(Event::Key(release)), None);
    }

    #[test]
    fn the_mouse_is_understood() {
        let event = |kind, modifiers| {
            let event = MouseEvent { kind, column: 9, row: 4, modifiers };
            match input(Event::Mouse(event)) {
                Some(Input::Mouse(mouse)) => Some((mouse.kind, mouse.shift)),
                _ => None,
            }
        };
        let none = KeyModifiers::NONE;
        let down = MouseEventKind::Down(MouseButton::Right);
        assert_eq!(event(down, none), Some((MouseKind::Down(2), false)));
        let drag = MouseEventKind::Drag(MouseButton::Left);
        assert_eq!(event(drag, KeyModifiers::CONTROL), Some((MouseKind::Drag(0), true)));
        assert_eq!(event(MouseEventKind::ScrollLeft, none), None);
    }

    #[test]
    fn pastes_are_cut_between_letters() {
        let text = "é".repeat(PASTE_MAX);
        let Some(Input::Paste(kept)) = input(Event::Paste(text)) else { panic!("it is a paste") };
        assert_eq!((kept.len(), kept.chars().next_back()), (PASTE_MAX, Some('é')));
    }
}
