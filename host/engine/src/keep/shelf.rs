//! The shelf of a session for recorded episodes: which are asked for, how they are put into files,
//! and what goes when it is full.

use super::choose::{Choice, Kept, Thinned};
use super::cpu;
use crate::clock::Stopwatch;
use crate::replay::{Pass, Recording};
use plugin_api::Task;
use std::collections::BTreeMap;
use thorndike_session::journal::Recorded;
use thorndike_session::{Recorder, Replay};

/// Which episodes are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replays {
    /// All of all lanes while there is room, then some.
    All,
    /// All as long as they come no faster than they can be recorded beside the training, else some.
    Most,
    /// The best and the worst one, every k-th, and those of evaluations.
    Some,
    /// None.
    None,
}

impl Replays {
    /// What is usual in a world: most where little is seen and done.
    pub fn usual(task: &Task) -> Self {
        const OBS_BYTES: usize = 64;
        const ACTION_BYTES: usize = 16;
        let bytes = |space: &plugin_api::Space| space.width() * space.dtype().size();
        let is_small =
            bytes(&task.observations) <= OBS_BYTES && bytes(&task.actions) <= ACTION_BYTES;
        if is_small { Self::Most } else { Self::Some }
    }

    /// What is meant by a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::All, Self::Most, Self::Some, Self::None]
            .into_iter()
            .find(|known| known.word() == word)
    }

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Most => "most",
            Self::Some => "some",
            Self::None => "none",
        }
    }
}

/// Bytes of recorded episodes that a session keeps, where nobody says otherwise.
pub const REPLAY_BYTES: u64 = 64 << 20;

/// Bytes of a file with many episodes.
const FILE_BYTES: usize = 1 << 20;

/// Bytes that are recorded a second where most episodes are: at about 20 ns a byte, all threads
/// together, this takes two hundredths of a processor.
const BYTES_A_SECOND: f64 = 1_048_576.0;

/// Seconds' worth that may be recorded at once.
const AHEAD_S: f64 = 2.0;

/// Episodes that a shard records, where most are, before it asks again.
const EPISODES: u32 = 1000;

/// Bytes of a file beside those of its episodes, and of an episode beside those of its steps.
const FILE_OVERHEAD: usize = 1024;
const EPISODE_OVERHEAD: usize = 80;

/// How room is shared: half for all episodes, unless only some are kept; of the rest a quarter each
/// for every k-th, for evaluations, for parts of episodes that go on, and for the best and the
/// worst one together.
const PARTS: u64 = 4;

/// The room of a shelf.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// For all episodes.
    all: u64,
    /// For each of the four parts of the rest.
    part: u64,
}

/// Recorded episodes on their way to the disk.
#[derive(Debug)]
pub(super) struct Shelf {
    wish: Replays,
    room: Room,
    plugin: String,
    /// Number that the next episode gets.
    next: u64,
    /// Episodes of the file that is being filled, and their bytes.
    open: (Vec<Replay>, usize),
    /// Bytes of files with all episodes, and whether one came that had no room among them.
    all: u64,
    is_full: bool,
    /// Bytes of all episodes since it was made, when that was, and whether it was told that they
    /// come too fast.
    pace: (u64, Stopwatch, bool),
    choice: Choice,
    trials: Thinned,
    /// Of each lane, files with parts of the episode it is in; none where it became too long.
    parts: BTreeMap<u64, Option<Kept>>,
    note: Option<String>,
}

impl Shelf {
    /// A shelf that has these files already.
    pub(super) fn new(
        (wish, bytes_max): (Replays, u64),
        plugin: &str,
        next: u64,
        there: &[Recorded],
    ) -> Self {
        let of = |cause: &'static str| there.iter().filter(move |file| file.cause == cause);
        let kept = |file: &Recorded| Kept { files: vec![file.file], bytes: file.bytes };
        let all: u64 = of("all").map(|file| file.bytes).sum();
        let room = match (wish, all) {
            (Replays::Some, 0) => Room { all: 0, part: bytes_max / PARTS },
            _ => Room { all: bytes_max / 2, part: bytes_max / 2 / PARTS },
        };
        let thinned = |cause| Thinned::new(room.part, of(cause).map(kept).collect());
        let end = |cause| of(cause).next_back().map(|file| (kept(file), file.total));
        Self {
            wish: if bytes_max == 0 { Replays::None } else { wish },
            room,
            plugin: plugin.to_owned(),
            next,
            open: (Vec::new(), 0),
            is_full: all >= room.all,
            all,
            pace: (0, Stopwatch::start(), false),
            choice: Choice {
                every: thinned("every"),
                end_bytes_max: room.part / 2,
                best: end("best"),
                worst: end("worst"),
            },
            trials: thinned("eval"),
            parts: BTreeMap::new(),
            note: None,
        }
    }

    /// What is to be recorded from now on; nothing where nothing is.
    pub(super) fn pass(&self) -> Option<Pass> {
        match self.wish {
            Replays::None => None,
            Replays::All if !self.is_full => Some(Pass::All),
            Replays::Most if !self.is_full && !self.is_ahead() => Some(Pass::Most(EPISODES)),
            _ => Some(Pass::Some),
        }
    }

    /// Whether more was recorded than the time since allows.
    fn is_ahead(&self) -> bool {
        self.pace.0 as f64 > BYTES_A_SECOND * (AHEAD_S + self.pace.1.seconds())
    }

