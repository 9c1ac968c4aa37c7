//! The parent's side of a probe: starts the child inside its limits, listens, and clears up.

use std::{
    io::{self, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, Resource, Rlimit, Signal},
    time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec},
};

use super::{
    Death, Limits, Outcome, Prober, Report,
    child::CHANNEL_VARIABLE,
    frame::{self, CHANNEL_BYTES_MAX, Secret},
};
use crate::plugin::text;

/// How much of the end of the child's output is kept.
const OUTPUT_BYTES_MAX: usize = 64 << 10;

/// How much of that is shown.
const OUTPUT_CHARS_SHOWN: usize = 160;

/// How long a refusal may be.
const REASON_CHARS_MAX: usize = 300;

pub(super) fn run(prober: &Prober, file: &Path, limits: Limits) -> io::Result<Report> {
    let mut secret: Secret = [0; 32];
    rustix::rand::getrandom(&mut secret, rustix::rand::GetRandomFlags::empty())?;
    let (mut ours, theirs) = UnixStream::pair()?;
    ours.write_all(&secret)?;
    ours.set_nonblocking(true)?;
    let (output, output_end) = io::pipe()?;
    rustix::io::ioctl_fionbio(&output, true)?;

    let mut command = Command::new(&prober.program);
    command
        .arg0("thorndike")
        .args(&prober.arguments)
        .arg(file)
        .env(CHANNEL_VARIABLE, theirs.as_raw_fd().to_string())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(output_end.try_clone()?)
        .stderr(output_end);
    confine(&mut command, theirs, limits);
    let mut child = command.spawn()?;
    // The command still holds the child's ends, which would keep them from ever closing.
    drop(command);

    let mut ears = Ears { channel: Ear::new(ours.into()), output: Ear::new(output.into()) };
    let in_time = listen(&child, &mut ears, limits.deadline);
    let status = end(&mut child)?;
    let in_time = in_time?;
    ears.drain();
    let printed = text::one_line(last_line(&ears.output.heard), OUTPUT_CHARS_SHOWN);
    Ok(Report { outcome: outcome(&secret, &ears.channel.heard, in_time, status, limits), printed })
}

fn outcome(
    secret: &Secret,
    heard: &[u8],
    in_time: bool,
    status: ExitStatus,
    limits: Limits,
) -> Outcome {
    match frame::decode(secret, heard) {
        Some(Ok(descriptor)) => Outcome::Ready(descriptor),
        Some(Err(reason)) => Outcome::Refused(text::one_line(reason.as_bytes(), REASON_CHARS_MAX)),
        None if !in_time || status.signal() == Some(libc::SIGXCPU) => {
            Outcome::Died(Death::Deadline(limits.deadline))
        }
        None => Outcome::Died(match status.signal() {
            Some(signal) => Death::Signal(signal),
            None => Death::Exit(status.code().unwrap_or_default()),
        }),
    }
}

