//! A session written by a thread of its own, so that nobody who learns ever waits for a disk.

use crate::error::{Error, Result};
use crate::journal::Entry;
use crate::replay::Replay;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::table::Table;
use crate::writer::Writer;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long entries wait before they go to the file.
const FLUSH: Duration = Duration::from_millis(200);

/// After so many times they go to the disk.
const FLUSHES_A_SYNC: u32 = 5;

/// Makes what is to be saved, away from the thread that learns.
type Make = Box<dyn FnOnce() -> Result<(Snapshot, Vec<State>, Vec<Table>), String> + Send>;

/// Hands a session to a thread that writes it.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Writer>>,
}

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    changed: Condvar,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Work {
    entries: Vec<Entry>,
    replays: Vec<Vec<Replay>>,
    forget: BTreeSet<u64>,
    make: Option<Make>,
    /// Whether a snapshot is on its way.
    saving: bool,
    ends: bool,
    /// Whether the thread waits for work without looking up in between.
    rests: bool,
    /// What went wrong and was not told yet.
    problem: Option<String>,
    /// Why the latest snapshot or the journal could not be written, told or not.
    standing: Option<String>,
    /// Number and size of what was saved, not told yet.
    saved: Option<(u64, u64)>,
}

impl Work {
    /// Whether nothing waits to be written.
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.replays.is_empty() && self.forget.is_empty()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        // Nothing is done under the lock that could leave it half done.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    /// Gives a writer to a thread.
    pub fn start(writer: Writer) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let folder = writer.session().folder().to_owned();
        let thread = thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || run(writer, &theirs))
            .map_err(Error::system("start a thread for", &folder))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Adds to the journal.
    pub fn add(&self, entry: Entry) {
        self.shared.lock().entries.push(entry);
    }

    /// Adds to the journal, all at once.
    pub fn add_all(&self, entries: &mut Vec<Entry>) {
        let mut work = self.shared.lock();
        work.entries.append(entries);
        self.wake(work);
    }

    /// Keeps recorded episodes in one file.
    pub fn record(&self, replays: Vec<Replay>) {
        let mut work = self.shared.lock();
        work.replays.push(replays);
        self.wake(work);
    }

    /// Removes files with recorded episodes.
    pub fn forget(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut work = self.shared.lock();
        work.forget.extend(numbers);
        self.wake(work);
    }

    /// Wakes the thread if it waits without looking up and there is something to do.
    fn wake(&self, work: MutexGuard<'_, Work>) {
        if work.rests && !work.is_empty() {
            drop(work);
            self.shared.changed.notify_all();
        }
    }

    /// Whether a snapshot is on its way to the disk.
    pub fn is_saving(&self) -> bool {
        self.shared.lock().saving
    }

    /// Has a snapshot saved. Does nothing and says so while another one is on its way.
    pub fn save(
        &self,
        make: impl FnOnce() -> Result<(Snapshot, Vec<State>, Vec<Table>), String> + Send + 'static,
    ) -> bool {
        let mut work = self.shared.lock();
        if work.saving {
            return false;
        }
        work.make = Some(Box::new(make));
        work.saving = true;
        self.shared.changed.notify_all();
        true
    }

    /// Waits until no snapshot is on its way.
    pub fn wait(&self) {
        let mut work = self.shared.lock();
        while work.saving {
            work = self.shared.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What went wrong since the last call. The same problem is told once, until it is over.
    pub fn problem(&self) -> Option<String> {
        self.shared.lock().problem.take()
    }

    /// Why journal and latest snapshot are not on the disk, whoever was told of it.
    pub fn standing(&self) -> Option<String> {
        self.shared.lock().standing.clone()
    }

    /// Number of the generation saved since the last call, and the bytes it took.
    pub fn saved(&self) -> Option<(u64, u64)> {
        self.shared.lock().saved.take()
    }

    /// Brings everything to the disk and ends the thread.
    pub fn finish(mut self) -> Result<Writer, String> {
        let writer = self.join();
        match (writer, self.standing()) {
            (Some(writer), None) => Ok(writer),
            (_, Some(problem)) => Err(problem),
            (None, None) => Err("the thread that writes the session has failed".to_owned()),
        }
    }

    fn join(&mut self) -> Option<Writer> {
        self.shared.lock().ends = true;
        self.shared.changed.notify_all();
        self.thread.take()?.join().ok()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.join());
    }
}

fn run(mut writer: Writer, shared: &Shared) -> Writer {
    let mut flushes = 0;
    // What stands in the way of recordings, and of all else.
    let mut standing = [None, None];
    // Whether something was written that a crash of the machine could still take back.
    let mut is_loose = true;
    loop {
        let mut work = shared.lock();
        if work.make.is_none() && !work.ends {
            work.rests = !is_loose && work.is_empty();
            work = if work.rests {
                shared.changed.wait(work).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = shared.changed.wait_timeout(work, FLUSH);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
            work.rests = false;
        }
        is_loose |= !work.is_empty() || work.make.is_some();
        let entries = std::mem::take(&mut work.entries);
        let replays = std::mem::take(&mut work.replays);
        let forget = std::mem::take(&mut work.forget);
        let (make, ends) = (work.make.take(), work.ends);
        let made = make.is_some();
        drop(work);
        writer.add_all(&entries);
        let before = standing.clone();
        for file in replays {
            standing[0] = writer.record(file).err().map(|error| error.to_string());
        }
        if !forget.is_empty() {
            standing[0] = writer.forget(&forget).err().map(|error| error.to_string());
        }
        flushes += 1;
        let written = if ends || flushes % FLUSHES_A_SYNC == 0 {
            is_loose = made;
            writer.sync().map(|_| ())
        } else {
            writer.flush()
        };
        standing[1] = written.err().map(|error| error.to_string());
        if let Some(make) = make {
            match save(&mut writer, make, shared) {
                Ok(saved) => shared.lock().saved = Some(saved),
                Err(error) => standing[1] = Some(error),
            }
        }
        let mut work = shared.lock();
        // Whoever has been told of a full disk need not hear it of each file.
        if before == [None, None] && standing != [None, None] {
            work.problem = standing.iter().flatten().next().cloned();
        }
        work.standing.clone_from(&standing[1]);
        if made {
            work.saving = false;
            shared.changed.notify_all();
        }
        drop(work);
        if ends {
            return writer;
        }
    }
}

fn save(writer: &mut Writer, make: Make, shared: &Shared) -> Result<(u64, u64), String> {
    let (snapshot, states, tables) = make()?;
    let mut meanwhile = || std::mem::take(&mut shared.lock().entries);
    let written = writer.save_with(snapshot, &states, tables, &mut meanwhile);
    let written = written.map_err(|error| error.to_string())?;
    let number = writer.newest();
    // The snapshot is safe; what cannot be removed takes room and is tried again next time.
    let _ = writer.prune(&BTreeSet::new());
    Ok((number, written))
}
