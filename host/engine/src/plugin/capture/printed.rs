//! A bounded record of what foreign code printed, in harmless lines, at a bounded price.

use std::collections::VecDeque;

use crate::plugin::text;

/// How many lines are kept.
const LINES_MAX: usize = 1000;

/// A longer line is broken.
const LINE_BYTES_MAX: usize = 500;

/// How much is turned into lines between two looks; of what goes beyond, only the end is.
const BYTES_PER_LOOK: usize = 128 << 10;

/// How much of that end.
const END_BYTES: usize = 2 << 10;

/// The last lines, numbered from the first one ever.
#[derive(Debug)]
pub(super) struct Record {
    lines: VecDeque<String>,
    first_number: u64,
    unfinished: Vec<u8>,
    allowance: usize,
    skipped: u64,
    skipped_end: Vec<u8>,
}

impl Record {
    pub(super) fn new() -> Self {
        Self {
            lines: VecDeque::new(),
            first_number: 0,
            unfinished: Vec::new(),
            allowance: BYTES_PER_LOOK,
            skipped: 0,
            skipped_end: Vec::new(),
        }
    }

    /// Takes in what was printed. Whoever prints without end is not worth a processor, so once the
    /// allowance is used up this only keeps the last few bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.skipped == 0 && bytes.len() <= self.allowance {
            self.allowance -= bytes.len();
            self.split(bytes);
            return;
        }
        self.skipped += bytes.len() as u64;
        self.skipped_end.extend(&bytes[bytes.len().saturating_sub(END_BYTES)..]);
        let surplus = self.skipped_end.len().saturating_sub(END_BYTES);
        self.skipped_end.drain(..surplus);
    }

    /// The lines from number `from` on, as far as they are still there, and the number of the
    /// line that comes next.
    pub(super) fn look(&mut self, from: u64) -> (Vec<String>, u64) {
        self.catch_up();
        self.allowance = BYTES_PER_LOOK;
        let known = from.saturating_sub(self.first_number) as usize;
        let lines = self.lines.iter().skip(known).cloned().collect();
        (lines, self.first_number + self.lines.len() as u64)
    }

    /// Makes a line of what is left when nothing more will be printed.
    pub(super) fn finish(&mut self) {
        self.catch_up();
        self.end_line();
    }

    fn catch_up(&mut self) {
        if self.skipped == 0 {
            return;
        }
        self.end_line();
        let end = std::mem::take(&mut self.skipped_end);
        // The end begins in the middle of a line, which would read as one.
        let whole = end.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let left_out = std::mem::take(&mut self.skipped) - (end.len() - whole) as u64;
        self.keep(format!("… {left_out} bytes left out"));
        self.split(&end[whole..]);
    }

    fn split(&mut self, bytes: &[u8]) {
        for byte in bytes {
            // A line that is drawn over itself, such as a progress bar, counts as several.
            if matches!(byte, b'\n' | b'\r') {
                self.end_line();
            } else {
                self.unfinished.push(*byte);
                if self.unfinished.len() == LINE_BYTES_MAX {
                    self.end_line();
                }
            }
        }
    }

    fn end_line(&mut self) {
        if !self.unfinished.is_empty() {
            let line = text::printable(&self.unfinished, 4 * LINE_BYTES_MAX);
            self.unfinished.clear();
            self.keep(line);
        }
    }

    fn keep(&mut self, line: String) {
        if self.lines.len() == LINES_MAX {
            self.lines.pop_front();
            self.first_number += 1;
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::{LINES_MAX, Record};

    fn lines(record: &mut Record) -> Vec<String> {
        record.look(0).0
    }

    #[test]
    fn prints_become_harmless_lines() {
        let mut record = Record::new();
        record.take(b"one\n  tw");
        record.take(b"o\x1b[2J\r\n\nlast");
        assert_eq!(lines(&mut record), ["one", "  two\\x1b[2J"]);
        record.finish();
        assert_eq!(record.look(2), (vec!["last".into()], 3));
        assert_eq!(record.look(3), (vec![], 3));
    }

    #[test]
    fn a_flood_costs_a_line_and_its_end_is_kept() {
        let mut record = Record::new();
        record.take(b"before\n");
        for _ in 0..200 {
            record.take(&b"\x1b[2J".repeat(64 << 10));
        }
        record.take(b"\nlast words\n");
        let seen = lines(&mut record);
        let all = 200 * 4 * (64 << 10) + 1;
        assert_eq!(seen, ["before", &format!("… {all} bytes left out"), "last words"]);
        record.take(b"after\n");
        assert_eq!(record.look(3).0, ["after"]);
    }

    #[test]
    fn only_the_last_lines_are_kept_and_long_ones_are_broken() {
        let mut record = Record::new();
        for number in 0..LINES_MAX + 5 {
            record.take(format!("line {number}\n").as_bytes());
        }
        let (seen, next) = record.look(0);
        assert_eq!((seen.len(), seen[0].as_str()), (LINES_MAX, "line 5"));
        assert_eq!(next, LINES_MAX as u64 + 5);
        record.take(&[b'x'; 1200]);
        record.finish();
        let lengths: Vec<usize> = record.look(next).0.iter().map(String::len).collect();
        assert_eq!(lengths, [500, 500, 200]);
    }
}
