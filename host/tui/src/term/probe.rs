//! What a terminal is asked about itself, and what its answers mean. Nothing is taken for granted
//! that it does not say.

use super::images::{Images, Protocol};
use serde::{Deserialize, Serialize};

/// What a terminal says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// How it takes pictures, if it does.
    pub images: Option<Images>,
    /// Whether its background is light, where it says so.
    pub is_light: Option<bool>,
    /// Whether it draws octants itself; with other fonts they are empty boxes.
    pub has_octants: bool,
}

/// Whether a terminal may know pictures, by its variables.
pub fn may_have_images(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let names = ["TERM", "TERM_PROGRAM"].map(|name| variable(name).unwrap_or_default());
    let known = [
        "kitty", "ghostty", "foot", "mlterm", "contour", "WezTerm", "wezterm", "iTerm", "rio",
        "vscode", "sixel", "konsole", "yaft", "tmux",
    ];
    names.iter().any(|name| known.iter().any(|known| name.contains(known)))
        || ["KITTY_WINDOW_ID", "WEZTERM_PANE", "KONSOLE_VERSION", "XTERM_VERSION", "WT_SESSION"]
            .into_iter()
            .any(set)
}

/// Whether a terminal understands questions: the old ones may show them.
pub fn may_answer(term: &str) -> bool {
    let known = ["xterm", "screen", "tmux", "rxvt", "alacritty", "foot", "st-", "konsole", "kitty"];
    known.iter().any(|known| term.contains(known))
}

/// The color of its background; for pictures one of a single pixel for kitty, the name of the
/// terminal and the size of a character; and last what every terminal answers.
pub fn questions(about_images: bool) -> Vec<u8> {
    let mut text = b"\x1b]11;?\x1b\\".to_vec();
    if about_images {
        text.extend(b"\x1b_Gi=4207,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t");
    }
    text.extend(b"\x1b[c");
    text
}

/// What the answers mean. `cell` is the size of a character as the kernel knows it.
pub fn understood(answers: &[u8], cell: Option<(u16, u16)>) -> Told {
    let text = String::from_utf8_lossy(answers);
    Told {
        images: images(&text, cell),
        is_light: is_light(&text),
        has_octants: has_octants(name(&text)),
    }
}

/// The name of the terminal, with its version.
fn name(text: &str) -> &str {
    let name = text.split("\x1bP>|").nth(1).and_then(|rest| rest.split('\x1b').next());
    name.unwrap_or_default()
}

