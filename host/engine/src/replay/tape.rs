//! A tape: records episodes of the lanes of a shard while they are trained.

use super::chained;
use plugin_api::abi::handle::EnvHandle;
use plugin_api::{ErrorKind, Result};
use thorndike_session::Replay;

/// Steps between two states that are kept.
const KEY_STEPS: u64 = 1000;

/// Episodes recorded one after another before a tape that records some waits to be asked.
const FREE: u32 = 100;

/// Bytes of a part: a longer episode is handed over in several, so that no memory fills.
const PART_BYTES: usize = 4 << 20;

/// Steps there is room for from the beginning, so that short episodes never move.
const SHORT: usize = 24;

/// Bytes of what is kept of a step beside its action: reward, flag and hash.
const STEP_BYTES: usize = 17;

/// Bytes of a state beside its own.
const KEY_BYTES: usize = 16;

/// Which episodes are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pass {
    /// All.
    All,
    /// Up to so many of a shard until somebody asks again.
    Most(u32),
    /// The first hundred of a shard, and then one for each of its lanes whenever somebody asks.
    #[default]
    Some,
}

/// Records episodes of the lanes of a shard.
#[derive(Clone, Debug)]
pub struct Tape {
    action_bytes: usize,
    obs_bytes: usize,
    /// For each lane, the episode under way, if it is recorded.
    open: Vec<Option<Box<Open>>>,
    /// How many lanes have one.
    recorded: usize,
    /// Episodes that may still begin to be recorded; nothing counts down where all are.
    free: Option<u32>,
    finished: Vec<Recording>,
}

/// An episode, or a part of a long one, that was recorded to its end.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Steps its lane had taken at the end.
    pub step: u64,
    /// What was recorded; who and why are for others to fill in.
    pub replay: Replay,
}

impl Recording {
    /// Whether its episode ended with it.
    pub fn is_whole(&self) -> bool {
        self.replay.flags.last().is_some_and(|&flags| flags != 0)
    }

    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        bytes(&self.replay)
    }
}

/// An episode under way.
#[derive(Clone, Debug)]
struct Open {
    replay: Replay,
    hash: u64,
}

/// What a step of all lanes looked like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// Action rows.
    pub(crate) actions: &'a [u8],
    /// Observation rows after the step.
    pub(crate) obs: &'a [u8],
    /// Final observations, where episodes ended.
    pub(crate) final_obs: &'a [u8],
    pub(crate) rewards: &'a [f64],
    pub(crate) flags: &'a [u8],
    /// Steps each lane has taken with this one.
    pub(crate) step: u64,
}

impl Tape {
    /// A tape for so many lanes with rows of these bytes.
    pub fn new(lanes: usize, action_bytes: usize, obs_bytes: usize, pass: Pass) -> Self {
        Self {
            action_bytes,
            obs_bytes,
            open: vec![None; lanes],
            recorded: 0,
            free: match pass {
                Pass::All => None,
                Pass::Most(free) => Some(free),
                Pass::Some => Some(FREE),
            },
            finished: Vec::new(),
        }
    }

    /// Records all episodes from now on, or so many, or the next one of each lane.
    pub fn arm(&mut self, pass: Pass) {
        let lanes = self.open.len() as u32;
        self.free = match pass {
            Pass::All => None,
            Pass::Most(free) => Some(free),
            Pass::Some => Some(self.free.unwrap_or(0).max(lanes)),
        };
    }

    /// A lane begins an episode that nobody knows the middle of.
    pub(crate) fn forget(&mut self, lane: usize) {
        self.put(lane, None);
    }

    /// What is recorded of a lane from now on; returns what was so far.
    fn put(&mut self, lane: usize, open: Option<Box<Open>>) -> Option<Box<Open>> {
        let now = usize::from(open.is_some());
        let before = std::mem::replace(&mut self.open[lane], open);
        self.recorded = self.recorded + now - usize::from(before.is_some());
        before
    }

    /// What was recorded since the last call.
    pub fn take(&mut self) -> Vec<Recording> {
        std::mem::take(&mut self.finished)
    }

    /// The lane begins an episode with these observations of all lanes, having taken so many
    /// steps.
    pub(crate) fn begin(
        &mut self,
        env: &mut EnvHandle,
        lane: usize,
        obs: &[u8],
        step: u64,
    ) -> Result<()> {
        if self.free == Some(0) {
            return Ok(());
        }
        let Some(state) = saved(env, lane)? else {
            // An environment that cannot be saved cannot be replayed.
            self.free = Some(0);
            return Ok(());
        };
        self.free = self.free.map(|free| free - 1);
        let mut replay = self.part(lane, obs, state);
        replay.head.begun = step;
        self.put(lane, Some(Box::new(Open { replay, hash: 0 })));
        Ok(())
    }

