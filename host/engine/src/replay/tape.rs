//! A tape: records episodes of one lane while it is trained.

use super::chained;
use plugin_api::abi::handle::EnvHandle;
use thorndike_session::Replay;

/// Steps between two states that are kept.
const KEY_STEPS: u64 = 1000;

/// Episodes recorded one after another before a tape waits to be asked.
const FREE: u32 = 100;

/// Bytes of actions and states of one episode; a longer one is not recorded.
const BYTES_MAX: usize = 16 << 20;

/// Records episodes of one lane of a shard.
#[derive(Clone, Debug)]
pub struct Tape {
    lane: usize,
    action_bytes: usize,
    obs_bytes: usize,
    /// The episode under way, if it is recorded.
    open: Option<Replay>,
    hash: u64,
    /// Whether the next episode is to be recorded.
    armed: bool,
    free: u32,
    finished: Vec<Recording>,
}

/// An episode that was recorded to its end.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Steps its lane had taken at the end.
    pub step: u64,
    /// What was recorded; who and why are for others to fill in.
    pub replay: Replay,
}

/// What a step of the lane looked like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// Action rows of all lanes.
    pub(crate) actions: &'a [u8],
    /// Observation rows after the step.
    pub(crate) obs: &'a [u8],
    /// Final observations, where episodes ended.
    pub(crate) final_obs: &'a [u8],
    pub(crate) reward: f64,
    pub(crate) flags: u8,
    /// Steps the lane has taken with this one.
    pub(crate) step: u64,
}

impl Tape {
    /// A tape for a lane, counted within its shard, with rows of these bytes.
    pub fn new(lane: usize, action_bytes: usize, obs_bytes: usize) -> Self {
        Self {
            lane,
            action_bytes,
            obs_bytes,
            open: None,
            hash: 0,
            armed: true,
            free: FREE,
            finished: Vec::new(),
        }
    }

    /// The lane it runs along with.
    pub fn lane(&self) -> usize {
        self.lane
    }

    /// Records the next episode that begins.
    pub fn arm(&mut self) {
        self.armed = true;
    }

    /// The lane begins an episode that nobody knows the middle of.
    pub(crate) fn forget(&mut self) {
        self.open = None;
    }

    /// Episodes recorded since the last call.
    pub fn take(&mut self) -> Vec<Recording> {
        std::mem::take(&mut self.finished)
    }

    /// The episode that ended at this step of the lane has this number and return.
    pub(crate) fn name(&mut self, step: u64, episode: u64, total: f64) {
        if let Some(recording) = self.finished.iter_mut().rfind(|known| known.step == step) {
            let head = &mut recording.replay.head;
            (head.episode, head.total) = (episode, total);
        }
    }

    /// An episode begins with these observations.
    pub(crate) fn begin(&mut self, env: &mut EnvHandle, obs: &[u8]) {
        if !self.armed {
            return;
        }
        // An environment that cannot be saved cannot be replayed.
        let Ok(state) = env.save(self.lane) else { return self.armed = false };
        self.hash = 0;
        self.free = self.free.saturating_sub(1);
        self.armed = self.free > 0;
        self.open = Some(Replay {
            first: row(obs, self.lane, self.obs_bytes).to_vec(),
            action_bytes: self.action_bytes,
            keys: vec![(0, state)],
            ..Replay::default()
        });
    }

    /// The lane took a step; when its episode ended, the next one begins.
    pub(crate) fn step(&mut self, env: &mut EnvHandle, seen: Seen<'_>) {
        let ended = seen.flags != 0;
        if let Some(open) = &mut self.open {
            let obs = if ended { seen.final_obs } else { seen.obs };
            let obs = row(obs, self.lane, self.obs_bytes);
            self.hash = chained(self.hash, obs, seen.reward, seen.flags);
            open.actions.extend_from_slice(row(seen.actions, self.lane, self.action_bytes));
            open.rewards.push(seen.reward);
            open.flags.push(seen.flags);
            open.hashes.push(self.hash);
            let steps = open.len() as u64;
            if !ended && steps.is_multiple_of(KEY_STEPS) {
                let kept = env.save(self.lane).map(|state| open.keys.push((steps, state)));
                let bytes = open.actions.len() + open.keys.len() * open.keys[0].1.len();
                if kept.is_err() || bytes + 24 * open.len() > BYTES_MAX {
                    self.open = None;
                }
            }
        }
        if ended {
            if let Some(replay) = self.open.take() {
                self.finished.push(Recording { step: seen.step, replay });
            }
            self.begin(env, seen.obs);
        }
    }
}

fn row(rows: &[u8], lane: usize, bytes: usize) -> &[u8] {
    &rows[lane * bytes..][..bytes]
}
