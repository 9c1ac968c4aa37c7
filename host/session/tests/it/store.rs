//! Sessions are created, listed, saved and read again.

use crate::scratch::{Scratch, identity, snapshot};
use std::fs;
use thorndike_session::{Error, Identity};

#[test]
fn what_is_saved_is_read() {
    let scratch = Scratch::new();
    let session = scratch.store().create(Some("run"), &identity()).expect("the name is free");
    let states: [(&str, &[u8]); 3] = [("agent", b"weights"), ("lanes", &[0; 5000]), ("none", b"")];
    session.save(snapshot(10), &states).expect("the folder is writable");

    let session = scratch.store().open("run").expect("it was saved");
    let expected = identity();
    let found = session.identity().clone();
    assert_eq!(Identity { id: String::new(), format: (0, 0), ..found }, expected);
    let read = session.verify().expect("it is sound");
    assert_eq!(read.summary, snapshot(10).summary);
    assert_eq!(read.rngs, snapshot(10).rngs);
    for (name, bytes) in states {
        assert_eq!(session.state(&read, name).expect("it was saved"), bytes);
    }
}

#[test]
fn saving_again_replaces_the_snapshot_and_what_it_named() {
    let scratch = Scratch::new();
    let session = scratch.store().create(None, &identity()).expect("the store is empty");
    session.save(snapshot(1), &[("agent", b"one"), ("lanes", b"same")]).expect("saved");
    session.save(snapshot(2), &[("agent", b"two"), ("lanes", b"same")]).expect("saved again");
    let read = session.verify().expect("it is sound");
    assert_eq!(read.summary.steps, 2);
    assert_eq!(session.state(&read, "agent").expect("it was saved"), b"two");
    let objects = fs::read_dir(session.folder().join("objects")).expect("it is there").count();
    assert_eq!(objects, 2, "the object nobody names is gone");
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
        .map(|entry| {
            let session = entry.session.expect("each is sound");
            assert_eq!(session.name(), entry.name);
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
    let error = session.snapshot().expect_err("nothing was saved").to_string();
    assert_eq!(error, "session `new` holds no snapshot: its run ended before the first one");
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
