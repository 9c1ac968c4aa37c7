//! Journals are followed as they grow, and read past whatever is damaged.

use crate::scratch::{Scratch, entries, identity};
use std::fs;
use thorndike_session::journal::{Entry, Episode};
use thorndike_session::{Disk, Reader, RealDisk, Session, Writer};

fn session(scratch: &Scratch) -> Session {
    scratch.store().create(Some("run"), &identity()).expect("the name is free")
}

fn numbers(reader: &mut Reader) -> Vec<u64> {
    std::iter::from_fn(|| reader.next()).map(|read| read.expect("it is sound").0).collect()
}

#[test]
fn a_journal_is_followed_as_it_grows() {
    let scratch = Scratch::new();
    let session = session(&scratch);
    let mut follower = session.follow();
    assert_eq!(numbers(&mut follower), [0; 0]);
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    for round in 0..50 {
        writer.add_all(&entries(round + 1));
        assert_eq!(numbers(&mut follower), [0; 0], "nothing is in the file yet");
        writer.flush().expect("the folder is writable");
        assert_eq!(numbers(&mut follower), [3 * round + 1, 3 * round + 2, 3 * round + 3]);
    }
    assert_eq!(numbers(&mut session.read()), (1..=150).collect::<Vec<_>>());
    assert_eq!(follower.position(), writer.sync().expect("the folder is writable"));
}

#[test]
fn another_file_begins_after_so_many_bytes_whoever_waits_for_the_disk() {
    let scratch = Scratch::new();
    let session = session(&scratch);
    let mut follower = session.follow();
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    writer.turn_after(1000);
    for round in 0..60 {
        writer.add_all(&entries(round + 1));
        writer.flush().expect("the folder is writable");
        // For a third of the time nobody does.
        if round >= 20 {
            writer.sync().expect("the folder is writable");
        }
        assert_eq!(numbers(&mut follower), [3 * round + 1, 3 * round + 2, 3 * round + 3]);
    }
    let lengths = || -> Vec<u64> {
        let files = fs::read_dir(session.folder().join("journal")).expect("it is there");
        files.flatten().map(|file| file.metadata().expect("readable").len()).collect()
    };
    assert!(lengths().len() > 5 && lengths().iter().all(|bytes| *bytes < 2500), "{:?}", lengths());
    assert_eq!(numbers(&mut session.read()), (1..=180).collect::<Vec<_>>());
    drop(writer);
    let (mut writer, model) = Writer::open(&session).expect("nobody else writes");
    assert_eq!((model.damage.len(), model.episodes.len()), (0, 60));
    writer.add_all(&entries(61));
    writer.flush().expect("the folder is writable");
    assert_eq!(numbers(&mut follower), [181, 182, 183]);
    assert!(session.verify(&mut |_| {}).found.is_empty());
}

#[test]
fn half_a_frame_is_waited_for_and_told_when_nobody_writes() {
    let scratch = Scratch::new();
    let session = session(&scratch);
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    writer.add_all(&entries(1));
    writer.flush().expect("the folder is writable");
    drop(writer);
    let file = session.folder().join("journal/000001.log");
    let whole = fs::read(&file).expect("it was written");
    fs::write(&file, &whole[..whole.len() - 1]).expect("it is writable");
    let mut follower = session.follow();
    assert_eq!(numbers(&mut follower), [1, 2]);
    let model = session.model();
    assert_eq!((model.frame, model.damage.len()), (2, 1));
    assert!(model.damage[0].contains("000001.log: it ends in the middle of a frame"));
    // As long as somebody writes, it may be one that is just being written.
    let lock = RealDisk.lock(&session.folder().join("session.ron")).expect("nobody else writes");
    assert!(session.model().damage.is_empty() && session.verify(&mut |_| {}).found.is_empty());
    drop(lock);
    fs::write(&file, &whole).expect("it is writable");
    assert_eq!(numbers(&mut follower), [3], "the follower goes on");

    fs::write(&file, &whole[..whole.len() - 1]).expect("it is writable");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    writer.add(&Entry::Episode(Episode::default()));
    writer.flush().expect("the folder is writable");
    assert_eq!(numbers(&mut session.read()), [1, 2, 3], "what was torn is written over");
    let kept = fs::read_dir(session.folder().join("quarantine")).expect("it is there").count();
    assert_eq!(kept, 1, "and a copy of it is kept");
}

#[test]
fn damage_costs_the_frames_it_hits_and_is_told() {
    let scratch = Scratch::new();
    let session = session(&scratch);
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    writer.add_all(&(1..100).flat_map(entries).collect::<Vec<_>>());
    writer.flush().expect("the folder is writable");
    drop(writer);
    let file = session.folder().join("journal/000001.log");
    let whole = fs::read(&file).expect("it was written");
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&file, bytes).expect("it is writable");
        let model = session.model();
        assert!(!model.damage.is_empty(), "byte {at}");
        let lost = 99 - model.episodes.len() + 99 - model.alerts.len() + 99 - model.moments.len();
        // A damaged name takes with it what it stands for.
        assert!(lost <= 1 || at < 120, "byte {at} cost {lost} frames");
        assert_eq!(model.frame, if at > whole.len() - 80 { model.frame } else { 297 });
    }
}
