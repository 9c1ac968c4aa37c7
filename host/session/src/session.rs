//! One session on disk, for reading: its identity, where its run stood, what happened in it.

use crate::disk::{Disk, RealDisk};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::journal::Reader;
use crate::model::Model;
use crate::objects::Objects;
use crate::replay::REPLAYS;
use crate::seal;
use crate::snapshot::Snapshot;
use crate::state::State;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) const IDENTITY: &str = "session.ron";
pub(crate) const GENERATIONS: &str = "generations";
pub(crate) const OBJECTS: &str = "objects";
pub(crate) const JOURNAL: &str = "journal";

/// Generations that are kept because they are the newest.
pub(crate) const NEWEST_KEPT: usize = 3;

/// Of older generations, those are kept whose number is a multiple of this.
pub(crate) const EVERY_KEPT: u64 = 10;

/// One session on disk.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) disk: Arc<dyn Disk>,
    folder: PathBuf,
    name: String,
    identity: Identity,
    /// What is wrong with the first copy of the identity, when the second one had to do.
    damage: Option<String>,
}

/// A generation with all its states, and what had to be passed over to find a sound one.
#[derive(Debug)]
pub struct Loaded {
    /// Where the run stood.
    pub snapshot: Snapshot,
    /// What it needs to go on from there.
    pub states: Vec<State>,
    /// Why later generations could not be used.
    pub lost: Vec<Error>,
}

impl Loaded {
    /// The state of this name.
    pub fn take(&mut self, name: &str) -> Option<State> {
        let place = self.states.iter().position(|state| state.name == name)?;
        Some(self.states.swap_remove(place))
    }
}

