//! Asynchronous rounds: the learner takes the units that workers bring, and publishes what it has
//! learned. The order in which units were learned from is all that depends on time, and it is told.

use super::{Mode, Run};
use crate::clock::Stopwatch;
use crate::crew::{Crew, Published, Taken, Unit};
use crate::feed::Part;
use crate::lanes::{Ended, Lanes};
use crate::replay::tape;
use crate::replay::{Pass, Recording};
use plugin_api::{Archive, Error, Result};
use thorndike_session::journal::Commit;

/// What an asynchronous run keeps beside the rest.
#[derive(Debug)]
pub(super) struct Crewed {
    pub(super) crew: Crew,
    /// Number of the newest policy.
    serial: u64,
    /// Whether params were edited since it was published.
    pub(super) edited: bool,
    /// Units that are being learned from.
    units: Vec<Unit>,
    recordings: Vec<Recording>,
    /// What was learned from when, for whoever keeps it.
    commits: Option<Vec<Commit>>,
    /// Sum of the lags of units since the last report, and their number.
    lags: (u64, u64),
}

impl Crewed {
    /// A crew for the lanes of a run in async mode.
    pub(super) fn of(mode: Mode, lanes: &Lanes, steps: usize) -> Option<Self> {
        let Mode::Async { lag, .. } = mode else { return None };
        Some(Self {
            crew: Crew::new(lanes, steps, lag),
            serial: 0,
            edited: false,
            units: Vec::new(),
            recordings: Vec::new(),
            commits: None,
            lags: (0, 0),
        })
    }

    /// Number of the newest policy.
    pub(super) fn serial(&self) -> u64 {
        self.serial
    }

    /// Gives an episode that has ended its number, if it was recorded.
    pub(super) fn name(&mut self, ended: &Ended, episode: u64) {
        tape::name(&mut self.recordings, (ended.lane, ended.step), episode, ended.total);
    }

    /// Recordings since the last call; this is what is recorded from now on.
    pub(super) fn take_recordings(&mut self, pass: Pass) -> Vec<Recording> {
        self.crew.arm(pass);
        std::mem::take(&mut self.recordings)
    }

    /// Mean number of updates that policies were behind since the last call.
    pub(super) fn take_lag(&mut self) -> Option<f64> {
        let (sum, count) = std::mem::take(&mut self.lags);
        (count > 0).then(|| sum as f64 / count as f64)
    }

    /// Names everything, for saving and loading; the lanes are at home.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.value("serial", &mut self.serial);
        archive.value("edited", &mut self.edited);
        self.crew.state(archive);
    }
}

impl Run {
    /// Learns from the units that come next, while workers collect others.
    pub(super) fn learn_from_crew(&mut self, timed: bool) -> Result<()> {
        let mut watch = Stopwatch::start();
        let worked = self.muster().and_then(|()| self.take_units());
        if timed {
            self.reports.add_time("wait for steps", watch.lap());
        }
        let progress = self.progress();
        let learned = worked.and_then(|()| self.supply.learn(&mut self.agent, progress));
        if timed {
            self.reports.add_time("learn", watch.lap());
        }
        let published = learned.and_then(|learned| {
            self.counters.updates += learned;
            self.publish(1)
        });
        if published.is_err() {
            self.gather_in();
            // A failure in some lanes is told as theirs, now and until they are mended.
            self.lanes.check()?;
        }
        published
    }

    /// Calls all lanes home, wherever they are.
    pub(super) fn gather_in(&mut self) {
        self.lanes.come_back(&mut self.policies);
        if let Some(crewed) = &mut self.crewed {
            crewed.crew.recall(&mut self.lanes, &mut self.policies);
        }
    }

    fn muster(&mut self) -> Result<()> {
        let crewed = self.crewed.as_ref().expect("a run in async mode has a crew");
        if crewed.crew.is_out() {
            return Ok(());
        }
        let edited = u64::from(crewed.edited);
        self.make_policies(self.lanes.shards().len())?;
        // What was edited makes another policy of it; otherwise it is the one it was.
        self.publish(edited)?;
        let crewed = self.crewed.as_mut().expect("it was just there");
        self.policies_at = None;
        crewed.crew.muster(&mut self.lanes, &mut self.policies)
    }

