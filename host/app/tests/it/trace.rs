//! `--trace`: what an agent thinks of chosen observations is told, and changes nothing.

use crate::desk::{Desk, json};
use serde_json::Value;

#[track_caller]
fn metric(report: &Value, name: &str) -> f64 {
    report["metrics"][name].as_f64().unwrap_or_else(|| panic!("{name} is told: {report}"))
}

#[test]
fn values_of_chosen_states_are_told_and_leave_no_trace_in_the_run() {
    let desk = Desk::new();
    let words = "train q-learning FrozenLake-v1 --env-set is_slippery=false --set discount=0.5 \
                 --set initial=1 --json";
    let lines = json(&desk.prints(&format!("{words} --trace 14 --trace 13")));
    let report = lines.iter().rfind(|line| line["event"] == "report").expect("a report");
    // From tile 14 the goal is one step to the right, from tile 13 two.
    for (name, value) in [("trace0.value", 1.0), ("trace0.q2", 1.0), ("trace1.value", 0.5)] {
        let told = metric(report, name);
        assert!((told - value).abs() < 0.01, "{name} is {told}, not {value}");
    }
    let without = json(&desk.prints(words));
    let digest = |lines: &[Value]| lines.last().expect("an end")["digest"].clone();
    assert_eq!(digest(&lines), digest(&without));
}

#[test]
fn chances_and_values_of_a_policy_are_told() {
    let desk = Desk::new();
    let out = desk.prints("train ppo CartPole-v1 --steps 2048 --json --trace 0,0,0.1,0");
    let lines = json(&out);
    let report = lines.iter().rfind(|line| line["event"] == "report").expect("a report");
    let sum = metric(report, "trace0.p0") + metric(report, "trace0.p1");
    assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    assert!(metric(report, "trace0.value").is_finite());
}

#[test]
fn a_state_that_is_none_is_refused_before_anything_is_saved() {
    let desk = Desk::new();
    for (state, said) in [("16", "outside of Discrete(16)"), ("1,2", "which has 1")] {
        let ran = desk.run(&format!("train q-learning FrozenLake-v1 --trace {state}"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("--trace: ") && ran.err.contains(said), "{}", ran.err);
    }
    assert_eq!(desk.prints("sessions list --json").trim(), "");
}
