//! Patience with slow lanes: shards roll on threads of their own, and a round goes on without those
//! that are late. What they bring counts in the round in which they are back.
//!
//! Which lanes are late depends on the time of day, so a run with patience is not reproducible.

use super::Lanes;
use super::acting::Situation;
use super::shard::Shard;
use crate::clock::Stopwatch;
use plugin_api::abi::handle::PolicyHandle;
use plugin_api::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long a round waits for its lanes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// Lanes that must be back, however long it takes.
    pub min_lanes: usize,
    /// Seconds after which a round goes on without the others.
    pub time_out: f64,
}

impl Patience {
    /// Lanes of a shard, so that a slow lane holds up few others.
    pub fn shard_lanes(lanes: usize) -> usize {
        lanes.div_ceil(THREADS_MAX)
    }
}

/// Threads that wait for slow lanes at most.
const THREADS_MAX: usize = 64;

/// A shard with the policy that acts in it.
type Team = (Shard, PolicyHandle);

/// Shards at work on threads of their own.
#[derive(Debug)]
pub(super) struct Away {
    pool: ThreadPool,
    sender: Sender<Team>,
    receiver: Receiver<Team>,
    lanes: usize,
}

impl Away {
    /// Threads for so many shards.
    pub(super) fn new(shards: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(shards.clamp(1, THREADS_MAX));
        let pool = pool.build().map_err(|error| {
            Error::new(format!("cannot start threads for slow lanes: {error}; use fewer lanes"))
        })?;
        let (sender, receiver) = channel();
        Ok(Self { pool, sender, receiver, lanes: 0 })
    }

    /// Lanes that are not back.
    pub(super) fn lanes(&self) -> usize {
        self.lanes
    }

    /// Sends a shard off.
    pub(super) fn send(&mut self, (mut shard, mut policy): Team, now: Situation, steps: usize) {
        self.lanes += shard.len();
        let sender = self.sender.clone();
        self.pool.spawn(move || {
            let rolled = shard.roll(Some(&mut policy), now, steps);
            shard.note(rolled);
            // Nobody waits for it when the run is over.
            let _ = sender.send((shard, policy));
        });
    }

    /// Waits until `enough` lanes of `all` are back and the time is over, or all are; each that
    /// comes is handed on.
    pub(super) fn wait(&mut self, patience: Patience, all: usize, mut take: impl FnMut(Team)) {
        let watch = Stopwatch::start();
        while self.lanes > 0 {
            let enough = all - self.lanes >= patience.min_lanes.clamp(1, all);
            let left = patience.time_out - watch.seconds();
            let team = if enough {
                let left = Duration::try_from_secs_f64(left).unwrap_or_default();
                self.receiver.recv_timeout(left)
            } else {
                // The sender beside it is never dropped, so that there is always somebody to come.
                self.receiver.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            let Ok(team) = team else { return };
            self.lanes -= team.0.len();
            take(team);
        }
    }
}

impl Lanes {
    /// Takes steps in the lanes that are here, and goes on without those that take too long. The
    /// policies are those of the shards that are here, before and after.
    pub fn roll_patiently(
        &mut self,
        patience: Patience,
        policies: &mut Vec<PolicyHandle>,
        situation: Situation,
        steps: usize,
    ) -> Result<()> {
        if self.away.is_none() {
            self.away = Some(Away::new(self.shards.len())?);
        }
        self.with_away(policies, |away, here| {
            let mut stay = Vec::with_capacity(here.len());
            for team in here.drain(..) {
                // What nobody has learned from yet is not written over.
                if team.0.is_fresh() || team.0.failure().is_some() {
                    stay.push(team);
                } else {
                    away.send(team, situation, steps);
                }
            }
            *here = stay;
            patience
        });
        self.check()
    }

    /// Waits for all lanes that are late.
    pub fn come_back(&mut self, policies: &mut Vec<PolicyHandle>) {
        let all = Patience { min_lanes: self.len(), time_out: 0.0 };
        self.with_away(policies, |_, _| all);
    }

    /// Lanes that are late.
    pub fn late_lanes(&self) -> usize {
        self.away.as_ref().map_or(0, Away::lanes)
    }

    /// Lets `begin` send shards off, waits as it says, and puts those that are here in order.
    fn with_away(
        &mut self,
        policies: &mut Vec<PolicyHandle>,
        begin: impl FnOnce(&mut Away, &mut Vec<Team>) -> Patience,
    ) {
        let all = self.len();
        let Some(away) = &mut self.away else { return };
        let mut here: Vec<Team> = self.shards.drain(..).zip(policies.drain(..)).collect();
        let patience = begin(away, &mut here);
        away.wait(patience, all, |team| here.push(team));
        here.sort_unstable_by_key(|(shard, _)| shard.first());
        (self.shards, *policies) = here.into_iter().unzip();
    }
}
