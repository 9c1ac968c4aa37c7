//! Threads that work in the background of one that learns.

use rustix::process::setpriority_process;

/// How much others go first: enough that waking up interrupts no one who learns, and so little that
/// a third of a processor is left where all of them are busy.
const NICE: i32 = 5;

/// From now on this thread lets others go first.
pub(crate) fn give_way() {
    // A system that refuses leaves it as it was before.
    let _ = setpriority_process(Some(rustix::thread::gettid()), NICE);
}
