//! Nothing that goes wrong in a plugin leaves it as a panic: it becomes an error with message and
//! place.

use super::types::Failure;
use crate::error::{Error, ErrorKind};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// How many guarded calls this thread is in.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Message and place of the latest panic on this thread.
    static PANIC: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Runs plugin code; a panic becomes an error.
#[inline]
pub fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    DEPTH.set(DEPTH.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(call));
    DEPTH.set(DEPTH.get() - 1);
    match result {
        Ok(result) => result,
        Err(payload) => Err(caught(payload)),
    }
}

#[cold]
fn caught(payload: Box<dyn std::any::Any + Send>) -> Error {
    // A payload may panic when it is dropped, too; then it is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    let (message, at) =
        PANIC.take().unwrap_or_else(|| ("a panic without message".into(), String::new()));
    Error { kind: ErrorKind::Panic, message, at }
}

/// Keeps panics of guarded calls off the terminal. Every plugin has a panic hook of its own.
pub fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let outer = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                return outer(info);
            }
            let payload = info.payload();
            let message = payload
                .downcast_ref::<&str>()
                .map(|&text| text.to_owned())
                .or_else(|| payload.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "a panic without message".to_owned());
            let at = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            PANIC.set(Some((message, at.unwrap_or_default())));
        }));
    });
}

/// An instance behind an ABI pointer, with what is needed to contain it.
#[derive(Debug)]
pub(crate) struct Instance<T> {
    value: T,
    poisoned: bool,
    failure: Option<Error>,
}

impl<T> Instance<T> {
    /// Puts a value where the host can point at it.
    pub(crate) fn into_this(value: T) -> super::types::This {
        let instance = Box::new(Self { value, poisoned: false, failure: None });
        super::types::This { ptr: Box::into_raw(instance).cast() }
    }

    /// Runs a method of the instance.
    ///
    /// # Safety
    /// `this` comes from [`Instance::into_this`] of the same type, was not dropped, and nobody else
    /// uses it.
    #[inline]
    pub(crate) unsafe fn call(
        this: super::types::This,
        method: impl FnOnce(&mut T) -> Result<i64, Error>,
    ) -> i64 {
        // SAFETY: the caller's promise.
        let instance = unsafe { &mut *this.ptr.cast::<Self>() };
        if instance.poisoned {
            return instance.fail(Error::of(
                ErrorKind::Poisoned,
                "an earlier panic made this instance unusable; make a new one",
            ));
        }
        match guarded(|| method(&mut instance.value)) {
            Ok(answer) => answer,
            Err(error) => instance.fail(error),
        }
    }

    #[cold]
    fn fail(&mut self, error: Error) -> i64 {
        self.poisoned |= error.kind == ErrorKind::Panic;
        let code = -i64::from(error.kind as u32);
        self.failure = Some(error);
        code
    }

    /// Why the last call failed.
    ///
    /// # Safety
    /// As for [`Instance::call`].
    pub(crate) unsafe fn take_failure(this: super::types::This) -> Failure {
        // SAFETY: the caller's promise.
        let instance = unsafe { &mut *this.ptr.cast::<Self>() };
        let unknown = || Error::new("the plugin reported a failure without a reason");
        instance.failure.take().unwrap_or_else(unknown).into()
    }

    /// Ends the instance. What panicked is left alone: its parts may be half changed.
    ///
    /// # Safety
    /// As for [`Instance::call`]; `this` is not used afterwards.
    pub(crate) unsafe fn end(this: super::types::This) {
        // SAFETY: the caller's promise; the pointer came from a box.
        let instance = unsafe { Box::from_raw(this.ptr.cast::<Self>()) };
        if instance.poisoned {
            std::mem::forget(instance);
        } else if let Err(error) = guarded(|| {
            drop(instance);
            Ok(())
        }) {
            super::module::log(2, &format!("a panic while an instance was dropped: {error}"));
        }
    }
}
