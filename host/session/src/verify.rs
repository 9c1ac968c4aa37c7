//! Reads every byte of a session, and says what of it is not what was written. Nothing is executed.

use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::journal::{Entry, Reader};
use crate::model::Model;
use crate::seal;
use crate::session::{GENERATIONS, IDENTITY, Session, generation_file};
use crate::snapshot::{Position, Snapshot};
use std::collections::BTreeSet;
use std::path::Path;

/// What a look at every byte has shown.
#[derive(Debug, Default)]
pub struct Checked {
    /// Files that were read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is damaged: a sentence for each.
    pub found: Vec<Error>,
}

impl Session {
    /// Reads every byte; `tell` hears of each file that was read.
    pub fn verify(&self, tell: &mut dyn FnMut(&Path)) -> Checked {
        let mut checked = self.check(tell, self.read());
        if !checked.found.is_empty() && self.is_under_way() {
            // Whoever writes it may have removed a file, or was in the middle of one, just when it
            // was read. What is damaged stays so.
            let again = self.check(&mut |_| {}, self.follow()).found;
            let again: BTreeSet<String> = again.iter().map(ToString::to_string).collect();
            checked.found.retain(|error| again.contains(&error.to_string()));
        }
        checked
    }

    fn check(&self, tell: &mut dyn FnMut(&Path), journal: Reader) -> Checked {
        let checked = Checked::default();
        let mut check = Check { session: self, checked, tell, all_named: true };
        check.identities();
        let (places, named) = check.generations();
        check.objects(&named);
        check.journal(&places, journal);
        check.replays();
        if let Some(path) = self.notes_path() {
            let read = self.notes();
            check.note(&path, read.map(|_| ()));
        }
        check.checked
    }
}

struct Check<'a> {
    session: &'a Session,
    checked: Checked,
    tell: &'a mut dyn FnMut(&Path),
    /// Whether each generation could be read, so that objects no generation names are not needed.
    all_named: bool,
}

impl Check<'_> {
    fn identities(&mut self) {
        let folder = self.session.folder();
        let copy = folder.join(GENERATIONS).join(generation_file(0));
        for path in [folder.join(IDENTITY), copy] {
            let read = seal::read::<Identity>(&*self.session.disk, &path);
            let read = read.and_then(|identity| {
                let is_ours = identity == *self.session.identity();
                is_ours
                    .then_some(())
                    .ok_or_else(|| Error::damaged(&path, "it belongs to another session"))
            });
            self.note(&path, read);
        }
    }

    /// Places in the journal that generations name, and the objects they need.
    fn generations(&mut self) -> (Vec<Position>, BTreeSet<String>) {
        let (mut places, mut named) = (Vec::new(), BTreeSet::new());
        let numbers = self.session.generations();
        let numbers = numbers.unwrap_or_else(|error| {
            self.checked.found.push(error);
            Vec::new()
        });
        for number in numbers {
            let path = self.session.generation_path(number);
            let read = self.session.snapshot(number);
            if let Ok(Snapshot { journal, states, .. }) = &read {
                places.push(*journal);
                named.extend(states.iter().flat_map(|kept| kept.hashes().map(str::to_owned)));
            }
            self.all_named &= read.is_ok();
            self.note(&path, read.map(|_| ()));
        }
        (places, named)
    }

    /// An object that nobody needs may be half written: whoever wrote it died, and writes it anew
    /// before it is used.
    fn objects(&mut self, named: &BTreeSet<String>) {
        let disk = &*self.session.disk;
        let objects = self.session.objects();
        let (there, strange) = objects.all(disk);
        for path in strange {
            let error = Error::damaged(&path, "it is not part of a session");
            self.note(&path, Err(error));
        }
        let there: BTreeSet<String> = there.into_iter().collect();
        for hash in there.union(named) {
            match objects.path(hash) {
                Ok(path) => {
                    let read = objects.get(disk, hash).map(|_| ());
                    let is_needed = named.contains(hash) || !self.all_named;
                    self.note(&path, if is_needed { read } else { Ok(()) });
                }
                Err(error) => self.checked.found.push(error),
            }
        }
    }

    fn journal(&mut self, places: &[Position], mut reader: Reader) {
        let session = self.session;
        let folder = session.journal_folder();
        let mut model = Model::default();
        while let Some(read) = reader.next() {
            match read {
                Ok((number, entry @ (Entry::Start(_) | Entry::Saved(_) | Entry::Whole(_)))) => {
                    model.apply(number, entry);
                }
                Ok(_) => {}
                Err(error) => self.checked.found.push(error),
            }
        }
        self.checked.found.extend(session.missing(&model));
        let file = |segment: u32| folder.join(format!("{segment:06}.log"));
        if let Some(number) = session.unmarked(&model) {
            let says = format!(
                "it ends before it says that generation {number} is whole: the run was cut off \
                 just then, or the end of the file is missing"
            );
            let path = file(reader.position().segment);
            self.checked.found.push(Error::damaged(&path, says));
        }
        let mut segments: BTreeSet<u32> = places.iter().map(|place| place.segment).collect();
        segments.extend((1..=reader.position().segment).filter(|_| reader.position().frame > 0));
        for segment in segments {
            let path = file(segment);
            let wanted = places.iter().filter(|place| place.segment == segment);
            let wanted = wanted.map(|place| place.bytes).max().unwrap_or(0);
            let length = session.disk.length(&path).map_err(Error::system("read", &path));
            let read = length.and_then(|length| {
                let says = || format!("its last bytes are missing: it has {length} of {wanted}");
                (length >= wanted).then_some(()).ok_or_else(|| Error::damaged(&path, says()))
            });
            self.note(&path, read);
        }
    }

    fn replays(&mut self) {
        match self.session.replays() {
            Err(error) => self.checked.found.push(error),
            Ok(replays) => {
                for named in replays {
                    let read = self.session.replay(&named);
                    self.note(&named.path, read.map(|_| ()));
                }
            }
        }
    }

    fn note(&mut self, path: &Path, read: Result<()>) {
        self.checked.files += 1;
        self.checked.bytes += self.session.disk.length(path).unwrap_or(0);
        if let Err(error) = read {
            self.checked.found.push(error);
        }
        (self.tell)(path);
    }
}
