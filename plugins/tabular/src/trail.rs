//! Eligibility traces: what was visited on the way, and how much of a surprise is due to it.

use plugin_api::prelude::*;

/// Traces below this are forgotten.
const TRACE_MIN: f64 = 1e-3;

/// What was visited in one lane since the last action that was not greedy.
#[derive(Debug, Default)]
pub struct Trail {
    /// State times actions plus action, and the trace.
    pub visited: Vec<(u32, f64)>,
}

impl Trail {
    /// Raises the trace of a pair: sets it to 1 or adds 1.
    pub fn visit(&mut self, pair: u32, replacing: bool) {
        match self.visited.iter_mut().find(|(visited, _)| *visited == pair) {
            Some((_, trace)) => *trace = if replacing { 1.0 } else { *trace + 1.0 },
            None => self.visited.push((pair, 1.0)),
        }
    }

    /// Drops the traces that hardly matter any more.
    pub fn forget(&mut self) {
        self.visited.retain(|(_, trace)| *trace >= TRACE_MIN);
    }
}

/// Names the trails of all lanes, one after another.
pub fn state(trails: &mut Vec<Trail>, pairs: usize, archive: &mut Archive) {
    let mut lengths: Vec<usize> = trails.iter().map(|trail| trail.visited.len()).collect();
    let (mut visited, mut traces): (Vec<u32>, Vec<f64>) =
        trails.iter().flat_map(|trail| trail.visited.iter().copied()).unzip();
    archive.list("lengths", &mut lengths);
    archive.list("visited", &mut visited);
    archive.list("traces", &mut traces);
    if archive.is_loading() {
        let fits = lengths.iter().try_fold(0_usize, |sum, &n| sum.checked_add(n));
        let known = visited.iter().all(|&pair| (pair as usize) < pairs);
        if fits != Some(visited.len()) || visited.len() != traces.len() || !known {
            return archive.fail(Error::argument("the saved trails do not fit this world"));
        }
        let mut steps = visited.into_iter().zip(traces);
        let trail = |length| Trail { visited: steps.by_ref().take(length).collect() };
        *trails = lengths.into_iter().map(trail).collect();
    }
}
