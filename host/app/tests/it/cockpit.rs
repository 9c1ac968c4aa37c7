//! The screen in a terminal: it steers a run, shows what there is room for, and gives the terminal
//! back on every way out.

use crate::desk::{Desk, copy, json};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_session::{Session, Setting};

/// A program in a terminal of its own, and everything it has drawn.
struct Terminal {
    child: Child,
    keyboard: File,
    theirs: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    before: LocalModes,
}

/// How a picture ends.
const FRAME: &str = "\u{1b}[?2026l";
/// What is left on is put out on every way out.
const LEAVE: &str = "\u{1b}[?1049l";

/// A text without what moves the cursor, and without blanks: those that are there already are not
/// drawn again.
fn bare(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |end| end + 1);
        bare += &part[end..];
    }
    bare.replace(' ', "")
}

impl Terminal {
    fn open(desk: &Desk, words: &str, size: (u16, u16), variables: &[(&str, &str)]) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("terminals are there");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("it is ours");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("a plain name");
        let theirs = File::options().read(true).write(true).open(name).expect("it was unlocked");
        let winsize = Winsize { ws_row: size.1, ws_col: size.0, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, winsize).expect("a terminal");
        let before = tcgetattr(&theirs).expect("a terminal").local_modes;
        let end = || theirs.try_clone().expect("files are left");
        let mut command = desk.command(words);
        command.env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
        command.envs(variables.iter().copied());
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("the program starts");
        let ours = File::from(ours);
        let mut reader = ours.try_clone().expect("files are left");
        let (sender, screen) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 1 << 14];
            while let Ok(read) = reader.read(&mut bytes) {
                if read == 0 || sender.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keyboard: ours, theirs, screen, seen: String::new(), before }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Reads until a text has been drawn.
    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        let from = self.seen.len();
        let (patience, watch) = (Duration::from_secs(30), Stopwatch::start());
        let is_there = |seen: &str| {
            let words = !text.starts_with('\u{1b}') && bare(seen).contains(&bare(text));
            words || seen.contains(text)
        };
        while !is_there(&self.seen[from..]) {
            let left = patience.saturating_sub(watch.elapsed());
            let read = self.screen.recv_timeout(left);
            let read = read.ok().filter(|_| !left.is_zero());
            let read = read.unwrap_or_else(|| panic!("no `{text}` in {:?}", &self.seen[from..]));
            self.seen.push_str(&String::from_utf8_lossy(&read));
        }
    }

    /// The process that draws, which outlasts the one at the terminal.
    fn behind(&self) -> Pid {
        let child = self.child.id();
        let file = format!("/proc/{child}/task/{child}/children");
        let children = fs::read_to_string(file).expect("it runs");
        let process = children.split_whitespace().next().expect("it has one");
        Pid::from_raw(process.parse().expect("a number")).expect("a process")
    }

    /// Waits until the program has stopped, as a shell does before it says so.
    #[track_caller]
    fn wait_to_stop(&self) {
        let stat = format!("/proc/{}/stat", self.child.id());
        let watch = Stopwatch::start();
        while !fs::read_to_string(&stat).expect("it is there").contains(") T ") {
            assert!(watch.seconds() < 30.0, "it does not stop");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end; the code, or the number of the signal below 0.
    fn end(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        let status = self.child.wait().expect("it ends");
        thread::sleep(Duration::from_millis(50));
        while let Ok(read) = self.screen.try_recv() {
            self.seen.push_str(&String::from_utf8_lossy(&read));
        }
        status.code().unwrap_or_else(|| -status.signal().unwrap_or(0))
    }

    #[track_caller]
    fn is_restored(&self) {
        let after = tcgetattr(&self.theirs).expect("a terminal").local_modes;
        assert_eq!(after, self.before, "the keyboard is as it was");
        let left = self.seen.rfind(LEAVE).unwrap_or_else(|| panic!("{:?}", self.seen));
        for mode in ["?25l", "?1049h", "?1002h", "?1004h", "?2004h"] {
            let set = self.seen.rfind(&format!("\u{1b}[{mode}")).expect("it was set");
            assert!(set < left, "{mode} is left on");
        }
    }

    /// The terminal is closed, as by the cross of its window.
    fn close(&mut self) -> i32 {
        self.signal(Signal::HUP);
        self.end()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id() as i32).expect("it runs");
        kill_process(pid, signal).expect("it is ours");
    }
}

