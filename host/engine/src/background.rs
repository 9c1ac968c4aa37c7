//! Threads that work in the background of one that learns.

/// From now on this thread takes its share of the processors, but interrupts no other one when it
/// wakes up.
pub(crate) fn give_way() {
    let unused = libc::sched_param { sched_priority: 0 };
    #[expect(unsafe_code, reason = "this call has no safe wrapper")]
    // SAFETY: The call reads the structure and changes how this thread is scheduled, nothing else.
    // A system that refuses leaves it as it was, which is as good as it was before.
    unsafe {
        libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const unused);
    }
}
