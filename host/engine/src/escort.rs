//! What comes along with a run, however it is driven: whoever keeps it, judges it, or looks on now
//! and then. Every driver takes its rounds here, so that all of them do the same.

use crate::event::{Alert, Done, Event};
use crate::keep::Keeper;
use crate::run::{Run, Trials};
use plugin_api::Result;
use std::fmt;

/// Somebody who comes along with a run.
pub trait Guest: Send {
    /// Is told a report or an evaluation; says what went wrong, and is asked no more then.
    fn told(&mut self, _event: &Event) -> Result<(), Alert> {
        Ok(())
    }

    /// Looks at the run between two rounds; what it says is told.
    fn look(&mut self, _run: &mut Run) -> Option<Alert> {
        None
    }
}

/// Reports on the way to a number of steps, however short the time: a curve is more than a point.
const REPORTS: u64 = 50;

/// Everybody who comes along with a run.
#[derive(Default)]
pub struct Escort {
    /// Keeps it in a session; gone once the run has ended and is saved for good.
    pub keeper: Option<Keeper>,
    /// Judges it every so often.
    pub trials: Option<Trials>,
    /// All others.
    pub guests: Vec<Box<dyn Guest>>,
    /// Steps at which the next report is due.
    due: u64,
    /// Steps of the last report.
    reported: Option<u64>,
}

impl fmt::Debug for Escort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Escort");
        shown.field("keeper", &self.keeper).field("trials", &self.trials);
        shown.field("guests", &self.guests.len()).finish_non_exhaustive()
    }
}

impl From<Option<Keeper>> for Escort {
    fn from(keeper: Option<Keeper>) -> Self {
        Self { keeper, ..Self::default() }
    }
}

impl Escort {
    /// Before the first round: makes edits that were made before.
    pub fn begin(&mut self, run: &mut Run) -> Result<()> {
        self.keeper.as_mut().map_or(Ok(()), |keeper| keeper.edit_again(run))
    }

    /// One round, with everything that is due by steps.
    pub fn tick(&mut self, run: &mut Run, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let keeper = &mut self.keeper;
        run.tick(&mut |event| {
            if let Some(keeper) = keeper {
                keeper.event(&event);
            }
            tell(event);
        })?;
        if let Some(keeper) = keeper {
            keeper.tick(run)?;
        }
        if run.counters().steps >= self.due {
            self.report_on_the_way(run, tell)?;
        }
        let Some(trials) = &mut self.trials else { return Ok(()) };
        let records = self.keeper.as_ref().is_some_and(Keeper::records);
        let Some(trial) = trials.tick(run, records)? else { return Ok(()) };
        if let Some(keeper) = &mut self.keeper {
            keeper.keep_trial(run, trial.recorded);
        }
        let mean = trial.eval.return_mean;
        self.tell(run, Event::Eval(trial.eval), tell);
        match &mut self.keeper {
            Some(keeper) if trial.is_best => keeper.save_judged(run, mean),
            _ => Ok(()),
        }
    }

    /// Reports each time another part of the budget is used up.
    #[cold]
    fn report_on_the_way(&mut self, run: &mut Run, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let steps = run.counters().steps;
        let goal = &run.setup().goal;
        let stride = goal.budget.or(goal.steps).map(|all| all.div_ceil(REPORTS).max(1));
        let is_first = std::mem::replace(&mut self.due, u64::MAX) == 0;
        if let Some(stride) = stride {
            self.due = (steps / stride + 1).saturating_mul(stride);
            // Where a run begins or is taken up there is nothing to report yet.
            if !is_first {
                self.report(run, 0.0, tell)?;
            }
        }
        Ok(())
    }

    /// Reports when the last report is `age` seconds old, and steps were taken since.
    pub fn report(&mut self, run: &mut Run, age: f64, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let steps = run.counters().steps;
        if self.reported != Some(steps)
            && let Some(report) = run.report_due(age)?
        {
            self.reported = Some(steps);
            self.tell(run, report, tell);
        }
        Ok(())
    }

    /// Now and then: lets the keeper write and save, and everybody look.
    pub fn beat(&mut self, run: &mut Run, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let alert = self.keeper.as_mut().map_or(Ok(None), |keeper| keeper.beat(run));
        if let Ok(Some(alert)) = &alert {
            self.tell(run, Event::Alert(alert.clone()), tell);
        }
        let looked: Vec<Alert> =
            self.guests.iter_mut().filter_map(|guest| guest.look(run)).collect();
        for alert in looked {
            self.tell(run, Event::Alert(alert), tell);
        }
        alert.map(drop)
    }

    /// Tells everybody.
    pub fn tell(&mut self, run: &Run, event: Event, tell: &mut dyn FnMut(Event)) {
        if let Some(keeper) = &mut self.keeper {
            keeper.event(&event);
        }
        let mut alerts = Vec::new();
        if matches!(event, Event::Report(_) | Event::Eval(_)) {
            self.guests.retain_mut(|guest| match guest.told(&event) {
                Ok(()) => true,
                Err(alert) => {
                    alerts.push(Alert { steps: run.counters().steps, ..alert });
                    false
                }
            });
        }
        tell(event);
        for alert in alerts {
            self.tell(run, Event::Alert(alert), tell);
        }
    }

    /// Saves the run for good; nothing to do where nobody keeps it.
    pub fn end(&mut self, run: &mut Run, end: &Done) -> Result<(), String> {
        self.keeper.take().map_or(Ok(()), |keeper| keeper.end(run, end))
    }
}
