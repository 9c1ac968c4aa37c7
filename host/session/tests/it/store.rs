//! Sessions are created, listed, saved and read again.

use crate::scratch::{Scratch, entries, identity, snapshot, states};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, thread};
use thorndike_session::{Error, Identity, Writer};

#[test]
fn what_is_saved_is_read() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the name is free");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    writer.save(snapshot(10), &states(10)).expect("the folder is writable");

    let session = scratch.store().open("run").expect("it was saved");
    let expected = identity();
    let found = session.identity().clone();
    assert_eq!(Identity { id: String::new(), format: (0, 0), ..found }, expected);
    assert_eq!(session.latest().expect("it was saved").summary, snapshot(10).summary);
    let loaded = session.load().expect("it is sound");
    assert_eq!((loaded.states, loaded.lost.len()), (states(10), 0));
    assert_eq!(session.state(&loaded.snapshot, "agent").expect("it is there"), states(10)[0]);
    session.state(&loaded.snapshot, "none").expect_err("nothing was saved as this");
}

#[test]
fn generations_count_up_and_each_can_be_opened() {
    let scratch = Scratch::new();
    let session = scratch.store().create(None, &identity()).expect("the store is empty");
    let (mut writer, model) = Writer::open(&session).expect("nobody else writes");
    assert_eq!((model.frame, model.damage.len()), (0, 0));
    for steps in [10, 20, 30] {
        writer.add_all(&entries(steps));
        writer.save(snapshot(steps), &states(steps)).expect("the folder is writable");
    }
    assert_eq!(session.generations().expect("it is readable"), [1, 2, 3]);
    let at = |steps| session.load_before(steps).expect("it is sound");
    assert_eq!(at(u64::MAX).snapshot.parent, Some(2));
    assert_eq!((at(29).snapshot.number, at(29).states), (2, states(20)));
    assert!(matches!(session.load_before(9), Err(Error::NoGeneration { .. })));
    let objects = fs::read_dir(session.folder().join("objects")).expect("it is there").count();
    assert_eq!(objects, 4, "lanes never changed");
    let model = session.model();
    assert_eq!(model.points("loss").map(|(at, _)| at.steps).collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!((model.saved.len(), model.episodes.len(), model.alerts.len()), (3, 3, 3));
    assert_eq!((at(29).snapshot.told(), at(29).snapshot.journal.frame), (8, 9));
    assert_eq!(model.whole, [1, 2, 3]);
}

#[test]
fn a_writer_goes_on_where_the_last_one_stopped_and_is_alone() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the store is empty");
    for steps in 1..4 {
        let (mut writer, model) = Writer::open(&session).expect("nobody else writes");
        assert_eq!(model.episodes.len() as u64, steps - 1);
        let error = Writer::open(&session).expect_err("there is a writer").to_string();
        assert_eq!(
            error,
            "session `run` is being written by another process; wait until it ends, or branch \
             from it"
        );
        writer.add_all(&entries(steps));
        writer.save(snapshot(steps), &states(steps)).expect("the folder is writable");
        assert_eq!(writer.newest(), steps);
    }
    let model = session.model();
    assert_eq!((model.episodes.len(), model.damage.len(), model.frame), (3, 0, 15));
}

#[test]
fn pruning_keeps_the_newest_every_tenth_and_the_best() {
    let scratch = Scratch::new();
    let session = scratch.store().create(None, &identity()).expect("the store is empty");
    let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
    for steps in 1..=24 {
        let mut snapshot = snapshot(steps);
        snapshot.summary.return_last100 = Some(if steps == 4 { 9.0 } else { steps as f64 / 9.0 });
        writer.save(snapshot, &states(steps)).expect("the folder is writable");
    }
    assert_eq!(writer.prune(&[7].into()).expect("the folder is writable"), 17);
    assert_eq!(session.generations().expect("it is readable"), [4, 7, 10, 20, 22, 23, 24]);
    for number in session.generations().expect("it is readable") {
        let snapshot = session.snapshot(number).expect("it was kept");
        session.state(&snapshot, "agent").expect("its objects were kept");
    }
    let objects = fs::read_dir(session.folder().join("objects")).expect("it is there");
    let files = objects.flatten().map(|entry| fs::read_dir(entry.path()).expect("open").count());
    assert_eq!(files.sum::<usize>(), 8, "objects nobody names are gone");
}

#[test]
fn names_count_up_and_are_never_given_twice() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert!(store.list().expect("a store that is not there yet is empty").is_empty());
    for number in 1..=3 {
        let session = store.create(None, &identity()).expect("there is a free number");
        assert_eq!(session.name(), format!("q-learning-FrozenLake-v1-s{}-{number}", u64::MAX));
    }
    store.create(Some("mine"), &identity()).expect("the name is free");
    let again = store.create(Some("mine"), &identity()).expect_err("the name is taken");
    assert_eq!(again.to_string(), "there is a session `mine` already; choose another name");
    fs::create_dir(store.folder().join("empty")).expect("the store is writable");
    assert!(matches!(store.create(Some("empty"), &identity()), Err(Error::Taken(_))));

    let ids: Vec<String> = store
        .list()
        .expect("the store is readable")
        .into_iter()
        .map(|listed| {
            let session = listed.session.expect("each is sound");
            assert_eq!(session.name(), listed.name);
            session.identity().id.clone()
        })
        .collect();
    assert_eq!(ids.len(), 4, "a folder without identity is no session");
    assert!(ids.iter().all(|id| id.len() == 16));
    assert!((1..4).all(|at| !ids[..at].contains(&ids[at])), "{ids:?}");
}

