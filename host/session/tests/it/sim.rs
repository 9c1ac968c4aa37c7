//! A disk in memory that can fail at any call, and that knows what a power cut may leave of it.
//!
//! What was written and not synced may be there, not there, there in part, or there as zeros; what
//! was named and not synced may be named or not, each name on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use thorndike_session::Disk;
use thorndike_session::disk::Lock;

/// What goes wrong, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// Number of the first call that changes something and fails, from 0.
    pub(crate) call: u64,
    /// Whether all later ones fail, too.
    pub(crate) for_good: bool,
    pub(crate) kind: io::ErrorKind,
}

/// A disk in memory.
#[derive(Debug, Default)]
pub(crate) struct Sim(Mutex<State>);

#[derive(Clone, Debug, Default)]
struct State {
    files: Vec<Content>,
    names: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    /// Names and folders that a power cut leaves.
    safe: (BTreeMap<PathBuf, usize>, BTreeSet<PathBuf>),
    /// What was changed since among names, in order.
    waiting: Vec<Change>,
    calls: u64,
    fault: Option<Fault>,
    /// Calls that only look, since the last time somebody asked for one to fail.
    looks: u64,
    blind: Option<Fault>,
}

#[derive(Clone, Debug, Default)]
struct Content {
    now: Vec<u8>,
    safe: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Change {
    Name(PathBuf, usize),
    Folder(PathBuf),
    Remove(PathBuf),
    Rename(PathBuf, PathBuf),
}

impl Change {
    /// Whether a sync of this folder makes it safe.
    fn is_in(&self, folder: &Path) -> bool {
        match self {
            Self::Name(path, _) | Self::Folder(path) | Self::Remove(path) => {
                path.parent() == Some(folder)
            }
            Self::Rename(_, to) => to.parent() == Some(folder),
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>, folders: &mut BTreeSet<PathBuf>) {
        match self {
            Self::Name(path, file) => drop(names.insert(path.clone(), *file)),
            Self::Folder(path) => drop(folders.insert(path.clone())),
            Self::Remove(path) => {
                names.retain(|name, _| !name.starts_with(path));
                folders.retain(|name| !name.starts_with(path));
            }
            Self::Rename(from, to) => {
                let moved = |path: &Path| {
                    let rest = path.strip_prefix(from).ok()?;
                    Some(if rest.as_os_str().is_empty() { to.clone() } else { to.join(rest) })
                };
                let all = std::mem::take(names).into_iter();
                let (gone, stay): (Vec<_>, Vec<_>) = all.partition(|(p, _)| p.starts_with(from));
                names.extend(stay);
                names.extend(
                    gone.into_iter().filter_map(|(path, file)| Some((moved(&path)?, file))),
                );
                let all = std::mem::take(folders).into_iter();
                folders.extend(all.map(|path| moved(&path).unwrap_or(path)));
            }
        }
    }
}

impl Sim {
    pub(crate) fn with_fault(fault: Fault) -> Self {
        let sim = Self::default();
        sim.lock().fault = Some(fault);
        sim
    }

    /// Calls that changed something, or tried to.
    pub(crate) fn calls(&self) -> u64 {
        self.lock().calls
    }

    /// Everything works from now on.
    pub(crate) fn repair(&self) {
        let mut state = self.lock();
        (state.fault, state.blind) = (None, None);
    }

    /// Has calls fail that only look, counted from now on.
    pub(crate) fn blind(&self, fault: Fault) {
        let mut state = self.lock();
        (state.looks, state.blind) = (0, Some(fault));
    }

    /// Calls that only looked since then.
    pub(crate) fn looks(&self) -> u64 {
        self.lock().looks
    }

    /// Counts a call that only looks, and fails if it is its turn.
    fn look(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.lock();
        let call = state.looks;
        state.looks += 1;
        match state.blind {
            Some(fault) if call == fault.call || (fault.for_good && call > fault.call) => {
                Err(fault.kind.into())
            }
            _ => Ok(state),
        }
    }