/// Has the child, before it becomes the program, put on its limits.
fn confine(command: &mut Command, channel: UnixStream, limits: Limits) {
    let parent = rustix::process::getpid();
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    // Processor time counts for each thread; the limit only matters if the parent cannot watch.
    let processor_s = (limits.deadline.as_secs() + 1) * threads;
    let channel = OwnedFd::from(channel);
    let prepare = move || {
        rustix::process::setsid()?;
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        if rustix::process::getppid() != Some(parent) {
            return Err(io::ErrorKind::NotFound.into());
        }
        limit(Resource::Core, 0)?;
        limit(Resource::Cpu, processor_s)?;
        if let Some(bytes) = limits.memory_bytes {
            limit(Resource::As, bytes)?;
        }
        rustix::thread::set_no_new_privs(true)?;
        close_others_on_exec();
        rustix::io::fcntl_setfd(&channel, rustix::io::FdFlags::empty())?;
        Ok(())
    };
    #[expect(unsafe_code, reason = "limits must be set between fork and exec")]
    // SAFETY: The closure runs in the forked child, where only async-signal-safe work is allowed:
    // it makes system calls directly, allocates nothing, takes no lock, and its errors are plain
    // numbers.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// Lowers one limit, or leaves it where it is lower already.
fn limit(resource: Resource, wanted: u64) -> rustix::io::Result<()> {
    let maximum = rustix::process::getrlimit(resource).maximum;
    let value = Some(maximum.map_or(wanted, |maximum| maximum.min(wanted)));
    rustix::process::setrlimit(resource, Rlimit { current: value, maximum: value })
}

/// Files that foreign code in this process has opened are none of the child's business.
fn close_others_on_exec() {
    #[expect(unsafe_code, reason = "this call has no safe wrapper")]
    // SAFETY: The call only sets a flag on open files and touches no memory. It may fail on a
    // kernel that does not know it; then the child keeps such files, which harms nobody.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
}

/// Takes in what the child says until it ends. False if it was still there at the deadline.
fn listen(child: &Child, ears: &mut Ears, deadline: Duration) -> io::Result<bool> {
    let ended = rustix::process::pidfd_open(pid(child), PidfdFlags::empty())?;
    let late = timer(deadline)?;
    loop {
        let mut files = vec![PollFd::new(&ended, PollFlags::IN), PollFd::new(&late, PollFlags::IN)];
        files.extend(ears.open().map(|ear| PollFd::from_borrowed_fd(ear.as_fd(), PollFlags::IN)));
        match poll(&mut files, None) {
            Err(rustix::io::Errno::INTR) => continue,
            polled => polled?,
        };
        let (ended, late) = (!files[0].revents().is_empty(), !files[1].revents().is_empty());
        ears.drain();
        if ended || late {
            return Ok(ended);
        }
    }
}

/// Kills whatever is left of the child and of what it started in its session.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    // Until it is waited for, its number cannot belong to somebody else. Either call fails if
    // nobody is left to be killed, which is fine.
    let _ = rustix::process::kill_process_group(pid(child), Signal::KILL);
    let _ = child.kill();
    child.wait()
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// Becomes readable after this long.
fn timer(duration: Duration) -> io::Result<OwnedFd> {
    let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    // A time of zero would switch the timer off.
    let duration = duration.max(Duration::from_nanos(1));
    let value =
        Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) };
    let times = Itimerspec { it_interval: zero, it_value: value };
    rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &times)?;
    Ok(timer)
}

struct Ears {
    channel: Ear,
    output: Ear,
}

impl Ears {
    fn open(&self) -> impl Iterator<Item = &OwnedFd> {
        [&self.channel, &self.output].into_iter().filter_map(|ear| ear.file.as_ref())
    }

    fn drain(&mut self) {
        self.channel.drain(CHANNEL_BYTES_MAX);
        self.output.drain(OUTPUT_BYTES_MAX);
    }
}

/// One end at which the child can be heard, and the end of what was heard.
struct Ear {
    file: Option<OwnedFd>,
    heard: Vec<u8>,
}

impl Ear {
    fn new(file: OwnedFd) -> Self {
        Self { file: Some(file), heard: Vec::new() }
    }

    /// Takes in what is there, without waiting for more; keeps the last `bytes_max`. Stops after
    /// a bounded amount, so that a child that never stops printing does not hold the caller.
    fn drain(&mut self, bytes_max: usize) {
        let mut buffer = [0; 16 << 10];
        for _ in 0..256 {
            let Some(file) = &self.file else { return };
            match rustix::io::read(file, &mut buffer) {
                Ok(0) => self.file = None,
                Ok(read) => self.heard.extend(&buffer[..read]),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => return,
                Err(_) => self.file = None,
            }
            if self.heard.len() > 2 * bytes_max {
                self.heard.drain(..self.heard.len() - bytes_max);
            }
        }
    }
}

/// The last line that says something.
fn last_line(output: &[u8]) -> &[u8] {
    let lines = output.rsplit(|byte| *byte == b'\n');
    lines.map(<[u8]>::trim_ascii).find(|line| !line.is_empty()).unwrap_or_default()
}
