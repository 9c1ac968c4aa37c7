//! A picture as the bytes that bring it to the screen, in each of the three ways.

use super::Protocol;
use crate::base64::base64;
use crate::picture::image::{Image, Weight, png};
use ratatui::layout::Rect;
use std::fmt::Write as _;

/// The number under which kitty knows the picture.
const NUMBER: u32 = 4207;
/// Letters that kitty takes at a time.
const CHUNK: usize = 4096;

/// Shows a picture in a field of the screen.
pub fn encode(protocol: Protocol, image: &Image, field: Rect) -> Vec<u8> {
    let mut text = format!("\x1b7\x1b[{};{}H", field.y + 1, field.x + 1);
    match protocol {
        Protocol::Kitty => kitty(&mut text, image, field),
        Protocol::Sixel => sixel(&mut text, image),
        Protocol::Iterm => iterm(&mut text, image, field),
    }
    text.push_str("\x1b8");
    text.into_bytes()
}

/// Takes the picture away again. What is not known by number goes when its cells are drawn.
pub fn take_away(protocol: Protocol) -> Vec<u8> {
    match protocol {
        Protocol::Kitty => format!("\x1b_Ga=d,d=I,i={NUMBER},q=2\x1b\\").into_bytes(),
        Protocol::Sixel | Protocol::Iterm => Vec::new(),
    }
}

fn kitty(text: &mut String, image: &Image, field: Rect) {
    let data = base64(&png(image, Weight::Fast));
    let mut rest = &data[..];
    let mut control =
        format!("a=T,f=100,t=d,i={NUMBER},p=1,q=2,C=1,c={},r={}", field.width, field.height);
    loop {
        let (chunk, more) = rest.split_at(rest.len().min(CHUNK));
        let goes_on = u8::from(!more.is_empty());
        // A string takes everything, here and below.
        let _ = write!(text, "\x1b_G{control},m={goes_on};{chunk}\x1b\\");
        if more.is_empty() {
            return;
        }
        (rest, control) = (more, "q=2".to_owned());
    }
}

fn iterm(text: &mut String, image: &Image, field: Rect) {
    let file = png(image, Weight::Fast);
    let (wide, high) = (field.width, field.height);
    let _ = write!(
        text,
        "\x1b]1337;File=inline=1;size={};width={wide};height={high};preserveAspectRatio=0:{}\x07",
        file.len(),
        base64(&file)
    );
}

/// Rows of six pixels, color by color. Six levels of each part make a palette of 216.
fn sixel(text: &mut String, image: &Image) {
    let level = |part: u8| (usize::from(part) * 5 + 127) / 255;
    let color = |x: usize, y: usize| {
        let pixel = &image.rgb[3 * (y * image.width + x)..][..3];
        36 * level(pixel[0]) + 6 * level(pixel[1]) + level(pixel[2])
    };
    let _ = write!(text, "\x1bP0;1;0q\"1;1;{};{}", image.width, image.height);
    let mut is_used = [false; 216];
    for y in 0..image.height {
        for x in 0..image.width {
            is_used[color(x, y)] = true;
        }
    }
    for number in (0..216).filter(|number| is_used[*number]) {
        let [r, g, b] = [number / 36, number / 6 % 6, number % 6].map(|level| 20 * level);
        let _ = write!(text, "#{number};2;{r};{g};{b}");
    }
    for top in (0..image.height).step_by(6) {
        let rows = 6.min(image.height - top);
        let mut bands: Vec<Option<Vec<u8>>> = vec![None; 216];
        for x in 0..image.width {
            for row in 0..rows {
                let band = bands[color(x, top + row)].get_or_insert_with(|| vec![0; image.width]);
                band[x] |= 1 << row;
            }
        }
        let drawn = bands.iter().enumerate();
        let mut is_first = true;
        for (number, band) in drawn.filter_map(|(number, band)| Some((number, band.as_ref()?))) {
            if !is_first {
                text.push('$');
            }
            is_first = false;
            let _ = write!(text, "#{number}");
            runs(text, band);
        }
        text.push('-');
    }
    text.push_str("\x1b\\");
}

