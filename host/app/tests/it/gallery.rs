//! Sessions that earlier builds have recorded: each is sound, replays and can be gone on with.

use crate::desk::{Desk, copy, json};
use plugin_api::simd::Class;
use std::fs;
use std::path::{Path, PathBuf};
use thorndike_engine::keep;
use thorndike_session::Session;

/// Sessions of this class come to the same bits on every processor.
const SCALAR: &str = "baseline";

#[test]
fn every_session_of_the_gallery_is_sound_replays_and_goes_on() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sessions/gallery");
    let names = fs::read_dir(&gallery).expect("there is a gallery").flatten();
    let names: Vec<PathBuf> =
        names.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    assert!(!names.is_empty(), "the gallery is not empty");
    let desk = Desk::new();
    let mut scalar = 0;
    for folder in names {
        let name = folder.file_name().expect("it has one").to_string_lossy().into_owned();
        copy(&folder, &desk.0.join("sessions").join(&name));
        let session = Session::open(&folder).expect("it is sound");
        let end = session.latest().expect("it is sound");
        let in_class = |words: &str| {
            let mut command = desk.command(words);
            if end.cpu == SCALAR {
                command.env(Class::VARIABLE, "scalar");
            }
            let ran = crate::desk::ran(command.output().expect("it starts"));
            assert_eq!(ran.code, 0, "{words}: {}{}", ran.out, ran.err);
            ran.out
        };
        in_class(&format!("sessions verify {name}"));
        // The plugins are newer than the session, so it is the steps themselves that must agree.
        let played = json(&in_class(&format!("replay {name} --json")));
        assert!(!played.is_empty(), "{name} has recorded episodes");
        assert!(played.iter().all(|line| line["level"] != "actions-only"), "{name}");
        if end.cpu == SCALAR || end.cpu == keep::cpu() {
            in_class(&format!("sessions verify {name} --rerun"));
        }
        if end.cpu == SCALAR {
            scalar += 1;
            let first = session.generations().expect("it is sound")[0];
            let from = session.snapshot(first).expect("it is sound").summary.steps;
            assert!(from < end.summary.steps, "{name} has a snapshot to go on from");
            let again = format!("resume {name}@{from} --steps {} --json", end.summary.steps);
            let told = json(&in_class(&again)).pop().expect("it has an end");
            assert_eq!(told["digest"], end.summary.digest.as_str(), "{name} from step {from}");
        }
        let further = end.summary.steps + 500;
        in_class(&format!("resume {name} --steps {further} --quiet"));
        in_class(&format!("test {name} --episodes 1"));
    }
    assert!(scalar >= 4, "{scalar} sessions of the class that is the same everywhere");
}

#[test]
fn a_class_that_nobody_knows_is_refused() {
    let desk = Desk::new();
    let mut command = desk.command("sessions list");
    let out = command.env(Class::VARIABLE, "sse9").output().expect("it starts");
    let ran = crate::desk::ran(out);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.err.contains("it may be `scalar`, `avx2` or `avx512`"), "{}", ran.err);
}
