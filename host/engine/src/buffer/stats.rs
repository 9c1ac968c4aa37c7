//! What a buffer looks like in numbers, counted as steps come and go.

use super::histogram::{Bin, Histogram};
use plugin_api::{Archive, Error};
use serde::Serialize;

/// Episodes whose returns are remembered.
const EPISODES: usize = 1000;
const RECENT: usize = 100;

/// What a buffer looks like.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BufferStats {
    /// Steps kept.
    pub steps: u64,
    /// Steps there is room for.
    pub capacity: u64,
    /// Ends of episodes among them.
    pub ends: u64,
    /// Bytes in use.
    pub bytes: u64,
    /// How many steps ago the kept ones were taken, each in its lane; no bins while nothing is
    /// kept.
    pub ages: Vec<Bin>,
    /// Rewards of the kept steps.
    pub rewards: Vec<Bin>,
    /// Priorities of the kept steps; no bins without priorities.
    pub priorities: Vec<Bin>,
    /// Episodes that ended since the buffer began.
    pub episodes: u64,
    /// Mean return of the latest 100 episodes, or of all if there are fewer.
    pub return_recent: Option<f64>,
    /// Mean return of the latest 1000 episodes, or of all if there are fewer.
    pub return_long: Option<f64>,
    /// Smallest and largest return of the latest 1000 episodes.
    pub return_range: Option<(f64, f64)>,
}

/// Counts that go along with the steps.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    pub(super) rewards: Histogram,
    /// Sum of the rewards of the episode that each lane is in.
    pub(super) open_returns: Vec<f64>,
    /// A ring of the returns of the latest episodes.
    pub(super) returns: Vec<f64>,
    /// Episodes that ended.
    pub(super) episodes: u64,
}

impl Counts {
    pub(super) fn new(lanes: usize) -> Self {
        let returns = Vec::with_capacity(EPISODES);
        let (rewards, open_returns) = (Histogram::new(), vec![0.0; lanes]);
        Self { rewards, open_returns, returns, episodes: 0 }
    }

    /// A step was taken in.
    pub(super) fn add(&mut self, lane: usize, reward: f64, ends: bool) {
        self.rewards.add(reward);
        self.open_returns[lane] += reward;
        if ends {
            let total = std::mem::take(&mut self.open_returns[lane]);
            let place = (self.episodes % EPISODES as u64) as usize;
            match self.returns.get_mut(place) {
                Some(oldest) => *oldest = total,
                None => self.returns.push(total),
            }
            self.episodes += 1;
        }
    }

    /// Returns of the latest `count` episodes, the newest first.
    pub(super) fn latest(&self, count: usize) -> impl Iterator<Item = f64> {
        let newest = (self.episodes % EPISODES as u64) as usize + self.returns.len();
        let places = (1..=count.min(self.returns.len())).map(move |back| newest - back);
        places.map(|place| self.returns[place % self.returns.len()])
    }

    /// Fills in what the latest episodes came to.
    pub(super) fn report(&self, stats: &mut BufferStats) {
        let mean = |count: usize| {
            let count = count.min(self.returns.len());
            (count > 0).then(|| self.latest(count).sum::<f64>() / count as f64)
        };
        stats.rewards = self.rewards.bins();
        stats.episodes = self.episodes;
        stats.return_recent = mean(RECENT);
        stats.return_long = mean(EPISODES);
        let range = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
        let widest = (f64::INFINITY, f64::NEG_INFINITY);
        stats.return_range =
            (self.episodes > 0).then(|| self.returns.iter().copied().fold(widest, range));
    }

    /// Names everything that cannot be counted again from the steps.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.slice("open_returns", &mut self.open_returns);
        archive.list("returns", &mut self.returns);
        archive.value("episodes", &mut self.episodes);
        if self.returns.len() as u64 != self.episodes.min(EPISODES as u64) {
            archive.fail(Error::argument("the saved memory has lost returns of episodes"));
            (self.returns, self.episodes) = (Vec::new(), 0);
        }
        self.returns.reserve_exact(EPISODES - self.returns.len());
    }
}

/// Counts ages 1 to `kept` of every lane into bins of equal width.
pub(super) fn ages(kept: impl Iterator<Item = usize> + Clone) -> Vec<Bin> {
    const BINS: usize = 20;
    let oldest = kept.clone().max().unwrap_or(0);
    if oldest == 0 {
        return Vec::new();
    }
    let width = oldest.div_ceil(BINS);
    let count = oldest.div_ceil(width);
    // Lanes that fill the first so many bins, and what they have in the bin after those.
    let (mut filling, mut rests) = (vec![0_u64; count + 1], vec![0_u64; count + 1]);
    for kept in kept {
        filling[kept / width] += 1;
        rests[kept / width] += (kept % width) as u64;
    }
    let mut bins = Vec::with_capacity(count);
    let mut full = filling.iter().sum::<u64>();
    for bin in 0..count {
        full -= filling[bin];
        let (low, high) = (bin * width, ((bin + 1) * width).min(oldest));
        let count = full * width as u64 + rests[bin];
        bins.push(Bin { low: low as f64, high: high as f64, count });
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_counted_without_looking_at_steps() {
        for kept in [vec![1], vec![5, 5, 5], vec![100, 3, 57, 0], vec![21; 4], vec![1000, 999]] {
            let bins = ages(kept.iter().copied());
            for bin in &bins {
                let within = |age: usize| age as f64 > bin.low && age as f64 <= bin.high;
                let literal = kept.iter().flat_map(|&kept| 1..=kept).filter(|&age| within(age));
                assert_eq!(bin.count, literal.count() as u64, "{kept:?}: {bin:?}");
            }
            let total: u64 = bins.iter().map(|bin| bin.count).sum();
            assert_eq!(total, kept.iter().sum::<usize>() as u64);
        }
        assert!(ages([0, 0].into_iter()).is_empty());
    }

    #[test]
    fn returns_of_the_latest_episodes_are_remembered() {
        let mut counts = Counts::new(2);
        for episode in 0..2345 {
            counts.add(episode % 2, episode as f64 - 1.0, false);
            counts.add(episode % 2, 1.0, true);
        }
        let newest: Vec<f64> = counts.latest(3).collect();
        assert_eq!(newest.iter().map(|x| *x as i64).collect::<Vec<_>>(), [2344, 2343, 2342]);
        let mut stats = BufferStats::default();
        counts.report(&mut stats);
        assert_eq!(stats.episodes, 2345);
        assert!(stats.return_recent.is_some_and(|mean| (mean - 2294.5).abs() < 1e-9));
        assert!(stats.return_long.is_some_and(|mean| (mean - 1844.5).abs() < 1e-9));
        assert_eq!(
            stats.return_range.map(|(low, high)| (low as i64, high as i64)),
            Some((1345, 2344))
        );
    }
}
