//! Asks the terminal which pictures it takes. Nothing is taken for granted that it does not say.

use super::{Images, Protocol};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use std::fs::File;
use std::io::Write;
use thorndike_engine::clock::Stopwatch;

/// A picture of one pixel for kitty, the name of the terminal, the size of a character, and last
/// what every terminal answers.
const QUESTIONS: &[u8] = b"\x1b_Gi=4207,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[c";

/// Whether asking is worth the wait: terminals that never show pictures are not held up.
pub fn may_have(variable: impl Fn(&str) -> Option<String>) -> bool {
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

/// What the terminal answers within some seconds. It has to be in raw mode, with nobody else
/// reading its keyboard.
pub fn probe(out: &mut File, input: BorrowedFd<'_>, seconds: f64) -> Option<Images> {
    out.write_all(QUESTIONS).ok()?;
    let (mut answer, watch) = (Vec::new(), Stopwatch::start());
    while !is_whole(&answer) {
        let left = (seconds - watch.seconds()).max(0.0);
        let patience = Timespec { tv_sec: left as i64, tv_nsec: (left.fract() * 1e9) as i64 };
        let mut files = [PollFd::from_borrowed_fd(input, PollFlags::IN)];
        if poll(&mut files, Some(&patience)).ok()? == 0 {
            break;
        }
        let mut bytes = [0; 512];
        match rustix::io::read(input, &mut bytes) {
            Ok(read) if read > 0 => answer.extend_from_slice(&bytes[..read]),
            _ => break,
        }
    }
    understood(&answer)
}

/// Whether the last answer is there: `ESC [ ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    attributes(answer).is_some()
}

/// The numbers of the answer that every terminal gives.
fn attributes(answer: &[u8]) -> Option<Vec<u32>> {
    let text = String::from_utf8_lossy(answer);
    let from = text.rfind("\x1b[?")? + 3;
    let end = text[from..].find(|letter: char| letter.is_ascii_alphabetic())? + from;
    if &text[end..=end] != "c" {
        return None;
    }
    Some(text[from..end].split(';').filter_map(|number| number.parse().ok()).collect())
}

fn understood(answer: &[u8]) -> Option<Images> {
    let attributes = attributes(answer)?;
    let text = String::from_utf8_lossy(answer);
    let name = text.split("\x1bP>|").nth(1).and_then(|rest| rest.split('\x1b').next());
    let name = name.unwrap_or_default();
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
    let cell = match (sizes.next().flatten(), sizes.next().flatten()) {
        (Some(high), Some(wide)) if (4..=64).contains(&wide) && (8..=128).contains(&high) => {
            (wide, high)
        }
        // Where the size is not told, that of most fonts.
        _ => (8, 16),
    };
    Some(Images { protocol, cell })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, expected: Option<(Protocol, (u16, u16))>) {
        let images = understood(answer.as_bytes());
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
        assert!(is_whole(b"x\x1b[?1;2c") && !is_whole(b"\x1b[?1;2"));
    }

    #[test]
    fn only_terminals_that_may_know_pictures_are_asked() {
        let of = |name: &'static str, value: &'static str| {
            may_have(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(of("TERM", "xterm-kitty") && of("TERM_PROGRAM", "WezTerm"));
        assert!(of("KONSOLE_VERSION", "230401"));
        assert!(!of("TERM", "xterm-256color") && !of("TERM", "linux") && !of("XTERM_VERSION", ""));
    }
}
