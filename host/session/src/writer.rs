//! Writes a session: its journal, its snapshots. One writer at a time.

use crate::disk::{Disk, Lock};
use crate::error::{Error, Result};
use crate::journal::{Entry, Pen, Recorded, Saved, SharedPen, Whole};
use crate::mend;
use crate::model::Model;
use crate::objects::{Kept, Putter};
use crate::replay::{self, Named, REPLAYS, Replay};
use crate::seal;
use crate::session::{EVERY_KEPT, GENERATIONS, NEWEST_KEPT, Session};
use crate::snapshot::{Position, Snapshot};
use crate::state::State;
use crate::table::Table;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes a session.
#[derive(Debug)]
pub struct Writer {
    session: Session,
    disk: Arc<dyn Disk>,
    pen: SharedPen,
    putter: Putter,
    /// Number of the newest generation that was ever begun.
    number: u64,
    /// The generation the run goes on from.
    parent: Option<u64>,
    /// Number of the newest replay.
    replays: u64,
    _lock: Lock,
}

impl Writer {
    /// Becomes the writer of a session, and says what its journal came to so far. What a newer
    /// build has written is left to it: nobody knows what would get lost here.
    pub fn open(session: &Session) -> Result<(Self, Model)> {
        let disk = session.disk.clone();
        if let Some(found) = session.newer() {
            return Err(Error::Newer { session: session.name().to_owned(), found });
        }
        let lock = mend::lock(session)?;
        mend::sweep(session);
        let mut model = Model::default();
        let mut reader = session.read();
        model.take(&mut reader);
        if let Some(error) = reader.take_refused() {
            // Whoever writes on cuts off what is behind the end, which this is not.
            return Err(error);
        }
        let begun = model.saved.iter().map(|saved| saved.generation).max().unwrap_or(0);
        let number = session.generations()?.last().copied().unwrap_or(0).max(begun);
        let last = |recorded: &Recorded| recorded.file + recorded.count.saturating_sub(1);
        let recorded = model.recorded.iter().map(last).max().unwrap_or(0);
        // A file whose entry was lost may hold many.
        let held = |named: &Named| {
            let held = session.heads(named).map_or(1, |heads| heads.len() as u64);
            named.number + held - 1
        };
        let replays = session.replays()?.last().map_or(0, held).max(recorded);
        let folder = session.journal_folder();
        let pen = Pen::behind(disk.clone(), folder, &session.identity().id, &reader);
        let mut writer = Self {
            session: session.clone(),
            pen: SharedPen::new(pen),
            putter: Putter::new(session.objects()),
            number,
            parent: None,
            replays,
            _lock: lock,
            disk,
        };
        writer.keep_tail(reader.position())?;
        // Whoever wrote it was cut off before this could be said.
        if let Some(generation) = session.unmarked(&model) {
            writer.add(&Entry::Whole(Whole { generation }));
            // If it fails, the next one will tell.
            let _ = writer.flush();
        }
        Ok((writer, model))
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Number of the newest generation that was begun.
    pub fn newest(&self) -> u64 {
        self.number
    }

    /// Number of the newest replay.
    pub fn newest_replay(&self) -> u64 {
        self.replays
    }

    /// The run goes on from this generation.
    pub fn go_on_from(&mut self, generation: Option<u64>) {
        self.parent = generation;
    }

    /// After so many bytes another file of the journal begins.
    pub fn turn_after(&mut self, bytes: u64) {
        self.pen.hold().turn_after(bytes);
    }

    /// What it writes the journal with, which others may hold in between.
    pub(crate) fn pen(&self) -> SharedPen {
        self.pen.clone()
    }

    /// Adds to the journal, in memory.
    pub fn add(&mut self, entry: &Entry) {
        self.pen.hold().add(entry);
    }

    /// Adds to the journal, in memory, one after another.
    pub fn add_all(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.add(entry);
        }
    }