    fn publish(&mut self, newer: u64) -> Result<()> {
        let (version, situation) = (self.counters.updates, self.situation());
        let acting = self.agent.acting()?;
        let crewed = self.crewed.as_mut().expect("a run in async mode has a crew");
        crewed.serial += newer;
        crewed.edited = false;
        crewed.crew.publish(Published { serial: crewed.serial, version, situation, acting });
        Ok(())
    }

    /// Waits for the units of the next update and takes them in.
    fn take_units(&mut self) -> Result<()> {
        let crewed = self.crewed.as_mut().expect("a run in async mode has a crew");
        let (update, units) = (self.counters.updates, &mut crewed.units);
        let taken = crewed.crew.take(update, self.setup.patience, units);
        let is_new = match taken {
            Taken::Live => true,
            Taken::Followed => false,
            Taken::Failed => return Err(Error::new("a worker failed")),
            Taken::Unfit(why) => {
                return Err(Error::argument(format!(
                    "the run cannot be taken again as its journal says: {why}"
                )));
            }
        };
        for unit in &mut *units {
            self.counters.steps += unit.segment.rewards.len() as u64;
            self.ended.append(&mut unit.ended);
            crewed.recordings.append(&mut unit.recordings);
            crewed.lags.0 += update.saturating_sub(unit.version);
            crewed.lags.1 += 1;
        }
        self.ended.sort_unstable_by_key(|ended| (ended.step, ended.lane));
        if let Some(commits) = crewed.commits.as_mut().filter(|_| is_new) {
            let units = units.iter().map(|unit| (unit.slot as u32, unit.serial)).collect();
            commits.push(Commit { update, steps: self.counters.steps, units });
        }
        self.supply.take_units(units, self.setup.lanes);
        crewed.crew.give_back(units);
        Ok(())
    }

    /// Has the agent learn from units that wait, all at once: before the mode changes.
    pub(super) fn learn_from_rest(&mut self) -> Result<()> {
        let Some(crewed) = &mut self.crewed else { return Ok(()) };
        let mut units = Vec::new();
        crewed.crew.take_rest(&mut units);
        if units.is_empty() {
            return Ok(());
        }
        for unit in &mut units {
            self.counters.steps += unit.segment.rewards.len() as u64;
            self.ended.append(&mut unit.ended);
        }
        self.supply.take_units(&units, self.setup.lanes);
        let progress = self.progress();
        self.counters.updates += self.supply.learn(&mut self.agent, progress)?;
        self.count_episodes(&mut |_| {});
        Ok(())
    }

    /// Remembers from now on what was learned from when, until [`Run::take_commits`] takes it.
    pub fn keep_commits(&mut self) {
        if let Some(crewed) = &mut self.crewed {
            crewed.commits.get_or_insert_default();
        }
    }

    /// What was learned from when since the last call, in asynchronous runs.
    pub fn take_commits(&mut self) -> impl Iterator<Item = Commit> {
        let crewed = self.crewed.as_mut();
        crewed.and_then(|crewed| crewed.commits.as_mut()).into_iter().flat_map(|all| all.drain(..))
    }

    /// Takes steps and learns exactly as a journal says; behind its end the run goes on by itself
    /// if it may go on `freely`, otherwise it fails there. Means nothing in other modes.
    pub fn follow(&mut self, commits: &[Commit], freely: bool) -> Result<()> {
        self.gather_in();
        let Some(crewed) = &mut self.crewed else { return Ok(()) };
        let later = commits.iter().filter(|commit| commit.update >= self.counters.updates);
        crewed.crew.follow(later.cloned().collect(), crewed.serial, freely)
    }
}

/// A unit as a part of a rollout.
pub(super) fn part(unit: &Unit) -> Part<'_> {
    Part { first: unit.first, version: unit.version, segment: &unit.segment }
}
