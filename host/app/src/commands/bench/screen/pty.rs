//! A program in a terminal of its own, watched from outside.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use thorndike_engine::clock::Stopwatch;
use thorndike_tui::grid::Grid;

const QUESTION: &[u8] = b"\x1b[c";

/// A program in a terminal of its own.
#[derive(Debug)]
pub(super) struct Pty {
    child: Child,
    ours: File,
    grid: Grid,
    /// Keeps the terminal open when the program has gone.
    _theirs: File,
}

/// What a program has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    /// Times that a thread of it began to wait and was woken.
    pub(super) wakes: u64,
    /// Seconds of all cores.
    pub(super) seconds: f64,
}

impl Pty {
    /// Starts a program.
    pub(super) fn open(
        program: &Path,
        words: impl IntoIterator<Item = impl AsRef<OsStr>>,
        (columns, rows): (u16, u16),
    ) -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let name = name.to_str().map_err(io::Error::other)?;
        let theirs = File::options().read(true).write(true).open(name)?;
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size)?;
        let child = Command::new(program)
            .args(words)
            .stdin(theirs.try_clone()?)
            .stdout(theirs.try_clone()?)
            .stderr(theirs.try_clone()?)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("NO_COLOR")
            .spawn()?;
        let grid = Grid::new((columns, rows));
        Ok(Self { child, ours: File::from(ours), grid, _theirs: theirs })
    }

    /// Presses keys.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.ours.write_all(bytes)
    }

    /// What came by now, waiting for it at most so long.
    pub(super) fn read(&mut self, seconds: f64) -> io::Result<Vec<u8>> {
        let patience =
            Timespec { tv_sec: seconds as i64, tv_nsec: (seconds.fract().max(0.0) * 1e9) as i64 };
        let mut files = [PollFd::new(&self.ours, PollFlags::IN)];
        if poll(&mut files, Some(&patience))? == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = vec![0; 1 << 16];
        let read = self.ours.read(&mut bytes)?;
        bytes.truncate(read);
        self.grid.take(&bytes);
        // As every terminal does when it is asked what it is.
        if bytes.windows(QUESTION.len()).any(|window| window == QUESTION) {
            self.ours.write_all(b"\x1b[?62;c")?;
        }
        Ok(bytes)
    }

    /// Reads for some seconds; says how many bytes came.
    pub(super) fn read_for(&mut self, seconds: f64) -> io::Result<usize> {
        let watch = Stopwatch::start();
        let mut count = 0;
        while watch.seconds() < seconds {
            count += self.read(seconds - watch.seconds())?.len();
        }
        Ok(count)
    }

    /// Reads until these bytes have come.
    pub(super) fn wait_for(&mut self, bytes: &[u8], seconds: f64) -> io::Result<()> {
        let watch = Stopwatch::start();
        let mut seen = Vec::new();
        while watch.seconds() < seconds {
            seen.extend(self.read(seconds - watch.seconds())?);
            if seen.windows(bytes.len()).any(|window| window == bytes) {
                return Ok(());
            }
            let surplus = seen.len().saturating_sub(4096);
            seen.drain(..surplus);
        }
        let what = "the program did not draw in time";
        Err(io::Error::new(io::ErrorKind::TimedOut, what))
    }

    /// Reads until a text stands on the screen.
    pub(super) fn wait_to_read(&mut self, text: &str, seconds: f64) -> io::Result<()> {
        let watch = Stopwatch::start();
        while !self.grid.holds(text) {
            let left = seconds - watch.seconds();
            if left <= 0.0 {
                let what = format!("the program did not show `{text}` in time");
                return Err(io::Error::new(io::ErrorKind::TimedOut, what));
            }
            self.read(left)?;
        }
        Ok(())
    }

    /// Whether the program has ended.
    pub(super) fn is_over(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Ends the program at once, and the process behind it first: that one would go on.
    pub(super) fn kill(mut self) -> io::Result<()> {
        if let Some(behind) = self.behind() {
            Self::end(behind)?;
        }
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Waits until the program has ended by itself.
    pub(super) fn wait_for_end(&mut self, seconds: f64) -> io::Result<()> {
        let watch = Stopwatch::start();
        while !self.is_over()? {
            self.read_for(0.005)?;
            if watch.seconds() > seconds {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the program did not end"));
            }
        }
        Ok(())
    }

    /// Ends a process at once.
    pub(super) fn end(process: u32) -> io::Result<()> {
        match Pid::from_raw(process as i32) {
            Some(process) => Ok(kill_process(process, Signal::KILL)?),
            None => Ok(()),
        }
    }

    /// Bytes of memory that the program has taken at most, with all processes that it started.
    pub(super) fn memory(&self) -> io::Result<u64> {
        let mut sum = 0;
        for process in self.family() {
            let status = fs::read_to_string(format!("/proc/{process}/status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            sum += 1024 * number.unwrap_or(0);
        }
        Ok(sum)
    }

    /// The program and all processes that it started.
    fn family(&self) -> Vec<u32> {
        let mut all = vec![self.child.id()];
        let mut at = 0;
        while let Some(process) = all.get(at) {
            all.extend(children(*process));
            at += 1;
        }
        all
    }

    /// Ends the program and all processes that it started.
    pub(super) fn end_family(mut self) -> io::Result<()> {
        for process in self.family().into_iter().skip(1) {
            // One that has ended meanwhile is as ended as it can be.
            let _ = Self::end(process);
        }
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// The process that draws and trains, where it is not the program itself.
    pub(super) fn behind(&self) -> Option<u32> {
        children(self.child.id()).first().copied()
    }

    /// What all threads of the program have used so far.
    pub(super) fn work(&self) -> io::Result<Work> {
        let mut work = Work::default();
        let mut tasks = Vec::new();
        for process in self.family() {
            tasks.extend(fs::read_dir(format!("/proc/{process}/task"))?);
        }
        for task in tasks {
            let folder = task?.path();
            let status = fs::read_to_string(folder.join("status"))?;
            let line =
                status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            work.wakes += line.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0);
            work.seconds += seconds(&folder)?;
        }
        Ok(work)
    }

    /// Seconds that a thread of the process that draws has used so far, while it lives: the one of
    /// this name, or its first one.
    pub(super) fn seconds_of(&self, name: Option<&str>) -> Option<f64> {
        let process = self.behind().unwrap_or(self.child.id());
        let Some(name) = name else {
            return seconds(Path::new(&format!("/proc/{process}/task/{process}"))).ok();
        };
        let tasks = fs::read_dir(format!("/proc/{process}/task")).ok()?;
        let folders = tasks.flatten().map(|task| task.path());
        let mut named = folders.filter(|folder| {
            fs::read_to_string(folder.join("comm")).is_ok_and(|comm| comm.trim() == name)
        });
        seconds(&named.next()?).ok()
    }
}

/// The processes that a process has started.
fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let numbers = |list: String| -> Vec<u32> {
        list.split_whitespace().filter_map(|number| number.parse().ok()).collect()
    };
    lists.flat_map(numbers).collect()
}

/// Seconds of a core that a thread has used.
fn seconds(folder: &Path) -> io::Result<f64> {
    let account = fs::read_to_string(folder.join("schedstat"))?;
    let nanoseconds = account.split_whitespace().next().and_then(|number| number.parse().ok());
    let spent: f64 = nanoseconds.ok_or_else(|| io::Error::other("the kernel keeps no accounts"))?;
    Ok(spent * 1e-9)
}
