//! A recording that terminals play (asciicast 3): what was written, and how long before it nothing
//! was.

use std::fs::File;
use std::io::{self, BufWriter, Write};

/// A recording under way.
#[derive(Debug)]
pub(super) struct Cast {
    file: BufWriter<File>,
    last: f64,
    size: (u16, u16),
}

impl Cast {
    /// Begins with a screen of this size.
    pub(super) fn begin(file: File, (columns, rows): (u16, u16), now: f64) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        let term = format!("{{\"cols\":{columns},\"rows\":{rows},\"type\":\"xterm-256color\"}}");
        writeln!(file, "{{\"version\":3,\"term\":{term}}}")?;
        Ok(Self { file, last: now, size: (columns, rows) })
    }

    /// Keeps what was written to a terminal of this size.
    pub(super) fn keep(&mut self, now: f64, size: (u16, u16), bytes: &[u8]) -> io::Result<()> {
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
    pub(super) fn end(mut self) -> io::Result<()> {
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
    use std::fs;

    #[test]
    fn strings_are_those_of_json() {
        assert_eq!(quoted("\u{1b}[2J\"\\é\n"), "\"\\u001b[2J\\\"\\\\é\\u000a\"");
    }

    #[test]
    fn times_are_intervals_and_sizes_are_told_when_they_change() {
        let path = std::env::temp_dir().join(format!("thorndike-{}.cast", std::process::id()));
        let file = File::create(&path).expect("writable");
        let mut cast = Cast::begin(file, (80, 24), 10.0).expect("writable");
        cast.keep(10.5, (80, 24), b"a").expect("writable");
        cast.keep(12.0, (100, 30), b"b").expect("writable");
        cast.end().expect("writable");
        let text = fs::read_to_string(&path).expect("it was written");
        let expected = [
            r#"{"version":3,"term":{"cols":80,"rows":24,"type":"xterm-256color"}}"#,
            r#"[0.500000,"o","a"]"#,
            r#"[1.500000,"r","100x30"]"#,
            r#"[0.000000,"o","b"]"#,
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        fs::remove_file(&path).expect("it is ours");
    }
}
