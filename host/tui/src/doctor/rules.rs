//! The rules, and what they remember of earlier reports.

use crate::plot::short;
use crate::run::LaneView;
use std::collections::VecDeque;
use thorndike_engine::event::Report;

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name.
    pub topic: &'static str,
    /// What it means.
    pub means: &'static str,
    /// What usually helps.
    pub helps: &'static str,
    /// Finds it, and says so.
    pub finds: fn(&Memory) -> Option<String>,
}

/// The latest reports, and where lanes stand.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    reports: VecDeque<Report>,
    /// Mean rewards of lanes, and steps of their episodes.
    lanes: Vec<(f64, u64, bool)>,
    best: Option<(u64, f64)>,
}

/// Reports that are remembered.
const KEPT: usize = 64;

impl Memory {
    pub(super) fn take(&mut self, report: &Report, lanes: &[LaneView]) {
        if self.reports.len() == KEPT {
            self.reports.pop_front();
        }
        self.reports.push_back(report.clone());
        self.lanes.clear();
        let now = |lane: &LaneView| {
            (lane.rewards.last().unwrap_or(0.0), lane.now.length, lane.now.failed)
        };
        self.lanes.extend(lanes.iter().map(now));
        if let Some(mean) = report.return_last100.filter(|_| report.episodes >= 100) {
            let margin = |best: f64| 0.01 * best.abs().max(1e-9);
            if self.best.is_none_or(|(_, best)| mean > best + margin(best)) {
                self.best = Some((report.steps, mean));
            }
        }
    }

    /// Steps for which a rule that spoke is silent at least.
    pub(super) fn patience(&self) -> u64 {
        (self.now().map_or(0, |report| report.steps) / 5).max(5000)
    }

    fn now(&self) -> Option<&Report> {
        self.reports.back()
    }

    /// The latest value of the first metric whose name ends in one of these.
    fn metric(&self, names: &[&str]) -> Option<(&str, f64)> {
        find(self.now()?, names)
    }

    /// Values of a metric, the oldest first.
    fn history(&self, names: &[&str]) -> Vec<f64> {
        self.reports.iter().filter_map(|report| Some(find(report, names)?.1)).collect()
    }
}

