//! A session written by two threads of its own, so that nobody who learns ever waits for a disk:
//! one writes the journal by the clock, the other one all else, and waits for the disk.

use crate::error::{Error, Result};
use crate::journal::{Entry, Pen, SharedPen};
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
const FLUSH: Duration = Duration::from_millis(100);

/// After so many times without an entry the journal's thread rests until there is one.
const FLUSHES_TO_REST: u32 = 10;

/// How long recorded episodes wait before they go to their files.
const ROUND: Duration = Duration::from_millis(200);

/// After so many times the journal goes to the disk.
const ROUNDS_A_SYNC: u32 = 5;

/// Makes what is to be saved, away from the thread that learns.
type Make = Box<dyn FnOnce() -> Result<(Snapshot, Vec<State>, Vec<Table>), String> + Send>;

/// Hands a session to threads that write it.
#[derive(Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
    journal: Option<JoinHandle<()>>,
    thread: Option<JoinHandle<Writer>>,
}

#[derive(Default)]
struct Shared {
    work: Mutex<Work>,
    /// There is something for the thread that writes all but the journal, or it is done.
    changed: Condvar,
    /// There is something for the journal.
    told: Condvar,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// What may stand in the way of writing: each of these on its own.
#[derive(Clone, Copy, Debug)]
enum What {
    /// The journal's file.
    Journal,
    /// The journal's way from its file to the disk.
    Disk,
    Snapshot,
    Replays,
}

#[derive(Default)]
struct Work {
    entries: Vec<Entry>,
    replays: Vec<Vec<Replay>>,
    forget: BTreeSet<u64>,
    snapshot: Handed,
    ends: bool,
    /// Whether something was written that a crash of the machine could still take back.
    is_loose: bool,
    rests: Rests,
    /// What went wrong and was not told yet.
    problem: Option<String>,
    /// Why something could not be written the last time, told or not.
    standing: [Option<String>; 4],
    /// Number and size of what was saved, not told yet.
    saved: Option<(u64, u64)>,
}

/// The snapshot that was handed over last.
#[derive(Default)]
struct Handed {
    make: Option<Make>,
    /// How many of the entries were told before it was taken; none once they have gone to the pen.
    before: Option<usize>,
    /// Number of the last frame before it.
    frame: u64,
    is_on_its_way: bool,
}

/// Which thread waits for work without looking up in between.
#[derive(Default)]
struct Rests {
    recorder: bool,
    journal: bool,
}

/// What is to be done besides the journal, and the last frame that was told before it.
struct Job {
    replays: Vec<Vec<Replay>>,
    forget: BTreeSet<u64>,
    make: Option<Make>,
    frame: u64,
    ends: bool,
    is_loose: bool,
}

impl Work {
    /// Whether nothing waits to be written besides the journal.
    fn is_empty(&self) -> bool {
        self.replays.is_empty() && self.forget.is_empty()
    }

    /// Notes how writing went. Whoever has been told of a full disk need not hear it of each file.
    fn note(&mut self, what: What, outcome: Option<String>) {
        if self.standing.iter().all(Option::is_none) && outcome.is_some() {
            self.problem.clone_from(&outcome);
        }
        self.standing[what as usize] = outcome;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        // Nothing is done under the lock that could leave it half done.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note<T>(&self, what: What, outcome: Result<T>) {
        self.lock().note(what, outcome.err().map(|error| error.to_string()));
    }

    /// Brings what was told so far to the pen, which whoever does so holds, so that frames stand in
    /// the order in which things happened. Says whether there was anything.
    fn bring(&self, pen: &mut Pen) -> bool {
        let mut work = self.lock();
        let entries = std::mem::take(&mut work.entries);
        let before = work.snapshot.before.take();
        work.is_loose |= !entries.is_empty();
        drop(work);
        let (first, rest) = entries.split_at(before.unwrap_or(0));
        for entry in first {
            pen.add(entry);
        }
        if before.is_some() {
            self.lock().snapshot.frame = pen.number();
        }
        for entry in rest {
            pen.add(entry);
        }
        !entries.is_empty()
    }

    /// Takes what is to be done beside the journal.
    fn take(&self, pen: &SharedPen) -> Job {
        // All but what a snapshot stands behind comes to the pen by the clock.
        let is_needed = |work: MutexGuard<'_, Work>| work.snapshot.make.is_some() || work.ends;
        let mut held = is_needed(self.lock()).then(|| pen.hold());
        if let Some(pen) = &mut held {
            self.bring(pen);
        }
        let mut work = self.lock();
        // One that was handed over just now waits until what was told before it is there, which is
        // known as long as nobody else holds the pen.
        let is_ready = held.is_some() && work.snapshot.before.is_none();
        Job {
            replays: std::mem::take(&mut work.replays),
            forget: std::mem::take(&mut work.forget),
            make: if is_ready { work.snapshot.make.take() } else { None },
            frame: work.snapshot.frame,
            ends: work.ends && is_ready,
            is_loose: std::mem::take(&mut work.is_loose),
        }
    }
}

impl Recorder {
    /// Gives a writer to its threads.
    pub fn start(writer: Writer) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let folder = writer.session().folder().to_owned();
        let cannot = || Error::system("start a thread for", &folder);
        let builder = |name: &str| thread::Builder::new().name(name.to_owned());
        let (theirs, pen) = (shared.clone(), writer.pen());
        let journal = builder("journal").spawn(move || tell(&pen, &theirs)).map_err(cannot())?;
        // From now on the thread of the journal ends when this does.
        let mut recorder = Self { shared, journal: Some(journal), thread: None };
        let theirs = recorder.shared.clone();
        let thread = builder("recorder").spawn(move || run(writer, &theirs));
        recorder.thread = Some(thread.map_err(cannot())?);
        Ok(recorder)
    }

