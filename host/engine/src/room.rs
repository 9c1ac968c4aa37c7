//! How much memory there is for this process, and how it is told.

use rustix::process::{Resource, getrlimit};
use std::fs;

/// Bytes that this process can still get; `None` where the system does not say.
pub(crate) fn free() -> Option<u64> {
    let read = |path: &str| fs::read_to_string(path).ok();
    let number = |path: &str| read(path)?.trim().parse::<u64>().ok();
    let named = |path: &str, name: &str| {
        let text = read(path)?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    };
    let machine = named("/proc/meminfo", "MemAvailable:");
    let group = number("/sys/fs/cgroup/memory.max")
        .map(|limit| limit.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    // What a shell sets with `ulimit -v`.
    let addresses = getrlimit(Resource::As)
        .current
        .map(|limit| limit.saturating_sub(named("/proc/self/status", "VmSize:").unwrap_or(0)));
    [machine, group, addresses].into_iter().flatten().min()
}

/// So many bytes in words.
pub(crate) fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