fn find<'a>(report: &'a Report, names: &[&str]) -> Option<(&'a str, f64)> {
    let is_meant = |name: &str| names.iter().any(|end| name.rsplit('/').next() == Some(end));
    report.metrics.iter().find(|(name, _)| is_meant(name)).map(|(name, value)| (&name[..], *value))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

const LOSSES: [&str; 6] =
    ["loss", "value_loss", "critic_loss", "q_loss", "td_error", "policy_gradient_loss"];

/// All rules.
pub const RULES: &[Rule] = &[
    Rule {
        topic: "nan",
        means: "a number that is none spreads through the network with the next update, and \
                nothing is learned any more",
        helps: "go back to the last save; a smaller step size, clipped gradients or scaled rewards \
                keep numbers in range",
        finds: |memory| {
            let broken = memory.now()?.metrics.iter().find(|(_, value)| !value.is_finite());
            broken.map(|(name, value)| format!("{name} is {value}"))
        },
    },
    Rule {
        topic: "kl-spike",
        means: "the policy jumped: it acts otherwise than the one that gathered the data, which \
                then says little about it",
        helps: "a smaller step size, fewer epochs on each batch, or a limit such as target_kl",
        finds: |memory| {
            let (name, now) = memory.metric(&["approx_kl", "kl"])?;
            let history = memory.history(&["approx_kl", "kl"]);
            let usual = median(&history).max(1e-4);
            (history.len() >= 5 && now > 0.05 && now > 5.0 * usual).then(|| {
                format!("{name} is {}, {} times the usual", short(now), short(now / usual))
            })
        },
    },
    Rule {
        topic: "entropy",
        means: "the policy has all but settled on one action everywhere; it will find nothing new",
        helps: "a larger entropy coefficient, or exploration by noise",
        finds: |memory| {
            // An agent that tunes its temperature holds entropy where it was told to.
            if memory.metric(&["temperature", "alpha", "ent_coef"]).is_some() {
                return None;
            }
            let history = memory.history(&["entropy"]);
            let (first, now) = (*history.first()?, *history.last()?);
            let loss = memory.history(&["entropy_loss"]);
            let (first, now) = match (loss.first(), loss.last()) {
                (Some(first), Some(now)) if history.is_empty() => (-first, -now),
                _ => (first, now),
            };
            (history.len() >= 5 && first > 0.0 && now < 0.1 * first).then(|| {
                let lost = 100.0 * (1.0 - now / first);
                format!("entropy fell by {lost:.0} % to {}", short(now))
            })
        },
    },
    Rule {
        topic: "value-blow-up",
        means: "values grow without end: the target chases itself, as bootstrapping with function \
                approximation may",
        helps: "a smaller step size, a slower target network, clipped errors, or scaled rewards",
        finds: |memory| {
            let history = memory.history(&LOSSES);
            let now = history.last()?.abs();
            let usual = median(&history.iter().map(|value| value.abs()).collect::<Vec<_>>());
            (history.len() >= 8 && now > 100.0 * usual.max(1e-6) && now > 10.0).then(|| {
                format!(
                    "a loss is {}, {} times the usual",
                    short(now),
                    short(now / usual.max(1e-6))
                )
            })
        },
    },
    Rule {
        topic: "dead-units",
        means: "many hidden units never speak, so the network has less room than it seems",
        helps: "a smaller step size, another activation such as tanh, or layer normalisation",
        finds: |memory| {
            let (name, now) = memory.metric(&["dead_units", "dead_share"])?;
            (now > 0.5)
                .then(|| format!("{name}: {:.0} % of the hidden units are dead", 100.0 * now))
        },
    },
    Rule {
        topic: "plateau",
        means: "the return has not become better for a long time",
        helps: "more exploration, a smaller step size, or it is as good as it gets: try `test`",
        finds: |memory| {
            let (at, best) = memory.best?;
            let now = memory.now()?;
            let since = now.steps.saturating_sub(at);
            (now.episodes >= 500 && since > now.steps / 2 && since > 20_000).then(|| {
                format!("no better return than {} for {} steps", short(best), short(since as f64))
            })
        },
    },
    Rule {
        topic: "starved-buffer",
        means: "the memory holds so few steps that every sample is nearly the same",
        helps: "a longer warm-up, more lanes, or fewer updates for each step",
        finds: |memory| {
            let now = memory.now()?;
            let first = memory.reports.front()?;
            let learned = now.updates.saturating_sub(first.updates);
            let taken = now.steps.saturating_sub(first.steps).max(1);
            let ratio = learned as f64 / taken as f64;
            let fills = now.buffer_fill > 0.0 && now.buffer_fill < 0.01;
            (fills && learned > 1000 && ratio > 4.0).then(|| {
                let fill = 100.0 * now.buffer_fill;
                format!("{ratio:.1} updates a step from a memory that is {fill:.2} % full")
            })
        },
    },
    Rule {
        topic: "stale-policies",
        means: "actors play with policies that are many updates old, so the data is off-policy",
        helps: "fewer lanes for each learner, shorter rollouts, or V-trace corrections",
        finds: |memory| {
            let (name, now) = memory.metric(&["policy_lag", "lag"])?;
            (now > 8.0).then(|| format!("{name} is {} updates", short(now)))
        },
    },
    Rule {
        topic: "slow-lane",
        means: "one lane holds all the others up, or stands still",
        helps: "look at its picture; `mend` gives it a new instance of the environment",
        finds: |memory| {
            let failed = memory.lanes.iter().position(|(_, _, failed)| *failed);
            if let Some(lane) = failed {
                return Some(format!("lane {lane} stands still after a failure"));
            }
            let (name, now) = memory.metric(&["slow_lane", "lane_time_ratio"])?;
            (now > 3.0).then(|| format!("{name}: one lane takes {} times the usual", short(now)))
        },
    },
    Rule {
        topic: "reward-scale",
        means: "rewards are so large or so small that step sizes tuned elsewhere do not fit",
        helps: "normalise or clip rewards, or scale the step size with them",
        finds: |memory| {
            let rewards: Vec<f64> =
                memory.lanes.iter().map(|(reward, _, _)| reward.abs()).collect();
            let largest = rewards.iter().copied().fold(0.0, f64::max);
            (largest > 1000.0).then(|| format!("a mean reward of {} a step", short(largest)))
        },
    },
];

#[cfg(test)]
mod tests {
    use super::super::Doctor;
    use super::*;

    /// Reports of a run in which nothing is wrong.
    fn sound(number: u64) -> Report {
        Report {
            steps: 1000 * number,
            episodes: 20 * number,
            updates: 100 * number,
            seconds: number as f64,
            steps_per_s: 1000.0,
            return_last100: Some(number as f64),
            buffer_fill: 0.2,
            metrics: [
                ("approx_kl", 0.01),
                ("entropy", 1.0),
                ("loss", 0.5),
                ("dead_units", 0.05),
                ("policy_lag", 1.0),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            ..Report::default()
        }
    }

    /// The rules that speak when a fault is injected into the last of many reports.
    #[track_caller]
    fn check(topic: &str, spoil: impl Fn(u64, &mut Report)) {
        let mut doctor = Doctor::default();
        for number in 1..=40 {
            assert!(doctor.look(&sound(number), &[]).is_empty(), "all is well at {number}");
        }
        let mut spoken = Vec::new();
        for number in 41..=160 {
            let mut report = sound(number);
            spoil(number - 40, &mut report);
            let found = doctor.look(&report, &[]);
            spoken.extend(found.into_iter().map(|(alert, _)| alert.topic));
        }
        assert!(spoken.iter().any(|spoke| spoke == topic), "{topic}: {spoken:?}");
        assert!(spoken.iter().all(|spoke| spoke == topic), "{topic}: {spoken:?}");
        assert!(spoken.len() < 12, "a rule that spoke is silent for a while: {spoken:?}");
    }

    fn set(report: &mut Report, name: &str, value: f64) {
        let metric = report.metrics.iter_mut().find(|(known, _)| known == name);
        metric.expect("it is one of the sound ones").1 = value;
    }

    #[test]
    fn each_fault_is_found_by_its_rule_alone() {
        check("nan", |_, report| set(report, "loss", f64::NAN));
        check("kl-spike", |number, report| {
            if number == 1 {
                set(report, "approx_kl", 0.4);
            }
        });
        check("entropy", |_, report| set(report, "entropy", 0.02));
        check("value-blow-up", |number, report| {
            set(report, "loss", 2_f64.powi(number.min(40) as i32));
        });
        check("dead-units", |_, report| set(report, "dead_units", 0.8));
        check("plateau", |_, report| report.return_last100 = Some(40.0));
        check("starved-buffer", |number, report| {
            report.buffer_fill = 0.001;
            report.updates += 6000 * number;
        });
        check("stale-policies", |_, report| set(report, "policy_lag", 20.0));
    }

    #[test]
    fn an_agent_that_tunes_its_entropy_may_lower_it() {
        let mut doctor = Doctor::default();
        for number in 1..=80 {
            let mut report = sound(number);
            report.metrics.push(("temperature".to_owned(), 0.2));
            if number > 40 {
                set(&mut report, "entropy", 0.001);
            }
            assert!(doctor.look(&report, &[]).is_empty(), "at {number}");
        }
    }

    #[test]
    fn lanes_are_looked_at() {
        let lane = |reward: f64, failed: bool| {
            let mut lane = LaneView::default();
            lane.rewards.push(reward);
            lane.now.failed = failed;
            lane
        };
        let topics = |lanes: &[LaneView]| {
            let found = Doctor::default().look(&sound(1), lanes);
            found.into_iter().map(|(alert, _)| alert.topic).collect::<Vec<_>>()
        };
        assert_eq!(topics(&[lane(1.0, false), lane(-1.0, false)]), Vec::<String>::new());
        assert_eq!(topics(&[lane(1.0, false), lane(0.0, true)]), ["slow-lane"]);
        assert_eq!(topics(&[lane(-50_000.0, false)]), ["reward-scale"]);
    }
}
