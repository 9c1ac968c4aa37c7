//! Makes text that a plugin wrote safe to show: printable, one line, of bounded length.

use std::fmt::Write;

/// The text as one line of at most `chars_max` characters, without the blanks around it.
pub(crate) fn one_line(bytes: &[u8], chars_max: usize) -> String {
    printable(bytes.trim_ascii(), chars_max)
}

/// The text as one line of at most `chars_max` characters, with everything that could move the
/// cursor, change colours or reorder the line written out as an escape.
pub(crate) fn printable(bytes: &[u8], chars_max: usize) -> String {
    let mut line = String::new();
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\n' | '\t' => line.push(' '),
                '\r' => {}
                char if is_hostile(char) => escape(&mut line, char as u32),
                char => line.push(char),
            }
        }
        for byte in chunk.invalid() {
            escape(&mut line, u32::from(*byte));
        }
    }
    if let Some((cut, _)) = line.char_indices().nth(chars_max) {
        line.truncate(cut);
        line.push('…');
    }
    line
}

/// Control characters, and the marks that turn the direction of the text around them.
fn is_hostile(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(char, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn escape(line: &mut String, code: u32) {
    if code <= 0xff {
        write!(line, "\\x{code:02x}").expect("writing to a string cannot fail");
    } else {
        write!(line, "\\u{{{code:x}}}").expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[track_caller]
    fn check(text: &[u8], expected: &str) {
        assert_eq!(one_line(text, 20), expected);
    }

    #[test]
    fn foreign_text_becomes_one_harmless_line() {
        check(b"plain text\n", "plain text");
        check(b"two\nlines\r\n", "two lines");
        check(b"\x1b[2Jgone", "\\x1b[2Jgone");
        check(b"\x9b2J \xff", "\\x9b2J \\xff");
        check("a\u{202e}b\u{9b}c".as_bytes(), "a\\u{202e}b\\x9bc");
        check("Größe".as_bytes(), "Größe");
        check(b"0123456789012345678901234", "01234567890123456789…");
    }
}
