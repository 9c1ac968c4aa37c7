//! Snapshots: everything a run needs to go on exactly.

use super::{Run, Supply};
use plugin_api::Result;
use plugin_api::archive::{Archive, State};

/// Everything a run needs to go on exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The agent's state.
    pub agent: Vec<u8>,
    /// State of every lane, in order.
    pub lanes: Vec<Vec<u8>>,
    /// Everything the host keeps: counters, statistics, open episodes.
    pub host: Vec<u8>,
}

impl Run {
    /// Takes a snapshot.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        let mut archive = Archive::saving();
        self.host_state(&mut archive);
        let mut lanes = Vec::with_capacity(self.setup.lanes);
        for shard in self.lanes.shards_mut() {
            for lane in 0..shard.len() {
                lanes.push(shard.env_mut().save(lane)?);
            }
        }
        Ok(Snapshot { agent: self.agent.save()?, lanes, host: archive.finish()?.to_bytes() })
    }

    /// Goes on from a snapshot of a run with the same setup.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        if snapshot.lanes.len() != self.setup.lanes {
            let (saved, here) = (snapshot.lanes.len(), self.setup.lanes);
            return Err(plugin_api::Error::argument(format!(
                "the snapshot has {saved} lanes, this run has {here}"
            )));
        }
        self.agent.load(&snapshot.agent)?;
        let mut states = snapshot.lanes.iter();
        for shard in self.lanes.shards_mut() {
            for lane in 0..shard.len() {
                let state = states.next().expect("as many states as lanes");
                shard.env_mut().load(lane, state)?;
            }
        }
        let mut archive = Archive::loading(State::from_bytes(&snapshot.host)?);
        self.host_state(&mut archive);
        archive.finish()?;
        self.policies_at = None;
        Ok(())
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
            self.reports.resume_at(seconds, self.counters.steps);
        }
        archive.scope("lanes", |archive| self.lanes.state(archive));
        match &mut self.supply {
            Supply::Nothing(_) | Supply::Rollout(_) => {}
            Supply::Episodes(feed) => archive.scope("open", |archive| feed.state(archive)),
            Supply::Replay(feed) => archive.scope("replay", |archive| feed.state(archive)),
        }
    }
}
