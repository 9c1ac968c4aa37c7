//! A terminal of its own for a program under test, and what the program draws in it.

use crate::desk::Desk;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use thorndike_engine::clock::Stopwatch;
use thorndike_tui::grid::Grid;

/// A program in a terminal of its own, and everything it has drawn.
pub(crate) struct Terminal {
    pub(crate) child: Child,
    /// Keys go in and the screen comes out here; gone once the window is closed.
    pub(crate) keyboard: Option<File>,
    reader: Option<JoinHandle<()>>,
    is_closed: Arc<AtomicBool>,
    pub(crate) theirs: File,
    pub(crate) screen: Receiver<Vec<u8>>,
    pub(crate) seen: String,
    /// What somebody in front of it reads at the moment.
    pub(crate) grid: Grid,
    pub(crate) before: LocalModes,
}

/// How a picture ends.
pub(crate) const FRAME: &str = "\u{1b}[?2026l";
/// What is left on is put out on every way out.
pub(crate) const LEAVE: &str = "\u{1b}[?1049l";

/// A program that leads a session of its own in the terminal of its standard input, as shells do
/// for those at their keyboard.
fn leading(program: &Command) -> Command {
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(program.get_program()).args(program.get_args());
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

impl Terminal {
    pub(crate) fn open(
        desk: &Desk,
        words: &str,
        size: (u16, u16),
        variables: &[(&str, &str)],
    ) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .expect("terminals are there");
        grantpt(&ours).expect("it is ours");
        unlockpt(&ours).expect("it is ours");
        let name = ptsname(&ours, Vec::new()).expect("it has a name");
        let name = name.to_str().expect("a plain name");
        let theirs = File::options().read(true).write(true).open(name).expect("it was unlocked");
        let winsize = Winsize { ws_row: size.1, ws_col: size.0, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, winsize).expect("a terminal");
        let before = tcgetattr(&theirs).expect("a terminal").local_modes;
        let end = || theirs.try_clone().expect("files are left");
        let mut command = leading(&desk.command(words));
        command.env("TERM", "xterm-256color").env("LC_ALL", "C.UTF-8");
        command.envs(variables.iter().copied());
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("the program starts");
        let ours = File::from(ours);
        let mut reader = ours.try_clone().expect("files are left");
        let (sender, screen) = channel();
        let is_closed = Arc::new(AtomicBool::new(false));
        let is_over = is_closed.clone();
        let reader = Some(thread::spawn(move || {
            let mut bytes = [0; 1 << 14];
            let patience = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
            while !is_over.load(Ordering::Relaxed) {
                let mut files = [PollFd::new(&reader, PollFlags::IN)];
                if poll(&mut files, Some(&patience)).unwrap_or(0) == 0 {
                    continue;
                }
                let read = reader.read(&mut bytes).unwrap_or(0);
                if read == 0 || sender.send(bytes[..read].to_vec()).is_err() {
                    break;
                }
            }
        }));
        let (grid, seen) = (Grid::new(size), String::new());
        let keyboard = Some(ours);
        Self { child, keyboard, reader, is_closed, theirs, screen, seen, grid, before }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("the window is open");
        keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    fn take(&mut self, bytes: &[u8]) {
        self.grid.take(bytes);
        self.seen.push_str(&String::from_utf8_lossy(bytes));
    }

    /// Reads until a text stands on the screen, or until bytes that begin with an escape have come.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let from = self.seen.len();
        let (patience, watch) = (Duration::from_secs(30), Stopwatch::start());
        loop {
            while let Ok(read) = self.screen.try_recv() {
                self.take(&read);
            }
            let is_there = if text.starts_with('\u{1b}') {
                self.seen[from..].contains(text)
            } else {
                self.grid.holds(text)
            };
            if is_there {
                return;
            }
            let left = patience.saturating_sub(watch.elapsed());
            match self.screen.recv_timeout(left) {
                Ok(read) if !left.is_zero() => self.take(&read),
                _ => panic!("no `{text}` on\n{}", self.grid.text()),
            }
        }
    }

    /// The process that draws, which outlasts the one at the terminal.
    pub(crate) fn behind(&self) -> Pid {
        let child = self.child.id();
        let file = format!("/proc/{child}/task/{child}/children");
        let children = fs::read_to_string(file).expect("it runs");
        let process = children.split_whitespace().next().expect("it has one");
        Pid::from_raw(process.parse().expect("a number")).expect("a process")
    }

    /// Waits until the program has stopped, as a shell does before it says so.
    #[track_caller]
    pub(crate) fn wait_to_stop(&self) {
        let stat = format!("/proc/{}/stat", self.child.id());
        let watch = Stopwatch::start();
        while !fs::read_to_string(&stat).expect("it is there").contains(") T ") {
            assert!(watch.seconds() < 30.0, "it does not stop");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end; the code, or the number of the signal below 0.
    pub(crate) fn end(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt;
        let status = self.child.wait().expect("it ends");
        thread::sleep(Duration::from_millis(50));
        while let Ok(read) = self.screen.try_recv() {
            self.take(&read);
        }
        status.code().unwrap_or_else(|| -status.signal().unwrap_or(0))
    }

    #[track_caller]
    pub(crate) fn is_restored(&self) {
        let after = tcgetattr(&self.theirs).expect("a terminal").local_modes;
        assert_eq!(after, self.before, "the keyboard is as it was");
        let left = self.seen.rfind(LEAVE).unwrap_or_else(|| panic!("{:?}", self.seen));
        for mode in ["?25l", "?1049h", "?1002h", "?1004h", "?2004h"] {
            let set = self.seen.rfind(&format!("\u{1b}[{mode}")).expect("it was set");
            assert!(set < left, "{mode} is left on");
        }
    }

    /// The terminal is closed, as by the cross of its window.
    pub(crate) fn close(&mut self) -> i32 {
        self.is_closed.store(true, Ordering::Relaxed);
        let ended = self.reader.take().map(JoinHandle::join);
        assert!(ended.is_none_or(|ended| ended.is_ok()), "the reader ends");
        self.keyboard = None;
        self.end()
    }

    pub(crate) fn signal(&self, signal: Signal) {
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

pub(crate) const RUN: &str = "train tabular-q Taxi-v4 --lanes 4 --steps 1e12 --session a --tui";