/// Columns of six pixels; many that are alike are counted.
fn runs(text: &mut String, band: &[u8]) {
    for run in band.chunk_by(|a, b| a == b) {
        let letter = char::from(63 + run[0]);
        if run.len() > 3 {
            let _ = write!(text, "!{}{letter}", run.len());
        } else {
            text.extend(std::iter::repeat_n(letter, run.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Image {
        // Red on the left, blue on the right, eight pixels tall.
        let row = [[255, 0, 0], [255, 0, 0], [0, 0, 255], [0, 0, 255]].concat();
        Image { width: 4, height: 8, rgb: row.repeat(8) }
    }

    fn text(protocol: Protocol) -> String {
        let field = Rect::new(2, 1, 4, 2);
        String::from_utf8(encode(protocol, &image(), field)).expect("only text is sent")
    }

    #[test]
    fn sixels_are_those_of_the_manual() {
        let expected = "\x1b7\x1b[2;3H\x1bP0;1;0q\"1;1;4;8#5;2;0;0;100#180;2;100;0;0\
                        #5??~~$#180~~??-#5??BB$#180BB??-\x1b\\\x1b8";
        assert_eq!(text(Protocol::Sixel), expected);
        let mut many = String::new();
        runs(&mut many, &[0, 0, 0, 0, 0, 63]);
        assert_eq!(many, "!5?~");
    }

    /// The picture behind the letters of a file.
    fn decoded(data: &str) -> (u32, u32, Vec<u8>) {
        let value = |letter: u8| match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        let letters = data.trim_end_matches('=').as_bytes();
        let mut file = Vec::new();
        for four in letters.chunks(4) {
            let bits = (0..4).fold(0_u32, |bits, at| {
                bits << 6 | u32::from(four.get(at).map_or(0, |letter| value(*letter)))
            });
            file.extend(bits.to_be_bytes()[1..].iter().take(four.len() - 1));
        }
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a png");
        let mut rgb = vec![0; reader.output_buffer_size().expect("small")];
        let info = reader.next_frame(&mut rgb).expect("whole");
        (info.width, info.height, rgb)
    }

    #[test]
    fn kitty_gets_a_file_in_pieces_under_a_number() {
        let text = text(Protocol::Kitty);
        let begin = "\x1b7\x1b[2;3H\x1b_Ga=T,f=100,t=d,i=4207,p=1,q=2,C=1,c=4,r=2,m=0;";
        let data = text.strip_prefix(begin).and_then(|rest| rest.strip_suffix("\x1b\\\x1b8"));
        assert_eq!(decoded(data.expect("one piece")), (4, 8, image().rgb));
        let rgb = (0..90_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let noise = Image { width: 200, height: 150, rgb };
        let field = Rect::new(0, 0, 20, 10);
        let sent = String::from_utf8(encode(Protocol::Kitty, &noise, field)).expect("text");
        let pieces: Vec<&str> = sent.split("\x1b_G").skip(1).collect();
        assert!(pieces.len() > 10, "{}", pieces.len());
        let (last, others) = pieces.split_last().expect("there are some");
        assert!(others.iter().all(|piece| piece.contains("m=1;")) && last.contains("m=0;"));
        assert_eq!(take_away(Protocol::Kitty), b"\x1b_Ga=d,d=I,i=4207,q=2\x1b\\");
    }

    #[test]
    fn iterm_gets_a_file_with_its_length() {
        let text = text(Protocol::Iterm);
        let (head, data) = text.rsplit_once(':').expect("a file");
        let data = data.strip_suffix("\x07\x1b8").expect("an end");
        assert_eq!(decoded(data), (4, 8, image().rgb));
        assert!(head.starts_with("\x1b7\x1b[2;3H\x1b]1337;File=inline=1;size="), "{head:?}");
        assert!(head.ends_with(";width=4;height=2;preserveAspectRatio=0"), "{head:?}");
    }

    /// libsixel's program, where it is installed, sees the picture that was sent.
    #[test]
    fn another_program_reads_the_same_picture_from_sixels() {
        let (width, height) = (61, 33);
        let rgb = (0..width * height)
            .flat_map(|at| [(4 * (at % width)) as u8, (7 * (at / width)) as u8, 128])
            .collect();
        let image = Image { width, height, rgb };
        let mut text = String::new();
        sixel(&mut text, &image);
        let name = |ending| format!("thorndike-sixel-{}.{ending}", std::process::id());
        let [from, to] = ["six", "png"].map(|ending| std::env::temp_dir().join(name(ending)));
        std::fs::write(&from, text).expect("writable");
        let mut program = std::process::Command::new("sixel2png");
        let Ok(ran) = program.arg("-i").arg(&from).arg("-o").arg(&to).output() else {
            println!("skipped: sixel2png is not installed");
            return std::fs::remove_file(&from).expect("it is ours");
        };
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let read = std::io::BufReader::new(std::fs::File::open(&to).expect("it was written"));
        let mut decoder = png::Decoder::new(read);
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().expect("it is a PNG");
        let mut seen = vec![0; reader.output_buffer_size().expect("it fits")];
        let info = reader.next_frame(&mut seen).expect("it is whole");
        let wide = info.color_type.samples();
        // Bands of six rows: what is below the last one is not part of the picture.
        assert!(info.width as usize == width && info.height as usize >= height, "{info:?}");
        for at in 0..width * height {
            for part in 0..3 {
                let (theirs, ours) = (seen[at * wide + part], image.rgb[3 * at + part]);
                // Six levels of each part, rounded, and theirs are hundredths.
                assert!(theirs.abs_diff(ours) <= 28, "{theirs} {ours} at {at}");
            }
        }
        for file in [from, to] {
            std::fs::remove_file(file).expect("it is ours");
        }
    }
}
