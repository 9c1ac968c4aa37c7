//! Chooses which recorded episodes stay where not all do: each new best and worst one, and every
//! k-th. When they take too much, every second one is dropped and k doubles, so that they stay
//! spread over the run.

use std::collections::BTreeSet;

/// Every k-th things kept at most.
const EVERY_MAX: usize = 200;

/// A file or several that are kept or dropped together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Their numbers.
    pub(super) files: Vec<u64>,
    /// Their bytes.
    pub(super) bytes: u64,
}

/// Things of which every k-th is kept.
#[derive(Debug)]
pub(super) struct Thinned {
    stride: u64,
    offered: u64,
    bytes_max: u64,
    kept: Vec<Kept>,
}

impl Thinned {
    /// Things that may take so many bytes, with those that are kept already.
    pub(super) fn new(bytes_max: u64, kept: Vec<Kept>) -> Self {
        Self { stride: 1, offered: 0, bytes_max, kept }
    }

    /// Whether the next one is to be kept.
    pub(super) fn is_due(&mut self) -> bool {
        self.offered += 1;
        (self.offered - 1).is_multiple_of(self.stride)
    }

    /// Keeps one, and says what is dropped for it: maybe itself.
    pub(super) fn keep(&mut self, one: Kept) -> Vec<Kept> {
        if one.bytes > self.bytes_max {
            return vec![one];
        }
        self.kept.push(one);
        let mut dropped = Vec::new();
        let size = |kept: &[Kept]| kept.iter().map(|kept| kept.bytes).sum::<u64>();
        while self.kept.len() > 1
            && (self.kept.len() > EVERY_MAX || size(&self.kept) > self.bytes_max)
        {
            self.stride *= 2;
            for (idx, kept) in std::mem::take(&mut self.kept).into_iter().enumerate() {
                let to = if idx % 2 == 0 { &mut self.kept } else { &mut dropped };
                to.push(kept);
            }
        }
        dropped
    }

    /// Whether this file is kept.
    pub(super) fn has(&self, file: u64) -> bool {
        self.kept.iter().any(|kept| kept.files.contains(&file))
    }
}

/// What is kept.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) every: Thinned,
    /// Bytes that the best one may take, and the worst one.
    pub(super) end_bytes_max: u64,
    pub(super) best: Option<(Kept, f64)>,
    pub(super) worst: Option<(Kept, f64)>,
}

/// What becomes of a recorded episode.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Why it is kept, if it is.
    pub(super) cause: Option<&'static str>,
    /// Numbers of files that are dropped.
    pub(super) dropped: BTreeSet<u64>,
}

impl Choice {
    /// Decides about an episode with this return that would take these files, the last of which is
    /// not written yet.
    pub(super) fn offer(&mut self, total: f64, one: Kept) -> Verdict {
        let mut dropped = BTreeSet::new();
        let is_due = self.every.is_due();
        let fits = one.bytes <= self.end_bytes_max;
        let is_best = fits && self.best.as_ref().is_none_or(|(_, best)| total > *best);
        let is_worst = fits && self.worst.as_ref().is_none_or(|(_, worst)| total < *worst);
        let cause = match (is_best, is_worst, is_due) {
            (true, false, _) => "best",
            (false, true, _) => "worst",
            (_, _, true) => "every",
            _ => {
                dropped.extend(one.files.split_last().into_iter().flat_map(|(_, parts)| parts));
                return Verdict { cause: None, dropped };
            }
        };
        let last = one.files.last().copied();
        if is_best {
            let before = self.best.replace((one.clone(), total));
            dropped.extend(before.into_iter().flat_map(|(kept, _)| kept.files));
        }
        if is_worst {
            let before = self.worst.replace((one.clone(), total));
            dropped.extend(before.into_iter().flat_map(|(kept, _)| kept.files));
        }
        if is_due {
            dropped.extend(self.every.keep(one).into_iter().flat_map(|kept| kept.files));
        }
        // Where k has just doubled, this one may be among those that go: it is not written then.
        dropped.retain(|&file| !self.has(file) && Some(file) != last);
        let cause = last.filter(|&file| self.has(file)).map(|_| cause);
        Verdict { cause, dropped }
    }

    fn has(&self, file: u64) -> bool {
        let ends = self.best.iter().chain(&self.worst);
        let mut ends = ends.flat_map(|(kept, _)| &kept.files);
        ends.any(|&kept| kept == file) || self.every.has(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_spread_out_and_has_the_best_and_the_worst() {
        let every = Thinned::new(1 << 20, Vec::new());
        let mut choice = Choice { every, end_bytes_max: 1 << 18, best: None, worst: None };
        let (mut kept, mut next) = (Vec::new(), 1);
        for episode in 0..100_000_u64 {
            let total = (episode * 7919 % 100_003) as f64;
            let verdict = choice.offer(total, Kept { files: vec![next], bytes: 100 });
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

    #[test]
    fn parts_of_what_is_dropped_are_dropped_with_it() {
        let every = Thinned::new(10, Vec::new());
        let mut choice = Choice { every, end_bytes_max: 8, best: None, worst: None };
        let mut offer =
            |total, files: &[u64]| choice.offer(total, Kept { files: files.to_vec(), bytes: 8 });
        assert_eq!(offer(1.0, &[1, 2]).cause, Some("every"));
        assert_eq!(offer(2.0, &[3, 4]).cause, Some("best"));
        let neither = offer(1.5, &[5, 6]);
        assert_eq!((neither.cause, neither.dropped), (None, BTreeSet::from([5])));
        let better = offer(3.0, &[6]);
        assert_eq!((better.cause, better.dropped), (Some("best"), BTreeSet::from([3, 4])));
    }

    #[test]
    fn what_is_too_large_is_not_kept_and_room_is_made_for_what_is_not() {
        let kept = |file: u64, bytes| Kept { files: vec![file], bytes };
        let mut every = Thinned::new(10, Vec::new());
        assert_eq!(every.keep(kept(1, 11)), [kept(1, 11)], "it is dropped itself");
        for file in 2..=4 {
            assert_eq!(every.keep(kept(file, 3)), []);
        }
        assert_eq!(every.keep(kept(5, 9)), [kept(3, 3), kept(5, 9)]);
        assert!(every.has(2) && every.has(4) && !every.has(5));
        let every = Thinned::new(10, Vec::new());
        let mut choice = Choice { every, end_bytes_max: 5, best: None, worst: None };
        assert_eq!(choice.offer(1.0, kept(6, 11)).cause, None);
        assert_eq!(choice.offer(1.0, kept(6, 5)).cause, Some("every"));
        assert_eq!(choice.offer(2.0, kept(7, 6)).cause, None, "too large for the best one");
    }
}
