//! Chooses which recorded episodes are kept: each new best and worst one, and every k-th. When they
//! become many, every second one is dropped and k doubles, so that they stay spread over the run.

use std::collections::BTreeSet;

/// Every k-th episodes kept at most.
const EVERY_MAX: usize = 200;

/// Bytes of replays kept at most.
const BYTES_MAX: u64 = 64 << 20;

/// What was kept, and what comes next.
#[derive(Debug)]
pub(super) struct Choice {
    /// Number that the next replay gets.
    next: u64,
    stride: u64,
    offered: u64,
    every: Vec<(u64, u64)>,
    best: Option<(u64, f64)>,
    worst: Option<(u64, f64)>,
}

/// What becomes of a recorded episode.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Why it is kept, if it is.
    pub(super) cause: Option<&'static str>,
    /// Numbers of those that are dropped instead.
    pub(super) dropped: BTreeSet<u64>,
}

impl Choice {
    /// Nothing kept by this process; the next replay gets this number.
    pub(super) fn new(next: u64) -> Self {
        Self { next, stride: 1, offered: 0, every: Vec::new(), best: None, worst: None }
    }

    /// Decides about an episode with this return and size.
    pub(super) fn offer(&mut self, total: f64, bytes: u64) -> Verdict {
        let mut dropped = BTreeSet::new();
        let is_due = self.offered.is_multiple_of(self.stride);
        self.offered += 1;
        let number = self.next;
        let is_best = self.best.is_none_or(|(_, best)| total > best);
        let is_worst = self.worst.is_none_or(|(_, worst)| total < worst);
        let cause = match (is_best, is_worst, is_due) {
            (true, false, _) => "best",
            (false, true, _) => "worst",
            (_, _, true) => "every",
            _ => return Verdict { cause: None, dropped },
        };
        if is_best {
            let before = self.best.replace((number, total));
            dropped.extend(before.map(|(number, _)| number));
        }
        if is_worst {
            let before = self.worst.replace((number, total));
            dropped.extend(before.map(|(number, _)| number));
        }
        if is_due {
            self.every.push((number, bytes));
        }
        let size: u64 = self.every.iter().map(|(_, bytes)| bytes).sum();
        if self.every.len() > EVERY_MAX || size > BYTES_MAX {
            self.stride *= 2;
            let mut idx = 0;
            self.every.retain(|(number, _)| {
                idx += 1;
                let stays = idx % 2 == 1;
                if !stays {
                    dropped.insert(*number);
                }
                stays
            });
        }
        self.next += 1;
        dropped.retain(|number| !self.is_kept(*number));
        // A replay that is being written cannot be dropped in the same breath.
        dropped.remove(&number);
        Verdict { cause: Some(cause), dropped }
    }

    fn is_kept(&self, number: u64) -> bool {
        let is = |one: Option<(u64, f64)>| one.is_some_and(|(kept, _)| kept == number);
        is(self.best) || is(self.worst) || self.every.iter().any(|(kept, _)| *kept == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_spread_out_and_has_the_best_and_the_worst() {
        let mut choice = Choice::new(1);
        let (mut kept, mut next) = (Vec::new(), 1);
        for episode in 0..100_000_u64 {
            let total = (episode * 7919 % 100_003) as f64;
            let verdict = choice.offer(total, 100);
            if verdict.cause.is_some() {
                kept.push((next, episode, total));
                next += 1;
            }
            kept.retain(|(number, _, _)| !verdict.dropped.contains(number));
        }
        let totals = || kept.iter().map(|(_, _, total)| *total);
        let all = || (0..100_000_u64).map(|episode| (episode * 7919 % 100_003) as f64);
        let bits = |total: f64| total.to_bits();
        assert_eq!(bits(totals().fold(0.0, f64::max)), bits(all().fold(0.0, f64::max)));
        assert_eq!(bits(totals().fold(1e9, f64::min)), bits(all().fold(1e9, f64::min)));
        assert!((100..=203).contains(&kept.len()), "{}", kept.len());
        let gaps = kept.windows(2).map(|pair| pair[1].1 - pair[0].1);
        assert!(gaps.max() <= Some(1024), "they are spread over the run");
    }
}
