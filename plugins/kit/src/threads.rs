//! Large loops on several threads. Each part is computed as it would be among the others, in
//! whatever order and by whomever, so that the number of threads changes no bit.

use rayon::ThreadPool;
use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads that loops are cut for, the caller's among them; the most that anybody asked for.
static THREADS: AtomicUsize = AtomicUsize::new(1);

/// Those beside the caller's, made when the first loop is cut.
static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();

/// From now on large loops are cut for so many threads.
pub(crate) fn ask_for(threads: usize) {
    THREADS.fetch_max(threads, Ordering::Relaxed);
}

/// Parts to cut a loop of this cost into, where a part is worth a thread from `least` on.
pub(crate) fn parts(cost: usize, least: usize) -> usize {
    THREADS.load(Ordering::Relaxed).min(cost / least).max(1)
}

/// Works on all pieces; the first one on this thread.
pub(crate) fn each<P: Send>(pieces: impl Iterator<Item = P>, work: impl Fn(P) + Sync) {
    let mut pieces = pieces.peekable();
    let Some(first) = pieces.next() else { return };
    let pool = pieces.peek().and_then(|_| POOL.get_or_init(made).as_ref());
    let Some(pool) = pool else {
        work(first);
        return pieces.for_each(work);
    };
    let work = &work;
    pool.in_place_scope(|scope| {
        pieces.for_each(|piece| scope.spawn(move |_| work(piece)));
        work(first);
    });
}

/// As many threads as there are cores beside the caller's; none where the system gives none.
fn made() -> Option<ThreadPool> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cores.saturating_sub(1).max(1));
    pool.thread_name(|idx| format!("nets-{idx}")).build().ok()
}