impl Session {
    /// The session in this folder.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::open_on(Arc::new(RealDisk), folder)
    }

    /// The session in this folder of this disk.
    pub fn open_on(disk: Arc<dyn Disk>, folder: &Path) -> Result<Self> {
        let file = folder.join(IDENTITY);
        let copy = folder.join(GENERATIONS).join(generation_file(0));
        let is_missing = |error: &Error| match error {
            Error::System { source, .. } => {
                matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
            }
            _ => false,
        };
        let (identity, damage) = match seal::read::<Identity>(&*disk, &file) {
            Ok(identity) => (identity, None),
            Err(error @ Error::Format { .. }) => return Err(error),
            Err(error) => match seal::read(&*disk, &copy) {
                Ok(identity) => (identity, Some(error.to_string())),
                Err(_) if is_missing(&error) => {
                    let parts = [GENERATIONS, OBJECTS, JOURNAL].map(|part| folder.join(part));
                    let was_one = parts.iter().any(|part| disk.names(part).is_ok());
                    return Err(if was_one {
                        let file = generation_file(0);
                        let what = format!(
                            "it is missing, and {GENERATIONS}/{file} is no sound copy of it; \
                             `sessions rm` puts the session away"
                        );
                        Error::damaged(&folder.join(IDENTITY), what)
                    } else {
                        Error::NotASession(folder.to_owned())
                    });
                }
                Err(_) => return Err(error),
            },
        };
        let name = folder.file_name().unwrap_or(folder.as_os_str());
        let name = name.to_string_lossy().into_owned();
        Ok(Self { disk, name, identity, folder: folder.to_owned(), damage })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What makes its run the run it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is wrong with its identity although it could be read from its second copy.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Numbers of its generations, the oldest first. That they are there does not mean that they
    /// are sound.
    pub fn generations(&self) -> Result<Vec<u64>> {
        let folder = self.folder.join(GENERATIONS);
        let names = match self.disk.names(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names.map_err(Error::system("read", &folder))?,
        };
        let number = |name: &String| name.strip_suffix(".ron")?.parse().ok().filter(|&n| n > 0);
        let mut numbers: Vec<u64> = names.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The file of a generation.
    pub fn generation_path(&self, number: u64) -> PathBuf {
        self.folder.join(GENERATIONS).join(generation_file(number))
    }

    /// One generation, without its states.
    pub fn snapshot(&self, number: u64) -> Result<Snapshot> {
        let path = self.generation_path(number);
        let snapshot: Snapshot = seal::read(&*self.disk, &path)?;
        if snapshot.number != number || snapshot.session != self.identity.id {
            return Err(Error::damaged(&path, "it belongs to another place"));
        }
        Ok(snapshot)
    }

    /// The newest generation that can be read, without its states.
    pub fn latest(&self) -> Result<Snapshot> {
        let mut first = None;
        for number in self.generations()?.into_iter().rev() {
            match self.snapshot(number) {
                Ok(snapshot) => return Ok(snapshot),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| Error::NoSnapshot(self.name.clone())))
    }

    /// The newest generation that is sound to the last byte, with its states.
    pub fn load(&self) -> Result<Loaded> {
        self.load_before(u64::MAX)
    }

    /// The newest sound generation that was taken at this step or before.
    pub fn load_before(&self, steps: u64) -> Result<Loaded> {
        let (mut lost, mut later) = (Vec::new(), Vec::new());
        for number in self.generations()?.into_iter().rev() {
            let loaded = self.snapshot(number).and_then(|snapshot| {
                if snapshot.summary.steps > steps {
                    later.push(snapshot.summary.steps.to_string());
                    return Ok(None);
                }
                let states = snapshot.states.iter();
                let states = states.map(|kept| self.objects().state(&*self.disk, kept));
                let states = states.collect::<Result<_>>()?;
                Ok(Some((snapshot, states)))
            });
            match loaded {
                Ok(Some((snapshot, states))) => return Ok(Loaded { snapshot, states, lost }),
                Ok(None) => {}
                Err(error) => lost.push(error),
            }
        }
        Err(match lost.into_iter().next() {
            Some(error) => error,
            None if later.is_empty() => Error::NoSnapshot(self.name.clone()),
            None => {
                later.reverse();
                let there = format!("those of steps {}", later.join(", "));
                let wanted = format!("of step {steps} or before");
                Error::NoGeneration { session: self.name.clone(), wanted, there }
            }
        })
    }

    /// One state of a generation.
    pub fn state(&self, snapshot: &Snapshot, name: &str) -> Result<State> {
        let kept = snapshot.states.iter().find(|kept| kept.name == name);
        let kept = kept.ok_or_else(|| {
            let path = self.generation_path(snapshot.number);
            Error::damaged(&path, format!("it names no state `{name}`"))
        })?;
        self.objects().state(&*self.disk, kept)
    }

    /// Reads its journal from the beginning to the present end.
    pub fn read(&self) -> Reader {
        self.reader(false)
    }

    /// Reads its journal from the beginning, and on as it grows.
    pub fn follow(&self) -> Reader {
        self.reader(true)
    }

    /// What its journal comes to.
    pub fn model(&self) -> Model {
        let taken = |mut reader: Reader| {
            let mut model = Model::default();
            model.take(&mut reader);
            model
        };
        let model = taken(self.read());
        // Half a frame at the end of a journal that is being written is no damage.
        let is_half = !model.damage.is_empty() && self.is_under_way();
        if is_half { taken(self.follow()) } else { model }
    }

    /// Files of generations that were on the disk, as its journal says, that nobody would have
    /// pruned, and that are not there: somebody has removed them, and the run has not gone on
    /// without them since.
    pub fn missing(&self, model: &Model) -> Vec<Error> {
        let Ok(there) = self.generations() else { return Vec::new() };
        let begun = model.saved.iter().map(|saved| saved.generation);
        let known: BTreeSet<u64> = begun.chain(there.iter().copied()).collect();
        let newest = known.iter().rev().nth(NEWEST_KEPT - 1).copied().unwrap_or(0);
        let is_kept = |number: u64| number >= newest || number.is_multiple_of(EVERY_KEPT);
        let whole: BTreeSet<u64> = model.whole.iter().copied().collect();
        let is_known = |number: &u64| there.contains(number) || model.given_up.contains(number);
        let missing = whole.into_iter().filter(|number| is_kept(*number) && !is_known(number));
        let says = "it is missing, and the journal says that it was saved";
        missing.map(|number| Error::damaged(&self.generation_path(number), says)).collect()
    }

    /// The newest generation, if the journal ends before it says that all of it is on the disk.
    pub(crate) fn unmarked(&self, model: &Model) -> Option<u64> {
        let latest = self.latest().ok().filter(|latest| latest.marked)?;
        (!model.whole.contains(&latest.number)).then_some(latest.number)
    }

    /// The format of its newest part, if that is newer than what this build writes.
    pub(crate) fn newer(&self) -> Option<(u16, u16)> {
        let latest = self.latest().ok().map(|snapshot| snapshot.format);
        let newest = latest.unwrap_or_default().max(self.identity.format);
        Some(newest).filter(|format| *format > crate::FORMAT)
    }

    /// Whether a process is writing it at this moment.
    pub fn is_under_way(&self) -> bool {
        let lock = self.disk.lock(&self.folder.join(IDENTITY));
        lock.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        bytes_below(&*self.disk, &self.folder)
    }

    /// Bytes of its recorded episodes.
    pub fn replay_bytes(&self) -> u64 {
        bytes_below(&*self.disk, &self.folder.join(REPLAYS))
    }

    pub(crate) fn objects(&self) -> Objects {
        Objects::new(self.folder.join(OBJECTS))
    }

    pub(crate) fn journal_folder(&self) -> PathBuf {
        self.folder.join(JOURNAL)
    }

    fn reader(&self, follows: bool) -> Reader {
        Reader::new(self.disk.clone(), self.journal_folder(), &self.identity.id, follows)
    }
}

pub(crate) fn generation_file(number: u64) -> String {
    format!("{number:06}.ron")
}

fn bytes_below(disk: &dyn Disk, folder: &Path) -> u64 {
    let names = disk.names(folder).unwrap_or_default();
    let bytes = |name: &String| {
        let path = folder.join(name);
        disk.length(&path).unwrap_or_else(|_| bytes_below(disk, &path))
    };
    names.iter().map(bytes).sum()
}