impl Drop for Terminal {
    /// Leaves nothing running behind a test that failed.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let children = format!("/proc/{0}/task/{0}/children", self.child.id());
            let children = fs::read_to_string(children).unwrap_or_default();
            let numbers = children.split_whitespace().filter_map(|number| number.parse().ok());
            for process in numbers.filter_map(Pid::from_raw) {
                let _ = kill_process(process, Signal::KILL);
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

const RUN: &str = "train tabular-q Taxi-v4 --lanes 4 --steps 1e12 --session a --tui";

#[test]
fn a_run_is_steered_and_the_terminal_comes_back() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    terminal.press(" ");
    terminal.wait_for("PAUSED");
    terminal.press("e");
    terminal.wait_for("edit step_size");
    terminal.press("\u{15}0.125\r");
    terminal.wait_for("0.125");
    terminal.press("u");
    terminal.wait_for("EDIT");
    terminal.press("q");
    terminal.wait_for("save and stop");
    terminal.press("s");
    assert_eq!(terminal.end(), 3, "it was stopped before its goal: {}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("saved as "), "{}", terminal.seen);
    let shown = desk.prints("sessions show a");
    assert!(shown.contains("stopped"), "{shown}");
}

#[test]
fn edits_and_their_undoing_outlive_the_run_that_was_killed() {
    let desk = Desk::new();
    let words = format!("{RUN} --snapshot-every 300000");
    let mut terminal = Terminal::open(&desk, &words, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    for value in ["0.125", "0.875"] {
        terminal.press("e");
        terminal.wait_for("edit step_size");
        terminal.press(&format!("\u{15}{value}\r"));
        terminal.wait_for("EDIT");
        thread::sleep(Duration::from_millis(300));
    }
    terminal.press("u");
    thread::sleep(Duration::from_millis(1200));
    kill_process(terminal.behind(), Signal::KILL).expect("it is ours");
    assert_eq!(terminal.end(), 137);
    let shown = &json(&desk.prints("sessions show a --json"))[0];
    let steps = shown["steps"].as_u64().expect("a number") + 1_000_000;
    copy(&desk.0.join("sessions/a"), &desk.0.join("sessions/b"));
    let digest = |name: &str, threads: u32| {
        let words = format!("resume {name} --steps {steps} --threads {threads} --json");
        json(&desk.prints(&words)).pop().expect("a last line")["digest"].clone()
    };
    assert_eq!(digest("a", 1), digest("b", 2));
    let session = Session::open(&desk.0.join("sessions/a")).expect("it is sound");
    let values = session.model().edits.into_iter().map(|(_, edit)| edit.new);
    assert_eq!(values.collect::<Vec<_>>(), [0.125, 0.875, 0.125].map(Setting::Float));
    desk.prints("sessions verify a --rerun");
}

#[test]
fn a_run_that_ends_takes_the_screen_with_it_when_asked() {
    let desk = Desk::new();
    let words = "train tabular-q FrozenLake-v1 --steps 2e4 --session a --tui --quit-when-done";
    let mut terminal = Terminal::open(&desk, words, (80, 24), &[]);
    assert_eq!(terminal.end(), 0, "{}", terminal.seen);
    terminal.is_restored();
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", " b "), (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.end(), 130, "{}", terminal.seen);
    terminal.is_restored();
    std::fs::remove_dir_all(desk.0.join("sessions/b")).expect("it was saved");
    let mut terminal = Terminal::open(&desk, RUN, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 130, "{}", terminal.seen);
    terminal.is_restored();
    // Whichever of the two processes is struck down, the other one tidies up.
    for (signal, code) in [(Signal::SEGV, 139), (Signal::KILL, 137)] {
        let name = format!(" {code} ");
        let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", &name), (80, 24), &[]);
        terminal.wait_for("RUNNING");
        kill_process(terminal.behind(), signal).expect("it is ours");
        assert_eq!(terminal.end(), code, "{}", terminal.seen);
        terminal.is_restored();
    }
    let mut terminal = Terminal::open(&desk, &RUN.replace(" a ", " c "), (80, 24), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    terminal.signal(Signal::SEGV);
    assert_eq!(terminal.end(), -11, "{}", terminal.seen);
    terminal.is_restored();
    kill_process(behind, Signal::TERM).expect("it goes on");
}

/// Waits until a process is gone.
#[track_caller]
fn wait_to_go(process: Pid) {
    let watch = Stopwatch::start();
    while rustix::process::test_kill_process(process).is_ok() {
        assert!(watch.seconds() < 30.0, "it does not go");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_goes_on_without_its_terminal_and_is_taken_up_again() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (120, 40), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    terminal.press("q");
    terminal.wait_for("detach");
    terminal.press("\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("`thorndike attach a` comes back"), "{}", terminal.seen);
    // From another terminal, of another size; a third one may look on.
    let mut other = Terminal::open(&desk, "attach a", (80, 24), &[]);
    other.wait_for("RUNNING");
    let mut viewer = Terminal::open(&desk, "attach a", (80, 24), &[]);
    viewer.wait_for("RUNNING");
    viewer.press(" \u{c}");
    viewer.wait_for("only looked at");
    viewer.press("q");
    assert_eq!(viewer.end(), 0, "{}", viewer.seen);
    viewer.is_restored();
    other.press(" ");
    other.wait_for("PAUSED");
    // Closing the window is no end, either.
    assert_eq!(other.close(), 129);
    let mut last = Terminal::open(&desk, "attach a", (100, 30), &[]);
    last.wait_for("PAUSED");
    last.press("q");
    last.wait_for("save and stop");
    last.press("s");
    assert_eq!(last.end(), 3, "{}", last.seen);
    last.is_restored();
    wait_to_go(behind);
    assert!(desk.prints("sessions show a").contains("stopped"));
    // With no process behind it, there is what the journal tells.
    let mut past = Terminal::open(&desk, "attach a", (80, 24), &[]);
    past.wait_for("FINISHED");
    past.press(" \u{c}");
    past.wait_for("no process holds a");
    past.press("q");
    assert_eq!(past.end(), 0, "{}", past.seen);
    desk.refuses("attach a", 2, &["needs a terminal"]);
}

#[test]
fn a_detached_run_that_ends_is_saved_and_leaves_no_process() {
    let desk = Desk::new();
    let words = "train tabular-q Taxi-v4 --lanes 4 --steps 3e6 --session a --tui";
    let mut terminal = Terminal::open(&desk, words, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    let behind = terminal.behind();
    // The process at the terminal is struck down, and nobody says a word.
    terminal.signal(Signal::KILL);
    assert_eq!(terminal.end(), -9);
    wait_to_go(behind);
    assert!(desk.prints("sessions show a").contains("3000000"));
    assert!(!desk.0.join("sessions/a/run.sock").exists());
}

#[test]
fn a_plugin_that_fails_stops_the_run_and_not_the_screen() {
    let desk = Desk::new();
    let words = "train random Fault-v0 --env-set fault=panic_step --env-set after_steps=2000 \
                 --lanes 2 --steps 1e12 --tui";
    let mut terminal = Terminal::open(&desk, words, (100, 30), &[]);
    terminal.wait_for("FAILED");
    terminal.press("q");
    terminal.wait_for("save and stop");
    terminal.press("s");
    assert_eq!(terminal.end(), 1, "{}", terminal.seen);
    terminal.is_restored();
    assert!(terminal.seen.contains("panic in step"), "{}", terminal.seen);
}

#[test]
fn what_a_terminal_cannot_show_is_not_sent() {
    let desk = Desk::new();
    let words = "train tabular-q FrozenLake-v1 --steps 1e12 --session a --tui";
    let mut plain = Terminal::open(&desk, words, (80, 24), &[("NO_COLOR", "1"), ("LC_ALL", "C")]);
    plain.wait_for("RUNNING");
    plain.press("?");
    plain.wait_for(FRAME);
    plain.press("\u{3}");
    plain.end();
    let screen = &plain.seen[..plain.seen.rfind(LEAVE).expect("it was left")];
    assert!(screen.is_ascii(), "{screen:?}");
    let parts = screen.split("\u{1b}[").filter_map(|part| Some(part.split_once('m')?.0));
    let colors: Vec<&str> = parts.filter(|codes| !codes.contains(['H', 'l', 'h', 'J'])).collect();
    let is_plain = |codes: &&str| codes.split(';').all(|code| ["0", "1", "2", "7"].contains(&code));
    assert!(colors.iter().all(is_plain), "{colors:?}");
    let words = "train tabular-q FrozenLake-v1 --steps 2e4 --session b --tui";
    let mut dumb = Terminal::open(&desk, words, (80, 24), &[("TERM", "dumb")]);
    assert_eq!(dumb.end(), 0, "{}", dumb.seen);
    assert!(!dumb.seen.contains('\u{1b}') && dumb.seen.contains("done steps="), "{}", dumb.seen);
}

#[test]
fn the_bench_opens_with_a_guide_and_three_keys_start_a_run() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, "", (120, 40), &[]);
    terminal.wait_for("which agent?");
    terminal.press("\r");
    terminal.wait_for("which world?");
    terminal.press("\r");
    terminal.wait_for("side by side");
    terminal.press("\r");
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    terminal.end();
    terminal.is_restored();
}

#[test]
fn a_stopped_screen_comes_back_whole() {
    let desk = Desk::new();
    let mut terminal = Terminal::open(&desk, RUN, (80, 24), &[]);
    terminal.wait_for("RUNNING");
    terminal.signal(Signal::TSTP);
    terminal.wait_for(LEAVE);
    terminal.wait_to_stop();
    terminal.signal(Signal::CONT);
    terminal.wait_for("RUNNING");
    terminal.press("\u{3}");
    terminal.end();
    terminal.is_restored();
}