    /// What the log should say, once.
    pub(super) fn note(&mut self) -> Option<String> {
        self.note.take()
    }

    /// Takes in what was recorded in training, with the lanes of the run.
    pub(super) fn take(&mut self, recorded: Vec<Recording>, lanes: u64, to: &Recorder) {
        let all = self.pass() != Some(Pass::Some);
        for recording in recorded {
            let (bytes, is_whole) = (recording.bytes() + EPISODE_OVERHEAD, recording.is_whole());
            let Recording { step, mut replay } = recording;
            replay.head.steps = step * lanes;
            self.sign(&mut replay);
            let with_it = self.all + (self.open.1 + bytes + FILE_OVERHEAD) as u64;
            if all && !self.is_full && with_it > self.room.all {
                self.is_full = true;
                self.flush(to);
                self.tell_full();
            }
            if all && !self.is_full {
                self.pace.0 += bytes as u64;
                "all".clone_into(&mut replay.head.cause);
                self.open.0.push(replay);
                self.open.1 += bytes;
                if self.open.1 >= FILE_BYTES {
                    self.flush(to);
                }
            } else if is_whole {
                self.offer(replay, (bytes + FILE_OVERHEAD) as u64, to);
            } else {
                self.part(replay, (bytes + FILE_OVERHEAD) as u64, to);
            }
        }
        if self.wish == Replays::Most && self.is_ahead() && !self.pace.2 {
            self.pace.2 = true;
            self.note = Some(
                "episodes come faster than all of them are worth recording: while they do, the \
                 best and the worst one, every k-th and those of evaluations are (--replays all \
                 records all)"
                    .to_owned(),
            );
        }
    }

    /// Takes in what was recorded in a round of evaluation that was held at this step.
    pub(super) fn take_trial(&mut self, recorded: Vec<Recording>, steps: u64, to: &Recorder) {
        if self.wish == Replays::None || recorded.is_empty() || !self.trials.is_due() {
            return;
        }
        let each = recorded.iter().map(|recording| recording.bytes() + EPISODE_OVERHEAD);
        let bytes = (each.sum::<usize>() + FILE_OVERHEAD) as u64;
        let sign = |Recording { mut replay, .. }: Recording| {
            (replay.head.steps, replay.head.trial) = (steps, steps);
            "eval".clone_into(&mut replay.head.cause);
            self.sign(&mut replay);
            replay
        };
        let replays: Vec<Replay> = recorded.into_iter().map(sign).collect();
        self.flush(to);
        let dropped = self.trials.keep(Kept { files: vec![self.next], bytes });
        let dropped = dropped.into_iter().flat_map(|kept| kept.files);
        to.forget(dropped.filter(|file| *file != self.next));
        if self.trials.has(self.next) {
            self.write(replays, to);
        }
    }

    /// Writes what was gathered, so that no file holds episodes from both sides of a snapshot.
    pub(super) fn flush(&mut self, to: &Recorder) {
        let (replays, bytes) = std::mem::take(&mut self.open);
        if replays.is_empty() {
            return;
        }
        self.all += (bytes + FILE_OVERHEAD) as u64;
        self.write(replays, to);
    }

    fn tell_full(&mut self) {
        let megabytes = self.all as f64 / f64::from(1 << 20);
        self.note = Some(format!(
            "{} episodes are recorded and take {megabytes:.1} MiB; from now on the best and the \
             worst one, every k-th and those of evaluations are (--replay-mb gives more room)",
            self.next - 1
        ));
    }

    fn sign(&self, replay: &mut Replay) {
        replay.head.cpu = cpu();
        replay.head.plugin.clone_from(&self.plugin);
    }

    fn write(&mut self, replays: Vec<Replay>, to: &Recorder) {
        self.next += replays.len() as u64;
        to.record(replays);
    }

    /// Keeps an episode that has ended, with its earlier parts, if it is worth it.
    fn offer(&mut self, mut replay: Replay, bytes: u64, to: &Recorder) {
        let mut kept = Kept { files: Vec::new(), bytes };
        match self.parts.remove(&replay.head.lane) {
            Some(Some(parts)) => {
                kept.bytes += parts.bytes;
                kept.files = parts.files;
            }
            // Its beginning is gone.
            Some(None) => return,
            None if replay.head.from > 0 => return,
            None => {}
        }
        kept.files.push(self.next);
        let verdict = self.choice.offer(replay.head.total, kept);
        to.forget(verdict.dropped);
        if let Some(cause) = verdict.cause {
            cause.clone_into(&mut replay.head.cause);
            self.write(vec![replay], to);
        }
    }

    /// Keeps a part of an episode that goes on, until it is known what becomes of that.
    fn part(&mut self, mut replay: Replay, bytes: u64, to: &Recorder) {
        let (lane, from) = (replay.head.lane, replay.head.from);
        let empty = || Kept { files: Vec::new(), bytes: 0 };
        let before = self.parts.remove(&lane).unwrap_or_else(|| (from == 0).then(empty));
        let others: u64 = self.parts.values().flatten().map(|kept| kept.bytes).sum();
        let kept = before.and_then(|mut kept| {
            kept.bytes += bytes;
            if others + kept.bytes > self.room.part {
                to.forget(kept.files);
                return None;
            }
            kept.files.push(self.next);
            Some(kept)
        });
        let stays = kept.is_some();
        self.parts.insert(lane, kept);
        if stays {
            "part".clone_into(&mut replay.head.cause);
            self.write(vec![replay], to);
        }
    }
}
