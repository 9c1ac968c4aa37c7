//! Reads a journal as far as it goes, and on when it has grown. Damage is passed over and told.

use super::Entry;
use super::encode::{decode, kind};
use super::frame::{self, Found, MAGIC, PAYLOAD_MAX};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::snapshot::Position;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes asked of the disk at a time.
const BYTES: u64 = 256 << 10;

/// Reads a journal frame by frame.
///
/// It is no iterator in the strict sense: `None` means that there is nothing more for now, and when
/// the journal has grown there will be.
#[derive(Debug)]
pub struct Reader {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    id: String,
    /// Whether the end may be that of a frame which is just being written.
    follows: bool,
    segment: u32,
    bytes: Vec<u8>,
    /// Where in `bytes` the next frame begins.
    at: usize,
    /// Where in the file `bytes` begins.
    base: u64,
    names: Vec<Arc<str>>,
    /// Number of the last frame.
    number: u64,
    /// The place behind the last sound frame.
    position: Position,
    /// Why the disk gave nothing, and whether that was told.
    refused: Option<(PathBuf, io::Error, bool)>,
}

/// Name of a file of a journal.
pub(super) fn file(folder: &Path, segment: u32) -> PathBuf {
    folder.join(format!("{segment:06}.log"))
}

impl Reader {
    /// From the beginning. Who follows takes half a frame at the end for one that is being written.
    pub(crate) fn new(disk: Arc<dyn Disk>, folder: PathBuf, id: &str, follows: bool) -> Self {
        Self {
            disk,
            folder,
            id: id.to_owned(),
            follows,
            segment: 1,
            bytes: Vec::new(),
            at: 0,
            base: 0,
            names: Vec::new(),
            number: 0,
            position: Position { segment: 1, bytes: 0, frame: 0 },
            refused: None,
        }
    }

    /// The next entry with the number of its frame; what is damaged; or nothing more for now. That
    /// the disk gives nothing is told once, and is no end of the journal.
    #[expect(clippy::should_implement_trait, reason = "it can go on after `None`")]
    pub fn next(&mut self) -> Option<Result<(u64, Entry)>> {
        let next = self.read();
        match &mut self.refused {
            Some((_, _, true)) => None,
            Some((path, error, told)) => {
                *told = true;
                let code = error.raw_os_error().map(io::Error::from_raw_os_error);
                let same = code.unwrap_or_else(|| error.kind().into());
                Some(Err(Error::system("read", path)(same)))
            }
            None => next,
        }
    }

    /// Why the disk gives nothing, if it does not: what was read then is not all there is.
    pub(crate) fn take_refused(&mut self) -> Option<Error> {
        self.refused.take().map(|(path, error, _)| Error::system("read", &path)(error))
    }

    fn read(&mut self) -> Option<Result<(u64, Entry)>> {
        loop {
            if self.base == 0 && self.at == 0 {
                match self.magic() {
                    Some(true) => {}
                    Some(false) => return Some(Err(self.damage("it does not begin as a journal"))),
                    None => return self.file_ended(),
                }
            }
            match frame::read(&self.bytes[self.at..]) {
                Found::Whole(frame) => {
                    let (kind, number, payload) = (frame.kind, frame.number, frame.payload.len());
                    let start = self.at + frame::AROUND - 4;
                    self.at = start + payload + 4;
                    if let Some(entry) = self.taken(kind, number, start..start + payload) {
                        return Some(entry);
                    }
                }
                Found::Part(bytes) => {
                    if self.load(bytes) {
                        continue;
                    }
                    if self.at == self.bytes.len() {
                        return self.file_ended();
                    }
                    if self.follows && !self.has_next() {
                        return None;
                    }
                    return Some(Err(self.skip("it ends in the middle of a frame")));
                }
                Found::Nothing => return Some(Err(self.skip("a frame is damaged"))),
            }
        }
    }

