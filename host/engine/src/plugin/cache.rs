//! What the bench remembers of plugin files between two starts: hashes, private copies, results of
//! probes, and which file was in use when the bench last died.
//!
//! Nothing in here is trusted and nothing is needed: whatever is missing or damaged is made again.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use blake3::Hash;
use serde::{Deserialize, Serialize};

use super::{
    file::{PluginFile, Stamp},
    manifest::Rejection,
    probe::{Outcome, Report},
    safety, sealed, text,
};

/// The cache folder, for one build of the host.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    host: String,
}

/// Deaths in a row after which a file is left out.
const DEATHS: usize = 3;

/// Where the cache lies: `THORNDIKE_CACHE`, else the user's cache folder.
pub fn folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    match variable("THORNDIKE_CACHE").filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(folder.into()),
        None => user_folder(variable, "XDG_CACHE_HOME", ".cache"),
    }
}

/// Why this folder cannot be the cache, and the way out.
pub fn unusable(folder: &Path, error: &io::Error) -> String {
    let folder = folder.display();
    format!("the cache folder {folder} cannot be used: {error}; set THORNDIKE_CACHE to another")
}

/// A word that differs between two builds of the host: probe results are only good for the build
/// that made them.
pub fn host_build() -> String {
    let stamp = fs::metadata("/proc/self/exe").map(|metadata| Stamp::of(&metadata));
    format!("{} {stamp:?}", env!("CARGO_PKG_VERSION"))
}

/// The folder of this program below one of the user's base folders.
pub(super) fn user_folder(
    variable: impl Fn(&str) -> Option<OsString>,
    base: &str,
    below_home: &str,
) -> Option<PathBuf> {
    // A base folder that is not absolute must be ignored, say the rules for these variables.
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(base).or_else(|| Some(absolute("HOME")?.join(below_home)))?;
    Some(base.join("thorndike"))
}

impl Cache {
    /// Opens the cache in this folder for this build of the host.
    pub fn open(root: &Path, host: &str) -> io::Result<Self> {
        for folder in ["plugins", "probes", "pedals"] {
            DirBuilder::new().recursive(true).mode(0o700).create(root.join(folder))?;
        }
        Ok(Self { root: root.to_owned(), host: host.to_owned() })
    }

    /// Whether the disk it lies on lets no file be executed.
    pub(super) fn forbids_execution(&self) -> bool {
        let disk = rustix::fs::statvfs(&self.root);
        disk.is_ok_and(|disk| disk.f_flag.contains(rustix::fs::StatVfsMountFlags::NOEXEC))
    }

    /// The hashes of files that have not changed since they were last hashed.
    pub fn index(&self) -> Index {
        Index::open(self.root.join("index.ron"))
    }

    /// A copy of the file that nobody else writes to, made from `original` unless a sound one is
    /// there already. A library must not change under a process that runs it.
    pub fn private_copy(&self, hash: Hash, original: &Path) -> Result<PathBuf, Rejection> {
        let path = self.copy_path(hash);
        if PluginFile::open(&path).and_then(|copy| copy.hash()) == Ok(hash) {
            return Ok(path);
        }
        let original = PluginFile::open(original)?;
        sealed::replace(&path, 0o500, |file| match original.copy_to(file)? {
            written if written == hash => Ok(()),
            _ => Err(Rejection::Changed),
        })?;
        Ok(path)
    }

