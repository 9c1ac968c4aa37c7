//! The net under foreign code that runs in this process: whatever ends the process, the terminal
//! is put back as it was, and a note says which plugin it was.
//!
//! Handlers of fatal signals and of a foreign `exit` only make system calls, on state that was
//! made ready beforehand. Nothing can be done about SIGKILL and `_exit`.

mod crumb;
mod stop;

use std::{
    any::Any,
    cell::OnceCell,
    fs::{self, File},
    io,
    mem::MaybeUninit,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
    ptr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::Pid,
    termios::{OptionalActions, Termios},
};

use super::capture::Terminal;
use crumb::Text;
use plugin_api::abi::trail::here;

pub use crumb::{Crash, last_crash};
pub use plugin_api::abi::trail::{Call, Visit, at_step, enter, everywhere, tag};
pub use stop::StopSignals;

/// What somebody who panicked has said.
pub fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// What the handlers need. Set once, then only read.
#[derive(Debug)]
struct Ready {
    /// A forked child runs the same handlers, but the terminal is not its own.
    process: Pid,
    out: OwnedFd,
    err: OwnedFd,
    input: Option<(OwnedFd, Termios)>,
    note: Option<File>,
}

static READY: OnceLock<Ready> = OnceLock::new();

/// The bytes that lead back from the alternate screen, each time it is entered.
static LEAVE_SCREEN: OnceLock<&'static [u8]> = OnceLock::new();
static IS_SCREEN_ENTERED: AtomicBool = AtomicBool::new(false);

/// Number of the thread that died first and tidies up; 0 while all is well. Other threads that die
/// meanwhile wait for it.
static DYING: AtomicI32 = AtomicI32::new(0);

/// The file whose last line is completed if the process dies; -1 if there is none.
static INCOMPLETE: AtomicI32 = AtomicI32::new(-1);

/// An `exit` that was not announced comes from foreign code.
static IS_EXIT_EXPECTED: AtomicBool = AtomicBool::new(false);

const FATAL: [(i32, &str); 6] = [
    (libc::SIGSEGV, "SIGSEGV"),
    (libc::SIGBUS, "SIGBUS"),
    (libc::SIGABRT, "SIGABRT"),
    (libc::SIGILL, "SIGILL"),
    (libc::SIGFPE, "SIGFPE"),
    (libc::SIGQUIT, "SIGQUIT"),
];

/// Enough for the handlers, even with the largest processor state there is.
const STACK_BYTES: usize = 64 << 10;

/// While it lives, the process may not end by `exit`. It is to be dropped before the bench does.
#[derive(Debug)]
pub struct Net {
    note: Option<PathBuf>,
}

impl Net {
    /// Spreads the net, once in a process and before the terminal is changed. A note about a crash
    /// goes to `note`, which is emptied now; read [`last_crash`] first.
    pub fn spread(terminal: &Terminal, note: Option<&Path>) -> io::Result<Self> {
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let settings = rustix::termios::tcgetattr(&input).ok();
        let ready = Ready {
            process: rustix::process::getpid(),
            out: terminal.out.as_fd().try_clone_to_owned()?,
            err: terminal.err.as_fd().try_clone_to_owned()?,
            input: settings.map(|settings| (input, settings)),
            note: note.map(File::create).transpose()?,
        };
        READY.set(ready).map_err(|_| io::Error::other("the net is spread already"))?;
        prepare_thread()?;
        for (signal, _) in FATAL {
            // Somebody asks for this one: it is no crash to be noted, but a terminal is given back.
            if signal != libc::SIGQUIT || note.is_none() {
                handle(signal)?;
            }
        }
        #[expect(unsafe_code, reason = "an exit by foreign code is only seen this way")]
        // SAFETY: The function lives as long as the process and does not unwind.
        if unsafe { libc::atexit(on_exit) } != 0 {
            return Err(io::Error::other("no handler for the end of the process can be added"));
        }
        Ok(Self { note: note.map(Path::to_owned) })
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        IS_EXIT_EXPECTED.store(true, Ordering::Release);
        if let Some(note) = &self.note {
            // An empty note that stays behind says nothing.
            let _ = fs::remove_file(note);
        }
    }
}

