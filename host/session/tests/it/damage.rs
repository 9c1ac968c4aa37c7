//! Files that were changed, cut, swapped or made by somebody else.

use crate::scratch::{Scratch, entries, identity, snapshot, states, tables, whole};
use std::fs;
use std::path::{Path, PathBuf};
use thorndike_session::{Error, RealDisk, Replay, Session, Store, Writer, seal};

/// A saved session of two generations.
fn saved(scratch: &Scratch) -> (Store, Session) {
    let store = scratch.store();
    let session = store.create(Some("run"), &identity()).expect("the name is free");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    for steps in [7, 8] {
        writer.add_all(&entries(steps));
        writer.save_with(snapshot(steps), &states(steps), tables(steps)).expect("saved");
    }
    let replay = || Replay { keys: vec![(0, vec![1, 2])], ..Replay::default() };
    writer.record(vec![replay(), replay()]).expect("the folder is writable");
    drop(writer);
    let mut notes = session.notes().expect("there are none");
    (notes.tags, notes.note) = (vec!["good".into()], "a note".into());
    session.set_notes(&notes).expect("the folder is writable");
    (store, session)
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("it can be listed").flatten();
    entries
        .flat_map(|e| if e.path().is_dir() { files(&e.path()) } else { vec![e.path()] })
        .collect()
}

/// The session can still be opened and gone on with, and reading all of it tells of this file.
#[track_caller]
fn is_noticed(store: &Store, file: &Path) -> String {
    let session = store.open("run").expect("one copy of the identity is sound");
    let loaded = session.load().expect("one generation is sound");
    let steps = loaded.snapshot.summary.steps;
    assert_eq!(loaded.states, whole(steps), "what is loaded is what was saved");
    let checked = session.verify(&mut |_| {});
    assert!(!checked.found.is_empty(), "{} must be noticed", file.display());
    let told: Vec<String> = checked.found.iter().map(ToString::to_string).collect();
    assert!(told.iter().all(|text| !text.chars().any(char::is_control)), "{told:?}");
    let about = told.iter().find(|text| text.contains(&file.display().to_string()));
    about.unwrap_or_else(|| panic!("{} in {told:?}", file.display())).clone()
}

#[test]
fn a_sound_session_is_found_sound_also_under_another_name() {
    let scratch = Scratch::new();
    let (store, session) = saved(&scratch);
    let mut told = 0;
    let checked = session.verify(&mut |_| told += 1);
    assert_eq!((checked.found.len(), checked.files), (0, 16));
    assert_eq!(told, checked.files);
    let copy = store.folder().join("copy");
    for file in files(session.folder()) {
        let to = copy.join(file.strip_prefix(session.folder()).expect("it lies in it"));
        fs::create_dir_all(to.parent().expect("it has one")).expect("writable");
        fs::copy(&file, to).expect("writable");
    }
    let copy = store.open("copy").expect("it is a session");
    assert_eq!(copy.verify(&mut |_| {}).found.len(), 0);
    assert_eq!(copy.load().expect("it is sound").states, whole(8));
}

#[test]
fn every_flipped_byte_is_noticed_and_survived() {
    let scratch = Scratch::new();
    let (store, session) = saved(&scratch);
    for file in files(session.folder()) {
        let sound = fs::read(&file).expect("it was just written");
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(&file, bytes).expect("it is writable");
            if is_shared(&session, &file) {
                assert!(session.verify(&mut |_| {}).found.len() == 1);
            } else {
                is_noticed(&store, &file);
            }
        }
        fs::write(&file, sound).expect("it is writable");
    }
    assert_eq!(session.verify(&mut |_| {}).found.len(), 0, "it is sound again");
}

/// Whether all generations need this object.
fn is_shared(session: &Session, file: &Path) -> bool {
    let name = file.file_name().expect("it has one").to_string_lossy().into_owned();
    let numbers = session.generations().expect("it is readable");
    numbers.iter().all(|&number| {
        let Ok(snapshot) = session.snapshot(number) else { return false };
        snapshot.states.iter().any(|kept| kept.hashes().any(|hash| hash == name))
    })
}

