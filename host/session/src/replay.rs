//! Recorded episodes: what was done, what it brought, and hashes of what was seen.
//!
//! A file is a safetensors file whose name ends in the hash of its bytes. It holds one episode or
//! many; a long episode is cut into parts that lie in several files.

mod pack;
mod take;

pub use take::{Library, Place, Take, Takes};

use crate::error::{Error, Result};
use crate::seal::read_capped;
use crate::session::Session;
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
    /// Number of the episode in its run, or in its round of evaluation; 0 when it has none.
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
    /// Why it is kept, in one word: `all`, `every`, `best`, `worst`, `eval`.
    pub cause: String,
    /// Steps its lane had taken when it began.
    pub begun: u64,
    /// Steps of the episode before this part of it.
    pub from: u64,
    /// Environment steps of the run when its round of evaluation was held; 0 in training.
    pub trial: u64,
}

/// A recorded episode, or a part of a long one.
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

/// A file with recorded episodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Number of the first of them in the session; the others follow.
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

    /// Replays as the bytes of a file; their actions have the same width.
    pub fn to_bytes(replays: &[Self]) -> Vec<u8> {
        pack::write(replays)
    }

    /// The replays in the bytes of a file.
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Vec<Self>> {
        pack::read(path, bytes)
    }
}

impl Session {
    /// The files with its recorded episodes, in the order they were recorded.
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

    /// What a file holds, if its bytes are those that were written.
    pub fn replay(&self, named: &Named) -> Result<Vec<Replay>> {
        let bytes = read_capped(&*self.disk, &named.path, BYTES_MAX)?;
        if named.path.file_name() != file_name(named.number, &bytes).as_path().file_name() {
            return Err(Error::damaged(&named.path, "its bytes do not match its name"));
        }
        let replays = Replay::from_bytes(&named.path, &bytes)?;
        self.owns(named, &replays[0].head)?;
        Ok(replays)
    }

    fn owns(&self, named: &Named, head: &Head) -> Result<()> {
        if head.session != self.identity().id {
            return Err(Error::damaged(&named.path, "it belongs to another session"));
        }
        Ok(())
    }
}

/// What the file with these bytes is called.
pub(crate) fn file_name(number: u64, bytes: &[u8]) -> PathBuf {
    PathBuf::from(format!("{number:08}-{}.safetensors", blake3::hash(bytes).to_hex()))
}
