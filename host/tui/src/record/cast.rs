//! A recording that terminals play (asciicast 3): what was written, and how long before it nothing
//! was.

use std::io::{self, Write};

/// A recording under way.
#[derive(Debug)]
pub struct Cast<W> {
    file: W,
    last: f64,
    size: (u16, u16),
}

impl<W: Write> Cast<W> {
    /// Begins with a screen of this size.
    pub fn begin(
        mut file: W,
        (columns, rows): (u16, u16),
        title: Option<&str>,
        now: f64,
    ) -> io::Result<Self> {
        let term = format!("{{\"cols\":{columns},\"rows\":{rows},\"type\":\"xterm-256color\"}}");
        let title = title.map(|title| format!(",\"title\":{}", quoted(title)));
        writeln!(file, "{{\"version\":3,\"term\":{term}{}}}", title.unwrap_or_default())?;
        Ok(Self { file, last: now, size: (columns, rows) })
    }

    /// Keeps what was written to a terminal of this size.
    pub fn keep(&mut self, now: f64, size: (u16, u16), bytes: &[u8]) -> io::Result<()> {
        if size != self.size {
            self.size = size;
            let text = format!("{}x{}", size.0, size.1);
            self.event(now, 'r', &text)?;
        }
        self.event(now, 'o', &String::from_utf8_lossy(bytes))
    }

    fn event(&mut self, now: f64, code: char, text: &str) -> io::Result<()> {
        let interval = (now - self.last).max(0.0);
        self.last = now;
        writeln!(self.file, "[{interval:.6},\"{code}\",{}]", quoted(text))
    }

    /// Writes what is still in memory.
    pub fn end(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if (letter as u32) < 0x20 => {
                write!(out, "\\u{:04x}", letter as u32).expect("texts grow");
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_those_of_json() {
        assert_eq!(quoted("\u{1b}[2J\"\\é\n"), "\"\\u001b[2J\\\"\\\\é\\u000a\"");
    }

    #[test]
    fn times_are_intervals_and_sizes_are_told_when_they_change() {
        let mut text = Vec::new();
        let mut cast = Cast::begin(&mut text, (80, 24), Some("a \"b\""), 10.0).expect("memory");
        cast.keep(10.5, (80, 24), b"a").expect("memory");
        cast.keep(12.0, (100, 30), b"b").expect("memory");
        cast.end().expect("memory");
        let text = String::from_utf8(text).expect("text");
        let expected = [
            r#"{"version":3,"term":{"cols":80,"rows":24,"type":"xterm-256color"},"title":"a \"b\""}"#,
            r#"[0.500000,"o","a"]"#,
            r#"[1.500000,"r","100x30"]"#,
            r#"[0.000000,"o","b"]"#,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }
}