    /// Brings the journal to its file.
    pub fn flush(&mut self) -> Result<()> {
        self.pen.hold().flush()
    }

    /// Brings the journal to the disk.
    pub fn sync(&mut self) -> Result<Position> {
        self.pen.sync()
    }

    /// Saves where the run stands; format, session, number, parent, place in the journal and states
    /// are filled in here. Until all of it is on the disk, earlier generations are all there is.
    /// Says how many bytes of objects were written.
    pub fn save(&mut self, snapshot: Snapshot, states: &[State]) -> Result<u64> {
        self.save_with(snapshot, states, Vec::new())
    }

    /// Saves where the run stands, some of it in tables, which belong to one of the states each.
    pub fn save_with(
        &mut self,
        mut snapshot: Snapshot,
        states: &[State],
        tables: Vec<Table>,
    ) -> Result<u64> {
        // Where nobody says which frame was the last one before it, it is the last one there is.
        let told = self.sync()?.frame;
        if snapshot.frame == 0 {
            snapshot.frame = told;
        }
        let disk = &*self.disk;
        let kept = put(&mut self.putter, disk, (states, tables));
        if kept.is_err() {
            self.putter.abandon(disk);
        }
        snapshot.states = kept?;
        let written = self.putter.commit(disk)?;
        // A number is used once, whatever becomes of it.
        self.number += 1;
        (snapshot.format, snapshot.marked) = (crate::FORMAT, true);
        snapshot.session.clone_from(&self.session.identity().id);
        (snapshot.number, snapshot.parent) = (self.number, self.parent);
        let (generation, steps) = (self.number, snapshot.summary.steps);
        let cause = snapshot.cause.clone();
        self.add(&Entry::Saved(Saved { generation, steps, cause }));
        snapshot.journal = self.sync()?;
        let path = self.session.generation_path(self.number);
        seal::write(&*self.disk, &path, &snapshot)?;
        self.parent = Some(self.number);
        self.add(&Entry::Whole(Whole { generation }));
        // If it fails, the next one will tell.
        let _ = self.flush();
        Ok(written)
    }

