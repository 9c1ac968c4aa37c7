//! What is exported, read by the programs that it is meant for: TensorBoard, Python's own readers
//! of CSV, JSON and XML, and Pillow.

use crate::desk::{Desk, json};
use std::process::Command;

/// A Python with the modules that the script needs.
fn python() -> Option<String> {
    let name = std::env::var("THORNDIKE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&name).args(["-c", "import tensorboard, PIL"]).output();
    has.is_ok_and(|has| has.status.success()).then_some(name)
}

#[test]
fn exports_are_read_by_the_programs_they_are_for() {
    let Some(python) = python() else {
        println!("skipped: tensorboard with pillow is not installed");
        return;
    };
    let desk = Desk::new();
    desk.prints("train tabular-q FrozenLake-v1 --steps 20000 --session a --quiet");
    for form in ["csv", "jsonl", "svg", "png", "gif", "cast"] {
        desk.prints(&format!("export a a.{form} --to {form}"));
    }
    desk.prints("export a board --to tensorboard");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/exports.py");
    let ran = Command::new(python).arg(script).arg(&desk.0).output().expect("it was there");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    let read = &json(&out)[0];
    let shown = &json(&desk.prints("sessions show a --json"))[0];
    assert_eq!(read["episodes"], shown["episodes"], "{read}");
    assert_eq!(read["steps"], shown["steps"]);
    assert!(read["curves"].as_u64() >= Some(5) && read["frames"].as_u64() >= Some(2), "{read}");
    // And back again: what TensorBoard was given is what comes from there.
    desk.prints("import tensorboard board --session b");
    let columns = |name: &str| {
        desk.prints(&format!("export {name} {name}-again.csv --to csv"));
        std::fs::read_to_string(desk.0.join(format!("{name}-again.csv"))).expect("it was written")
    };
    let (ours, theirs) = (columns("a"), columns("b"));
    assert_eq!(ours.lines().count(), theirs.lines().count());
    for name in ["return_last100", "td_error"] {
        let values = |table: &str| -> Vec<f32> {
            let mut lines = table.lines();
            let mut head = lines.next().expect("a head").split(',');
            let at = head.position(|column| column == name).expect("a column");
            lines.filter_map(|line| line.split(',').nth(at)?.parse().ok()).collect()
        };
        assert!(!values(&ours).is_empty() && values(&ours) == values(&theirs), "{name}\n{theirs}");
    }
}
