//! Recorded episodes: what was done, what it brought, and hashes of what was seen.
//!
//! A file is a safetensors file whose name ends in the hash of its bytes.

use crate::error::{Error, Result};
use crate::seal::{from_ron, read_capped};
use crate::session::Session;
use crate::state::{Kind, Tensor, metadata, read_all, write_all};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};

pub(crate) const REPLAYS: &str = "replays";

/// The longest file that is read.
const BYTES_MAX: u64 = 1 << 30;

/// What an episode was recorded in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// Version of the format.
    pub format: (u16, u16),
    /// Id of the session.
    pub session: String,
    /// Number of the episode in its run; 0 when it has none.
    pub episode: u64,
    /// The lane it ran in.
    pub lane: u64,
    /// Environment steps of the run when it ended.
    pub steps: u64,
    /// Sum of its rewards.
    pub total: f64,
    /// Hash of the plugin's file.
    pub plugin: String,
    /// What the processor could do.
    pub cpu: String,
    /// Why it is kept, in one word: `every`, `best`, `worst`, `eval`.
    pub cause: String,
}

/// A recorded episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    /// What it was recorded in.
    pub head: Head,
    /// The first observation, as the environment wrote it.
    pub first: Vec<u8>,
    /// Bytes of one action.
    pub action_bytes: usize,
    /// The actions, one after another, as the environment read them.
    pub actions: Vec<u8>,
    /// What each step brought.
    pub rewards: Vec<f64>,
    /// How each step ended.
    pub flags: Vec<u8>,
    /// A hash of everything seen up to and with each step.
    pub hashes: Vec<u64>,
    /// States of the environment before some steps, the first one among them.
    pub keys: Vec<(u64, Vec<u8>)>,
}

/// A replay of a session, by its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its number in the session.
    pub number: u64,
    /// Where it lies.
    pub path: PathBuf,
}

impl Replay {
    /// Its steps.
    pub fn len(&self) -> usize {
        self.rewards.len()
    }

    /// Whether it has no step.
    pub fn is_empty(&self) -> bool {
        self.rewards.is_empty()
    }

    /// The action of a step.
    pub fn action(&self, step: usize) -> &[u8] {
        &self.actions[step * self.action_bytes..][..self.action_bytes]
    }

    /// The replay as the bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let steps = self.len() as u64;
        let width = self.action_bytes as u64;
        let (mut places, mut states) = (Vec::new(), Vec::new());
        for (step, state) in &self.keys {
            places.extend_from_slice(&step.to_le_bytes());
            places.extend_from_slice(&(state.len() as u64).to_le_bytes());
            states.extend_from_slice(state);
        }
        let rewards = self.rewards.iter().flat_map(|reward| reward.to_le_bytes()).collect();
        let hashes = self.hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        let count = states.len() as u64;
        let tensors = [
            tensor("rewards", Kind::F64, &[steps], rewards),
            tensor("hashes", Kind::U64, &[self.hashes.len() as u64], hashes),
            tensor("keys", Kind::U64, &[self.keys.len() as u64, 2], places),
            tensor("actions", Kind::U8, &[steps, width], self.actions.clone()),
            tensor("flags", Kind::U8, &[self.flags.len() as u64], self.flags.clone()),
            tensor("states", Kind::U8, &[count], states),
            tensor("first", Kind::U8, &[self.first.len() as u64], self.first.clone()),
        ];
        let head = ron::to_string(&self.head).expect("plain data can be written");
        write_all(&tensors.iter().collect::<Vec<_>>(), &[("replay", head)])
    }

    /// The replay in the bytes of a file.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self> {
        let wrong = |what: &str| Error::damaged(path, what);
        let head = metadata(path, bytes, "replay")?.ok_or_else(|| wrong("it is no replay"))?;
        let head: Head = from_ron(path, &head)?;
        if head.format.0 != crate::FORMAT.0 {
            return Err(Error::Format { path: path.to_owned(), found: head.format });
        }
        let mut tensors = read_all(path, bytes)?;
        let mut take = |name: &str, kind: Kind| {
            let place = tensors.iter().position(|t| t.name == name && t.kind == kind);
            place
                .map(|place| tensors.swap_remove(place))
                .ok_or_else(|| wrong("a column is missing"))
        };
        let (rewards, hashes) = (take("rewards", Kind::F64)?, take("hashes", Kind::U64)?);
        let (keys, states) = (take("keys", Kind::U64)?, take("states", Kind::U8)?.bytes);
        let (actions, flags) = (take("actions", Kind::U8)?, take("flags", Kind::U8)?.bytes);
        let action_bytes = actions.shape.get(1).copied().unwrap_or(0) as usize;
        let replay = Self {
            head,
            first: take("first", Kind::U8)?.bytes,
            action_bytes,
            rewards: words(&rewards.bytes).map(f64::from_bits).collect(),
            hashes: words(&hashes.bytes).collect(),
            keys: cut_keys(&keys.bytes, &states).ok_or_else(|| wrong("its states do not fit"))?,
            actions: actions.bytes,
            flags,
        };
        let steps = replay.len();
        let fits = replay.hashes.len() == steps
            && replay.flags.len() == steps
            && replay.actions.len() == steps * action_bytes
            && replay.keys.first().is_some_and(|(step, _)| *step == 0)
            && replay.keys.is_sorted_by(|a, b| a.0 < b.0);
        if fits { Ok(replay) } else { Err(wrong("its columns have different lengths")) }
    }
}

