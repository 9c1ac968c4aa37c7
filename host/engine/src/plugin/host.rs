//! What plugins may ask of the host: a place for their log lines, and whether they should stop.

use abi_stable::prefix_type::WithMetadata;
use abi_stable::std_types::RStr;
use plugin_api::abi::types::{HostFns, HostFnsRef};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

const FUNCTIONS: &WithMetadata<HostFns> = &WithMetadata::new(HostFns { log, cancelled });

/// The table handed to every plugin.
pub(super) fn functions() -> HostFnsRef {
    HostFnsRef(WithMetadata::static_as_prefix(FUNCTIONS))
}

static CANCELLED: AtomicBool = AtomicBool::new(false);
static LINES: Mutex<VecDeque<(u32, String)>> = Mutex::new(VecDeque::new());

/// Lines kept until somebody takes them; older ones go.
const LINES_MAX: usize = 1000;
/// Characters kept of a line.
const LINE_CHARS_MAX: usize = 1000;

/// Tells plugins whether their current call should come to an end.
pub fn set_cancelled(cancelled: bool) {
    CANCELLED.store(cancelled, Ordering::Relaxed);
}

/// Takes the lines that plugins logged: level and text.
pub fn take_lines() -> Vec<(u32, String)> {
    LINES.lock().map_or_else(|_| Vec::new(), |mut lines| lines.drain(..).collect())
}

extern "C" fn log(level: u32, line: RStr<'_>) {
    let line = line.chars().take(LINE_CHARS_MAX).collect();
    // A poisoned lock means another line was lost; this one is lost with it.
    if let Ok(mut lines) = LINES.lock() {
        if lines.len() == LINES_MAX {
            lines.pop_front();
        }
        lines.push_back((level, line));
    }
}

extern "C" fn cancelled() -> u32 {
    u32::from(CANCELLED.load(Ordering::Relaxed))
}
