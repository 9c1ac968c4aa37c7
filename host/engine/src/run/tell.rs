//! What a run tells: how it begins, which episodes ended, how it stands.

use super::Run;
use super::crewed::Crewed;
use super::supply::Supply;
use crate::event::{Alert, Episode, Event, Start};
use plugin_api::Result;

impl Run {
    /// The event that says what begins.
    pub fn start(&self) -> Event {
        Event::Start(Start {
            agent: self.setup.agent.clone(),
            env: self.setup.env.clone(),
            seed: self.setup.seed,
            lanes: self.lanes_len(),
            copies: self.setup.mode.copies(),
            mode: self.setup.mode.name(),
            threads: rayon::current_num_threads(),
            steps: self.counters().steps,
            budget: self.setup.goal.steps,
            params: self.setup.params.clone(),
            env_params: self.setup.env_params.clone(),
            memory_bytes: self.memory_bytes(),
        })
    }

    pub(super) fn tell_of_late_lanes(&mut self, tell: &mut dyn FnMut(Event)) {
        let late = self.lanes.late_lanes();
        if late > 0 && !std::mem::replace(&mut self.told_late, true) {
            tell(Event::Alert(Alert {
                steps: self.counters.steps,
                topic: "slow-lane".to_owned(),
                message: format!(
                    "{late} of {} lanes were late; what they bring counts when they are back, and \
                     nobody can repeat this run to the bit",
                    self.setup.lanes
                ),
            }));
        }
    }

    pub(super) fn count_episodes(&mut self, tell: &mut dyn FnMut(Event)) {
        let mut all = std::mem::take(&mut self.ended);
        self.lanes.take_ended(&mut all);
        for ended in &all {
            self.episodes.add(ended);
        }
        let mut number = match &mut self.copies {
            Some(copies) => copies.count(&mut all),
            None => self.episodes.count - all.len() as u64,
        };
        let (lanes, steps) = (self.lanes_len() as u64, self.counters().steps);
        for ended in all.drain(..) {
            number += 1;
            // Of copies only the lanes of the first are recorded; those of others are not found.
            match &mut self.crewed {
                Some(crewed) => crewed.name(&ended, number),
                None if self.records => self.lanes.name_recording(&ended, number),
                None => {}
            }
            tell(Event::Episode(Episode {
                episode: number,
                lane: ended.lane,
                steps: (ended.step * lanes).min(steps),
                total: ended.total,
                length: ended.length,
                terminated: ended.terminated(),
                truncated: ended.truncated(),
                success: ended.success,
            }));
        }
        self.ended = all;
    }

    /// How the run stands, when the last report is `every` seconds old.
    pub fn report_due(&mut self, every: f64) -> Result<Option<Event>> {
        if !self.reports.due(every) {
            return Ok(None);
        }
        let mut logged = self.agent.report()?;
        let steps = self.counters().steps;
        let mut more = match &mut self.trace {
            Some(trace) => trace.look(&mut self.agent, steps)?,
            None => Vec::new(),
        };
        if let Some(lag) = self.crewed.as_mut().and_then(Crewed::take_lag) {
            more.push(("policy_lag".to_owned(), lag));
        }
        let (fill, counters) = (self.fill(), self.counters());
        let episodes = match &mut self.copies {
            Some(copies) => {
                copies.report(&mut logged)?;
                copies.take_metrics(&mut more);
                &mut copies.episodes
            }
            None => &mut self.episodes,
        };
        Ok(Some(self.reports.make(counters, episodes, (logged, more), fill)))
    }

    fn fill(&self) -> f64 {
        if let Supply::Replay(feed, _) = &self.supply { feed.fill() } else { 0.0 }
    }
}
