//! Snapshots: everything a run needs to go on exactly.

use super::supply::Supply;
use super::{Counters, Mode, Run, agent};
use crate::buffer::Frozen;
use crate::event::Done;
use crate::lanes::{Pace, Shard};
use plugin_api::Result;
use plugin_api::archive::{Archive, State};

/// Everything a run needs to go on exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The agent's state.
    pub agent: Vec<u8>,
    /// State of every lane, in order; empty where it could not be had.
    pub lanes: Vec<Vec<u8>>,
    /// Everything the host keeps: counters, statistics, open episodes.
    pub host: State,
    /// The same of every other copy.
    pub copies: Vec<Self>,
    /// The columns of a memory of past steps; they belong to `host`.
    pub memory: Frozen,
    /// What the run had come to, without its digest.
    pub standing: Done,
    /// Sum of all returns.
    pub total: f64,
}

impl Snapshot {
    /// Hash of parameters and counters: equal digests mean equal runs.
    pub fn digest(&self) -> String {
        let Done { steps, updates, episodes, .. } = self.standing;
        let agents: Vec<&[u8]> =
            std::iter::once(self).chain(&self.copies).map(|copy| &copy.agent[..]).collect();
        digest(Counters { steps, updates }, (episodes, self.total), &agents)
    }
}

/// Hash of counters, of number and sum of the episodes, and of the agent's state in every copy.
pub(super) fn digest<Agent: AsRef<[u8]>>(
    counters: Counters,
    (episodes, total): (u64, f64),
    agents: &[Agent],
) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(&counters.steps.to_le_bytes());
    hash.update(&counters.updates.to_le_bytes());
    hash.update(&episodes.to_le_bytes());
    hash.update(&total.to_bits().to_le_bytes());
    for agent in agents {
        hash.update(agent.as_ref());
    }
    hash.finalize().to_hex()[..32].to_owned()
}

impl Run {
    /// Takes a snapshot.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        self.gather_late()?;
        self.gather_in();
        self.lanes.check()?;
        let copies = self.saved_others(Self::snapshot)?;
        self.saved(copies, |shard, lane| shard.env_mut().save(lane))
    }

    /// Takes a snapshot of a run in which something failed, as long as the agent can still be
    /// saved. Lanes that cannot begin new episodes when it is restored.
    pub fn rescue(&mut self) -> Result<Snapshot> {
        self.gather_in();
        let copies = self.saved_others(Self::rescue)?;
        self.saved(copies, |shard, lane| {
            let sound = shard.failure().is_none();
            let state = if sound { shard.env_mut().save(lane).ok() } else { None };
            Ok(state.unwrap_or_default())
        })
    }

    /// Waits for lanes that are late and has the agent learn from what they bring, which a snapshot
    /// has no place for.
    fn gather_late(&mut self) -> Result<()> {
        if self.lanes.late_lanes() == 0 {
            return Ok(());
        }
        self.lanes.come_back(&mut self.policies);
        self.counters.steps += (self.supply.round_steps() * self.lanes.fresh_lanes()) as u64;
        self.learn()
    }

    fn saved_others(
        &mut self,
        mut save: impl FnMut(&mut Self) -> Result<Snapshot>,
    ) -> Result<Vec<Snapshot>> {
        let mut copies = Vec::new();
        self.each_other(|other| {
            copies.push(save(other)?);
            Ok(())
        })?;
        Ok(copies)
    }

    fn saved(
        &mut self,
        copies: Vec<Snapshot>,
        save: impl Fn(&mut Shard, usize) -> Result<Vec<u8>>,
    ) -> Result<Snapshot> {
        let mut archive = Archive::saving();
        self.host_state(&mut archive);
        let mut lanes = Vec::with_capacity(self.setup.lanes);
        for shard in self.lanes.shards_mut() {
            for lane in 0..shard.len() {
                lanes.push(save(shard, lane)?);
            }
        }
        Ok(Snapshot {
            agent: self.agent.save()?,
            lanes,
            host: archive.finish()?,
            copies,
            memory: match &mut self.supply {
                Supply::Replay(feed, _) => feed.freeze("replay/"),
                Supply::Nothing(_) | Supply::Rollout(_) | Supply::Episodes(_) => Frozen::default(),
            },
            standing: self.standing(),
            total: self.episodes().total,
        })
    }

    /// Goes on from a snapshot of a run with the same setup, whatever has failed in this one.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        if snapshot.lanes.len() != self.setup.lanes {
            let (saved, here) = (snapshot.lanes.len(), self.setup.lanes);
            return Err(plugin_api::Error::argument(format!(
                "the snapshot has {saved} lanes, this run has {here}"
            )));
        }
        if snapshot.copies.len() + 1 != self.setup.mode.copies() {
            let (saved, here) = (snapshot.copies.len() + 1, self.setup.mode.copies());
            return Err(plugin_api::Error::argument(format!(
                "the snapshot has {saved} copies of the agent, this run has {here}"
            )));
        }
        let mut copies = snapshot.copies.iter();
        self.each_other(|other| other.restore(copies.next().expect("they were counted")))?;
        self.gather_in();
        self.policies.clear();
        if self.agent.needs().is_err() {
            self.agent = agent(&self.setup, &self.task)?;
        }
        self.agent.load(&snapshot.agent)?;
        self.lanes.renew_failed()?;
        for shard in self.lanes.shards_mut() {
            for lane in 0..shard.len() {
                let state = &snapshot.lanes[shard.first() + lane];
                if !state.is_empty() {
                    shard.env_mut().load(lane, state)?;
                }
            }
        }
        self.make_room_for_shown(&snapshot.host)?;
        let mut host = snapshot.host.clone();
        host.entries.extend(snapshot.memory.entries());
        let mut archive = Archive::loading(host);
        self.host_state(&mut archive);
        archive.finish()?;
        self.restart_lost(snapshot)
    }

    /// Begins new episodes in lanes that a snapshot has no state of.
    fn restart_lost(&mut self, snapshot: &Snapshot) -> Result<()> {
        let lost: Vec<bool> = snapshot.lanes.iter().map(Vec::is_empty).collect();
        for (lane, _) in lost.iter().enumerate().filter(|(_, lost)| **lost) {
            self.supply.forget(lane..lane + 1);
        }
        let situation = self.situation();
        self.lanes.restart(&lost, &mut self.agent, situation)
    }

    fn host_state(&mut self, archive: &mut Archive) {
        archive.scope("counters", |archive| {
            archive.value("steps", &mut self.counters.steps);
            archive.value("updates", &mut self.counters.updates);
        });
        archive.scope("episodes", |archive| self.episodes.state(archive));
        let mut seconds = self.reports.seconds();
        archive.value("seconds", &mut seconds);
        if archive.is_loading() {
            self.reports.resume_at(seconds, self.counters().steps);
        }
        let is_apart = matches!(self.setup.mode, Mode::Async { .. });
        let pace = if is_apart { Pace::Own } else { Pace::Common };
        archive.scope("lanes", |archive| self.lanes.state(archive, pace));
        self.supply.state(archive);
        match self.setup.mode {
            Mode::Lockstep => {}
            Mode::Copies { .. } => archive.scope("copies", |archive| {
                self.copies.iter_mut().for_each(|copies| copies.state(archive));
            }),
            Mode::Pipelined => archive.scope("waiting", |archive| self.supply.waiting(archive)),
            Mode::Async { .. } => archive.scope("crew", |archive| {
                self.crewed.iter_mut().for_each(|crewed| crewed.state(archive));
            }),
        }
    }
}
