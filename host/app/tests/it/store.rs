//! Commands about sessions: how they are compared, and what becomes of many when one is spoilt.

use crate::desk::{Desk, copy, json};
use std::fs;
use thorndike_session::{RealDisk, seal};

#[test]
fn runs_that_are_the_same_part_nowhere_and_others_where_they_do() {
    let desk = Desk::new();
    let words = "train q-learning FrozenLake-v1 --seed 3 --quiet";
    desk.prints(&format!("{words} --steps 20000 --session halves"));
    desk.prints("resume halves --steps 40000 --quiet");
    desk.prints(&format!("{words} --steps 40000 --session whole"));
    let told = desk.prints("sessions diff halves whole");
    assert!(told.contains("the same up to step 40000"), "{told}");
    assert!(!told.contains("they part"), "{told}");
    assert!(told.contains("nothing differs") && told.contains("the same tensors"), "{told}");

    desk.prints(&format!("{words} --steps 40000 --mode pipelined --session piped"));
    let told = desk.prints("sessions diff whole piped");
    assert!(told.contains("mode") && told.contains("pipelined"), "{told}");
    desk.prints("branch whole@20000 --set step_size=0.9 --session other --quiet");
    let told = desk.prints("sessions diff whole other");
    let at = told.split("they part by step ").nth(1).and_then(|rest| rest.split(':').next());
    let at: u64 = at.and_then(|at| at.parse().ok()).expect("they part");
    assert!((20_000..21_000).contains(&at), "{told}");
}

#[test]
fn a_session_without_a_snapshot_is_compared_as_far_as_it_goes() {
    let desk = Desk::new();
    for (name, steps) in [("one", 3000), ("other", 4000)] {
        let words = format!("train q-learning FrozenLake-v1 --steps {steps} --quiet");
        desk.prints(&format!("{words} --session {name}"));
    }
    let generations = desk.0.join("sessions/one/generations");
    for file in fs::read_dir(generations).expect("it is there").flatten() {
        if file.file_name() != "000000.ron" {
            fs::remove_file(file.path()).expect("writable");
        }
    }
    let told = desk.prints("sessions diff one other");
    assert!(told.contains("steps=3000") && told.contains("steps=4000"), "{told}");
    assert!(told.contains("tensors are not compared: session `one` holds no snapshot"), "{told}");
}

#[test]
fn what_was_imported_is_compared_and_drawn() {
    let desk = Desk::new();
    desk.prints("train q-learning FrozenLake-v1 --steps 20000 --tensorboard board --session run");
    desk.prints("import tensorboard board --session live");
    let told = desk.prints("sessions diff live run");
    assert!(told.contains("curves are compared") && told.contains("return_last100"), "{told}");
    let found = &json(&desk.prints("sessions diff live run --json"))[0]["curves"];
    let curve = |name: &str| {
        let all = found.as_array().expect("a list").iter();
        all.into_iter().find(|one| one["name"] == name).cloned().expect("both have it")
    };
    assert!(curve("return_last100")["distance"].as_f64().expect("a number") < 1e-6, "{found}");
    assert!(curve("return")["to"].as_f64() > Some(10_000.0), "{found}");
    for words in ["export live --to png a.png", "export run --to png b.png --with live"] {
        desk.prints(words);
    }
    desk.refuses("export live --to png c.png --metric nothing", 2, &["session `live` tells of no"]);
    desk.refuses("replay live", 2, &["was imported and holds no episodes"]);
    desk.refuses("export run@3 --to csv d.csv", 2, &["`@3` means nothing here"]);
}

/// One that a newer build has written, one that was imported, one without identities, and a file
/// of somebody else, beside a sound one.
fn crowd() -> Desk {
    let desk = Desk::new();
    let words = "train q-learning FrozenLake-v1 --steps 20000 --snapshot-every 2000";
    desk.prints(&format!("{words} --tensorboard board --session good"));
    desk.prints("import tensorboard board --session live");
    for name in ["newer", "bare", "a copy"] {
        copy(&desk.0.join("sessions/good"), &desk.0.join("sessions").join(name));
    }
    for file in ["session.ron", "generations/000000.ron"] {
        let path = desk.0.join("sessions/newer").join(file);
        let text = seal::read_text(&RealDisk, &path).expect("it is sound");
        let text = text.replace("format: (1, 0)", "format: (2, 0)");
        seal::write_text(&RealDisk, &path, &text).expect("writable");
        fs::remove_file(desk.0.join("sessions/bare").join(file)).expect("writable");
    }
    desk.write("sessions/README.md", "about them");
    desk
}

#[test]
fn one_spoilt_session_does_not_end_the_work_on_the_others() {
    let desk = crowd();
    let listed = desk.prints("sessions list");
    assert!(!listed.contains("README"), "{listed}");
    assert!(listed.contains("newer: ") && listed.contains("a copy"), "{listed}");
    for words in ["sessions verify", "sessions verify --rerun"] {
        let ran = desk.run(words);
        assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
        assert!(
            ran.out.contains("good is sound") && ran.out.contains("live is sound"),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("newer is newer than this build"), "{}", ran.out);
        assert!(ran.out.contains("bare is damaged"), "{}", ran.out);
    }
    let ran = desk.run("sessions prune");
    assert!(ran.code == 1 && ran.out.contains("newer stays as it is: "), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("live: 0 snapshots removed"), "{}", ran.out);
    for name in ["bare", "newer"] {
        desk.prints(&format!("sessions rm {name}"));
    }
    desk.prints("sessions verify");
    desk.prints("sessions prune");
}

#[test]
fn an_identity_is_restored_by_whoever_goes_on() {
    let desk = Desk::new();
    desk.prints("train q-learning FrozenLake-v1 --steps 2000 --session run --quiet");
    let file = desk.0.join("sessions/run/session.ron");
    fs::remove_file(&file).expect("writable");
    let ran = desk.run("resume run --steps 3000 --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("session.ron") && ran.err.contains("restored"), "{}", ran.err);
    assert!(file.is_file());
    fs::remove_file(&file).expect("writable");
    desk.prints("sessions prune run");
    fs::remove_file(&file).expect("writable");
    desk.prints("sessions rm run");
}

#[test]
fn lists_tell_runs_on_their_way_from_those_that_were_killed() {
    let desk = Desk::new();
    let words = "q-learning FrozenLake-v1 --steps 1e12 --quiet --snapshot-every 20000";
    crate::resume::killed(&desk, words, "dead", 1);
    let listed = desk.prints("sessions list");
    assert!(listed.contains("cut off") && !listed.contains("running"), "{listed}");
}
