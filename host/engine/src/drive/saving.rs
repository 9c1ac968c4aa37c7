//! What the thread of a run saves, and when: now and then, when asked, and at every kind of end.

use super::delivery::{Notice, Phase};
use super::work::Worker;
use crate::escort::Escort;
use crate::event::{Done, Event};
use crate::run::Reason;

impl Worker<'_> {
    /// Lets the keeper write and save, and tells what came of it.
    pub(super) fn beat(&mut self) {
        if let Err(error) = self.with_escort(Escort::beat) {
            self.alert("saving", error.to_string());
        }
        self.tell_saved();
    }

    fn tell_saved(&mut self) {
        let Some(keeper) = &self.escort.keeper else { return };
        if keeper.saved().is_some() {
            let place = keeper.session().folder().display().to_string();
            let steps = self.run.counters().steps;
            self.gathered.notices.push(Notice::Saved { steps, place });
        }
    }

    pub(super) fn finish(&mut self, reason: Reason) {
        self.report(0.0);
        self.take_row();
        self.run.rest();
        match self.run.finish(reason) {
            Ok(end) => self.close(&end),
            Err(error) => return self.fail(error.to_string()),
        }
        self.set_phase(Phase::Ended);
    }

    /// Saves the run for good.
    fn close(&mut self, end: &Done) {
        self.gathered.notices.push(Notice::Event(Event::Done(end.clone())));
        let Some(keeper) = self.escort.keeper.take() else { return };
        let place = keeper.session().folder().display().to_string();
        match keeper.end(&mut self.run, end) {
            Ok(()) => self.gathered.notices.push(Notice::Saved { steps: end.steps, place }),
            Err(error) => self.refuse(&format!("the end of the run could not be saved: {error}")),
        }
    }

    /// Somebody asked for an end: what was learned so far is kept.
    pub(super) fn stop(&mut self) {
        match self.phase {
            Phase::Ended => {}
            Phase::Failed => {
                if let Some(keeper) = self.escort.keeper.take() {
                    let place = keeper.session().folder().display().to_string();
                    let steps = self.run.counters().steps;
                    // An agent that failed cannot be saved, and then the snapshots before it are
                    // what there is.
                    if keeper.rescue(&mut self.run).is_ok() {
                        self.gathered.notices.push(Notice::Saved { steps, place });
                    }
                }
                self.set_phase(Phase::Ended);
            }
            Phase::Running | Phase::Paused => self.finish(Reason::Stopped),
        }
    }

    pub(super) fn save(&mut self) {
        let Some(keeper) = &mut self.escort.keeper else {
            return self.refuse("the run was saved when it ended");
        };
        if let Err(error) = keeper.save(&mut self.run, "asked") {
            return self.refuse(&error.to_string());
        }
        // While the run stands still nothing else looks for the end of writing.
        if self.phase != Phase::Running {
            keeper.settle();
            self.tell_saved();
        }
    }
}