/// Says that the screen is being entered, and which bytes lead back from it. Those given first
/// stay.
pub fn screen_entered(leave: &'static [u8]) {
    LEAVE_SCREEN.get_or_init(|| leave);
    IS_SCREEN_ENTERED.store(true, Ordering::Release);
}

/// Says that the screen has been left.
pub fn screen_left() {
    IS_SCREEN_ENTERED.store(false, Ordering::Release);
}

/// Whether the screen has the terminal.
pub fn is_screen_entered() -> bool {
    IS_SCREEN_ENTERED.load(Ordering::Acquire)
}

/// If the process dies of a fault from now on, the last line of this file is completed: so a death
/// is told from being killed from outside, of which nobody hears.
pub(super) fn complete_when_dying(file: &File) {
    INCOMPLETE.store(file.as_raw_fd(), Ordering::Release);
}

/// The file is about to be closed.
pub(super) fn done_with(file: &File) {
    // Another file may have been named since, and then this one is no matter any more.
    let _ = INCOMPLETE.compare_exchange(file.as_raw_fd(), -1, Ordering::AcqRel, Ordering::Acquire);
}

/// Leaves the screen if it was entered, and gives the terminal its settings back. For every way
/// out that is not the ordinary one; safe to call in a signal handler.
pub fn restore_terminal() {
    let Some(ready) = ready() else { return };
    if IS_SCREEN_ENTERED.swap(false, Ordering::AcqRel) {
        say(&ready.out, LEAVE_SCREEN.get().copied().unwrap_or_default());
    }
    if let Some((input, settings)) = &ready.input {
        let _unstopped = BlockedStop::new();
        // A terminal that is gone needs no settings.
        let _ = rustix::termios::tcsetattr(input, OptionalActions::Now, settings);
    }
}

/// Gives this thread a stack for the handlers: one that has used up its own can still tidy up.
/// To be called once on each thread that runs foreign code.
pub fn prepare_thread() -> io::Result<()> {
    thread_local! {
        static STACK: OnceCell<HandlerStack> = const { OnceCell::new() };
    }
    STACK.with(|stack| {
        if stack.get().is_none() {
            // The cell was empty a moment ago, and it belongs to this thread.
            let _ = stack.set(HandlerStack::new()?);
        }
        Ok(())
    })
}

struct HandlerStack {
    _bytes: Box<[MaybeUninit<u8>]>,
}

impl HandlerStack {
    fn new() -> io::Result<Self> {
        let mut bytes = Box::new_uninit_slice(STACK_BYTES);
        let stack =
            libc::stack_t { ss_sp: bytes.as_mut_ptr().cast(), ss_flags: 0, ss_size: STACK_BYTES };
        set_handler_stack(&stack)?;
        Ok(Self { _bytes: bytes })
    }
}

impl Drop for HandlerStack {
    fn drop(&mut self) {
        let none = libc::stack_t {
            ss_sp: ptr::null_mut(),
            ss_flags: libc::SS_DISABLE,
            ss_size: STACK_BYTES,
        };
        set_handler_stack(&none).expect("a thread's end is not in a handler");
    }
}

