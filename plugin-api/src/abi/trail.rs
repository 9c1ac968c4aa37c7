//! Where each thread is inside foreign code: plugin, call, step. Written at the price of a store,
//! read by the handler of a fatal signal on the same thread.

use std::{
    marker::PhantomData,
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
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

struct Trail {
    /// Number of the name plus one, times 256, plus the call; 0 outside of foreign code.
    inside: AtomicU32,
    step: AtomicU64,
}

thread_local! {
    // Nothing here has to be set up or torn down, so a signal handler may look at it.
    static TRAIL: Trail = const { Trail { inside: AtomicU32::new(0), step: AtomicU64::new(0) } };
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
    TRAIL.with(|trail| {
        trail.inside.store((plugin.0 + 1) << 8 | call as u32, Ordering::Relaxed);
    });
    Inside(PhantomData)
}

/// Notes at which step this thread is. [any thread]
#[inline]
pub fn at_step(step: u64) {
    TRAIL.with(|trail| trail.step.store(step, Ordering::Relaxed));
}

/// Lasts while a thread is inside foreign code.
#[derive(Debug)]
#[must_use = "the thread counts as inside only while this lives"]
pub struct Inside(PhantomData<*const ()>);

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        TRAIL.with(|trail| trail.inside.store(0, Ordering::Relaxed));
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
    let (inside, step) = TRAIL
        .with(|trail| (trail.inside.load(Ordering::Relaxed), trail.step.load(Ordering::Relaxed)));
    let name = NAMES.get((inside >> 8).checked_sub(1)? as usize)?;
    let call = Call::ALL.get((inside & 0xff) as usize).map_or("", |call| call.1);
    Some(Place { plugin: name.get().map_or("another", String::as_str), call, step })
}

#[cfg(test)]
mod tests {
    use super::{Call, at_step, enter, here, tag};

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
    fn names_that_do_not_fit_share_the_last_place() {
        for number in 0..300 {
            tag(&number.to_string());
        }
        let _inside = enter(tag("one too many"), Call::Step);
        assert_eq!(here().expect("inside").plugin, "another");
    }
}
