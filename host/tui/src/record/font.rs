//! Letters and signs as pixels, for recordings that are pictures.

use crate::glyph;
use crate::picture::image::Image;

/// Pixels of a cell.
pub(super) const CELL: (usize, usize) = (7, 14);

/// Seven rows of five pixels from the top, and up to two below the line: a digit of base 32 each.
const LETTERS: &[(char, &str)] = &[
    ('A', "EHHVHHH"),
    ('B', "UHHUHHU"),
    ('C', "EHGGGHE"),
    ('D', "UHHHHHU"),
    ('E', "VGGUGGV"),
    ('F', "VGGUGGG"),
    ('G', "EHGNHHF"),
    ('H', "HHHVHHH"),
    ('I', "E44444E"),
    ('J', "72222IC"),
    ('K', "HIKOKIH"),
    ('L', "GGGGGGV"),
    ('M', "HRLLHHH"),
    ('N', "HHPLJHH"),
    ('O', "EHHHHHE"),
    ('P', "UHHUGGG"),
    ('Q', "EHHHLID"),
    ('R', "UHHUKIH"),
    ('S', "FGGE11U"),
    ('T', "V444444"),
    ('U', "HHHHHHE"),
    ('V', "HHHHHA4"),
    ('W', "HHHLLLA"),
    ('X', "HHA4AHH"),
    ('Y', "HHHA444"),
    ('Z', "V1248GV"),
    ('0', "EHJLPHE"),
    ('1', "4C4444E"),
    ('2', "EH1248V"),
    ('3', "V2421HE"),
    ('4', "26AIV22"),
    ('5', "VGU11HE"),
    ('6', "68GUHHE"),
    ('7', "V124888"),
    ('8', "EHHEHHE"),
    ('9', "EHHF12C"),
    ('a', "00E1FHF"),
    ('b', "GGMPHHU"),
    ('c', "00EGGHE"),
    ('d', "11DJHHF"),
    ('e', "00EHVGE"),
    ('f', "698S888"),
    ('g', "00FHHJD1E"),
    ('h', "GGMPHHH"),
    ('i', "40C444E"),
    ('j', "2062222IC"),
    ('k', "GGIKOKI"),
    ('l', "C44444E"),
    ('m', "00QLLHH"),
    ('n', "00MPHHH"),
    ('o', "00EHHHE"),
    ('p', "00MPHPMGG"),
    ('q', "00DJHJD11"),
    ('r', "00MPGGG"),
    ('s', "00FGE1U"),
    ('t', "88S8896"),
    ('u', "00HHHJD"),
    ('v', "00HHHA4"),
    ('w', "00HHLLA"),
    ('x', "00HA4AH"),
    ('y', "00HHHJD1E"),
    ('z', "00V248V"),
    ('!', "4444004"),
    ('"', "AAA"),
    ('#', "AAVAVAA"),
    ('$', "4FKE5U4"),
    ('%', "OP248J3"),
    ('&', "CIK8LID"),
    ('\'', "448"),
    ('(', "2488842"),
    (')', "8422248"),
    ('*', "04LEL4"),
    ('+', "044V44"),
    (',', "00000448"),
    ('-', "000V"),
    ('.', "00000CC"),
    ('/', "01248G"),
    (':', "0CC0CC"),
    (';', "0CC0C48"),
    ('<', "248G842"),
    ('=', "00V0V"),
    ('>', "8421248"),
    ('?', "EH12404"),
    ('@', "EHNLNGE"),
    ('[', "E88888E"),
    ('\\', "0G8421"),
    (']', "E22222E"),
    ('^', "4AH"),
    ('_', "000000V"),
    ('`', "842"),
    ('{', "6448446"),
    ('|', "4444444"),
    ('}', "C44244C"),
    ('~', "008L2"),
    ('±', "44V440V"),
    ('×', "0HA4AH"),
    ('·', "0004"),
    ('…', "000000L"),
    ('→', "042V24"),
    ('▲', "04EEVV"),
    ('▼', "0VVEE4"),
    ('▸', "08CEC8"),
    ('–', "000V"),
    ('°', "4A4"),
    ('γ', "00HHA4444"),
];

/// Which of left, right, up and down a line goes from the middle of a cell.
const LINES: [(char, [bool; 4]); 19] = [
    ('─', [true, true, false, false]),
    ('│', [false, false, true, true]),
    ('╭', [false, true, false, true]),
    ('╮', [true, false, false, true]),
    ('╰', [false, true, true, false]),
    ('╯', [true, false, true, false]),
    ('┌', [false, true, false, true]),
    ('┐', [true, false, false, true]),
    ('└', [false, true, true, false]),
    ('┘', [true, false, true, false]),
    ('├', [false, true, true, true]),
    ('┤', [true, false, true, true]),
    ('┬', [true, true, false, true]),
    ('┴', [true, true, true, false]),
    ('┼', [true, true, true, true]),
    ('╴', [true, false, false, false]),
    ('╶', [false, true, false, false]),
    ('╵', [false, false, true, false]),
    ('╷', [false, false, false, true]),
];