fn set_handler_stack(stack: &libc::stack_t) -> io::Result<()> {
    #[expect(unsafe_code, reason = "this call has no safe wrapper")]
    // SAFETY: The memory belongs to a value of this thread that takes the stack out of use before
    // it frees it.
    let result = unsafe { libc::sigaltstack(stack, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn handle(signal: i32) -> io::Result<()> {
    let handler: extern "C" fn(i32) = on_fatal_signal;
    #[expect(unsafe_code, reason = "a signal handler is installed")]
    // SAFETY: All fields of the structure are plain numbers, for which zero is a value; the
    // handler has the signature that goes with these flags and only does what a handler may.
    let result = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigfillset(&raw mut action.sa_mask);
        libc::sigaction(signal, &raw const action, ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

extern "C" fn on_fatal_signal(signal: i32) {
    if ready().is_some() && is_first_to_die() {
        let name = FATAL.iter().find(|fatal| fatal.0 == signal).map_or("a signal", |fatal| fatal.1);
        tidy_up(name);
    }
    #[expect(unsafe_code, reason = "the process dies of what it would have died of")]
    // SAFETY: Both calls may be made in a handler. The signal is blocked while the handler runs
    // and ends the process as soon as it returns.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

extern "C" fn on_exit() {
    if IS_EXIT_EXPECTED.load(Ordering::Acquire) && here().is_none() {
        restore_terminal();
    } else if ready().is_some() && is_first_to_die() {
        tidy_up("exit");
        // The code that was asked for may have been 0, and this was no success.
        signal_hook::low_level::exit(1);
    }
}

/// Whether this thread is the one to tidy up. If another one is, this does not come back; if this
/// one was already and died once more of that, it had better not try again.
fn is_first_to_die() -> bool {
    let thread = rustix::thread::gettid().as_raw_nonzero().get();
    match DYING.compare_exchange(0, thread, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => true,
        Err(first) if first == thread => false,
        Err(_) => loop {
            // Any wait serves: the process ends while this one lasts.
            let _ = poll(&mut [], None);
        },
    }
}

/// What the handlers work on, in the process that it belongs to.
fn ready() -> Option<&'static Ready> {
    READY.get().filter(|ready| ready.process == rustix::process::getpid())
}

/// Says inside of which call the process is being ended, if there is one.
fn say_where() {
    if let (Some(ready), Some(visit)) = (ready(), everywhere().next()) {
        say(&ready.err, Text::left(&visit.place).bytes());
    }
}

fn tidy_up(ended_by: &str) {
    let Some(ready) = ready() else { return };
    let place = here();
    let incomplete = INCOMPLETE.load(Ordering::Acquire);
    if incomplete >= 0 {
        #[expect(unsafe_code, reason = "a file is borrowed whose owner may be on another thread")]
        // SAFETY: Whoever closes the file says so first. Should that happen between the line above
        // and the one below, a line is written to nowhere, and the process ends.
        let file = unsafe { BorrowedFd::borrow_raw(incomplete) };
        // There is nobody left to be told.
        let _ = rustix::io::write(file, b"\n");
    }
    if let Some(note) = &ready.note {
        // There is nobody left to be told.
        let _ = rustix::io::write(note, Text::note(ended_by, place.as_ref()).bytes());
    }
    restore_terminal();
    say(&ready.err, Text::line(ended_by, place.as_ref()).bytes());
}

/// Writes to a terminal unless it takes nothing, as one that was stopped by its user.
fn say(file: &OwnedFd, bytes: &[u8]) {
    let patience = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
    if let Ok(1) = poll(&mut [PollFd::new(file, PollFlags::OUT)], Some(&patience)) {
        // There is nobody left to be told.
        let _ = rustix::io::write(file, bytes);
    }
}

/// Changing a terminal from the background stops the process, unless that signal is blocked.
struct BlockedStop {
    before: libc::sigset_t,
}

impl BlockedStop {
    fn new() -> Self {
        #[expect(unsafe_code, reason = "these calls have no safe wrapper")]
        // SAFETY: A set of signals is plain numbers, and the calls write only to those given.
        unsafe {
            let mut stop: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut stop);
            libc::sigaddset(&raw mut stop, libc::SIGTTOU);
            libc::pthread_sigmask(libc::SIG_BLOCK, &raw const stop, &raw mut before);
            Self { before }
        }
    }
}

impl Drop for BlockedStop {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "this call has no safe wrapper")]
        // SAFETY: The set was filled in by the call that blocked the signal.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.before, ptr::null_mut());
        }
    }
}
