//! The note that a dying process leaves: what ended it, and in which plugin it was.

use std::{fs, path::Path};

use serde::Deserialize;

use plugin_api::abi::trail::Place;

/// What ended an earlier process.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Crash {
    /// Name of a signal, or `exit` if foreign code ended the process.
    pub ended_by: String,
    /// The plugin in which it happened; `None` if it happened outside, or on a foreign thread.
    pub plugin: Option<String>,
    /// What the plugin was asked to do; empty outside.
    pub call: String,
    /// The step at which its thread was; 0 outside.
    pub step: u64,
}

/// The note at this path, if a process that died left one. Looks before the net is installed:
/// that makes room for a new note.
pub fn last_crash(path: &Path) -> Option<Crash> {
    ron::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Text put together without allocating, for use in a signal handler. What does not fit is cut.
pub(super) struct Text {
    bytes: [u8; 400],
    length: usize,
}

impl Text {
    /// The note that [`last_crash`] reads.
    pub(super) fn note(ended_by: &str, place: Option<&Place>) -> Self {
        let mut text = Self { bytes: [0; 400], length: 0 };
        text.push("(ended_by: \"").push(ended_by).push("\", plugin: ");
        match place {
            Some(place) => text.push("Some(\"").push_quoted(place.plugin).push("\")"),
            None => text.push("None"),
        };
        text.push(", call: \"").push(place.map_or("", |place| place.call)).push("\", step: ");
        text.push_number(place.map_or(0, |place| place.step)).push(")\n");
        text
    }

    /// The line that the user sees.
    pub(super) fn line(ended_by: &str, place: Option<&Place>) -> Self {
        let mut text = Self { bytes: [0; 400], length: 0 };
        text.push("\r\nthorndike: ");
        match place {
            Some(place) => text
                .push("plugin `")
                .push(place.plugin)
                .push("` ended the process by ")
                .push(ended_by)
                .push(" in `")
                .push(place.call)
                .push("` at step ")
                .push_number(place.step),
            None => text.push("the process was ended by ").push(ended_by),
        };
        text.push("\r\n");
        text
    }

    /// The line that a user sees who did not wait for a call.
    pub(super) fn left(place: &Place) -> Self {
        let mut text = Self { bytes: [0; 400], length: 0 };
        text.push("\r\nthorndike: ended while plugin `")
            .push(place.plugin)
            .push("` was in `")
            .push(place.call)
            .push("` at step ")
            .push_number(place.step)
            .push("\r\n");
        text
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, text: &str) -> &mut Self {
        for byte in text.bytes() {
            if let Some(place) = self.bytes.get_mut(self.length) {
                *place = byte;
                self.length += 1;
            }
        }
        self
    }

    fn push_quoted(&mut self, text: &str) -> &mut Self {
        for (at, char) in text.char_indices() {
            if matches!(char, '"' | '\\') {
                self.push("\\");
            }
            self.push(text.get(at..at + char.len_utf8()).unwrap_or_default());
        }
        self
    }

    fn push_number(&mut self, number: u64) -> &mut Self {
        let mut digits = [0; 20];
        let mut rest = number;
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(std::str::from_utf8(&digits[first..]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Crash, Place, Text};

    #[test]
    fn a_note_reads_back() {
        for (plugin, step) in [("toy", 0), ("to\"y\\x1b ü", u64::MAX)] {
            let place = Place { plugin, call: "step", step };
            let note = Text::note("SIGSEGV", Some(&place));
            let crash: Crash = ron::de::from_bytes(note.bytes()).expect("it is RON");
            let (plugin, call) = (Some(plugin.to_owned()), "step".to_owned());
            assert_eq!(crash, Crash { ended_by: "SIGSEGV".into(), plugin, call, step });
        }
        let note = Text::note("exit", None);
        let crash: Crash = ron::de::from_bytes(note.bytes()).expect("it is RON");
        assert_eq!((crash.plugin, crash.step), (None, 0));
    }

    #[test]
    fn too_long_a_line_is_cut() {
        let name = "x".repeat(1000).leak();
        let place = Place { plugin: name, call: "step", step: 1 };
        assert_eq!(Text::line("SIGBUS", Some(&place)).bytes().len(), 400);
    }
}
