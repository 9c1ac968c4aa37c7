//! Large loops on several threads. Each part is computed as it would be among the others, in
//! whatever order and by whomever, so that the number of threads changes no bit.

use rayon::{ThreadPool, Yield};
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
    stay_awake(pool);
    let (work, left) = (&work, &AtomicUsize::new(0));
    pool.in_place_scope(|scope| {
        pieces.for_each(|piece| {
            left.fetch_add(1, Ordering::Relaxed);
            scope.spawn(move |_| {
                work(piece);
                left.fetch_sub(1, Ordering::Release);
            });
        });
        work(first);
        // To be woken takes longer than what the others have left to do.
        for _ in 0..PATIENCE {
            if left.load(Ordering::Acquire) == 0 {
                break;
            }
            std::hint::spin_loop();
        }
    });
}

/// How often threads look for more to do before they sleep, some tenths of a millisecond in all:
/// loops follow each other closely, and to be woken takes a good part of the time of one.
const PATIENCE: usize = 5000;

/// Threads of the pool that look for more to do.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

/// The threads of the pool look for more to do for a while after each loop.
fn stay_awake(pool: &ThreadPool) {
    let all = pool.current_num_threads();
    if AWAKE.compare_exchange(0, all, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        pool.spawn_broadcast(|_| {
            let mut left = PATIENCE;
            while left > 0 {
                match rayon::yield_now() {
                    Some(Yield::Executed) => left = PATIENCE,
                    _ => left -= 1,
                }
            }
            AWAKE.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

/// As many threads as there are cores beside the caller's; none where the system gives none.
fn made() -> Option<ThreadPool> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cores.saturating_sub(1).max(1));
    pool.thread_name(|idx| format!("nets-{idx}")).build().ok()
}
