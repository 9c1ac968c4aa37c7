//! Keeps what foreign code prints away from the terminal.
//!
//! While a [`Capture`] lives, the process's standard output and error lead into a pipe, which a
//! thread of its own empties into a bounded record; the bench itself prints on a [`Terminal`].
//! Whoever prints is never held up, and nothing printed is ever sent to the screen as it is.

mod printed;

use std::{
    fs::File,
    io::{self, PipeReader, PipeWriter, Write},
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use rustix::event::{PollFd, PollFlags, poll};

use printed::Record;

/// Where the bench itself prints while foreign prints are captured.
#[derive(Debug)]
pub struct Terminal {
    /// What standard output was.
    pub out: File,
    /// What standard error was.
    pub err: File,
}

/// What was printed so far. Copies of it share one record.
#[derive(Clone, Debug)]
pub struct Printed(Arc<Mutex<Record>>);

impl Printed {
    /// The lines from number `from` on, as far as they are still kept, and the number of the line
    /// that comes next. Lines have no control characters. Looking often shows more of a flood.
    pub fn since(&self, from: u64) -> (Vec<String>, u64) {
        self.record().look(from)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        // The record is sound between any two of its steps.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Captures prints until it is dropped, which gives standard output and error back.
#[derive(Debug)]
pub struct Capture {
    terminal: Terminal,
    printed: Printed,
    stop: PipeWriter,
    listener: Option<JoinHandle<()>>,
}

/// There is one standard output, so there is one capture at a time.
static IS_CAPTURING: AtomicBool = AtomicBool::new(false);

/// Room for what is printed at once; a larger pipe wakes the listener less often.
const PIPE_BYTES: usize = 1 << 20;

impl Capture {
    /// Redirects standard output and error, and returns where the bench prints from now on.
    pub fn start() -> io::Result<(Self, Terminal)> {
        if IS_CAPTURING.swap(true, Ordering::AcqRel) {
            return Err(io::Error::other("standard output is captured already"));
        }
        Self::redirect().inspect_err(|_| IS_CAPTURING.store(false, Ordering::Release))
    }

    /// What was printed so far.
    pub fn printed(&self) -> Printed {
        self.printed.clone()
    }

    fn redirect() -> io::Result<(Self, Terminal)> {
        // What the bench printed before must not come out behind the redirection.
        io::stdout().flush()?;
        let terminal = Terminal {
            out: io::stdout().as_fd().try_clone_to_owned()?.into(),
            err: io::stderr().as_fd().try_clone_to_owned()?.into(),
        };
        let ours = Terminal { out: terminal.out.try_clone()?, err: terminal.err.try_clone()? };
        let (prints, prints_end) = io::pipe()?;
        let (stopped, stop) = io::pipe()?;
        rustix::io::ioctl_fionbio(&prints, true)?;
        // The pipe serves with any size, and users may only have so many pages of pipes.
        let _ = rustix::pipe::fcntl_setpipe_size(&prints, PIPE_BYTES);

        let printed = Printed(Arc::new(Mutex::new(Record::new())));
        let record = printed.clone();
        let listener = thread::Builder::new()
            .name("printed".into())
            .spawn(move || listen(&prints, &stopped, &record))?;
        let capture = Self { terminal, printed, stop, listener: Some(listener) };
        // From here on, leaving early drops the capture, which undoes whatever was done.
        rustix::stdio::dup2_stdout(&prints_end)?;
        rustix::stdio::dup2_stderr(&prints_end)?;
        foreign_stdout::write_by_line();
        Ok((capture, ours))
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Whatever still lies in a buffer was meant for the record, not for the terminal.
        let _ = io::stdout().flush();
        foreign_stdout::flush();
        // Giving a standard file back fails only if the system is out of memory.
        let _ = rustix::stdio::dup2_stdout(&self.terminal.out);
        let _ = rustix::stdio::dup2_stderr(&self.terminal.err);
        // A process that foreign code has forked off may hold the pipes open for as long as it
        // likes, so the listener does not wait for the end of either but for this byte.
        let told = self.stop.write_all(b".");
        if let Some(listener) = self.listener.take().filter(|_| told.is_ok()) {
            listener.join().expect("the listener does not panic");
        }
        IS_CAPTURING.store(false, Ordering::Release);
    }
}

/// Empties the pipe into the record until it is told to stop, and once more then.
fn listen(prints: &PipeReader, stopped: &PipeReader, printed: &Printed) {
    let mut is_stopped = false;
    while !is_stopped {
        let mut files = [PollFd::new(prints, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        // With nothing to wait on, the reads below decide.
        let _ = poll(&mut files, None);
        is_stopped = !files[1].revents().is_empty();
        drain(prints, printed);
    }
    printed.record().finish();
}

fn drain(prints: &PipeReader, printed: &Printed) {
    let mut buffer = vec![0; 64 << 10];
    // Bounded, so that somebody who prints without end cannot keep the listener from stopping.
    for _ in 0..64 {
        match rustix::io::read(prints, &mut buffer) {
            Ok(0) | Err(rustix::io::Errno::AGAIN) => return,
            Ok(read) => printed.record().take(&buffer[..read]),
            Err(_) => {}
        }
    }
}

/// The output buffer of the C library, which libraries in other languages print through.
mod foreign_stdout {
    use std::ptr;

    #[expect(unsafe_code, reason = "the C library's output buffer is reached by its C name")]
    // SAFETY: This is the name and type that every C library on this system gives it.
    unsafe extern "C" {
        static mut stdout: *mut libc::FILE;
    }

    /// Makes each line go out when it is complete; for a pipe the C library would gather pages.
    pub(super) fn write_by_line() {
        #[expect(unsafe_code, reason = "the C library's output buffer is reached by its C name")]
        // SAFETY: The pointer is set before the program starts and never changes; the call takes
        // the stream's own lock, and a null buffer leaves memory to the library.
        unsafe {
            libc::setvbuf(stdout, ptr::null_mut(), libc::_IOLBF, 0);
        }
    }

    /// Only this stream: to flush all of them would wait for one that somebody is reading.
    pub(super) fn flush() {
        #[expect(unsafe_code, reason = "the C library's output buffer is reached by its C name")]
        // SAFETY: The pointer is set before the program starts and never changes; the call takes
        // the stream's own lock.
        unsafe {
            libc::fflush(stdout);
        }
    }
}
