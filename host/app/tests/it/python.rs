//! The Python that some tests ask, where there is one: `THORNDIKE_PYTHON` names another.

use std::path::Path;
use std::process::{Command, Stdio};

/// A Python that has this module; says so where there is none.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
pub(crate) fn with(module: &str) -> Option<Command> {
    let name = std::env::var("THORNDIKE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let words = ["-c", &format!("import {module}")];
    let probe = Command::new(&name).args(words).stderr(Stdio::null()).status();
    if probe.is_ok_and(|status| status.success()) {
        return Some(Command::new(name));
    }
    println!("skipped: {module} is not installed");
    None
}

/// What a script prints as JSON in a folder.
#[track_caller]
pub(crate) fn answer(
    mut python: Command,
    folder: &Path,
    script: &str,
    words: &[&str],
) -> serde_json::Value {
    let out = python.args(["-c", script]).args(words).current_dir(folder).output();
    let out = out.expect("it was there");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("it prints JSON")
}
