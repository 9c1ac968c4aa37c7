//! Gathers episodes until somebody looks around: few are told one by one, many in one sum.

use crate::event::Episode;
use thorndike_session::journal::{self as log, Entry};

/// Episodes told one by one before sums begin, and again once a run has become quiet.
const CREDIT: u64 = 10_000;

/// Credit that every look around adds.
const CREDIT_A_LOOK: u64 = 10;

/// Episodes since the last look around.
#[derive(Debug)]
pub(super) struct Gather {
    credit: u64,
    single: Vec<log::Episode>,
    sum: log::Episodes,
    successes: u64,
    judged: u64,
}

impl Gather {
    pub(super) fn new() -> Self {
        let sum = nothing();
        Self { credit: CREDIT, single: Vec::new(), sum, successes: 0, judged: 0 }
    }

    /// Counts an episode.
    pub(super) fn add(&mut self, episode: &Episode) {
        if self.sum.count < self.credit {
            self.single.push(log::Episode {
                episode: episode.episode,
                lane: episode.lane as u32,
                steps: episode.steps,
                total: episode.total,
                length: episode.length,
                terminated: episode.terminated,
                truncated: episode.truncated,
                success: episode.success,
            });
        }
        let sum = &mut self.sum;
        sum.count += 1;
        (sum.last, sum.steps) = (episode.episode, episode.steps);
        sum.mean += episode.total;
        sum.length += episode.length as f64;
        (sum.low, sum.high) = (sum.low.min(episode.total), sum.high.max(episode.total));
        sum.terminated += u64::from(episode.terminated);
        if let Some(success) = episode.success {
            self.judged += 1;
            self.successes += u64::from(success);
        }
    }

    /// What was gathered, as entries.
    pub(super) fn take(&mut self, into: &mut Vec<Entry>) {
        let count = self.sum.count;
        if count > 0 && count <= self.credit {
            into.extend(self.single.drain(..).map(Entry::Episode));
            self.credit -= count;
        } else if count > 0 {
            let mut sum = self.sum;
            sum.mean /= count as f64;
            sum.length /= count as f64;
            let judged = self.judged;
            sum.success = (judged > 0).then(|| self.successes as f64 / judged as f64);
            into.push(Entry::Episodes(sum));
            self.single.clear();
        }
        self.credit = (self.credit + CREDIT_A_LOOK).min(CREDIT);
        (self.sum, self.successes, self.judged) = (nothing(), 0, 0);
    }
}

fn nothing() -> log::Episodes {
    log::Episodes { low: f64::INFINITY, high: f64::NEG_INFINITY, ..log::Episodes::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gathered(gather: &mut Gather, totals: impl Iterator<Item = u64>) -> Vec<Entry> {
        for number in totals {
            let (total, success) = (number as f64, Some(number % 4 == 0));
            let episode = Episode { episode: number, total, success, ..Episode::default() };
            gather.add(&Episode { length: 2, terminated: number % 2 == 0, ..episode });
        }
        let mut entries = Vec::new();
        gather.take(&mut entries);
        entries
    }

    #[test]
    fn few_are_told_one_by_one_and_many_in_a_sum() {
        let mut gather = Gather::new();
        assert_eq!(gathered(&mut gather, 0..0), []);
        assert_eq!(gathered(&mut gather, 1..10_000).len(), 9_999);
        let sum = gathered(&mut gather, 1..=100);
        let expected = log::Episodes {
            last: 100,
            count: 100,
            steps: 0,
            mean: 50.5,
            low: 1.0,
            high: 100.0,
            length: 2.0,
            terminated: 50,
            success: Some(0.25),
        };
        assert_eq!(sum, [Entry::Episodes(expected)]);
        assert_eq!(gathered(&mut gather, 1..=5).len(), 5, "credit comes back");
    }
}
