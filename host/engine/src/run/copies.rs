//! Copies of an agent that learn side by side, each in lanes of its own, and share the mean of what
//! they know every so often. The run itself is the first of them.

use super::average::{average, check, hand_over};
use super::{Counters, Mode, Run, Setup};
use crate::buffer::forecast::{check as check_memory, forecast};
use crate::event::{Alert, Event};
use crate::lanes::Ended;
use crate::stats::Episodes;
use plugin_api::abi::handle::AgentHandle;
use plugin_api::archive::State;
use plugin_api::log::Report;
use plugin_api::needs::{Feed, Needs};
use plugin_api::rng::SeedTree;
use plugin_api::{Archive, Result, Task};
use rayon::prelude::*;
use thorndike_session::Moments;

/// What a run of copies keeps beside the rest.
#[derive(Debug)]
pub(super) struct Copies {
    /// All copies but the first.
    pub(super) others: Vec<Run>,
    /// What the episodes of all came to.
    pub(super) episodes: Episodes,
    /// Steps of each copy from one mean to the next.
    round: u64,
    moments: Moments,
    /// How often they were averaged.
    rounds: u64,
    /// Sum of how far they were apart since the last report, and how often that was found.
    apart: (f64, u64),
}

impl Copies {
    /// The others of a run in this mode, which know what its agent knows.
    pub(super) fn of(
        setup: &Setup,
        (task, needs): (&Task, &Needs),
        first: &mut AgentHandle,
    ) -> Result<Option<Self>> {
        let Mode::Copies { copies, round, moments } = setup.mode else { return Ok(None) };
        if let Feed::Replay(replay) = &needs.feed {
            let bytes = forecast(needs, task, setup.lanes).saturating_mul(copies as u64);
            check_memory(bytes, replay.capacity.saturating_mul(copies))?;
        }
        let shared = state_of(first)?;
        check(&shared)?;
        let goal = setup.goal.share(copies);
        let seeds = SeedTree::new(setup.seed);
        let make = |copy: usize| {
            let seed = seeds.seed("copy", copy as u64);
            let (mode, goal) = (Mode::Lockstep, goal.clone());
            let mut run = Run::new(Setup { seed, mode, goal, ..setup.clone() })?;
            let mut own = state_of(&mut run.agent)?;
            hand_over(&shared, &mut own)?;
            run.agent.load(&own.to_bytes())?;
            Ok(run)
        };
        let others = (1..copies).map(make).collect::<Result<_>>()?;
        let (episodes, apart) = (Episodes::default(), (0.0, 0));
        Ok(Some(Self { others, episodes, round, moments, rounds: 0, apart }))
    }

    /// How many there are, the first one included.
    pub(super) fn len(&self) -> usize {
        self.others.len() + 1
    }

    /// What the others add to the counters of the first.
    pub(super) fn counters(&self) -> Counters {
        let all = self.others.iter().map(|other| other.counters);
        all.fold(Counters::default(), |sum, one| Counters {
            steps: sum.steps + one.steps,
            updates: sum.updates + one.updates,
        })
    }

    /// Counts the episodes that ended in all copies, those of the first being in `ended` already.
    /// Returns how many there had been before.
    pub(super) fn count(&mut self, ended: &mut Vec<Ended>) -> u64 {
        let mut first = 0;
        for other in &mut self.others {
            first += other.setup.lanes;
            other.lanes.take_ended(&mut other.ended);
            for own in other.ended.drain(..) {
                other.episodes.add(&own);
                ended.push(Ended { lane: first + own.lane, ..own });
            }
        }
        ended.sort_by_key(|ended| (ended.step, ended.lane));
        let before = self.episodes.count;
        for ended in &*ended {
            self.episodes.add(ended);
        }
        before
    }

