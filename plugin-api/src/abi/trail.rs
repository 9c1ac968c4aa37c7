//! Where each thread is inside foreign code: plugin, call, step. Written at the price of two
//! stores, read by the handler of a fatal signal, and by whoever looks after all threads.

use std::{
    cell::Cell,
    marker::PhantomData,
    ptr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

/// Short for the name of a plugin, for [`enter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginTag(u32);

/// What a plugin is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[expect(missing_docs, reason = "the names are those of the calls")]
pub enum Call {
    Create,
    Reset,
    Step,
    Look,
    Render,
    Goals,
    Act,
    Learn,
    Needs,
    Params,
    Report,
    Save,
    Load,
    Model,
    Drop,
}

impl Call {
    const ALL: [(Self, &'static str); 15] = [
        (Self::Create, "create"),
        (Self::Reset, "reset"),
        (Self::Step, "step"),
        (Self::Look, "look"),
        (Self::Render, "render"),
        (Self::Goals, "goals"),
        (Self::Act, "act"),
        (Self::Learn, "learn"),
        (Self::Needs, "needs"),
        (Self::Params, "params"),
        (Self::Report, "report"),
        (Self::Save, "save"),
        (Self::Load, "load"),
        (Self::Model, "model"),
        (Self::Drop, "drop"),
    ];
}

/// Names that were ever given a tag; the last place stands for all that did not fit.
static NAMES: [OnceLock<String>; 256] = [const { OnceLock::new() }; 256];

const NAME_CHARS_MAX: usize = 60;

/// Alone in its part of the cache, because each is written all the time.
#[repr(align(64))]
struct Trail {
    /// Number of the name plus one, times 256, plus the call; 0 outside of foreign code.
    inside: AtomicU32,
    /// Calls so far, which tells a long one from many.
    calls: AtomicU32,
    step: AtomicU64,
    is_taken: AtomicBool,
}

impl Trail {
    const fn new() -> Self {
        Self {
            inside: AtomicU32::new(0),
            calls: AtomicU32::new(0),
            step: AtomicU64::new(0),
            is_taken: AtomicBool::new(false),
        }
    }

    fn place(&self) -> Option<Place> {
        let inside = self.inside.load(Ordering::Relaxed);
        let name = NAMES.get((inside >> 8).checked_sub(1)? as usize)?;
        let call = Call::ALL.get((inside & 0xff) as usize).map_or("", |call| call.1);
        let plugin = name.get().map_or("another", String::as_str);
        Some(Place { plugin, call, step: self.step.load(Ordering::Relaxed) })
    }
}

/// Those of all threads that were ever inside; one that has ended leaves its own to another.
static TRAILS: [Trail; 1024] = [const { Trail::new() }; 1024];

/// That of threads that have none of their own, of which nobody can say where they are.
static SHARED: Trail = Trail::new();

thread_local! {
    // Nothing here has to be set up or torn down, so a signal handler may look at it.
    static TRAIL: Cell<&'static Trail> = const { Cell::new(&SHARED) };
    static LEAVER: Leaver = const { Leaver };
}

/// Gives the trail of a thread back as it ends.
struct Leaver;

impl Drop for Leaver {
    fn drop(&mut self) {
        // A thread that is still inside is ending the process from there, which is told later.
        if TRAIL.get().inside.load(Ordering::Relaxed) == 0 {
            TRAIL.replace(&SHARED).is_taken.store(false, Ordering::Release);
        }
    }
}

/// The trail of this thread, which it takes with its first step inside.
#[inline]
fn own() -> &'static Trail {
    let trail = TRAIL.get();
    if ptr::eq(trail, &raw const SHARED) { take() } else { trail }
}

#[cold]
fn take() -> &'static Trail {
    // A thread that is ending already could not give it back.
    let is_alive = LEAVER.try_with(|_| ()).is_ok();
    let mut all = TRAILS.iter().filter(|_| is_alive);
    let free = all.find(|trail| !trail.is_taken.swap(true, Ordering::Acquire));
    TRAIL.set(free.unwrap_or(&SHARED));
    TRAIL.get()
}

