//! The threads that write a session: what is told comes to its file by the clock, whatever the disk
//! has others wait for.

use crate::scratch::{Scratch, entries, identity, snapshot, states, tables};
use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;
use thorndike_session::disk::Lock;
use thorndike_session::{Disk, RealDisk, Recorder, Session, Writer};

/// A disk that has whoever waits for it wait until it is let go.
#[derive(Debug, Default)]
struct Slow {
    is_stuck: Mutex<bool>,
    changed: Condvar,
}

impl Slow {
    fn stick(&self, is_stuck: bool) {
        *self.is_stuck.lock().expect("nobody panics with it") = is_stuck;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let stuck = self.is_stuck.lock().expect("nobody panics with it");
        drop(self.changed.wait_while(stuck, |stuck| *stuck).expect("nobody panics with it"));
    }
}

impl Disk for Slow {
    fn read(&self, path: &Path, from: u64, most: u64) -> io::Result<Vec<u8>> {
        RealDisk.read(path, from, most)
    }
    fn length(&self, path: &Path) -> io::Result<u64> {
        RealDisk.length(path)
    }
    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.names(folder)
    }
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.create_folder(folder)
    }
    fn write_new(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        RealDisk.write_new(path, bytes)
    }
    fn write_at(&self, path: &Path, from: u64, bytes: &[u8]) -> io::Result<()> {
        RealDisk.write_at(path, from, bytes)
    }
    fn cut(&self, path: &Path, length: u64) -> io::Result<()> {
        RealDisk.cut(path, length)
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        self.pass();
        RealDisk.sync(path)
    }
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.pass();
        RealDisk.sync_folder(folder)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.remove_folder(folder)
    }
    fn lock(&self, path: &Path) -> io::Result<Lock> {
        RealDisk.lock(path)
    }
}

/// Waits until so many episodes stand in the journal's file.
#[track_caller]
fn awaits(session: &Session, episodes: usize) {
    for _ in 0..1000 {
        if session.model().episodes.len() == episodes {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{} of {episodes} episodes", session.model().episodes.len());
}

/// Who is killed while the disk has a large snapshot wait has told what happened meanwhile.
#[test]
fn what_is_told_while_the_disk_is_waited_for_is_in_the_journal_and_behind_the_snapshot() {
    let scratch = Scratch::new();
    let made = scratch.store().create(Some("run"), &identity()).expect("the store is empty");
    let disk = Arc::new(Slow::default());
    let session = Session::open_on(disk.clone(), made.folder()).expect("it is sound");
    let (writer, _) = Writer::open(&session).expect("nobody else writes");
    let recorder = Recorder::start(writer).expect("threads start");
    recorder.add_all(&mut entries(10));
    awaits(&session, 1);

    disk.stick(true);
    // Told before the snapshot is taken, though nobody has written it yet.
    recorder.add_all(&mut entries(11));
    assert!(recorder.save(|| Ok((snapshot(11), states(11), tables(11)))));
    assert!(!recorder.save(|| Err("one is on its way".to_owned())));
    for steps in 12..15 {
        recorder.add_all(&mut entries(steps));
        awaits(&session, steps as usize - 9);
    }
    assert!(recorder.is_saving() && session.generations().expect("readable").is_empty());
    disk.stick(false);
    recorder.wait();
    assert_eq!(recorder.saved().map(|(number, _)| number), Some(1));
    let snapshot = session.latest().expect("sound");
    assert_eq!((snapshot.told(), snapshot.frame), (6, 6), "three entries each");
    assert!(snapshot.journal.frame >= 16, "{snapshot:?}");

    // Threads that rest wake up for what comes then.
    thread::sleep(Duration::from_millis(2500));
    recorder.add_all(&mut entries(15));
    awaits(&session, 6);
    let mut writer = recorder.finish().expect("the disk works");
    let end = writer.sync().expect("the disk works").frame;
    drop(writer);
    let model = session.model();
    assert_eq!((model.frame, model.whole.as_slice(), model.damage.len()), (end, &[1][..], 0));
    assert!(session.verify(&mut |_| {}).found.is_empty());
}

#[test]
fn a_disk_that_fails_is_told_once_until_it_works_again() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the store is empty");
    let (writer, _) = Writer::open(&session).expect("nobody else writes");
    let recorder = Recorder::start(writer).expect("threads start");
    let objects = session.folder().join("objects");
    let save = |steps| {
        recorder.add_all(&mut entries(steps));
        assert!(recorder.save(move || Ok((snapshot(steps), states(steps), tables(steps)))));
        recorder.wait();
        thread::sleep(Duration::from_millis(250));
        recorder.problem()
    };
    std::fs::write(&objects, "in the way").expect("the folder is writable");
    let problem = save(1).expect("objects cannot be written");
    assert!(problem.starts_with("cannot ") && problem.contains("objects"), "{problem}");
    // The journal works all the while, which is no reason to tell of the same again.
    assert_eq!((save(2), save(3)), (None, None));
    assert!(recorder.standing().is_some_and(|standing| standing.contains("objects")));
    std::fs::remove_file(&objects).expect("it is there");
    assert_eq!((save(4), recorder.standing()), (None, None));
    std::fs::rename(&objects, session.folder().join("elsewhere")).expect("it is there");
    std::fs::write(&objects, "in the way again").expect("the folder is writable");
    assert!(save(5).is_some(), "it is news again");
    assert_eq!(session.model().episodes.len(), 5);
}
