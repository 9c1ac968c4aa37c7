//! Statistics of a run: windows over the latest episodes, sums over all of them.

pub mod aggregate;

use crate::lanes::Ended;
use std::collections::VecDeque;

/// Episodes that a window spans.
const WINDOW: usize = 100;

/// What the episodes of a run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Episodes {
    /// Episodes that ended.
    pub count: u64,
    /// Sum of their returns.
    pub total: f64,
    latest: VecDeque<Latest>,
    /// Sum and number of the returns since the last report.
    since: (f64, u64),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Latest {
    total: f64,
    length: f64,
    success: Option<bool>,
}

impl Episodes {
    /// Counts an episode.
    pub fn add(&mut self, ended: &Ended) {
        self.count += 1;
        self.total += ended.total;
        self.since.0 += ended.total;
        self.since.1 += 1;
        if self.latest.len() == WINDOW {
            self.latest.pop_front();
        }
        let (total, length) = (ended.total, ended.length as f64);
        self.latest.push_back(Latest { total, length, success: ended.success });
    }

    /// Mean return of all episodes.
    pub fn return_mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total / self.count as f64)
    }

    /// Mean return of the latest 100 episodes, or of all if there are fewer.
    pub fn return_latest(&self) -> Option<f64> {
        self.mean(|latest| Some(latest.total))
    }

    /// Mean length of the latest 100 episodes.
    pub fn length_latest(&self) -> Option<f64> {
        self.mean(|latest| Some(latest.length))
    }

    /// Part of the latest 100 episodes that succeeded, in worlds that say so.
    pub fn success_latest(&self) -> Option<f64> {
        self.mean(|latest| latest.success.map(|success| f64::from(u8::from(success))))
    }

    /// Whether the window is full, so that its means can be trusted.
    pub fn is_full(&self) -> bool {
        self.latest.len() == WINDOW
    }

    /// Mean return since the last call.
    pub fn take_mean(&mut self) -> Option<f64> {
        let (sum, count) = std::mem::take(&mut self.since);
        (count > 0).then(|| sum / count as f64)
    }

    fn mean(&self, value: impl Fn(&Latest) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.latest.iter().filter_map(value).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// Names everything counted, for saving and loading.
    pub fn state(&mut self, archive: &mut plugin_api::Archive) {
        archive.value("count", &mut self.count);
        archive.value("total", &mut self.total);
        archive.value("since_total", &mut self.since.0);
        archive.value("since_count", &mut self.since.1);
        let success = |latest: &Latest| latest.success.map_or(2, u8::from);
        let mut totals: Vec<f64> = self.latest.iter().map(|latest| latest.total).collect();
        let mut lengths: Vec<f64> = self.latest.iter().map(|latest| latest.length).collect();
        let mut successes: Vec<u8> = self.latest.iter().map(success).collect();
        archive.list("latest_totals", &mut totals);
        archive.list("latest_lengths", &mut lengths);
        archive.list("latest_successes", &mut successes);
        if archive.is_loading() {
            let rows = totals.into_iter().zip(lengths).zip(successes);
            self.latest = rows
                .map(|((total, length), success)| {
                    let success = (success < 2).then_some(success == 1);
                    Latest { total, length, success }
                })
                .collect();
        }
    }
}