    /// The disk as a power cut may leave it now. `choose` picks one of so many possibilities, again
    /// and again.
    pub(crate) fn after_power_cut(&self, choose: &mut dyn FnMut(usize) -> usize) -> Self {
        let state = self.lock();
        let (mut names, mut folders) = state.safe.clone();
        for change in &state.waiting {
            if choose(2) == 1 {
                change.apply(&mut names, &mut folders);
            }
        }
        names.retain(|path, _| path.ancestors().skip(1).all(|above| known(&folders, above)));
        let mut after = State::default();
        for (path, file) in names {
            let Content { now, safe } = &state.files[file];
            let half = safe.len().midpoint(now.len()).min(now.len());
            let mut zeros = now.clone();
            let from = safe.len().min(now.len());
            zeros[from..].fill(0);
            let left = if now == safe {
                now.clone()
            } else {
                match choose(4) {
                    0 => safe.clone(),
                    1 => now.clone(),
                    2 => now[..half].to_vec(),
                    _ => zeros,
                }
            };
            after.names.insert(path, after.files.len());
            after.files.push(Content { now: left.clone(), safe: left });
        }
        after.folders = folders;
        after.safe = (after.names.clone(), after.folders.clone());
        Self(Mutex::new(after))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the lock")
    }

    /// Counts a call that changes something, and fails if it is its turn.
    fn turn(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.lock();
        let call = state.calls;
        state.calls += 1;
        match state.fault {
            Some(fault) if call == fault.call || (fault.for_good && call > fault.call) => {
                Err(fault.kind.into())
            }
            _ => Ok(state),
        }
    }
}

/// Whether a folder is there; those above the store always are.
fn known(folders: &BTreeSet<PathBuf>, path: &Path) -> bool {
    path.components().count() < 2 || folders.contains(path)
}

impl State {
    fn file(&self, path: &Path) -> io::Result<usize> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.names, &mut self.folders);
        self.waiting.push(change);
    }
}

impl Disk for Sim {
    fn read(&self, path: &Path, from: u64, most: u64) -> io::Result<Vec<u8>> {
        let state = self.look()?;
        let bytes = &state.files[state.file(path)?].now;
        let from = (from as usize).min(bytes.len());
        let to = from.saturating_add(most as usize).min(bytes.len());
        Ok(bytes[from..to].to_vec())
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        let state = self.look()?;
        if state.folders.contains(path) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(state.files[state.file(path)?].now.len() as u64)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.look()?;
        if !known(&state.folders, folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let all = state.names.keys().chain(&state.folders);
        let inside = all
            .filter(|path| path.parent() == Some(folder))
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let inside: BTreeSet<String> = inside.collect();
        Ok(inside.into_iter().collect())
    }

    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        let missing: Vec<_> =
            folder.ancestors().filter(|path| !known(&state.folders, path)).collect();
        for path in missing.into_iter().rev() {
            state.change(Change::Folder(path.to_owned()));
        }
        Ok(())
    }

    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if self.length(path).is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.write_at(path, 0, bytes)
    }

    fn write_at(&self, path: &Path, from: u64, bytes: &[u8]) -> io::Result<()> {
        let turn = self.turn();
        // A disk that is full takes a part first.
        let is_full = turn.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::StorageFull);
        let bytes = if is_full { &bytes[..bytes.len() / 2] } else { bytes };
        if turn.is_err() && !is_full {
            return turn.map(|_| ());
        }
        drop(turn);
        let mut state = self.lock();
        if state.file(path).is_err() {
            let file = state.files.len();
            state.files.push(Content::default());
            state.change(Change::Name(path.to_owned(), file));
        }
        let file = state.file(path)?;
        let now = &mut state.files[file].now;
        let (from, to) = (from as usize, from as usize + bytes.len());
        now.resize(now.len().max(to), 0);
        now[from..to].copy_from_slice(bytes);
        if is_full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn cut(&self, path: &Path, length: u64) -> io::Result<()> {
        let mut state = self.turn()?;
        let file = state.file(path)?;
        state.files[file].now.resize(length as usize, 0);
        Ok(())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        let file = state.file(path)?;
        let now = state.files[file].now.clone();
        state.files[file].safe = now;
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        let (mut names, mut folders) = std::mem::take(&mut state.safe);
        let waiting = std::mem::take(&mut state.waiting);
        for change in waiting {
            if change.is_in(folder) {
                change.apply(&mut names, &mut folders);
            } else {
                state.waiting.push(change);
            }
        }
        state.safe = (names, folders);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        state.change(Change::Rename(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        state.file(path)?;
        state.change(Change::Remove(path.to_owned()));
        Ok(())
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.turn()?;
        if !state.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change(Change::Remove(folder.to_owned()));
        Ok(())
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        Sim::lock(self).file(path)?;
        Ok(Lock::of_nothing())
    }
}