impl Session {
    /// Its recorded episodes, in the order they were recorded.
    pub fn replays(&self) -> Result<Vec<Named>> {
        let folder = self.folder().join(REPLAYS);
        let names = match self.disk.names(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names.map_err(Error::system("read", &folder))?,
        };
        let number = |name: &str| name.split_once('-')?.0.parse().ok();
        let named = names.into_iter().filter(|name| !name.starts_with('.'));
        Ok(named
            .filter_map(|name| Some(Named { number: number(&name)?, path: folder.join(name) }))
            .collect())
    }

    /// A recorded episode, if its bytes are those that were written.
    pub fn replay(&self, named: &Named) -> Result<Replay> {
        let bytes = read_capped(&*self.disk, &named.path, BYTES_MAX)?;
        if named.path.file_name() != file_name(named.number, &bytes).as_path().file_name() {
            return Err(Error::damaged(&named.path, "its bytes do not match its name"));
        }
        let replay = Replay::from_bytes(&named.path, &bytes)?;
        if replay.head.session != self.identity().id {
            return Err(Error::damaged(&named.path, "it belongs to another session"));
        }
        Ok(replay)
    }
}

/// What the file with these bytes is called.
pub(crate) fn file_name(number: u64, bytes: &[u8]) -> PathBuf {
    PathBuf::from(format!("{number:08}-{}.safetensors", blake3::hash(bytes).to_hex()))
}

fn tensor(name: &str, kind: Kind, shape: &[u64], bytes: Vec<u8>) -> Tensor {
    Tensor { name: name.to_owned(), kind, shape: shape.to_vec(), bytes }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes")))
}

fn cut_keys(places: &[u8], mut states: &[u8]) -> Option<Vec<(u64, Vec<u8>)>> {
    let words: Vec<u64> = words(places).collect();
    let mut keys = Vec::new();
    for pair in words.chunks_exact(2) {
        let (state, rest) = states.split_at_checked(usize::try_from(pair[1]).ok()?)?;
        keys.push((pair[0], state.to_vec()));
        states = rest;
    }
    states.is_empty().then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replays_come_back_and_cut_ones_are_refused() {
        let replay = Replay {
            head: Head { format: crate::FORMAT, episode: 7, total: 0.1, ..Head::default() },
            first: vec![9; 4],
            action_bytes: 2,
            actions: vec![1, 2, 3, 4, 5, 6],
            rewards: vec![0.1, -0.0, 1e300],
            flags: vec![0, 0, 1],
            hashes: vec![1, u64::MAX, 3],
            keys: vec![(0, vec![5; 3]), (2, vec![])],
        };
        let bytes = replay.to_bytes();
        let path = Path::new("x");
        assert_eq!(Replay::from_bytes(path, &bytes).expect("just written"), replay);
        assert_eq!(replay.action(1), [3, 4]);
        for length in 0..bytes.len() {
            Replay::from_bytes(path, &bytes[..length]).expect_err("something is missing");
        }
        let broken = Replay { flags: vec![0], ..replay };
        Replay::from_bytes(path, &broken.to_bytes()).expect_err("flags are missing");
    }
}
