//! Letters of three by five pixels, for numbers and names in pictures.

use thorndike_tui::picture::image::Image;

/// Pixels from one letter to the next.
pub(crate) const ADVANCE: usize = 4;

/// Five rows of three bits, from the top, as octal digits.
const LETTERS: [(char, u16); 48] = [
    ('A', 0o25755),
    ('B', 0o65656),
    ('C', 0o34443),
    ('D', 0o65556),
    ('E', 0o74647),
    ('F', 0o74644),
    ('G', 0o34553),
    ('H', 0o55755),
    ('I', 0o72227),
    ('J', 0o11152),
    ('K', 0o55655),
    ('L', 0o44447),
    ('M', 0o57755),
    ('N', 0o65555),
    ('O', 0o25552),
    ('P', 0o65644),
    ('Q', 0o25563),
    ('R', 0o65655),
    ('S', 0o34216),
    ('T', 0o72222),
    ('U', 0o55557),
    ('V', 0o55552),
    ('W', 0o55775),
    ('X', 0o55255),
    ('Y', 0o55222),
    ('Z', 0o71247),
    ('0', 0o75557),
    ('1', 0o26227),
    ('2', 0o71747),
    ('3', 0o71717),
    ('4', 0o55711),
    ('5', 0o74717),
    ('6', 0o74757),
    ('7', 0o71111),
    ('8', 0o75757),
    ('9', 0o75717),
    ('-', 0o00700),
    ('.', 0o00002),
    ('+', 0o02720),
    ('/', 0o11244),
    ('_', 0o00007),
    (':', 0o02020),
    ('%', 0o51245),
    ('(', 0o24442),
    (')', 0o21112),
    ('=', 0o07070),
    (',', 0o00024),
    (' ', 0o00000),
];

/// Writes text with its upper left corner at a place; small letters look like large ones, and a
/// letter that is not known like a box.
pub(crate) fn write(
    image: &mut Image,
    (x, y): (i64, i64),
    size: usize,
    color: [u8; 3],
    text: &str,
) {
    for (place, letter) in text.chars().enumerate() {
        let upper = letter.to_ascii_uppercase();
        let bits = LETTERS.iter().find(|(known, _)| *known == upper).map_or(0o75557, |(_, b)| *b);
        for dot in 0..15 {
            if bits >> (14 - dot) & 1 == 0 {
                continue;
            }
            for part in 0..size * size {
                let right = (place * ADVANCE + dot % 3) * size + part % size;
                let down = dot / 3 * size + part / size;
                set(image, x + right as i64, y + down as i64, color);
            }
        }
    }
}

/// Pixels that a text takes from left to right.
pub(crate) fn width(text: &str, size: usize) -> i64 {
    (text.chars().count() * ADVANCE * size) as i64 - size as i64
}

/// Sets a pixel, if it lies in the picture.
pub(crate) fn set(image: &mut Image, x: i64, y: i64, color: [u8; 3]) {
    let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
    if x < image.width && y < image.height {
        image.rgb[3 * (y * image.width + x)..][..3].copy_from_slice(&color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_look_as_they_should() {
        let mut image = Image { width: 8, height: 5, rgb: vec![0; 120] };
        write(&mut image, (0, 0), 1, [1; 3], "e7");
        let rows: Vec<String> = image
            .rgb
            .chunks(24)
            .map(|row| row.chunks(3).map(|p| if p[0] == 1 { '#' } else { '.' }).collect())
            .collect();
        assert_eq!(rows, ["###.###.", "#.....#.", "##....#.", "#.....#.", "###...#."]);
        assert_eq!(width("e7", 2), 14);
    }
}
