//! What an agent reports while it learns: scalars, histograms and texts by name. They become
//! charts.

use serde::{Deserialize, Serialize};

/// Collects reports between two looks of the host.
#[derive(Debug, Default)]
pub struct Log {
    report: Report,
}

/// Everything reported since the last look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// One summary for each scalar, in the order of first mention.
    pub scalars: Vec<(String, Summary)>,
    /// The latest values of each histogram.
    pub histograms: Vec<(String, Vec<f32>)>,
    /// Texts, oldest first.
    pub texts: Vec<String>,
}

/// A scalar reported many times, in short.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How often.
    pub count: u64,
    /// Sum of the values.
    pub sum: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Latest value.
    pub last: f64,
}

impl Summary {
    /// Mean of the values.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }
}

/// Texts kept between two looks; more are dropped, the newest first.
const TEXTS_MAX: usize = 100;
/// Values kept of one histogram.
const HISTOGRAM_MAX: usize = 4096;

impl Log {
    /// Reports a number; between two looks the host gets mean, smallest, largest and last.
    #[inline]
    pub fn scalar(&mut self, name: &str, value: impl Into<f64>) {
        self.scalars(name, std::iter::once(value.into()));
    }

    /// Reports several numbers of one name.
    #[inline]
    pub fn scalars(&mut self, name: &str, values: impl IntoIterator<Item = f64>) {
        let known = self.report.scalars.iter().position(|(known, _)| known == name);
        let idx = known.unwrap_or_else(|| {
            let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
            let empty = Summary { count: 0, sum: 0.0, min, max, last: 0.0 };
            self.report.scalars.push((name.to_owned(), empty));
            self.report.scalars.len() - 1
        });
        let summary = &mut self.report.scalars[idx].1;
        for value in values {
            summary.count += 1;
            summary.sum += value;
            summary.min = summary.min.min(value);
            summary.max = summary.max.max(value);
            summary.last = value;
        }
    }

    /// Reports how values are spread; the latest report counts.
    pub fn histogram(&mut self, name: &str, values: &[f32]) {
        let stride = values.len().div_ceil(HISTOGRAM_MAX).max(1);
        let values: Vec<f32> = values.iter().copied().step_by(stride).collect();
        match self.report.histograms.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = values,
            None => self.report.histograms.push((name.to_owned(), values)),
        }
    }

    /// Reports a line of text.
    pub fn text(&mut self, line: impl Into<String>) {
        if self.report.texts.len() < TEXTS_MAX {
            self.report.texts.push(line.into());
        }
    }

    /// Takes what was reported since the last look.
    pub fn take(&mut self) -> Report {
        let mut report = std::mem::take(&mut self.report);
        report.scalars.retain(|(_, summary)| summary.count > 0);
        report
    }
}
