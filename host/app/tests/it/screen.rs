//! A run at a terminal: one line redrawn in place, and nothing of it left behind.

use crate::desk::Desk;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::thread;

/// What a terminal of so many columns gets to see.
fn seen(desk: &Desk, words: &str, columns: u16) -> (i32, String) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("terminals are there");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name");
    let name = name.to_str().expect("a plain name");
    let theirs = File::options().read(true).write(true).open(name).expect("it was unlocked");
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&theirs, size).expect("a terminal");
    let before = tcgetattr(&theirs).expect("a terminal");
    let end = || theirs.try_clone().expect("files are left");
    let mut command = desk.command(words);
    let mut child =
        command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("the program starts");
    drop(command);
    let mut reader = File::from(ours);
    let reading = thread::spawn(move || {
        let mut bytes = Vec::new();
        // The last byte is followed by an error, not by an end, when the other side closes.
        let _ = reader.read_to_end(&mut bytes);
        bytes
    });
    let code = child.wait().expect("it ends").code().expect("no signal ends it");
    let after = tcgetattr(&theirs).expect("a terminal");
    assert_eq!(after.local_modes, before.local_modes, "the terminal is as it was");
    drop(theirs);
    let bytes = reading.join().expect("it reads");
    (code, String::from_utf8(bytes).expect("only text is printed"))
}

/// The lines that stay: what comes last on each, after all that was drawn over.
fn left(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let last = line.trim_end_matches('\r').rsplit("\r\u{1b}[K").next().unwrap_or_default();
        last.to_owned()
    };
    text.split('\n').map(line).filter(|line| !line.is_empty()).collect()
}

#[test]
fn the_progress_line_leaves_nothing_behind() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --lanes 1 --steps 2e6 --session a";
    let (code, text) = seen(&desk, words, 60);
    assert_eq!(code, 0, "{text}");
    let drawn: Vec<&str> =
        text.split('\r').filter_map(|part| part.strip_suffix("\u{1b}[K")).collect();
    let drawn: Vec<&&str> = drawn.iter().filter(|part| part.contains("steps")).collect();
    assert!(!drawn.is_empty(), "{text:?}");
    assert!(
        drawn.iter().all(|line| line.chars().count() < 60 && line.contains("% [")),
        "{drawn:?}"
    );
    let left = left(&text);
    let firsts: Vec<_> = left.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(firsts, ["start", "done", "saved"], "{text:?}");
}

#[test]
fn colors_are_shown_where_the_terminal_knows_them() {
    let desk = Desk::new();
    let (code, text) = seen(&desk, "env FrozenLake-v1 --render", 80);
    assert!(code == 0 && !text.contains("\u{1b}[38;2;"), "{text:?}");
}
