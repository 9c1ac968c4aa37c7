//! Sessions that something is wrong with: one sentence says what and the way out, and what can
//! still be done with them works.

use crate::desk::{Desk, copy, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use thorndike_session::{RealDisk, seal};

const TRAIN: &str = "train q-learning FrozenLake-v1 --steps 20000 --snapshot-every 5000 --quiet";

/// A desk with a session `good`, and a copy of it to spoil.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.prints(&format!("{TRAIN} --session good"));
    copy(&desk.0.join("sessions/good"), &desk.0.join("sessions/bad"));
    desk
}

/// Writes both copies of the identity anew, with something else in it.
fn rewrite(desk: &Desk, from: &str, to: &str) {
    for file in ["session.ron", "generations/000000.ron"] {
        let path = desk.0.join("sessions/bad").join(file);
        let text = seal::read_text(&RealDisk, &path).expect("it is sound");
        assert!(text.contains(from), "{text}");
        seal::write_text(&RealDisk, &path, &text.replace(from, to)).expect("writable");
    }
}

/// One sentence with these parts, and no more.
#[track_caller]
fn refuses(desk: &Desk, words: &str, parts: &[&str]) {
    let ran = desk.run(words);
    assert!(ran.code == 1 || ran.code == 2, "{words}: {}{}", ran.out, ran.err);
    let missing = parts.iter().find(|part| !ran.err.contains(**part));
    assert!(missing.is_none(), "{words} lacks {missing:?}: {}", ran.err);
    let sentences = ran.err.lines().filter(|line| !line.starts_with("note:"));
    assert_eq!(sentences.count(), 1, "{}", ran.err);
}

/// Curves, the list of episodes, tables and pictures can be had without any plugin.
#[track_caller]
fn can_be_looked_at(desk: &Desk) {
    let shown = &json(&desk.prints("sessions show bad --json"))[0];
    assert!(shown["steps"].as_u64() >= Some(15_000), "{shown}");
    desk.prints("export bad curve.csv --to csv");
    desk.prints("export bad curve.svg --to svg");
    assert!(desk.prints("sessions list").contains("bad"));
}

#[test]
fn a_folder_of_somebody_else_is_no_session() {
    let desk = Desk::new();
    fs::create_dir_all(desk.0.join("sessions/photos")).expect("writable");
    desk.write("sessions/photos/a.jpg", "a picture");
    let parts = ["photos is not a session, it has no session.ron"];
    refuses(&desk, "sessions show photos", &parts);
    refuses(&desk, "resume photos --steps 10", &parts);
    desk.prints("sessions list");
}

#[test]
fn a_session_of_a_newer_format_names_the_build_it_needs() {
    let desk = desk();
    rewrite(&desk, "format: (1, 0)", "format: (2, 0)");
    let parts = ["has format 2.0, this build reads 1.x; open it with a newer build"];
    refuses(&desk, "resume bad --steps 30000", &parts);
    refuses(&desk, "sessions show bad", &parts);
    assert!(desk.prints("sessions list").contains("good"), "the others are listed");
}

#[test]
fn without_its_agent_a_session_is_looked_at_and_replayed() {
    let desk = desk();
    rewrite(&desk, "tabular:q-learning", "elsewhere:q-learner");
    let parts = ["`q-learner` of plugin elsewhere,", "name its folder with --plugins", "`replay`"];
    for words in ["resume bad --steps 30000", "test bad", "branch bad --session other"] {
        refuses(&desk, words, &parts);
    }
    let verified = desk.run("sessions verify bad --rerun");
    assert!(verified.code == 1 && verified.out.contains(parts[0]), "{}", verified.out);
    can_be_looked_at(&desk);
    assert!(!desk.prints("replay bad --json").is_empty());
}

#[test]
fn without_its_world_a_session_is_replayed_as_it_was_recorded() {
    let desk = desk();
    rewrite(&desk, "toy-text:FrozenLake-v1", "toy-text:Lake-v9");
    let parts = ["`Lake-v9` of plugin toy-text 1.", "whose BLAKE3 hash begins with "];
    refuses(&desk, "resume bad --steps 30000", &parts);
    can_be_looked_at(&desk);
    let played = desk.run("replay bad --json");
    assert!(
        played.code == 0 && played.out.contains("actions-only"),
        "{}{}",
        played.out,
        played.err
    );
    let first = &json(&played.out)[0]["episode"];
    let steps = json(&desk.prints(&format!("replay bad@{first} --json")));
    assert_eq!(steps[0]["action_bytes"].as_array().map(Vec::len), Some(8), "{}", steps[0]);
    assert!(desk.prints(&format!("replay bad@{first}")).contains(" action_bytes=["));
}

#[test]
fn a_plugin_that_has_changed_is_noted_and_the_run_goes_on() {
    let desk = desk();
    let path = desk.0.join("sessions/bad/session.ron");
    let text = seal::read_text(&RealDisk, &path).expect("it is sound");
    let hash = text.split("hash: \"").nth(1).and_then(|rest| rest.get(..64)).expect("a hash");
    rewrite(&desk, hash, &"0".repeat(64));
    let ran = desk.run("resume bad --steps 25000 --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("has changed since the session was made; results may differ"));
    can_be_looked_at(&desk);
}

#[test]
fn a_damaged_snapshot_costs_the_steps_behind_it() {
    let desk = desk();
    let newest = newest(&desk.0.join("sessions/bad/generations"));
    let mut bytes = fs::read(&newest).expect("it is there");
    bytes[40] ^= 1;
    fs::write(&newest, bytes).expect("writable");
    let name = newest.file_name().expect("it has one").to_string_lossy().into_owned();
    let verified = desk.run("sessions verify bad");
    assert!(verified.code == 1 && format!("{}{}", verified.out, verified.err).contains(&name));
    let ran = desk.run("resume bad --steps 25000 --json");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains(&name) && ran.err.contains("going on from before it"), "{}", ran.err);
    let from = json(&ran.out)[0]["steps"].as_u64().expect("a number");
    assert!((5000..20_000).contains(&from), "from a snapshot before the damaged one: {from}");
    can_be_looked_at(&desk);
}