    /// Removes generations that nobody will miss: all but the newest three, every tenth, those with
    /// the best return and the best evaluation and those in `wanted`; then the objects that only
    /// they named.
    pub fn prune(&mut self, wanted: &BTreeSet<u64>) -> Result<usize> {
        let numbers = self.session.generations()?;
        let mut snapshots = Vec::new();
        for &number in &numbers {
            snapshots.push((number, self.session.snapshot(number)));
        }
        let best = |score: fn(&Snapshot) -> Option<f64>| {
            let readable = snapshots.iter().filter_map(|(_, read)| read.as_ref().ok());
            let scored = readable.filter_map(|one| Some((one.number, score(one)?)));
            // Of equals the first: those after it are no better.
            scored.rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(number, _)| number)
        };
        let bests = [best(|one| one.summary.return_last100), best(|one| one.eval)];
        let newest = &numbers[numbers.len().saturating_sub(NEWEST_KEPT)..];
        let is_kept = |number: u64| {
            newest.contains(&number)
                || number.is_multiple_of(EVERY_KEPT)
                || bests.contains(&Some(number))
                || wanted.contains(&number)
        };
        let removed: Vec<u64> = numbers.iter().copied().filter(|&n| !is_kept(n)).collect();
        for &number in &removed {
            let path = self.session.generation_path(number);
            self.disk.remove(&path).map_err(Error::system("remove", &path))?;
        }
        let folder = self.session.folder().join(GENERATIONS);
        self.disk.sync_folder(&folder).map_err(Error::system("write", &folder))?;
        // A generation that cannot be read may need any object.
        let mut named = BTreeSet::new();
        for (_, read) in snapshots.into_iter().filter(|(number, _)| is_kept(*number)) {
            let Ok(snapshot) = read else { return Ok(removed.len()) };
            let hashes = snapshot.states.iter().flat_map(|kept| kept.hashes().map(str::to_owned));
            named.extend(hashes);
        }
        self.putter.sweep(&*self.disk, &named);
        Ok(removed.len())
    }

    /// Keeps recorded episodes in one file, and says under which number the first of them; at least
    /// one. Session and format are filled in.
    pub fn record(&mut self, mut replays: Vec<Replay>) -> Result<u64> {
        for replay in &mut replays {
            replay.head.format = crate::FORMAT;
            replay.head.session.clone_from(&self.session.identity().id);
        }
        let folder = self.session.folder().join(REPLAYS);
        let (number, count) = (self.replays + 1, replays.len() as u64);
        let bytes = Replay::to_bytes(&replays);
        let path = folder.join(replay::file_name(number, &bytes));
        let temporary = seal::temporary(&path);
        let disk = &*self.disk;
        let written = disk
            .create_folder(&folder)
            .and_then(|()| disk.write_new(&temporary, &bytes))
            .and_then(|()| disk.rename(&temporary, &path));
        if written.is_err() {
            // What is left of it would only take room.
            let _ = disk.remove(&temporary);
        }
        // Whoever wanted it kept has counted it.
        self.replays += count;
        written.map_err(Error::system("write", &folder))?;
        let Some(Replay { head, .. }) = replays.first() else { return Ok(number) };
        self.add(&Entry::Recorded(Recorded {
            file: number,
            count,
            bytes: bytes.len() as u64,
            episode: head.episode,
            steps: replays.iter().map(|replay| replay.head.steps).min().unwrap_or(0),
            total: head.total,
            length: replays.iter().map(|replay| replay.len() as u64).sum(),
            cause: head.cause.clone(),
        }));
        Ok(number)
    }

    /// Removes files with recorded episodes, by the number of their first one.
    pub fn forget(&mut self, numbers: &BTreeSet<u64>) -> Result<()> {
        for named in self.session.replays()? {
            if numbers.contains(&named.number) {
                self.disk.remove(&named.path).map_err(Error::system("remove", &named.path))?;
            }
        }
        Ok(())
    }

    /// Moves a generation that cannot be used out of the way; it is not thrown away.
    pub fn set_aside(&mut self, number: u64) -> Result<()> {
        let path = self.session.generation_path(number);
        let aside = self.aside(&format!("generation-{number}.ron"))?;
        self.disk.rename(&path, &aside).map_err(Error::system("move", &path))
    }

    /// Copies what lies behind the last sound frame of the journal before it is written over.
    fn keep_tail(&self, position: Position) -> Result<()> {
        let path = self.session.journal_folder().join(format!("{:06}.log", position.segment));
        let length = self.disk.length(&path).unwrap_or(0);
        if length <= position.bytes {
            return Ok(());
        }
        let tail = self.disk.read(&path, position.bytes, length);
        let tail = tail.map_err(Error::system("read", &path))?;
        let aside = self.aside(&format!("journal-{}-{}", position.segment, position.bytes))?;
        self.disk.write_new(&aside, &tail).map_err(Error::system("write", &aside))
    }

    fn aside(&self, name: &str) -> Result<PathBuf> {
        mend::aside(&*self.disk, self.session.folder(), name)
    }
}

/// Writes states and their tables.
fn put(
    putter: &mut Putter,
    disk: &dyn Disk,
    (states, tables): (&[State], Vec<Table>),
) -> Result<Vec<Kept>> {
    // Whoever wrote a table waits for nothing, but copies what it changes until it is written.
    let mut written = Vec::with_capacity(tables.len());
    for table in tables {
        written.push((table.state.clone(), putter.put_table(disk, table)?));
    }
    let mut kept = Vec::with_capacity(states.len());
    for state in states {
        kept.push(putter.put(disk, state)?);
    }
    for (state, table) in written {
        let home = kept.iter_mut().find(|kept| kept.name == state);
        home.expect("a table belongs to one of the states").tables.push(table);
    }
    Ok(kept)
}