    /// The lanes took a step; where an episode ended, the next one begins. `first` is the number of
    /// the first lane in the run.
    #[inline]
    pub(crate) fn step(&mut self, env: &mut EnvHandle, first: usize, seen: Seen<'_>) -> Result<()> {
        if self.recorded == 0 && self.free == Some(0) {
            return Ok(());
        }
        for lane in 0..self.open.len() {
            let flags = seen.flags[lane];
            let mut is_full = false;
            if let Some(open) = &mut self.open[lane] {
                let obs = if flags == 0 { seen.obs } else { seen.final_obs };
                let obs = row(obs, lane, self.obs_bytes);
                let reward = seen.rewards[lane];
                open.hash = chained(open.hash, obs, reward, flags);
                let replay = &mut open.replay;
                replay.actions.extend_from_slice(row(seen.actions, lane, self.action_bytes));
                replay.rewards.push(reward);
                replay.flags.push(flags);
                replay.hashes.push(open.hash);
                is_full = (replay.len() as u64).is_multiple_of(KEY_STEPS);
            }
            if flags != 0 {
                self.finish(first + lane, lane, seen.step);
                self.begin(env, lane, seen.obs, seen.step)?;
            } else if is_full {
                self.key(env, first, lane, seen)?;
            }
        }
        Ok(())
    }

    /// Keeps the state of a lane, in a new part when the old one is long enough.
    fn key(
        &mut self,
        env: &mut EnvHandle,
        first: usize,
        lane: usize,
        seen: Seen<'_>,
    ) -> Result<()> {
        let Some(open) = &mut self.open[lane] else { return Ok(()) };
        let Some(state) = saved(env, lane)? else {
            // Without its state the rest of the episode could not be sought in.
            self.forget(lane);
            return Ok(());
        };
        if bytes(&open.replay) < PART_BYTES {
            open.replay.keys.push((open.replay.len() as u64, state));
            return Ok(());
        }
        let head = &open.replay.head;
        let (begun, from) = (head.begun, head.from + open.replay.len() as u64);
        self.finish(first + lane, lane, seen.step);
        let mut replay = self.part(lane, seen.obs, state);
        (replay.head.begun, replay.head.from) = (begun, from);
        self.put(lane, Some(Box::new(Open { replay, hash: 0 })));
        Ok(())
    }

    /// An empty part that begins with these observations of all lanes, in this state.
    fn part(&self, lane: usize, obs: &[u8], state: Vec<u8>) -> Replay {
        Replay {
            first: row(obs, lane, self.obs_bytes).to_vec(),
            action_bytes: self.action_bytes,
            actions: Vec::with_capacity(SHORT * self.action_bytes),
            rewards: Vec::with_capacity(SHORT),
            flags: Vec::with_capacity(SHORT),
            hashes: Vec::with_capacity(SHORT),
            keys: vec![(0, state)],
            ..Replay::default()
        }
    }

    /// Puts what was recorded of a lane to what is finished.
    fn finish(&mut self, number: usize, lane: usize, step: u64) {
        let Some(open) = self.put(lane, None) else { return };
        let mut replay = open.replay;
        replay.head.lane = number as u64;
        replay.head.total = replay.rewards.iter().sum();
        self.finished.push(Recording { step, replay });
    }

    /// Recordings that nobody has taken.
    pub(crate) fn finished_mut(&mut self) -> &mut [Recording] {
        &mut self.finished
    }
}

/// Gives the episode that ended in a lane, when that had taken so many steps, its number and
/// return.
pub(crate) fn name(finished: &mut [Recording], at: (usize, u64), episode: u64, total: f64) {
    let is_it = |known: &&mut Recording| known.replay.head.lane == at.0 as u64 && known.is_whole();
    // They end one after another, so that what ended before need not be looked through.
    let mut latest = finished.iter_mut().rev().skip_while(|known| known.step > at.1);
    if let Some(recording) = latest.by_ref().take_while(|known| known.step == at.1).find(is_it) {
        let head = &mut recording.replay.head;
        (head.episode, head.total) = (episode, total);
    }
}

/// The state of a lane; none where the environment says that it has none to give. A panic is the
/// end of the environment and no longer a matter of recording.
fn saved(env: &mut EnvHandle, lane: usize) -> Result<Option<Vec<u8>>> {
    match env.save(lane) {
        Ok(state) => Ok(Some(state)),
        Err(error) if error.kind == ErrorKind::Panic => Err(error),
        Err(_) => Ok(None),
    }
}

/// Bytes that a replay takes.
fn bytes(replay: &Replay) -> usize {
    let keys: usize = replay.keys.iter().map(|(_, state)| state.len() + KEY_BYTES).sum();
    replay.first.len() + replay.actions.len() + STEP_BYTES * replay.len() + keys
}

fn row(rows: &[u8], lane: usize, bytes: usize) -> &[u8] {
    &rows[lane * bytes..][..bytes]
}