#[test]
fn what_is_not_there_is_named() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for name in ["nothing", "../store", "a\nb", "\u{1b}[2J"] {
        let error = store.open(name).expect_err("there is none").to_string();
        assert!(error.starts_with("there is no session `"), "{error}");
        assert!(!error.chars().any(char::is_control), "{error:?}");
    }
    let session = store.create(Some("new"), &identity()).expect("the name is free");
    let error = session.latest().expect_err("nothing was saved").to_string();
    assert_eq!(error, "session `new` holds no snapshot: its run ended before the first one");
    assert!(matches!(session.load(), Err(Error::NoSnapshot(_))));
}

#[test]
fn a_store_that_cannot_be_written_says_so() {
    let scratch = Scratch::new();
    let store = scratch.store();
    fs::write(store.folder(), "").expect("the folder above is writable");
    let error = store.create(None, &identity()).expect_err("a file is no store").to_string();
    assert!(error.starts_with("cannot create "), "{error}");
    assert!(store.list().expect_err("a file is no store").to_string().starts_with("cannot read "));
}

#[test]
fn an_identity_that_is_gone_comes_back_with_the_next_writer() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let session = store.create(Some("run"), &identity()).expect("the name is free");
    let file = session.folder().join("session.ron");
    let sound = fs::read(&file).expect("it was written");
    for in_its_place in [false, true] {
        fs::remove_file(&file).expect("the folder is writable");
        if in_its_place {
            fs::create_dir(&file).expect("the folder is writable");
        }
        let session = store.open("run").expect("its second copy is sound");
        assert!(session.damage().is_some());
        let (writer, _) = Writer::open(&session).expect("nobody else writes");
        assert_eq!(fs::read(&file).expect("it is there again"), sound);
        let error = Writer::open(&session).expect_err("there is a writer");
        assert!(matches!(error, Error::Locked(_)), "{error}");
        drop(writer);
        assert!(store.open("run").expect("it is sound").damage().is_none());
    }
    assert!(session.folder().join("quarantine/session.ron.1").is_dir(), "it is not thrown away");
}

#[test]
fn a_lock_is_let_go_of_while_other_programs_are_being_started() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the name is free");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    Command::new("true").status().expect("there is such a program");
                }
            });
        }
        let refused = (0..2000).filter(|_| Writer::open(&session).is_err()).count();
        is_over.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0, "nobody else writes");
    });
}

#[test]
fn what_cannot_be_read_can_be_put_away() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for name in ["newer", "bare", "held"] {
        let session = store.create(Some(name), &identity()).expect("the name is free");
        let (mut writer, _) = Writer::open(&session).expect("nobody else writes");
        writer.save(snapshot(1), &states(1)).expect("the folder is writable");
    }
    let files = |name: &str| {
        ["session.ron", "generations/000000.ron"].map(|file| store.folder().join(name).join(file))
    };
    for file in files("newer") {
        let disk = thorndike_session::RealDisk;
        let text = thorndike_session::seal::read_text(&disk, &file).expect("it is sound");
        let text = text.replace("format: (1, 0)", "format: (9, 0)");
        thorndike_session::seal::write_text(&disk, &file, &text).expect("writable");
    }
    for file in files("bare") {
        fs::remove_file(file).expect("writable");
    }
    let error = store.open("bare").expect_err("nobody knows what it was").to_string();
    assert!(error.contains("session.ron is damaged: it is missing, and"), "{error}");
    fs::write(store.folder().join("README.md"), "about").expect("writable");
    fs::create_dir(store.folder().join("photos")).expect("writable");
    let listed = store.list().expect("readable");
    let names: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
    assert_eq!(names, ["bare", "held", "newer"], "what is no session is passed over");

    let held = store.open("held").expect("it is sound");
    let writer = Writer::open(&held).expect("nobody else writes");
    assert!(matches!(store.remove("held"), Err(Error::Locked(_))));
    drop(writer);
    for name in ["newer", "bare", "held"] {
        let to = store.remove(name).expect("it can be moved");
        assert!(to.join("journal").is_dir(), "all of it lies in {}", to.display());
    }
    for name in ["photos", "README.md", "none"] {
        store.remove(name).expect_err("it is no session");
    }
}

#[test]
fn a_copy_made_by_hand_is_found_by_its_name() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let session = store.create(Some("q"), &identity()).expect("the name is free");
    fs::rename(session.folder(), store.folder().join("q copy@3")).expect("writable");
    assert_eq!(store.open("q copy@3").expect("it is there").name(), "q copy@3");
    store.remove("q copy@3").expect("it can be moved");
    assert!(matches!(store.open(".trash"), Err(Error::Missing { .. })));
}

#[test]
fn what_killed_writers_left_is_gone_with_the_next_one() {
    let scratch = Scratch::new();
    let session = scratch.store().create(None, &identity()).expect("the store is empty");
    let left = ["generations/.000001.ron.77.new", "replays/.00000001-ab.safetensors.77.new"];
    fs::create_dir(session.folder().join("replays")).expect("writable");
    let left = left.map(|file| session.folder().join(file));
    for file in &left {
        fs::write(file, "half").expect("writable");
    }
    drop(Writer::open(&session).expect("nobody else writes"));
    assert!(left.iter().all(|file| !file.exists()), "{left:?}");
    assert!(session.generation_path(0).exists(), "and nothing else");
}
