//! The letters on a terminal, rebuilt from the bytes that were sent to it: what somebody in front
//! of it would read. For tests and measurements, which see bytes alone, and of those only what
//! changed. Colors are left out.

use unicode_width::UnicodeWidthChar;

/// The letters on a terminal.
#[derive(Clone, Debug)]
pub struct Grid {
    columns: usize,
    /// Letters row by row; the right half of a wide one is empty.
    rows: Vec<Vec<String>>,
    /// Column and row of the cursor.
    at: (usize, usize),
    /// The beginning of something of which the rest has not come yet.
    rest: Vec<u8>,
}

/// Something that is sent to a terminal.
enum Piece {
    /// A letter.
    Letter(char),
    /// A sequence of `ESC [`: what stands between, and how it ends.
    Control(String, char),
    /// Something that moves no letter.
    Nothing,
}

impl Grid {
    /// An empty terminal.
    pub fn new((columns, rows): (u16, u16)) -> Self {
        let (columns, rows) = (usize::from(columns), usize::from(rows));
        let rows = vec![vec![" ".to_owned(); columns]; rows];
        Self { columns, rows, at: (0, 0), rest: Vec::new() }
    }

    /// Takes in what was sent, in pieces of any size.
    pub fn take(&mut self, bytes: &[u8]) {
        let mut all = std::mem::take(&mut self.rest);
        all.extend_from_slice(bytes);
        let mut from = 0;
        while let Some((piece, length)) = piece(&all[from..]) {
            from += length;
            match piece {
                Piece::Letter(letter) => self.put(letter),
                Piece::Control(between, end) => self.control(&between, end),
                Piece::Nothing => {}
            }
        }
        self.rest = all.split_off(from);
    }

    fn put(&mut self, letter: char) {
        match letter {
            '\r' => self.at.0 = 0,
            '\n' => self.line_on(),
            _ => {
                let wide = letter.width().unwrap_or(0);
                let (column, row) = self.at;
                let Some(cells) = self.rows.get_mut(row) else { return };
                if wide == 0 {
                    // It belongs to the letter before.
                    if let Some(cell) = column.checked_sub(1).and_then(|left| cells.get_mut(left)) {
                        cell.push(letter);
                    }
                    return;
                }
                for (place, cell) in cells.iter_mut().skip(column).take(wide).enumerate() {
                    *cell = if place == 0 { letter.to_string() } else { String::new() };
                }
                self.at.0 = column + wide;
            }
        }
    }

    fn line_on(&mut self) {
        if self.at.1 + 1 < self.rows.len() {
            self.at.1 += 1;
        } else if !self.rows.is_empty() {
            self.rows.remove(0);
            self.rows.push(vec![" ".to_owned(); self.columns]);
        }
    }

    fn control(&mut self, between: &str, end: char) {
        match (between, end) {
            (_, 'H') => {
                let mut numbers = between.split(';').map(|number| number.parse().unwrap_or(1));
                let mut next = || numbers.next().unwrap_or(1_usize).saturating_sub(1);
                let row = next();
                self.at = (next(), row);
            }
            // Everything goes, also when the other screen of the terminal comes to the front.
            ("2", 'J') | ("?1049", 'h' | 'l') => {
                self.rows.iter_mut().flatten().for_each(|cell| " ".clone_into(cell));
            }
            _ => {}
        }
    }

    /// Everything that can be read, a line for each row.
    pub fn text(&self) -> String {
        let line = |row: &Vec<String>| row.concat().trim_end().to_owned() + "\n";
        self.rows.iter().map(line).collect()
    }

    /// Whether a text stands in one of the rows.
    pub fn holds(&self, text: &str) -> bool {
        self.rows.iter().any(|row| row.concat().contains(text))
    }
}

/// The next thing that was sent and the bytes it takes; nothing where it is not whole.
fn piece(bytes: &[u8]) -> Option<(Piece, usize)> {
    let first = *bytes.first()?;
    if first != 0x1b {
        return letter(bytes);
    }
    match bytes.get(1)? {
        b'[' => {
            let end = bytes[2..].iter().position(|byte| (0x40..0x7f).contains(byte))? + 2;
            let between = String::from_utf8_lossy(&bytes[2..end]).into_owned();
            Some((Piece::Control(between, char::from(bytes[end])), end + 1))
        }
        // A text for the terminal itself, up to a bell or `ESC \`.
        b']' | b'P' | b'_' => {
            let bell = bytes.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
            let end = bytes[2..].windows(2).position(|pair| pair == b"\x1b\\").map(|at| at + 4);
            let end = bell.into_iter().chain(end).min()?;
            Some((Piece::Nothing, end))
        }
        _ => Some((Piece::Nothing, 2)),
    }
}

fn letter(bytes: &[u8]) -> Option<(Piece, usize)> {
    let long = match bytes[0] {
        0x00..0x80 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
        0x80..0xc0 => return Some((Piece::Nothing, 1)),
    };
    let text = bytes.get(..long)?;
    match std::str::from_utf8(text).ok().and_then(|text| text.chars().next()) {
        Some(letter) => Some((Piece::Letter(letter), long)),
        None => Some((Piece::Nothing, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_where_they_were_sent_to_in_pieces_of_any_size() {
        let sent = "\u{1b}[2J\u{1b}[2;3Hgrüße\u{1b}[0;1m!\u{1b}[1;1H世x\u{1b}]52;c;aGk=\u{7}\
                    \u{1b}_Gi=1;xyz\u{1b}\\\u{1b}[2;4H\u{1b}[?2026lo";
        for size in 1..sent.len() {
            let mut grid = Grid::new((10, 2));
            sent.as_bytes().chunks(size).for_each(|part| grid.take(part));
            assert_eq!(grid.text(), "世x\n  goüße!\n", "in pieces of {size}");
        }
    }

    #[test]
    fn lines_go_up_at_the_foot_and_the_other_screen_begins_empty() {
        let mut grid = Grid::new((5, 2));
        grid.take(b"one\r\ntwo\r\nthree");
        assert_eq!(grid.text(), "two\nthree\n");
        assert!(grid.holds("hre") && !grid.holds("one"));
        grid.take(b"\x1b[?1049h");
        assert_eq!(grid.text(), "\n\n");
    }
}
