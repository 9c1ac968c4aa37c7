//! `plugins list` and `plugins check`.

use crate::desk::{Desk, json};
use std::fs;

#[test]
fn plugins_are_listed_with_what_they_offer() {
    let desk = Desk::new();
    let text = desk.prints("plugins list");
    for part in ["toy-text 1.", "FrozenLake-v1, ", "tabular-q 1.", "agents"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let lines = json(&desk.prints("plugins list --json"));
    let toys = lines.iter().find(|line| line["plugin"] == "toy-text").expect("it is there");
    let envs = toys["envs"].as_array().expect("a list");
    assert!(envs.iter().any(|env| env == "Taxi-v4"), "{toys}");
    assert_eq!(toys["hash"].as_str().map(str::len), Some(64));
}

#[test]
fn files_that_are_no_plugins_cost_a_line() {
    let desk = Desk::new();
    let folder = desk.0.join("mine");
    fs::create_dir(&folder).expect("the desk is writable");
    fs::write(folder.join("text.so"), "not a library").expect("it is writable");
    fs::write(folder.join("notes.txt"), "no plugin").expect("it is writable");
    let own = fs::read(env!("CARGO_BIN_EXE_thorndike")).expect("the program is there");
    fs::write(folder.join("cut.so"), &own[..5000]).expect("it is writable");
    let text = desk.prints("plugins list --plugins mine --plugins nowhere");
    assert!(text.contains("mine/text.so is not a shared library"), "{text}");
    assert!(text.contains("left out: ") && text.contains("mine/cut.so is damaged"), "{text}");
    assert!(text.contains("nowhere cannot be read: no such file"), "{text}");
    assert!(!text.contains("notes.txt") && text.contains("toy-text"), "{text}");
    desk.refuses("plugins check mine/text.so", 1, &["mine/text.so is not a shared library"]);
    desk.refuses("plugins check mine/none.so", 1, &["mine/none.so cannot be read: no such file"]);
}

#[test]
fn a_manifest_that_says_something_else_is_not_believed() {
    let desk = Desk::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_thorndike"));
    // Builds the plugins.
    desk.prints("plugins list");
    let sound = fs::read(program.with_file_name("libtabular_q.so")).expect("it was built");
    fs::create_dir(desk.0.join("mine")).expect("the desk is writable");
    for (says, instead) in [
        (r#"name:"tabular-q",version"#, r#"name:"tabular-x",version"#),
        (r#"agents:["tabular-q",]"#, r#"agents:["tabular-x",]"#),
    ] {
        let at = sound.windows(says.len()).position(|bytes| bytes == says.as_bytes());
        let at = at.expect("the manifest is a text");
        let mut bytes = sound.clone();
        bytes[at..at + says.len()].copy_from_slice(instead.as_bytes());
        fs::write(desk.0.join("mine/other.so"), bytes).expect("the desk is writable");
        let text = desk.prints("plugins list --plugins mine");
        let said = "mine/other.so offers something else than its manifest says";
        assert!(text.contains(said), "{instead}: {text}");
    }
}

#[test]
fn promises_are_tried_out() {
    let desk = Desk::new();
    let library = |name: &str| {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_thorndike"));
        program.with_file_name(name).display().to_string()
    };
    let text = desk.prints(&format!("plugins check {}", library("libtabular_q.so")));
    assert!(text.contains("tabular-q 1.") && text.contains(" 0 failed"), "{text}");
    let words = format!("plugins check {} --json", library("libclassic_control.so"));
    let lines = json(&desk.prints(&words));
    assert!(
        lines.iter().any(|line| line["subject"] == "CartPole-v1" && line["verdict"] == "passed")
    );
    assert!(lines.iter().all(|line| line["verdict"] != "failed"), "{lines:?}");
}
