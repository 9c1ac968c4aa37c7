//! Files that were changed, cut, swapped or made by somebody else.

use crate::scratch::{Scratch, identity, snapshot};
use std::fs;
use std::path::{Path, PathBuf};
use thorndike_session::{Session, Store};

/// A saved session and all of its files.
fn saved(scratch: &Scratch) -> (Store, Session, Vec<PathBuf>) {
    let store = scratch.store();
    let session = store.create(Some("run"), &identity()).expect("the name is free");
    session.save(snapshot(7), &[("agent", b"the weights"), ("lanes", &[7; 300])]).expect("saved");
    let mut files =
        vec![session.folder().join("session.ron"), session.folder().join("snapshot.ron")];
    for entry in fs::read_dir(session.folder().join("objects")).expect("it is there") {
        files.push(entry.expect("it can be listed").path());
    }
    assert_eq!(files.len(), 4);
    (store, session, files)
}

/// Reading all of the session fails with one harmless sentence about this file.
#[track_caller]
fn is_noticed(store: &Store, file: &Path) -> String {
    let read = store.open("run").and_then(|session| session.verify());
    let error = read.expect_err("the damage must be noticed").to_string();
    assert!(error.contains(&file.display().to_string()), "{error}");
    assert!(!error.chars().any(char::is_control), "{error:?}");
    error
}

#[test]
fn every_flipped_byte_is_noticed() {
    let scratch = Scratch::new();
    let (store, _, files) = saved(&scratch);
    for file in files {
        let sound = fs::read(&file).expect("it was just written");
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&file, bytes).expect("it is writable");
            is_noticed(&store, &file);
        }
        fs::write(&file, sound).expect("it is writable");
    }
    store.open("run").and_then(|session| session.verify()).expect("it is sound again");
}

#[test]
fn every_cut_is_noticed() {
    let scratch = Scratch::new();
    let (store, _, files) = saved(&scratch);
    for file in files {
        let sound = fs::read(&file).expect("it was just written");
        for length in 0..sound.len() {
            fs::write(&file, &sound[..length]).expect("it is writable");
            is_noticed(&store, &file);
        }
        let twice = [sound.clone(), sound.clone()].concat();
        fs::write(&file, twice).expect("it is writable");
        is_noticed(&store, &file);
        fs::write(&file, sound).expect("it is writable");
    }
}

#[test]
fn a_sound_file_in_the_place_of_another_is_noticed() {
    let scratch = Scratch::new();
    let (store, _, files) = saved(&scratch);
    fs::copy(&files[2], &files[3]).expect("it is writable");
    let error = is_noticed(&store, &files[3]);
    assert!(error.ends_with("is not the file that was saved under this name"), "{error}");
    fs::copy(&files[0], &files[1]).expect("it is writable");
    is_noticed(&store, &files[1]);
}

#[test]
fn what_is_missing_is_named() {
    let scratch = Scratch::new();
    let (store, _, files) = saved(&scratch);
    fs::remove_file(&files[3]).expect("it was there");
    assert!(is_noticed(&store, &files[3]).starts_with("cannot read "));
    fs::create_dir(&files[3]).expect("the name is free");
    assert!(is_noticed(&store, &files[3]).ends_with("it is not a file"));
}

#[test]
fn a_newer_format_is_refused_and_a_newer_minor_one_is_read() {
    let scratch = Scratch::new();
    let (store, session, files) = saved(&scratch);
    let text = fs::read_to_string(&files[1]).expect("it is text");
    let body = text.split("// blake3=").next().expect("there is a part before the checksum");
    let reseal = |body: &str| thorndike_session::seal::write(&files[1], body.as_bytes());

    reseal(&body.replace("(1, 0)", "(2, 3)").replace("steps", "strides")).expect("it is writable");
    let error = is_noticed(&store, &files[1]);
    assert!(error.ends_with("has format 2.3, this build reads 1.x; open it with a newer build"));

    reseal(&body.replace("(1, 0),", "(1, 7), later: \"more\",")).expect("it is writable");
    assert_eq!(session.snapshot().expect("the minor version may differ").summary.steps, 7);
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let scratch = Scratch::new();
    let (store, _, files) = saved(&scratch);
    let seal = |body: &[u8]| {
        thorndike_session::seal::write(&files[1], body).expect("it is writable");
    };
    seal(format!("(format:(1,0),x:{}", "[".repeat(1_000_000)).as_bytes());
    is_noticed(&store, &files[1]);
    seal(b"(format:(1,0),saved:\"\x1b[2J\")");
    is_noticed(&store, &files[1]);
    seal(b"(format:(1,0),saved:\xff)");
    assert!(is_noticed(&store, &files[1]).ends_with("it is not text"));

    let sparse = fs::File::create(&files[1]).expect("it is writable");
    sparse.set_len(1 << 30).expect("a sparse file takes no room");
    let error = is_noticed(&store, &files[1]);
    assert!(error.contains("1073741824 bytes"), "{error}");
}
