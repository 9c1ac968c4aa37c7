//! Rules over what a run reports: what usually goes wrong in reinforcement learning, where, why,
//! and which edit usually helps.

mod rules;

pub use rules::{RULES, Rule};

use crate::run::LaneView;
use rules::Memory;
use std::collections::BTreeMap;
use thorndike_engine::event::{Alert, Report};

/// What an alert means and what usually helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// What it means.
    pub means: &'static str,
    /// What usually helps.
    pub helps: &'static str,
}

/// Looks at every report.
#[derive(Clone, Debug, Default)]
pub struct Doctor {
    memory: Memory,
    /// Steps at which each rule spoke last, and how often it did.
    spoke: BTreeMap<&'static str, (u64, u32)>,
}

impl Doctor {
    /// What is wrong by this report. A rule that spoke is silent for a while, and longer each time.
    pub fn look(&mut self, report: &Report, lanes: &[LaneView]) -> Vec<(Alert, Diagnosis)> {
        self.memory.take(report, lanes);
        let mut found = Vec::new();
        for rule in RULES {
            let Some(message) = (rule.finds)(&self.memory) else { continue };
            let (last, times) = self.spoke.get(rule.topic).copied().unwrap_or((0, 0));
            let silence = self.memory.patience() << times.min(6);
            if times > 0 && report.steps < last + silence {
                continue;
            }
            self.spoke.insert(rule.topic, (report.steps, times + 1));
            let alert = Alert { steps: report.steps, topic: rule.topic.to_owned(), message };
            found.push((alert, Diagnosis { means: rule.means, helps: rule.helps }));
        }
        found
    }
}