#[test]
fn every_cut_is_noticed_and_survived() {
    let scratch = Scratch::new();
    let (store, session) = saved(&scratch);
    for file in files(session.folder()) {
        let sound = fs::read(&file).expect("it was just written");
        let twice = [sound.clone(), sound.clone()].concat();
        let cuts = (0..sound.len()).map(|length| sound[..length].to_vec());
        for bytes in cuts.chain([twice]) {
            fs::write(&file, bytes).expect("it is writable");
            if is_shared(&session, &file) {
                assert!(session.verify(&mut |_| {}).found.len() == 1);
            } else {
                is_noticed(&store, &file);
            }
        }
        fs::write(&file, sound).expect("it is writable");
    }
}

#[test]
fn when_nothing_is_sound_the_newest_fault_is_told() {
    let scratch = Scratch::new();
    let (_, session) = saved(&scratch);
    for number in [1, 2] {
        fs::write(session.generation_path(number), "x").expect("it is writable");
    }
    let error = session.load().expect_err("nothing is sound").to_string();
    assert!(error.contains("000002.ron is damaged: it does not end in its checksum"), "{error}");
    for copy in ["session.ron", "generations/000000.ron"] {
        fs::write(session.folder().join(copy), "x").expect("it is writable");
    }
    let error = Session::open(session.folder()).expect_err("both copies are gone").to_string();
    assert!(error.contains("session.ron is damaged"), "{error}");
}

#[test]
fn sound_files_of_another_place_are_noticed() {
    let scratch = Scratch::new();
    let (store, session) = saved(&scratch);
    fs::copy(session.generation_path(1), session.generation_path(2)).expect("it is writable");
    let told = is_noticed(&store, &session.generation_path(2));
    assert!(told.ends_with("it belongs to another place"), "{told}");
    let other = store.create(Some("other"), &identity()).expect("the name is free");
    let (mut writer, _) = Writer::open(&other).expect("nobody else writes");
    writer.save_with(snapshot(7), &states(7), tables(7)).expect("saved");
    let journal = "journal/000001.log";
    fs::copy(session.folder().join(journal), other.folder().join(journal)).expect("writable");
    let found = other.verify(&mut |_| {}).found;
    assert!(found[0].to_string().contains("it belongs to another session"), "{found:?}");
}

#[test]
fn a_newer_format_is_refused_and_a_newer_minor_one_is_read() {
    let scratch = Scratch::new();
    let (_, session) = saved(&scratch);
    let file = session.generation_path(2);
    let text = fs::read_to_string(&file).expect("it is text");
    let body = text.split("// blake3=").next().expect("there is a part before the checksum");
    let reseal = |body: &str| seal::write_text(&RealDisk, &file, body);

    reseal(&body.replace("(1, 0)", "(2, 3)").replace("steps", "strides")).expect("writable");
    let error = session.snapshot(2).expect_err("it is too new").to_string();
    assert!(error.ends_with("has format 2.3, this build reads 1.x; open it with a newer build"));
    reseal(&body.replace("(1, 0),", "(1, 7), later: \"more\",")).expect("it is writable");
    assert_eq!(session.snapshot(2).expect("the minor version may differ").summary.steps, 8);

    let file = session.folder().join("session.ron");
    let text = fs::read_to_string(&file).expect("it is text");
    let body = text.split("// blake3=").next().expect("there is a part before the checksum");
    seal::write_text(&RealDisk, &file, &body.replace("(1, 0)", "(2, 0)")).expect("it is writable");
    let error = Session::open(session.folder()).expect_err("it is too new");
    assert!(matches!(error, Error::Format { found: (2, 0), .. }), "{error}");
}