    /// What all copies logged: the sums of scalars are taken over all of them.
    pub(super) fn report(&mut self, logged: &mut Report) -> Result<()> {
        for other in &mut self.others {
            for (name, more) in other.agent.report()?.scalars {
                let known = logged.scalars.iter_mut().find(|(known, _)| *known == name);
                let Some((_, sum)) = known else {
                    logged.scalars.push((name, more));
                    continue;
                };
                sum.count += more.count;
                sum.sum += more.sum;
                (sum.min, sum.max) = (sum.min.min(more.min), sum.max.max(more.max));
            }
        }
        Ok(())
    }

    /// How often they were averaged, and how far they were apart then since the last call.
    pub(super) fn take_metrics(&mut self, metrics: &mut Vec<(String, f64)>) {
        metrics.push(("rounds".to_owned(), self.rounds as f64));
        let (sum, count) = std::mem::take(&mut self.apart);
        if count > 0 {
            metrics.push(("copies_apart".to_owned(), sum / count as f64));
        }
    }

    /// Names what is not a copy's own, for saving and loading.
    pub(super) fn state(&mut self, archive: &mut Archive) {
        archive.value("rounds", &mut self.rounds);
        archive.scope("episodes", |archive| self.episodes.state(archive));
    }
}

impl Run {
    /// A round of act, step and learn in every copy, side by side; then the mean, if it is due.
    /// Copies that fail keep nobody else from their round.
    pub(super) fn side_by_side_copies(&mut self, timed: bool) -> Result<()> {
        let Some(mut copies) = self.copies.take() else { return self.in_turn(timed) };
        let (first, others) = rayon::join(
            || self.in_turn(timed),
            || copies.others.par_iter_mut().map(Self::turn).collect::<Vec<_>>(),
        );
        self.copies = Some(copies);
        first?;
        for (idx, turned) in others.into_iter().enumerate() {
            turned.map_err(|error| error.context(format!("copy {}", idx + 2)))?;
        }
        self.share_if_due()
    }

    fn turn(&mut self) -> Result<()> {
        self.lanes.check()?;
        self.in_turn(false)
    }

    fn share_if_due(&mut self) -> Result<()> {
        let steps = self.counters().steps;
        let Some(copies) = &mut self.copies else { return Ok(()) };
        if steps / copies.len() as u64 / copies.round <= copies.rounds {
            return Ok(());
        }
        copies.rounds = steps / copies.len() as u64 / copies.round;
        let agents = std::iter::once(&mut self.agent);
        let mut agents: Vec<&mut AgentHandle> =
            agents.chain(copies.others.iter_mut().map(|other| &mut other.agent)).collect();
        let mut states =
            agents.iter_mut().map(|agent| state_of(agent)).collect::<Result<Vec<_>>>()?;
        let apart = average(&mut states, copies.moments)?;
        for (agent, state) in agents.iter_mut().zip(states) {
            agent.load(&state.to_bytes())?;
        }
        copies.apart.0 += apart;
        copies.apart.1 += 1;
        // Policies made before know less.
        copies.others.iter_mut().for_each(|other| other.policies_at = None);
        self.policies_at = None;
        Ok(())
    }

    /// Puts lanes of the other copies back to work, as [`Run::mend`] does.
    pub(super) fn mend_others(&mut self, tell: &mut dyn FnMut(Event)) -> Result<()> {
        let steps = self.counters().steps;
        let others = self.copies.iter_mut().flat_map(|copies| &mut copies.others);
        for (idx, other) in others.enumerate() {
            other.mend(&mut |event| {
                if let Event::Alert(alert) = event {
                    let message = format!("copy {}: {}", idx + 2, alert.message);
                    tell(Event::Alert(Alert { steps, message, ..alert }));
                }
            })?;
        }
        Ok(())
    }

    /// Does something to every copy but the first.
    pub(super) fn each_other(&mut self, act: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.copies.iter_mut().flat_map(|copies| &mut copies.others).try_for_each(act)
    }
}

fn state_of(agent: &mut AgentHandle) -> Result<State> {
    State::from_bytes(&agent.save()?)
}
