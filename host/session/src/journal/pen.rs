//! Writes a journal: frames gather in memory, go to the file together, and then to the disk.

use super::Entry;
use super::encode::{encode, kind};
use super::frame::{self, Frame, MAGIC, PAYLOAD_MAX};
use super::reader::{Reader, file};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::snapshot::Position;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// After so many bytes another file begins.
const SEGMENT_BYTES: u64 = 64 << 20;

/// Where nobody waits for the disk, another file begins only after so many times as many.
const SEGMENTS_LATE: u64 = 2;

/// Frames that cannot be written are kept up to so many bytes.
const KEPT_BYTES: usize = 8 << 20;

/// Writes a journal.
#[derive(Debug)]
pub(crate) struct Pen {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    id: String,
    segment: u32,
    /// After so many bytes another file begins.
    segment_bytes: u64,
    /// Bytes of the file that are sound.
    length: u64,
    /// Number of the last frame.
    number: u64,
    names: HashMap<String, u16>,
    /// Frames that are not in the file.
    waiting: Vec<u8>,
    /// Frames that are in the file and perhaps not on the disk.
    unsynced: Vec<u8>,
    /// Whether there may be something behind the sound bytes.
    torn: bool,
    /// Whether the file is there and its name on the disk.
    begun: bool,
}

/// What is in a file, and on the disk once that was waited for.
#[derive(Debug)]
pub(super) struct Due {
    path: PathBuf,
    /// How much of what is unsynced this is.
    bytes: usize,
    position: Position,
}

impl Due {
    /// Waits for the disk.
    pub(super) fn wait(&self, disk: &dyn Disk) -> io::Result<()> {
        if self.bytes == 0 { Ok(()) } else { disk.sync(&self.path) }
    }
}

impl Pen {
    /// Goes on behind what a reader has read to the end. What lies behind the last sound frame is
    /// cut off; a copy of it was made before.
    pub(crate) fn behind(disk: Arc<dyn Disk>, folder: PathBuf, id: &str, reader: &Reader) -> Self {
        let Position { segment, bytes, frame } = reader.position();
        let names = reader.names().iter().enumerate();
        Self {
            disk,
            folder,
            id: id.to_owned(),
            segment,
            segment_bytes: SEGMENT_BYTES,
            length: bytes,
            number: frame,
            names: names.map(|(id, name)| (name.to_string(), id as u16)).collect(),
            waiting: Vec::new(),
            unsynced: Vec::new(),
            torn: true,
            begun: bytes > 0,
        }
    }

    /// After so many bytes another file begins from now on.
    pub(crate) fn turn_after(&mut self, bytes: u64) {
        self.segment_bytes = bytes;
    }

    /// The disk it writes to.
    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Number of the last frame.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Adds an entry, in memory as long as there is room.
    pub(crate) fn add(&mut self, entry: &Entry) {
        let mut new = Vec::new();
        let names = &mut self.names;
        let (kind, payload) = encode(entry, &mut |name| {
            names.get(name).copied().unwrap_or_else(|| {
                let id = u16::try_from(names.len()).unwrap_or(u16::MAX);
                names.insert(name.to_owned(), id);
                new.push((id, name.to_owned()));
                id
            })
        });
        for (id, name) in new {
            explain(&mut self.waiting, id, &name);
        }
        self.number += 1;
        let payload = &payload[..payload.len().min(PAYLOAD_MAX)];
        frame::write(&mut self.waiting, Frame { kind, number: self.number, payload });
        if self.waiting.len() > KEPT_BYTES && self.flush().is_err() {
            // The disk refuses them, and has for long; a reader will tell that they are missing.
            self.waiting.clear();
        }
    }

    /// Brings what was added to the file, where readers and a later process find it.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if self.length > self.segment_bytes.saturating_mul(SEGMENTS_LATE) {
            // Nobody else has waited for the disk.
            let due = self.due();
            let synced = due.wait(&*self.disk);
            self.settle(&due, synced)?;
        }
        let path = file(&self.folder, self.segment);
        let cannot = || Error::system("write", &path);
        if !self.begun {
            self.begin().map_err(cannot())?;
        }
        if self.torn {
            self.disk.cut(&path, self.length).map_err(cannot())?;
            self.torn = false;
        }
        if let Err(error) = self.disk.write_at(&path, self.length, &self.waiting) {
            self.torn = true;
            return Err(cannot()(error));
        }
        self.length += self.waiting.len() as u64;
        self.unsynced.append(&mut self.waiting);
        Ok(())
    }

    /// What is in the file and perhaps not on the disk.
    pub(super) fn due(&self) -> Due {
        Due {
            path: file(&self.folder, self.segment),
            bytes: self.unsynced.len(),
            position: Position { segment: self.segment, bytes: self.length, frame: self.number },
        }
    }

    /// Takes in what came of waiting for the disk, which others may not have waited for with their
    /// writing; says where the journal stood when the waiting began.
    pub(super) fn settle(&mut self, due: &Due, synced: io::Result<()>) -> Result<Position> {
        // What another file was begun for since is safe, or was written there once more.
        let is_here = due.position.segment == self.segment;
        match &synced {
            Ok(()) if is_here => drop(self.unsynced.drain(..due.bytes)),
            // Nobody knows what of it is on the disk, so it is written once more elsewhere.
            Err(_) if is_here => self.turn_over(),
            _ => {}
        }
        synced.map_err(Error::system("write", &due.path))?;
        if is_here && self.unsynced.is_empty() && self.length > self.segment_bytes {
            self.turn_over();
        }
        Ok(due.position)
    }

    /// What is not known to be on the disk goes to another file.
    fn turn_over(&mut self) {
        let mut again = std::mem::take(&mut self.unsynced);
        again.append(&mut self.waiting);
        self.waiting = again;
        self.segment += 1;
        (self.length, self.begun, self.torn) = (0, false, false);
    }

    /// Makes the file, with what is needed to understand it.
    fn begin(&mut self) -> std::io::Result<()> {
        self.disk.create_folder(&self.folder)?;
        let mut bytes = MAGIC.to_vec();
        let payload = self.id.as_bytes();
        frame::write(&mut bytes, Frame { kind: kind::SEGMENT, number: 0, payload });
        let mut names: Vec<_> = self.names.iter().map(|(name, id)| (*id, name)).collect();
        names.sort_unstable();
        for (id, name) in names {
            explain(&mut bytes, id, name);
        }
        self.torn = true;
        self.disk.write_at(&file(&self.folder, self.segment), 0, &bytes)?;
        self.disk.sync_folder(&self.folder)?;
        if let Some(session) = self.folder.parent() {
            self.disk.sync_folder(session)?;
        }
        (self.length, self.begun) = (bytes.len() as u64, true);
        Ok(())
    }
}

/// Says which name a number stands for.
fn explain(out: &mut Vec<u8>, id: u16, name: &str) {
    let payload = [&id.to_le_bytes(), name.as_bytes()].concat();
    frame::write(out, Frame { kind: kind::NAME, number: 0, payload: &payload });
}
