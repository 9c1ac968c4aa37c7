//! A crew: workers that collect rollouts at their own pace, each in lanes of its own.
//!
//! What a worker brings is a unit: so many steps of its lanes with one published policy. A unit is
//! a function of that policy and of where the lanes stood, so whoever knows which units were
//! learned from when, and which policies they were made with, can take every step again.

mod board;
mod unit;

pub(crate) use board::{Published, Taken};
pub(crate) use unit::Unit;

use crate::lanes::{Lanes, Patience, Shard};
use crate::plugin::safety;
use crate::replay::{Pass, Recording};
use crate::run::LaneNow;
use board::Board;
use plugin_api::abi::handle::PolicyHandle;
use plugin_api::scene::Scene;
use plugin_api::{Archive, Error, Result};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use thorndike_session::journal::Commit;

/// A worker's lanes, and the policy that acts in them.
type Team = (Shard, PolicyHandle);

/// Workers, and what lies between them and the learner.
#[derive(Debug)]
pub(crate) struct Crew {
    board: Arc<Board>,
    /// Empty while all lanes are at home.
    workers: Vec<JoinHandle<Team>>,
    /// Steps of a unit.
    steps: usize,
}

impl Crew {
    /// Places for the workers of these lanes, a shard each.
    pub(crate) fn new(lanes: &Lanes, steps: usize, lag: u64) -> Self {
        let lengths = lanes.shards().iter().map(Shard::len);
        Self { board: Arc::new(Board::new(lengths, lag)), workers: Vec::new(), steps }
    }

    /// Whether the lanes are with the workers.
    pub(crate) fn is_out(&self) -> bool {
        !self.workers.is_empty()
    }

    /// Sends the lanes out, each shard with its policy.
    pub(crate) fn muster(
        &mut self,
        lanes: &mut Lanes,
        policies: &mut Vec<PolicyHandle>,
    ) -> Result<()> {
        self.board.open();
        let shards = lanes.send_out();
        let teams: Vec<Team> = shards.into_iter().zip(policies.drain(..)).collect();
        let mut failed = None;
        for (slot, team) in teams.into_iter().enumerate() {
            let (board, steps) = (self.board.clone(), self.steps);
            // A team without a thread stays behind, to be put back with the others.
            let place = Arc::new(std::sync::Mutex::new(Some(team)));
            let theirs = place.clone();
            let spawned = thread::Builder::new().name(format!("worker {slot}")).spawn(move || {
                // Without a stack of its own a handler may fail to restore the terminal.
                drop(safety::prepare_thread());
                let team = theirs.lock().ok().and_then(|mut team| team.take());
                work(team.expect("it was put there"), slot, steps, &board)
            });
            match spawned {
                Ok(worker) => self.workers.push(worker),
                Err(error) => {
                    let team = place.lock().ok().and_then(|mut team| team.take());
                    let (shard, policy) = team.expect("nobody took it");
                    lanes.put_back(shard);
                    policies.push(policy);
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), |error| {
            Err(Error::new(format!("cannot start a thread for a worker: {error}; use fewer")))
        })
    }

    /// Calls the lanes home, once the units under way are finished.
    pub(crate) fn recall(&mut self, lanes: &mut Lanes, policies: &mut Vec<PolicyHandle>) {
        for (shard, policy) in self.join() {
            lanes.put_back(shard);
            policies.push(policy);
        }
    }

    fn join(&mut self) -> Vec<Team> {
        self.board.close();
        let joined = self.workers.drain(..).map(JoinHandle::join);
        // A worker that panicked is a mistake of ours, as if the learner had made it.
        joined.map(|team| team.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    }

    /// Publishes a policy: units that begin from now on are made with it.
    pub(crate) fn publish(&self, policy: Published) {
        self.board.publish(policy);
    }

    /// Waits for the units that the next update learns from, in the order in which they count.
    pub(crate) fn take(
        &self,
        updates: u64,
        patience: Option<Patience>,
        units: &mut Vec<Unit>,
    ) -> Taken {
        self.board.take(updates, patience, units)
    }

    /// Takes all units that nobody has learned from, while the lanes are at home.
    pub(crate) fn take_rest(&self, units: &mut Vec<Unit>) {
        self.board.take_rest(units);
    }

    /// Gives back the room of units that were taken in.
    pub(crate) fn give_back(&self, units: &mut Vec<Unit>) {
        self.board.give_back(units);
    }

    /// Learns from the units that these say, made with the policies that these say; then, if
    /// `freely`, from what comes.
    pub(crate) fn follow(&self, commits: Vec<Commit>, serial: u64, freely: bool) -> Result<()> {
        self.board.follow(commits, serial, freely).map_err(Error::argument)
    }

    /// What is still to be followed.
    pub(crate) fn unfollowed(&self) -> Vec<Commit> {
        self.board.unfollowed()
    }

    /// Where the first lanes stood when their latest units were handed in.
    pub(crate) fn lanes_now(&self, lanes: &mut [LaneNow]) {
        self.board.lanes_now(lanes);
    }

    /// The latest picture of a lane; another one is drawn at the end of its next unit.
    pub(crate) fn picture(&self, lane: usize) -> Option<Scene> {
        self.board.picture(lane)
    }

    /// This is what is recorded from now on.
    pub(crate) fn arm(&self, pass: Pass) {
        self.board.arm(pass);
    }

    /// Names the units that nobody has learned from, for saving and loading; the lanes are at home.
    pub(crate) fn state(&mut self, archive: &mut Archive) {
        self.board.state(archive);
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.board.close();
        for worker in self.workers.drain(..) {
            // Whoever drops a run wants nothing from it any more.
            drop(worker.join());
        }
    }
}

/// Says so when a worker panics, so that nobody waits for it.
struct Told<'a> {
    board: &'a Board,
    slot: usize,
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.board.fail(self.slot);
        }
    }
}

/// Collects units until it is called home or something fails.
fn work((mut shard, mut policy): Team, slot: usize, steps: usize, board: &Board) -> Team {
    let told = Told { board, slot };
    let mut known = None;
    while let Some(published) = board.begin(slot) {
        let mut rolled = Ok(());
        if known != Some(published.serial) {
            rolled = policy.load(&published.acting);
            known = Some(published.serial);
        }
        if rolled.is_ok() {
            rolled = shard.roll(Some(&mut policy), published.situation, steps);
        }
        if !shard.note(rolled) {
            board.fail(slot);
            break;
        }
        board.hand_in(slot, &mut shard, &published);
    }
    drop(told);
    (shard, policy)
}

/// What a shard has recorded.
fn recordings(shard: &mut Shard, armed: Option<Pass>) -> Vec<Recording> {
    let Some(tape) = shard.tape_mut() else { return Vec::new() };
    if let Some(pass) = armed {
        tape.arm(pass);
    }
    tape.take()
}
