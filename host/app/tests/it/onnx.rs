//! A policy that was exported does elsewhere what it does here: ONNX Runtime acts as the agent
//! acted in the episodes that judged it.

use crate::desk::{Desk, json};
use std::process::{Command, Stdio};

/// Reads a list of observations and prints an action for each.
const SCRIPT: &str = "
import json, sys, numpy, onnxruntime
rows = numpy.array(json.load(open(sys.argv[2])), dtype=numpy.float32)
actions, = onnxruntime.InferenceSession(sys.argv[1]).run(None, {'observation': rows})
print(json.dumps(numpy.asarray(actions).reshape(len(rows), -1).tolist()))
";

/// The Python that is used where one is asked for.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn python() -> Option<Command> {
    let name = std::env::var("THORNDIKE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let probe =
        Command::new(&name).args(["-c", "import onnxruntime"]).stderr(Stdio::null()).status();
    if probe.is_ok_and(|status| status.success()) {
        return Some(Command::new(name));
    }
    println!("skipped: onnxruntime is not installed");
    None
}

/// Numbers of a row, which may be one number.
fn row(value: &serde_json::Value) -> Vec<f64> {
    let one = || vec![value.as_f64().expect("a number")];
    value
        .as_array()
        .map_or_else(one, |row| row.iter().filter_map(serde_json::Value::as_f64).collect())
}

#[test]
fn the_runtime_acts_as_the_agent_did() {
    if python().is_none() {
        return;
    }
    let desk = Desk::new();
    for (agent, words) in [
        ("ppo", "CartPole-v1 --steps 8000"),
        ("dqn", "CartPole-v1 --steps 4000 --set warmup=500"),
        ("sac", "Pendulum-v1 --steps 1500 --set warmup=200"),
    ] {
        let every = words.split_whitespace().nth(2).expect("it has steps");
        desk.prints(&format!(
            "train {agent} {words} --session {agent} --seed 3 --quiet --snapshot-every never \
             --eval-every {every} --eval-episodes 2"
        ));
        desk.prints(&format!("export {agent} --to onnx {agent}.onnx"));
        let played = json(&desk.prints(&format!("replay {agent}@1 --trial --json")));
        // Each action answers what was seen before it.
        let seen = |line: &&serde_json::Value| line["obs"].is_array();
        let obs: Vec<_> = played.iter().filter(seen).map(|line| line["obs"].clone()).collect();
        let steps = played.iter().filter(|line| line["event"] == "step");
        let ours: Vec<Vec<f64>> = steps.map(|line| row(&line["action"])).collect();
        desk.write("rows.json", &serde_json::to_string(&obs[..ours.len()]).expect("plain"));
        let mut command = python().expect("it was there");
        let file = format!("{agent}.onnx");
        let out = command.args(["-c", SCRIPT, &file, "rows.json"]).current_dir(&desk.0).output();
        let out = out.expect("it was there");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "{agent}: {said}");
        let theirs: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        let theirs: Vec<Vec<f64>> = theirs.as_array().expect("rows").iter().map(row).collect();
        assert!(ours.len() > 5 && ours.len() == theirs.len(), "{agent}");
        let far = |ours: &[f64], theirs: &[f64]| {
            ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let far = ours.iter().zip(&theirs).map(|(ours, theirs)| far(ours, theirs));
        let far = far.fold(0.0, f64::max);
        assert!(far < 1e-4, "{agent}: actions differ by {far}");
    }
}