/// The tag of this name; equal names have equal tags.
pub fn tag(name: &str) -> PluginTag {
    let printable = |letter: char| if letter.is_control() { '?' } else { letter };
    let name: String = name.chars().take(NAME_CHARS_MAX).map(printable).collect();
    let found = NAMES[..NAMES.len() - 1].iter().position(|place| match place.set(name.clone()) {
        Ok(()) => true,
        Err(_) => place.get() == Some(&name),
    });
    PluginTag(found.unwrap_or(NAMES.len() - 1) as u32)
}

/// Notes that this thread is inside this call until the note is dropped. [any thread]
#[inline]
pub fn enter(plugin: PluginTag, call: Call) -> Inside {
    let trail = own();
    trail.calls.store(trail.calls.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    trail.inside.store((plugin.0 + 1) << 8 | call as u32, Ordering::Relaxed);
    Inside(PhantomData)
}

/// Notes at which step this thread is. [any thread]
#[inline]
pub fn at_step(step: u64) {
    own().step.store(step, Ordering::Relaxed);
}

/// Lasts while a thread is inside foreign code.
#[derive(Debug)]
#[must_use = "the thread counts as inside only while this lives"]
pub struct Inside(PhantomData<*const ()>);

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        TRAIL.get().inside.store(0, Ordering::Relaxed);
    }
}

/// Where a thread is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Name of the plugin.
    pub plugin: &'static str,
    /// What it was asked to do.
    pub call: &'static str,
    /// The step at which the thread was.
    pub step: u64,
}

/// Where this thread is inside foreign code, if it is. Safe to call in a signal handler.
pub fn here() -> Option<Place> {
    TRAIL.get().place()
}

/// A call that some thread is inside of.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Where it is.
    pub place: Place,
    id: (usize, u32),
}

impl PartialEq for Visit {
    /// Whether it is one and the same call.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// Where all threads are inside foreign code. Safe to call in a signal handler.
pub fn everywhere() -> impl Iterator<Item = Visit> {
    TRAILS.iter().enumerate().filter_map(|(number, trail)| {
        let id = (number, trail.calls.load(Ordering::Relaxed));
        Some(Visit { place: trail.place()?, id })
    })
}

#[cfg(test)]
mod tests {
    use super::{Call, at_step, enter, everywhere, here, tag};
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn a_thread_knows_where_it_is() {
        assert!(here().is_none());
        let toy = tag("toy\x1b");
        assert_eq!((tag("toy\x1b"), tag("other") == toy), (toy, false));
        for (number, (call, name)) in Call::ALL.into_iter().enumerate() {
            at_step(number as u64);
            let _inside = enter(toy, call);
            let place = here().expect("inside");
            assert_eq!((place.plugin, place.call, place.step), ("toy?", name, number as u64));
        }
        assert!(here().is_none());
    }

    #[test]
    fn others_see_where_a_thread_is_and_whether_it_still_is() {
        let slow = tag("slow");
        let of_slow = || everywhere().find(|visit| visit.place.step == 7_000_000);
        let turn = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                at_step(7_000_000);
                for _ in 0..2 {
                    let _inside = enter(slow, Call::Learn);
                    turn.wait();
                    turn.wait();
                }
            });
            turn.wait();
            let first = of_slow().expect("inside");
            assert_eq!((first.place.call, of_slow() == Some(first)), ("learn", true));
            turn.wait();
            turn.wait();
            assert!(of_slow().expect("inside again") != first, "it is another call");
            turn.wait();
        });
        assert!(of_slow().is_none(), "the thread has ended");
    }

    #[test]
    fn threads_that_have_ended_leave_their_trails_to_others() {
        let brief = tag("brief");
        for _ in 0..3000 {
            let seen = thread::spawn(move || {
                at_step(8_000_000);
                let _inside = enter(brief, Call::Act);
                everywhere().any(|visit| visit.place.step == 8_000_000)
            });
            assert!(seen.join().expect("it does not panic"));
        }
    }

    #[test]
    fn names_that_do_not_fit_share_the_last_place() {
        for number in 0..300 {
            tag(&number.to_string());
        }
        let _inside = enter(tag("one too many"), Call::Step);
        assert_eq!(here().expect("inside").plugin, "another");
    }
}