/// Writes a text into a picture, the middle of its top at a place.
pub fn write(image: &mut Image, at: (i64, i64), color: [u8; 3], text: &str) {
    let left = at.0 - (text.chars().count() * CELL.0) as i64 / 2;
    for (number, letter) in text.chars().enumerate() {
        for y in 0..CELL.1 {
            for x in 0..CELL.0 {
                let column = left + (number * CELL.0 + x) as i64;
                let row = at.1 + y as i64;
                let inside = (0..image.width as i64).contains(&column)
                    && (0..image.height as i64).contains(&row);
                if inside && has_ink(letter, (x, y)) {
                    let pixel = 3 * (row as usize * image.width + column as usize);
                    image.rgb[pixel..pixel + 3].copy_from_slice(&color);
                }
            }
        }
    }
}

/// Whether a letter has ink at a pixel of its cell.
pub(super) fn has_ink(letter: char, (x, y): (usize, usize)) -> bool {
    let (wide, high) = CELL;
    let halves = (usize::from(2 * x >= wide), usize::from(2 * y >= high));
    match letter {
        ' ' | '\u{2800}' => false,
        '█' => true,
        '\u{2581}'..='\u{2587}' => {
            let eighths = letter as usize - 0x2580;
            8 * (high - y) <= eighths * high
        }
        '▀' => halves.1 == 0,
        '▌' => halves.0 == 0,
        '▐' => halves.0 == 1,
        '░' => x % 2 == 0 && y % 4 == 2 * (x / 2 % 2),
        '▒' => (x + y).is_multiple_of(2),
        '▓' => !(x.is_multiple_of(2) && (y + x / 2).is_multiple_of(2)),
        '\u{2801}'..='\u{28ff}' => {
            let bits = letter as u32 - 0x2800;
            is_dot(bits, (x, y))
        }
        letter => match glyph::block_dots(letter) {
            Some(bits) => {
                let (column, row) = (2 * x / wide, 4 * y / high);
                bits >> (2 * row + column) & 1 == 1
            }
            None => is_line(letter, (x, y)).unwrap_or_else(|| is_letter(letter, (x, y))),
        },
    }
}

/// Dots of braille are two by two pixels, with a gap between them.
fn is_dot(bits: u32, (x, y): (usize, usize)) -> bool {
    let (column, left) = (x / 4, x % 4);
    let (row, top) = (2 * y / 7, (2 * y % 7) / 2);
    let bit = match row {
        3 => 6 + column,
        row => row + 3 * column,
    };
    left != 0 && left != 3 && top < 2 && row < 4 && column < 2 && bits >> bit & 1 == 1
}

fn is_line(letter: char, (x, y): (usize, usize)) -> Option<bool> {
    let (_, [left, right, up, down]) = LINES.iter().find(|(known, _)| *known == letter)?;
    let middle = (CELL.0 / 2, CELL.1 / 2);
    let along = y == middle.1 && ((*left && x <= middle.0) || (*right && x >= middle.0));
    let across = x == middle.0 && ((*up && y <= middle.1) || (*down && y >= middle.1));
    Some(along || across)
}

/// What is not known is a box.
fn is_letter(letter: char, (x, y): (usize, usize)) -> bool {
    let (Some(column), Some(row)) = (x.checked_sub(1), y.checked_sub(3)) else { return false };
    if column > 4 {
        return false;
    }
    let Some((_, rows)) = LETTERS.iter().find(|(known, _)| *known == letter) else {
        return row < 7 && (row == 0 || row == 6 || column == 0 || column == 4);
    };
    let digit = rows.as_bytes().get(row).and_then(|digit| char::from(*digit).to_digit(32));
    digit.is_some_and(|bits| bits >> (4 - column) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(letter: char) -> Vec<String> {
        let row =
            |y| (0..CELL.0).map(|x| if has_ink(letter, (x, y)) { '#' } else { '.' }).collect();
        (0..CELL.1).map(row).collect()
    }

    #[test]
    fn letters_lines_and_dots_look_like_themselves() {
        let letter = ["..###..", ".#...#.", ".#...#.", ".#####.", ".#...#.", ".#...#.", ".#...#."];
        assert_eq!(drawn('A')[3..10], letter);
        assert_eq!(drawn('─')[7], "#######");
        assert_eq!(drawn('╭')[7], "...####");
        assert_eq!(drawn('╭')[13], "...#...");
        let dots = drawn('⣿');
        assert_eq!(dots.iter().map(|row| row.matches('#').count()).sum::<usize>(), 8 * 4);
        assert_eq!(drawn('⠁').concat().matches('#').count(), 4);
        assert_eq!(drawn('▄').concat().matches('#').count(), 7 * 7);
        assert_eq!(drawn('▀').concat().matches('#').count(), 7 * 7);
        assert!(drawn(' ').concat().find('#').is_none());
    }

    #[test]
    fn every_letter_has_rows_that_are_digits() {
        for (letter, rows) in LETTERS {
            let all = rows.chars().all(|digit| digit.is_digit(32));
            assert!(all && rows.len() <= 9, "{letter}");
            assert!(drawn(*letter).concat().contains('#'), "{letter}");
        }
        for letter in '!'..='~' {
            assert!(LETTERS.iter().any(|(known, _)| *known == letter), "{letter} is missing");
        }
    }
}
