//! A policy that was exported does elsewhere what it does here: ONNX Runtime acts as the agent
//! acted in the episodes that judged it.

use crate::desk::{Desk, json};
use crate::python;

/// Reads a list of observations and prints an action for each.
const SCRIPT: &str = "
import json, sys, numpy, onnxruntime
rows = numpy.array(json.load(open(sys.argv[2])), dtype=numpy.float32)
actions, = onnxruntime.InferenceSession(sys.argv[1]).run(None, {'observation': rows})
print(json.dumps(numpy.asarray(actions).reshape(len(rows), -1).tolist()))
";

/// Numbers of a row, which may be one number.
fn row(value: &serde_json::Value) -> Vec<f64> {
    let one = || vec![value.as_f64().expect("a number")];
    value
        .as_array()
        .map_or_else(one, |row| row.iter().filter_map(serde_json::Value::as_f64).collect())
}

#[test]
fn the_runtime_acts_as_the_agent_did() {
    if python::with("onnxruntime").is_none() {
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
        let python = python::with("onnxruntime").expect("it was there");
        let file = format!("{agent}.onnx");
        let theirs = python::answer(python, &desk.0, SCRIPT, &[&file, "rows.json"]);
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
