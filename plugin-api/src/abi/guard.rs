//! Nothing that goes wrong in a plugin leaves it as a panic: it becomes an error with message and
//! place.

use super::types::Failure;
use crate::error::{Error, ErrorKind};
use std::any::Any;
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
    // Found once, since in a library each look for it is a call; and outside of the call that is
    // guarded, so that looking stays small enough to be inlined.
    let depth = DEPTH.with(std::ptr::from_ref);
    // SAFETY: the cell lives as long as this thread, and nothing else holds a reference into it.
    let depth = unsafe { &*depth };
    depth.set(depth.get() + 1);
    let result =
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| Err(caught(payload)));
    depth.set(depth.get() - 1);
    result
}

/// The error for a payload. It is dropped while the guard still holds: that may panic, too.
#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Error {
    let message = text(&*payload);
    // The hook does not see a payload that is passed on, as from a thread that was joined; then the
    // place it noted belongs to some earlier panic.
    let noted = PANIC.try_with(RefCell::take).ok().flatten();
    let at = noted.filter(|(noted, _)| *noted == message).map_or(String::new(), |(_, at)| at);
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    Error { kind: ErrorKind::Panic, message, at }
}

/// What a panic says.
fn text(payload: &(dyn Any + Send)) -> String {
    let borrowed = payload.downcast_ref::<&str>().copied();
    let text = borrowed.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without message").to_owned()
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
            let at = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
            let noted = (text(info.payload()), at.unwrap_or_default());
            // A thread at its end has nowhere to note it, and a hook must not panic.
            let _ = PANIC.try_with(|panic| *panic.borrow_mut() = Some(noted));
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

impl<T: Send> Instance<T> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::types::This;
    use std::panic::{panic_any, resume_unwind};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Panics when it is dropped.
    struct Spring;

    impl Drop for Spring {
        fn drop(&mut self) {
            panic!("sprung");
        }
    }

    #[track_caller]
    fn failure(call: impl FnOnce()) -> Error {
        install_hook();
        guarded(|| -> Result<(), Error> {
            call();
            Ok(())
        })
        .expect_err("the call panics")
    }

    #[test]
    fn a_panic_becomes_an_error_with_message_and_place() {
        let line = line!() + 1;
        let error = failure(|| panic!("lane {} is lost", 3));
        assert_eq!(error.kind, ErrorKind::Panic);
        let file = file!();
        assert_eq!(error.to_string(), format!("lane 3 is lost at {file}:{line}"));
        let error = failure(|| panic!("a plain text"));
        assert_eq!(error.message, "a plain text");
        let empty: Vec<u8> = Vec::new();
        let error = failure(|| assert_eq!(empty[0], 1));
        assert!(error.message.starts_with("index out of bounds"), "{error}");
    }

    #[test]
    fn a_payload_that_is_no_text_or_panics_when_dropped_is_contained() {
        assert_eq!(failure(|| panic_any(7_u8)).message, "a panic without message");
        let error = failure(|| panic_any(Spring));
        assert_eq!(error.message, "a panic without message");
        // The count of guarded calls is back at 0: see the test of the hook.
        assert_eq!(DEPTH.get(), 0);
    }

    #[test]
    fn a_panic_that_is_passed_on_does_not_get_the_place_of_another() {
        install_hook();
        let inner = failure(|| {
            let swallowed = catch_unwind(|| panic!("swallowed"));
            assert!(swallowed.is_err());
            resume_unwind(Box::new("passed on"));
        });
        assert_eq!((inner.message.as_str(), inner.at.as_str()), ("passed on", ""));
    }

    #[test]
    fn the_hook_is_silent_inside_guarded_calls_and_loud_outside() {
        // Tests of one process share the hook, so that another process must tell the two apart.
        if std::env::var_os("THORNDIKE_GUARD_CHILD").is_some() {
            install_hook();
            let _ = failure(|| panic_any(Spring));
            let _ = failure(|| panic!("kept quiet"));
            let _ = catch_unwind(|| panic!("said aloud"));
            return;
        }
        let name = "abi::guard::tests::the_hook_is_silent_inside_guarded_calls_and_loud_outside";
        let output = std::process::Command::new(std::env::current_exe().expect("it runs"))
            .args([name, "--exact", "--nocapture"])
            .env("THORNDIKE_GUARD_CHILD", "1")
            .output()
            .expect("the test starts itself");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("said aloud"), "{text}");
        assert!(!text.contains("kept quiet") && !text.contains("sprung"), "{text}");
    }

    struct Counted {
        ends: Arc<AtomicU32>,
        end: fn(),
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.ends.fetch_add(1, Ordering::Relaxed);
            (self.end)();
        }
    }

    fn instance(end: fn()) -> (This, Arc<AtomicU32>) {
        install_hook();
        let ends = Arc::new(AtomicU32::new(0));
        (Instance::into_this(Counted { ends: ends.clone(), end }), ends)
    }

    #[test]
    fn an_instance_that_panicked_refuses_further_calls_and_is_leaked() {
        let (this, ends) = instance(|| ());
        // SAFETY: `this` is used by this thread alone and not after `end`.
        unsafe {
            assert_eq!(Instance::<Counted>::call(this, |_| Ok(41)), 41);
            assert_eq!(Instance::<Counted>::call(this, |_| Err(Error::argument("no"))), -5);
            let failure: Error = Instance::<Counted>::take_failure(this).into();
            assert_eq!(failure, Error::argument("no"));
            assert_eq!(Instance::<Counted>::call(this, |_| panic!("broken")), -2);
            let failure: Error = Instance::<Counted>::take_failure(this).into();
            assert_eq!((failure.kind, failure.message.as_str()), (ErrorKind::Panic, "broken"));
            assert_eq!(Instance::<Counted>::call(this, |_| Ok(41)), -3);
            let failure: Error = Instance::<Counted>::take_failure(this).into();
            assert_eq!(failure.kind, ErrorKind::Poisoned);
            Instance::<Counted>::end(this);
        }
        assert_eq!(ends.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_instance_ends_once_and_a_panic_on_the_way_is_contained() {
        for end in [|| (), || panic!("at the end")] as [fn(); 2] {
            let (this, ends) = instance(end);
            // SAFETY: as above.
            unsafe { Instance::<Counted>::end(this) };
            assert_eq!(ends.load(Ordering::Relaxed), 1);
        }
    }

    #[test]
    fn a_failure_nobody_reported_has_a_sentence_too() {
        let (this, _) = instance(|| ());
        // SAFETY: as above.
        unsafe {
            let failure: Error = Instance::<Counted>::take_failure(this).into();
            assert_eq!(failure.message, "the plugin reported a failure without a reason");
            Instance::<Counted>::end(this);
        }
    }
}