#[test]
fn a_damaged_journal_is_told_by_whoever_reads_it_and_the_rest_of_it_is_used() {
    let desk = desk();
    let journal = desk.0.join("sessions/bad/journal/000001.log");
    let mut bytes = fs::read(&journal).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&journal, bytes).expect("writable");
    let says = |words: &str| {
        let ran = desk.run(words);
        assert_eq!(ran.code, 0, "{words}: {}", ran.err);
        let told = ran.err.matches("000001.log is damaged: ").count();
        let told = told.max(ran.err.matches("000001.log: ").count());
        assert_eq!(told, 1, "{words}: {}", ran.err);
        assert!(ran.err.contains("the rest of the journal is sound"), "{words}: {}", ran.err);
        ran.out
    };
    let shown = &json(&desk.prints("sessions show bad --json"))[0];
    assert!(shown["damage"].as_str().is_some_and(|text| text.contains("000001.log")), "{shown}");
    assert!(desk.prints("sessions show bad").contains("000001.log"));
    for to in ["csv bad.csv", "jsonl bad.jsonl", "svg bad.svg", "png bad.png", "tensorboard board"]
    {
        says(&format!("export bad --to {to}"));
    }
    says("export good --to svg two.svg --with bad");
    let lines = fs::read_to_string(desk.0.join("bad.csv")).expect("written").lines().count();
    let sound = desk.prints("export good --to csv good.csv");
    assert!(sound.is_empty());
    let whole = fs::read_to_string(desk.0.join("good.csv")).expect("written").lines().count();
    assert!(lines + 2 >= whole, "{lines} of {whole}");
    assert!(says("replay bad --json").lines().count() > 100);
    says("sessions diff good bad");
    says("branch bad --session branched --steps 20100 --quiet");
    says("resume bad --steps 20100 --quiet");
    assert!(!desk.run("sessions verify bad").out.contains("is sound"));
}

#[test]
fn a_snapshot_that_somebody_removed_is_missed() {
    let desk = desk();
    fs::remove_file(newest(&desk.0.join("sessions/bad/generations"))).expect("writable");
    let verified = desk.run("sessions verify bad");
    let says = "it is missing, and the journal says that it was saved";
    assert!(verified.code == 1 && verified.out.contains(says), "{}", verified.out);
    let shown = &json(&desk.prints("sessions show bad --json"))[0];
    assert!(shown["damage"].as_str().is_some_and(|text| text.contains(says)), "{shown}");
    let ran = desk.run("resume bad --json");
    assert!(ran.code == 0 && ran.err.contains(says), "{}", ran.err);
    let digest = |text: &str| json(text).pop().map(|line| line["digest"].clone());
    assert_eq!(digest(&ran.out), digest(&desk.prints("resume good --json")), "it comes back");
    assert!(desk.prints("sessions verify bad").contains("is sound"));
}

#[test]
fn what_a_newer_minor_version_has_written_is_looked_at_and_not_written_on() {
    let desk = desk();
    rewrite(&desk, "format: (1, 0)", "format: (1, 4)");
    let parts = ["`bad` was written by a newer build, in format 1.4", "go on with a newer build"];
    refuses(&desk, "resume bad --steps 30000", &parts);
    can_be_looked_at(&desk);
    assert!(!desk.prints("replay bad --json").is_empty());
}

fn newest(folder: &Path) -> std::path::PathBuf {
    let files = fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.path());
    files.max().expect("there is one")
}

#[test]
fn a_folder_that_may_not_be_written_says_so() {
    let desk = desk();
    let locked = desk.0.join("sessions/bad");
    let chmod = |mode: &str| {
        let status = Command::new("chmod").args(["-R", mode]).arg(&locked).status();
        assert!(status.expect("chmod is there").success());
    };
    chmod("a-w");
    if fs::write(locked.join("probe"), "").is_ok() {
        println!("skipped: an account that permissions bind is not installed");
        return chmod("u+w");
    }
    can_be_looked_at(&desk);
    refuses(&desk, "resume bad --steps 30000", &["cannot write", "bad"]);
    chmod("u+w");
}

#[test]
fn a_full_disk_is_said_and_what_was_saved_stays() {
    let desk = desk();
    let program = desk.command("");
    let program = program.get_program().to_string_lossy().into_owned();
    // No file may grow beyond 64 KB: that fails as a full disk does.
    let words = "train q-learning CliffWalking-v1 --steps 400000 --lanes 64 --snapshot-every 50000 \
                 --session full --json";
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f 64; exec {program} {words}"));
    shell.current_dir(&desk.0);
    desk.alone(&mut shell);
    let ran = crate::desk::ran(shell.output().expect("bash is there"));
    let said = format!("{}{}", ran.out, ran.err);
    assert!(said.contains("cannot write") && said.contains("the run goes on"), "{said}");
    assert_eq!(said.matches("the run goes on").count(), 1, "it is said once: {said}");
    assert!(said.contains("400"), "the run came to its end: {said}");
    let shown = desk.run("sessions show full --json");
    assert_eq!(shown.code, 0, "{}", shown.err);
}