#[test]
fn what_a_newer_minor_version_has_added_is_kept_and_only_newer_builds_write_on() {
    let scratch = Scratch::new();
    let (_, session) = saved(&scratch);
    let (file, copy) = ("session.ron", "generations/000000.ron");
    let (file, copy) = (session.folder().join(file), session.folder().join(copy));
    let text = seal::read_text(&RealDisk, &copy).expect("it is sound");
    let grown = text.replacen('(', "(later: [(more: \"of it\")],", 1);
    seal::write_text(&RealDisk, &copy, &grown).expect("writable");
    fs::remove_file(&file).expect("it is there");
    let session = Session::open(session.folder()).expect("its copy is sound");
    drop(Writer::open(&session).expect("it is of this version"));
    assert_eq!(seal::read_text(&RealDisk, &file).expect("it is restored"), grown);

    for path in [file, session.generation_path(2)] {
        let text = seal::read_text(&RealDisk, &path).expect("it is sound");
        let newer = text.replace("format: (1, 0)", "format: (1, 3)");
        assert!(newer != text);
        seal::write_text(&RealDisk, &path, &newer).expect("writable");
        let session = Session::open(session.folder()).expect("it is read");
        let error = Writer::open(&session).expect_err("it is newer").to_string();
        let says =
            "was written by a newer build, in format 1.3, and this one writes 1.0: it can be";
        assert!(error.contains(says), "{error}");
        assert_eq!(session.load().expect("it is read").states, whole(8));
        assert!(session.model().damage.is_empty());
        seal::write_text(&RealDisk, &path, &text).expect("writable");
    }
    drop(Writer::open(&session).expect("it is of this version again"));
}

#[test]
fn generations_that_somebody_removed_are_missed_and_those_that_were_pruned_are_not() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the name is free");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    for steps in 1..=24 {
        writer.add_all(&entries(steps));
        writer.save(snapshot(steps), &states(steps)).expect("the folder is writable");
        writer.prune(&[].into()).expect("the folder is writable");
    }
    drop(writer);
    let found = || -> Vec<String> {
        session.verify(&mut |_| {}).found.iter().map(ToString::to_string).collect()
    };
    assert_eq!(found(), [""; 0], "of {:?}", session.generations());
    for number in [24, 23, 20, 10] {
        let path = session.generation_path(number);
        let sound = fs::read(&path).expect("it is kept");
        fs::remove_file(&path).expect("writable");
        let found = found();
        let says = format!("{number:06}.ron is damaged: it is missing, and the journal says that");
        assert!(found.len() == 1 && found[0].contains(&says), "{found:?}");
        fs::write(&path, sound).expect("writable");
    }
    // Who is killed between the end of a snapshot and the word about it has lost nothing.
    let journal = session.folder().join("journal/000001.log");
    let bytes = fs::read(&journal).expect("it is there");
    let word = b"(generation:24)";
    let at = bytes.windows(word.len()).rposition(|bytes| bytes == word).expect("the last word");
    fs::write(&journal, &bytes[..at - 13]).expect("writable");
    let told = found();
    assert!(told.len() == 1 && told[0].contains("before it says that generation 24"), "{told:?}");
    drop(Writer::open(&session).expect("nobody else writes"));
    assert_eq!(found(), [""; 0], "the next writer has seen that it is there");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let scratch = Scratch::new();
    let (store, session) = saved(&scratch);
    let file = session.generation_path(2);
    let seal = |body: &str| {
        seal::write_text(&RealDisk, &file, body).expect("it is writable");
    };
    seal(&format!("(format:(1,0),x:{}", "[".repeat(1_000_000)));
    assert!(is_noticed(&store, &file).ends_with("its brackets lie too deep in each other"));
    seal("(format:(1,0),saved:\"\x1b[2J\")");
    is_noticed(&store, &file);
    let sparse = fs::File::create(&file).expect("it is writable");
    sparse.set_len(1 << 30).expect("a sparse file takes no room");
    let error = is_noticed(&store, &file);
    assert!(error.contains("1073741824 bytes"), "{error}");
    fs::remove_file(&file).expect("it was there");
    fs::create_dir(&file).expect("the name is free");
    assert!(is_noticed(&store, &file).ends_with("it is not a file"));
}
