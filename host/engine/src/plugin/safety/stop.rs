//! The signals that ask for an orderly end.

use std::{
    io::{self, PipeReader},
    os::fd::{AsFd, BorrowedFd},
    sync::atomic::{AtomicI32, Ordering},
};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    low_level,
};

use super::{restore_terminal, say_where};

/// The first signal that asked; 0 if none has.
static ASKED_BY: AtomicI32 = AtomicI32::new(0);

/// Notes the interrupt key, a request to end and a closed terminal instead of dying of them. The
/// second of them ends the process at once, with the terminal as it was.
#[derive(Debug)]
pub struct StopSignals {
    wake: PipeReader,
}

impl StopSignals {
    /// Takes the signals over, for the rest of the process.
    pub fn listen() -> io::Result<Self> {
        let (wake, waker) = io::pipe()?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let note = move || {
                if ASKED_BY
                    .compare_exchange(0, signal, Ordering::AcqRel, Ordering::Acquire)
                    .is_err()
                {
                    restore_terminal();
                    say_where();
                    low_level::exit(128 + signal);
                }
            };
            #[expect(unsafe_code, reason = "a signal handler is installed")]
            // SAFETY: The handler works on an atomic number and otherwise only makes system calls.
            unsafe {
                low_level::register(signal, note)?;
            }
            low_level::pipe::register(signal, waker.try_clone()?)?;
        }
        Ok(Self { wake })
    }

    /// The signal that asked for an end, if one has.
    pub fn asked_by(&self) -> Option<i32> {
        match ASKED_BY.load(Ordering::Acquire) {
            0 => None,
            signal => Some(signal),
        }
    }
}

impl AsFd for StopSignals {
    /// Becomes readable when a signal has come, so that a wait for other things ends; it need not
    /// be read.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}