    /// Adds to the journal.
    pub fn add(&self, entry: Entry) {
        self.shared.lock().entries.push(entry);
    }

    /// Adds to the journal, all at once.
    pub fn add_all(&self, entries: &mut Vec<Entry>) {
        let mut work = self.shared.lock();
        work.entries.append(entries);
        if work.rests.journal && !work.entries.is_empty() {
            drop(work);
            self.shared.told.notify_all();
        }
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
        if work.rests.recorder && !work.is_empty() {
            drop(work);
            self.shared.changed.notify_all();
        }
    }

    /// Whether a snapshot is on its way to the disk.
    pub fn is_saving(&self) -> bool {
        self.shared.lock().snapshot.is_on_its_way
    }

    /// Has a snapshot saved. Does nothing and says so while another one is on its way.
    pub fn save(
        &self,
        make: impl FnOnce() -> Result<(Snapshot, Vec<State>, Vec<Table>), String> + Send + 'static,
    ) -> bool {
        let mut work = self.shared.lock();
        if work.snapshot.is_on_its_way {
            return false;
        }
        work.snapshot.make = Some(Box::new(make));
        work.snapshot.before = Some(work.entries.len());
        work.snapshot.is_on_its_way = true;
        self.shared.changed.notify_all();
        true
    }

    /// Waits until no snapshot is on its way.
    pub fn wait(&self) {
        let mut work = self.shared.lock();
        while work.snapshot.is_on_its_way {
            work = self.shared.changed.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What went wrong since the last call. The same problem is told once, until it is over.
    pub fn problem(&self) -> Option<String> {
        self.shared.lock().problem.take()
    }

    /// Why journal and latest snapshot are not on the disk, whoever was told of it.
    pub fn standing(&self) -> Option<String> {
        let work = self.shared.lock();
        let what = [What::Snapshot, What::Journal, What::Disk];
        what.into_iter().find_map(|what| work.standing[what as usize].clone())
    }

    /// Number of the generation saved since the last call, and the bytes it took.
    pub fn saved(&self) -> Option<(u64, u64)> {
        self.shared.lock().saved.take()
    }

    /// Brings everything to the disk and ends the threads.
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
        self.shared.told.notify_all();
        let writer = self.thread.take().and_then(|thread| thread.join().ok());
        // All it could still have written the other one has.
        let _ = self.journal.take().map(JoinHandle::join);
        writer
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        drop(self.join());
    }
}

/// Brings what is told to the journal's file by the clock, whatever the other thread waits for.
fn tell(pen: &SharedPen, shared: &Shared) {
    let mut quiet = 0;
    loop {
        let mut work = shared.lock();
        if !work.ends {
            work.rests.journal = quiet >= FLUSHES_TO_REST && work.entries.is_empty();
            work = if work.rests.journal {
                shared.told.wait(work).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = shared.told.wait_timeout(work, FLUSH);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
            work.rests.journal = false;
        }
        let ends = work.ends;
        drop(work);
        let mut held = pen.hold();
        let is_news = shared.bring(&mut held);
        let written = held.flush();
        drop(held);
        quiet = if is_news { 0 } else { quiet + 1 };
        shared.note(What::Journal, written);
        if is_news && shared.lock().rests.recorder {
            shared.changed.notify_all();
        }
        if ends {
            return;
        }
    }
}

/// Writes all but the journal, and waits for the disk.
fn run(mut writer: Writer, shared: &Shared) -> Writer {
    let (mut rounds, mut is_loose, pen) = (0, true, writer.pen());
    loop {
        let mut work = shared.lock();
        if work.snapshot.make.is_none() && !work.ends {
            work.rests.recorder = !is_loose && !work.is_loose && work.is_empty();
            work = if work.rests.recorder {
                shared.changed.wait(work).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = shared.changed.wait_timeout(work, ROUND);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
            work.rests.recorder = false;
        }
        drop(work);
        let job = shared.take(&pen);
        let is_news = !job.replays.is_empty() || job.make.is_some();
        is_loose |= job.is_loose || is_news;
        for file in job.replays {
            shared.note(What::Replays, writer.record(file));
        }
        if !job.forget.is_empty() {
            shared.note(What::Replays, writer.forget(&job.forget));
        }
        if let Some(make) = job.make {
            let saved = save(&mut writer, make, job.frame);
            let mut work = shared.lock();
            work.saved = saved.as_ref().ok().copied().or(work.saved);
            work.note(What::Snapshot, saved.err());
            work.snapshot.is_on_its_way = false;
            shared.changed.notify_all();
        }
        rounds += 1;
        if job.ends || is_loose && rounds % ROUNDS_A_SYNC == 0 {
            let synced = writer.sync();
            is_loose = synced.is_err();
            shared.note(What::Disk, synced);
        } else if is_news {
            shared.note(What::Journal, writer.flush());
        }
        if job.ends {
            return writer;
        }
    }
}

fn save(writer: &mut Writer, make: Make, frame: u64) -> Result<(u64, u64), String> {
    let (mut snapshot, states, tables) = make()?;
    // What was told since it was taken comes after it.
    snapshot.frame = frame;
    let written = writer.save_with(snapshot, &states, tables);
    let written = written.map_err(|error| error.to_string())?;
    let number = writer.newest();
    // The snapshot is safe; what cannot be removed takes room and is tried again next time.
    let _ = writer.prune(&BTreeSet::new());
    Ok((number, written))
}