    /// The place behind the last sound frame.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Names of metrics, by the number that stands for them.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// What a whole frame means; nothing when it only explains others or was read before.
    fn taken(
        &mut self,
        kind: u8,
        number: u64,
        payload: std::ops::Range<usize>,
    ) -> Option<Result<(u64, Entry)>> {
        let place = self.base + self.at as u64;
        self.position = Position { segment: self.segment, bytes: place, frame: self.number };
        let payload = &self.bytes[payload];
        match kind {
            kind::SEGMENT if payload != self.id.as_bytes() => {
                return Some(Err(self.damage("it belongs to another session")));
            }
            kind::SEGMENT => return None,
            kind::NAME => {
                let (id, name) = payload.split_first_chunk::<2>()?;
                let id = usize::from(u16::from_le_bytes(*id));
                if id >= self.names.len() {
                    self.names.resize(id + 1, Arc::from(""));
                }
                self.names[id] = String::from_utf8_lossy(name).into();
                return None;
            }
            // After a failed way to the disk frames are written once more, elsewhere.
            _ if number <= self.number => return None,
            _ => {}
        }
        let missing = number - self.number - 1;
        self.number = number;
        self.position.frame = number;
        let Some(entry) = decode(kind, payload, &self.names) else {
            return Some(Err(self.damage(&format!("frame {number} does not hold what it should"))));
        };
        if missing > 0 {
            // The frame itself is read again right after this was told.
            let says = match missing {
                1 => format!("the frame before frame {number} is missing"),
                _ => format!("{missing} frames before frame {number} are missing"),
            };
            self.number = number - 1;
            self.at -= frame::AROUND + payload.len();
            return Some(Err(self.damage(&says)));
        }
        Some(Ok((number, entry)))
    }

    /// Looks at the first bytes of a file: whether they are ours; nothing when there are too few.
    fn magic(&mut self) -> Option<bool> {
        if self.bytes.len() < MAGIC.len() && !self.load(MAGIC.len()) {
            if self.bytes.is_empty() || self.follows {
                return None;
            }
            self.at = self.bytes.len();
            return Some(false);
        }
        // Should they be damaged, frames may follow all the same.
        self.at = MAGIC.len();
        Some(self.bytes.starts_with(MAGIC))
    }

    /// The end of a file: there may be another one.
    fn file_ended(&mut self) -> Option<Result<(u64, Entry)>> {
        // What the disk does not give now is no end: the file after it is none of ours yet.
        if self.refused.is_some() || !self.has_next() {
            return None;
        }
        self.segment += 1;
        (self.at, self.base) = (0, 0);
        self.bytes.clear();
        self.position = Position { segment: self.segment, bytes: 0, frame: self.number };
        self.read()
    }

    fn has_next(&mut self) -> bool {
        let path = file(&self.folder, self.segment + 1);
        self.disk.length(&path).map_err(|error| self.refuse(&path, error)).is_ok()
    }

    /// A file that is not there is the end; every other refusal is none.
    fn refuse(&mut self, path: &Path, error: io::Error) {
        if error.kind() != io::ErrorKind::NotFound && self.refused.is_none() {
            self.refused = Some((path.to_owned(), error, false));
        }
    }

    /// Has so many bytes at hand from the present place on, if there are.
    fn load(&mut self, wanted: usize) -> bool {
        if self.at as u64 >= BYTES / 2 {
            self.bytes.drain(..self.at);
            self.base += self.at as u64;
            self.at = 0;
        }
        while self.bytes.len() - self.at < wanted {
            let path = file(&self.folder, self.segment);
            let from = self.base + self.bytes.len() as u64;
            match self.disk.read(&path, from, BYTES) {
                Ok(more) => {
                    self.refused = None;
                    if more.is_empty() {
                        return false;
                    }
                    self.bytes.extend_from_slice(&more);
                }
                Err(error) => {
                    self.refuse(&path, error);
                    return false;
                }
            }
        }
        true
    }

    /// Goes to the next sound frame.
    fn skip(&mut self, what: &str) -> Error {
        let error = self.damage(what);
        loop {
            self.at += 1;
            if self.at >= self.bytes.len() && !self.load(1) {
                return error;
            }
            let mut found = frame::read(&self.bytes[self.at..]);
            if let Found::Part(bytes) = found {
                // A length that leads beyond the end is no length.
                if bytes > PAYLOAD_MAX + frame::AROUND || !self.load(bytes) {
                    continue;
                }
                found = frame::read(&self.bytes[self.at..]);
            }
            match found {
                Found::Whole(frame) if frame.number > self.number || frame.number == 0 => {
                    return error;
                }
                _ => {}
            }
        }
    }

    fn damage(&self, what: &str) -> Error {
        let place = self.base + self.at as u64;
        Error::damaged(&file(&self.folder, self.segment), format!("{what}, at byte {place}"))
    }
}