/// Whether a terminal of this name draws octants whatever its font has.
fn has_octants(name: &str) -> bool {
    let version = |text: &str| -> Option<(u32, u32)> {
        let mut parts = text.split(|letter: char| !letter.is_ascii_digit());
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    let since = [("kitty(", (0, 40)), ("foot(", (1, 21)), ("ghostty ", (1, 2))];
    let is_late = |(begins, least): &(&str, (u32, u32))| {
        name.strip_prefix(begins).and_then(version).is_some_and(|version| version >= *least)
    };
    since.iter().any(is_late)
}

/// The numbers of the answer that every terminal gives: `ESC [ ? … c`.
fn attributes(text: &str) -> Option<Vec<u32>> {
    let from = text.rfind("\x1b[?")? + 3;
    let end = text[from..].find(|letter: char| letter.is_ascii_alphabetic())? + from;
    if &text[end..=end] != "c" {
        return None;
    }
    Some(text[from..end].split(';').filter_map(|number| number.parse().ok()).collect())
}

fn images(text: &str, cell: Option<(u16, u16)>) -> Option<Images> {
    let attributes = attributes(text)?;
    let name = name(text);
    let protocol = if text.contains("\x1b_Gi=4207;OK") {
        Protocol::Kitty
    } else if name.starts_with("iTerm2") || name.starts_with("WezTerm") {
        Protocol::Iterm
    } else if attributes.contains(&4) {
        Protocol::Sixel
    } else {
        return None;
    };
    let size = text.split("\x1b[6;").nth(1).and_then(|rest| rest.split('t').next());
    let mut sizes = size.unwrap_or_default().split(';').map(|number| number.parse::<u16>().ok());
    let told = match (sizes.next().flatten(), sizes.next().flatten()) {
        (Some(high), Some(wide)) => Some((wide, high)),
        _ => None,
    };
    Some(Images { protocol, cell: Images::cell(told.or(cell)) })
}

/// `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, each with one to four digits.
fn is_light(text: &str) -> Option<bool> {
    let color = text.split("\x1b]11;rgb:").nth(1)?;
    let color = color.split(['\x1b', '\x07']).next()?;
    let part = |digits: &str| {
        let most = 16_f64.powi(i32::try_from(digits.len()).ok()?) - 1.0;
        Some(f64::from(u16::from_str_radix(digits, 16).ok()?) / most)
    };
    let parts: Option<Vec<f64>> = color.split('/').map(part).collect();
    match parts?[..] {
        [red, green, blue] => Some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, expected: Option<(Protocol, (u16, u16))>) {
        let images = understood(answer.as_bytes(), None).images;
        assert_eq!(images.map(|images| (images.protocol, images.cell)), expected, "{answer:?}");
    }

    #[test]
    fn what_is_not_said_is_not_assumed() {
        let kitty = "\x1b_Gi=4207;OK\x1b\\\x1bP>|kitty(0.40.0)\x1b\\\x1b[6;20;9t\x1b[?62;c";
        check(kitty, Some((Protocol::Kitty, (9, 20))));
        check("\x1bP>|iTerm2 3.5.0\x1b\\\x1b[?65;4;6c", Some((Protocol::Iterm, (8, 16))));
        check("\x1b[6;18;9t\x1b[?62;4;22c", Some((Protocol::Sixel, (9, 18))));
        check("\x1bP>|XTerm(390)\x1b\\\x1b[?64;1;2;6;9c", None);
        check("\x1b_Gi=4207;EINVAL:no\x1b\\\x1b[?62;c", None);
        check("\x1b_Gi=4207;OK\x1b\\", None);
        check("q", None);
        // Where the terminal says nothing of the size of a character, the kernel may know it.
        let known = understood(b"\x1b[?62;4c", Some((6, 13))).images;
        assert_eq!(known.map(|images| images.cell), Some((6, 13)));
        let odd = understood(b"\x1b[?62;4c", Some((600, 1))).images;
        assert_eq!(odd.map(|images| images.cell), Some((8, 16)));
    }

    #[test]
    fn octants_are_drawn_by_those_that_are_known_to() {
        let has = |name: &str| {
            understood(format!("\x1bP>|{name}\x1b\\\x1b[?62;c").as_bytes(), None).has_octants
        };
        assert!(has("kitty(0.40.1)") && has("foot(1.21.0)") && has("ghostty 1.2.0"));
        assert!(!has("kitty(0.26.5)") && !has("foot(1.9.2)") && !has("ghostty 1.1.3"));
        assert!(!has("XTerm(390)") && !has("kitty") && !has(""));
    }

    #[test]
    fn a_light_background_is_told_from_a_dark_one() {
        let said = |color: &str| {
            let answer = format!("\x1b]11;rgb:{color}\x1b\\\x1b[?62;c");
            understood(answer.as_bytes(), None).is_light
        };
        assert_eq!((said("ffff/ffff/ffff"), said("00/00/00")), (Some(true), Some(false)));
        assert_eq!((said("fdfd/f6f6/e3e3"), said("2e2e/3434/4040")), (Some(true), Some(false)));
        assert_eq!((said("ff/ff"), said("x/y/z"), said("")), (None, None, None));
        assert_eq!(understood(b"\x1b]11;rgb:f/f/f\x07", None).is_light, Some(true));
    }

    #[test]
    fn only_terminals_that_may_know_are_asked() {
        assert!(may_answer("xterm-256color") && may_answer("screen") && !may_answer("linux"));
        let of = |name: &'static str, value: &'static str| {
            may_have_images(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(of("TERM", "xterm-kitty") && of("TERM_PROGRAM", "WezTerm"));
        assert!(of("KONSOLE_VERSION", "230401"));
        assert!(!of("TERM", "xterm-256color") && !of("TERM", "linux") && !of("XTERM_VERSION", ""));
    }
}
