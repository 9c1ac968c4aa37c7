//! `plugins new`: what it writes builds, is sound and trains, here and elsewhere.

use crate::desk::{Desk, Ran, json, ran, scratch};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds the crate in this folder without asking any registry.
///
/// All crates of these tests share a folder for what is built, so that later runs build little.
fn build(folder: &Path, more: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--offline"]).args(more).current_dir(folder);
    command.env("CARGO_TARGET_DIR", target()).env_remove("RUSTFLAGS");
    ran(command.output().expect("cargo is there"))
}

fn target() -> std::path::PathBuf {
    scratch().join("new-plugins")
}

#[test]
fn new_plugins_build_and_train_in_an_empty_folder() {
    let desk = Desk::new();
    for (kind, name) in [("env", "Foo-v1"), ("agent", "my_agent")] {
        let written = &json(&desk.prints(&format!("plugins new {kind} {name} --json")))[0];
        assert_eq!(written["path"], name);
        let built = build(&desk.0.join(name), &[]);
        assert_eq!(built.code, 0, "{}", built.err);
        assert!(!built.err.contains("warning"), "{}", built.err);
    }
    let folder = target().join("debug");
    let list = desk.prints(&format!("plugins list --plugins {}", folder.display()));
    assert!(list.contains("Foo-v1") && list.contains("my_agent"), "{list}");
    for file in ["libfoo_v1.so", "libmy_agent.so"] {
        desk.prints(&format!("plugins check {}", folder.join(file).display()));
    }
    let words = format!(
        "train my_agent Foo-v1 --plugins {} --steps 20000 --session new --quiet",
        folder.display()
    );
    desk.prints(&words);
    let told = json(&desk.prints(&format!("test new --plugins {} --json", folder.display())));
    let eval = &told[told.len() - 2];
    assert!(eval["return_mean"].as_f64() > Some(-20.0), "it has learned: {eval}");
    let out = desk.prints(&format!("env Foo-v1 --render --plugins {}", folder.display()));
    assert!(out.contains("Discrete(10)"), "{out}");
}

#[test]
#[ignore = "long: compiles plugin-api once more, in a copy of the repository"]
fn a_new_plugin_joins_the_repository() {
    let desk = Desk::new();
    let copy = desk.0.join("repository");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the root is there");
    let files = Command::new("git").args(["ls-files"]).current_dir(root).output();
    let files = ran(files.expect("git is there")).out;
    for file in files.lines() {
        let (from, to) = (root.join(file), copy.join(file));
        fs::create_dir_all(to.parent().expect("it lies in the copy")).expect("it is writable");
        if from.is_file() {
            fs::copy(from, to).expect("it is writable");
        }
    }
    let here = Desk(copy.join("docs"));
    fs::create_dir_all(&here.0).expect("it is writable");
    let text = here.prints("plugins new env Maze-v0");
    assert!(text.contains("  cd ..  "), "the commands are for the top: {text}");
    assert!(text.contains("cargo build --release -p Maze-v0"), "{text}");
    let manifest = fs::read_to_string(copy.join("Cargo.toml")).expect("it is there");
    assert!(manifest.contains("    \"plugins/Maze-v0\",\n"), "{manifest}");
    let built = build(&copy, &["-p", "Maze-v0"]);
    assert_eq!(built.code, 0, "{}", built.err);
    here.prints(&format!("plugins check {}", target().join("debug/libmaze_v0.so").display()));
}

#[test]
fn bad_names_and_taken_folders_are_refused() {
    let desk = Desk::new();
    desk.refuses("plugins new env 3d", 2, &["must begin with a letter"]);
    desk.refuses("plugins new env a/b", 2, &["`a-b` would do"]);
    desk.refuses("plugins new agent struct", 2, &["`my-struct` would do"]);
    desk.refuses("plugins new env plugin-api", 2, &["keep it for themselves"]);
    desk.refuses("plugins new world x", 2, &["unrecognized subcommand"]);
    fs::create_dir(desk.0.join("taken")).expect("the desk is writable");
    desk.refuses("plugins new env taken", 2, &["taken is there already"]);
    let names: Vec<_> = fs::read_dir(&desk.0).expect("it is there").flatten().collect();
    assert_eq!(names.len(), 1, "nothing else was written: {names:?}");
}
