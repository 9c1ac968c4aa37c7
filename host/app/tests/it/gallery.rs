//! Sessions that earlier builds have recorded: each is sound, replays and can be gone on with.

use crate::desk::{Desk, copy, json};
use std::fs;
use std::path::{Path, PathBuf};
use thorndike_engine::keep;
use thorndike_session::Session;

#[test]
fn every_session_of_the_gallery_is_sound_replays_and_goes_on() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sessions/gallery");
    let names = fs::read_dir(&gallery).expect("there is a gallery").flatten();
    let names: Vec<PathBuf> =
        names.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    assert!(!names.is_empty(), "the gallery is not empty");
    let desk = Desk::new();
    for folder in names {
        let name = folder.file_name().expect("it has one").to_string_lossy().into_owned();
        copy(&folder, &desk.0.join("sessions").join(&name));
        desk.prints(&format!("sessions verify {name}"));
        // The plugins are newer than the session, so it is the steps themselves that must agree.
        let played = json(&desk.prints(&format!("replay {name} --json")));
        assert!(!played.is_empty(), "{name} has recorded episodes");
        let shown = &json(&desk.prints(&format!("sessions show {name} --json")))[0];
        let steps = shown["steps"].as_u64().expect("a number");
        desk.prints(&format!("resume {name} --steps {} --quiet", steps + 500));
        desk.prints(&format!("test {name} --episodes 1"));
        // Nets may come to other last bits on another kind of processor; the steps are the same.
        let session = Session::open(&folder).expect("it is sound");
        if session.latest().expect("it is sound").cpu == keep::cpu() {
            desk.prints(&format!("sessions verify {name} --rerun"));
        }
    }
}