    /// Removes the oldest private copies while all of them together are larger than `bytes_max`;
    /// those in `keep` stay. A copy that is loaded somewhere stays alive there.
    pub fn prune(&self, keep: &[Hash], bytes_max: u64) {
        let keep: BTreeSet<PathBuf> = keep.iter().map(|hash| self.copy_path(*hash)).collect();
        let Ok(entries) = fs::read_dir(self.root.join("plugins")) else { return };
        let mut copies: Vec<(i64, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let stamp = Stamp::of(&entry.metadata().ok()?);
                Some((stamp.modified_ns, stamp.bytes, entry.path()))
            })
            .collect();
        copies.sort();
        let mut bytes: u64 = copies.iter().map(|copy| copy.1).sum();
        for (_, size, path) in copies {
            if bytes > bytes_max && !keep.contains(&path) && fs::remove_file(path).is_ok() {
                bytes -= size;
            }
        }
    }

    /// What an earlier probe of this content by this build of the host came to.
    pub fn probed(&self, hash: Hash) -> Option<Report> {
        let entry: ProbeEntry = sealed::read(&self.probe_path(hash))?;
        let same = entry.hash == hash.to_hex().as_str() && entry.host == self.host;
        same.then_some(entry.report)
    }

    /// Keeps the result of a probe. A refusal is not kept: it is quickly had again, and its cause
    /// may lie outside the file, such as a library that is not installed yet.
    pub fn remember(&self, hash: Hash, report: &Report) {
        if matches!(report.outcome, Outcome::Refused(_)) {
            return;
        }
        let entry = ProbeEntry {
            hash: hash.to_hex().to_string(),
            host: self.host.clone(),
            report: report.clone(),
        };
        // A result that cannot be kept is probed again the next time.
        let _ = sealed::write(&self.probe_path(hash), &entry);
    }

    /// Forgets what is known against this content, so that it is tried again.
    pub fn forget(&self, hash: Hash) {
        // What is not there is forgotten already.
        let _ = fs::remove_file(self.probe_path(hash));
        let _ = fs::remove_file(self.pedal_path(hash));
    }

    /// Notes that something is about to be done with this content that may end the process; the
    /// note goes when the pedal is dropped. `action` completes "the bench ended while it was ..".
    /// The note counts once its line is complete, which the process does as it dies of a fault.
    pub fn press(&self, hash: Hash, action: &str) -> io::Result<Pedal> {
        let path = self.pedal_path(hash);
        let temporary = sealed::temporary(&path);
        let mut file = File::create_new(&temporary)?;
        // The lock tells a note of a living process from one that was left over; it is taken
        // before the note gets its name, so that nobody sees it unlocked.
        file.lock_shared()?;
        // Attempts before this one that ended the process stay noted, a line each.
        let before = self.deadly(hash).concat();
        file.write_all(&[&before, action.as_bytes()].concat())?;
        fs::rename(&temporary, &path)?;
        safety::complete_when_dying(&file);
        Ok(Pedal { path, lock: file })
    }

    /// What the bench was doing with this content when it died of a fault, if it did so several
    /// times in a row: once may have been somebody else's fault.
    pub fn left_over(&self, hash: Hash) -> Option<String> {
        let deaths = self.deadly(hash);
        let last = deaths.last().filter(|_| deaths.len() >= DEATHS)?;
        Some(text::one_line(last.trim_ascii(), 100))
    }

    /// The lines of a note that nobody who lives has left, but for one that was cut short: a
    /// process that was killed from outside never completed it, and that is no fault of a file.
    fn deadly(&self, hash: Hash) -> Vec<Vec<u8>> {
        let path = self.pedal_path(hash);
        let Ok(file) = File::open(&path) else { return Vec::new() };
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Vec::new();
        }
        let note = fs::read(path).unwrap_or_default();
        // Closing it is not enough while another program is being started with a copy of it.
        let _ = file.unlock();
        let lines = note.split_inclusive(|&byte| byte == b'\n');
        lines.filter(|line| line.ends_with(b"\n")).map(<[u8]>::to_vec).collect()
    }

    fn copy_path(&self, hash: Hash) -> PathBuf {
        self.root.join("plugins").join(format!("{hash}.so"))
    }

    fn probe_path(&self, hash: Hash) -> PathBuf {
        self.root.join("probes").join(format!("{hash}.ron"))
    }

    fn pedal_path(&self, hash: Hash) -> PathBuf {
        self.root.join("pedals").join(format!("{hash}.txt"))
    }
}

/// A note on disk that lasts while something dangerous is done with a plugin file.
#[derive(Debug)]
pub struct Pedal {
    path: PathBuf,
    lock: File,
}

impl Drop for Pedal {
    fn drop(&mut self) {
        safety::done_with(&self.lock);
        // A note that cannot be removed costs one needless warning at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

#[derive(Serialize, Deserialize)]
struct ProbeEntry {
    hash: String,
    host: String,
    report: Report,
}

/// Hashes by the state of the file they were computed from.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    known: BTreeMap<(u64, u64), (Stamp, Hash)>,
    used: BTreeSet<(u64, u64)>,
    is_new: bool,
}

/// File times move in ticks of up to 10 ms, so a file can change twice in one of them.
const TICK_NS: i64 = 20_000_000;

/// More files than any set of plugin folders holds.
const INDEX_ENTRIES_MAX: usize = 4096;

impl Index {
    fn open(path: PathBuf) -> Self {
        let written_ns = fs::metadata(&path).map_or(0, |file| Stamp::of(&file).modified_ns);
        let entries: Vec<(Stamp, String)> = sealed::read(&path).unwrap_or_default();
        // A file that changed as late as the index was written may have changed once more after it
        // was hashed, without its times showing it.
        let known = entries
            .into_iter()
            .filter(|(stamp, _)| stamp.changed_ns.saturating_add(TICK_NS) < written_ns)
            .filter_map(|(stamp, hash)| Some((stamp, Hash::from_hex(hash).ok()?)))
            .map(|(stamp, hash)| ((stamp.device, stamp.inode), (stamp, hash)))
            .collect();
        Self { path, known, used: BTreeSet::new(), is_new: false }
    }

    /// Hash of the file's content, computed only if the file has changed.
    pub fn hash(&mut self, file: &PluginFile) -> Result<Hash, Rejection> {
        let stamp = file.stamp();
        let key = (stamp.device, stamp.inode);
        self.used.insert(key);
        match self.known.get(&key) {
            Some((known, hash)) if *known == stamp => Ok(*hash),
            _ => {
                let hash = file.hash()?;
                self.known.insert(key, (stamp, hash));
                self.is_new = true;
                Ok(hash)
            }
        }
    }

    /// Keeps what was computed for the next start.
    pub fn save(mut self) {
        if !self.is_new {
            return;
        }
        if self.known.len() > INDEX_ENTRIES_MAX {
            self.known.retain(|key, _| self.used.contains(key));
        }
        let entries: Vec<(Stamp, String)> = self
            .known
            .into_values()
            .map(|(stamp, hash)| (stamp, hash.to_hex().to_string()))
            .collect();
        // Without it the files are hashed again the next time.
        let _ = sealed::write(&self.path, &entries);
    }
}
