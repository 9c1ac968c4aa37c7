//! The checks themselves: what keeps its promises passes, and each broken promise is found by name.

mod agents;
mod worlds;

use super::*;
use crate::params::Value;

/// Params of one value.
fn with(name: &str, value: &str) -> Values {
    Values::from([(name.to_owned(), Value::Text(value.to_owned()))])
}

/// This promise is broken, perhaps with others that follow from it, and this is what is said.
#[track_caller]
fn found(findings: &Findings, check: &str, says: &str) {
    let failed = findings.failed().find(|finding| finding.check == check);
    let failed = failed.unwrap_or_else(|| panic!("`{check}` is not broken\n{findings}"));
    assert!(failed.says.contains(says), "{failed}");
}

#[test]
fn findings_are_lines_that_name_subject_check_and_reason() {
    let mut findings = one("Toy-v0", "state", Err(Stop::failed("lane 1 at step 3")));
    findings.list.push(finding("Toy-v0", "goals", Err(Stop::skipped("it has none"))));
    findings.list.push(finding("Toy-v0", "scene", Ok("drawn".into())));
    assert_eq!(
        findings.to_string(),
        "FAILED  Toy-v0: state: lane 1 at step 3\n\
         skipped Toy-v0: goals: it has none\n\
         ok      Toy-v0: scene: drawn\n"
    );
    assert!(!findings.passed());
    findings.list.remove(0);
    findings.assert_passed();
}

#[test]
#[should_panic(expected = "FAILED  Toy-v0: offered: the plugin has no environment of this name")]
fn a_name_that_is_not_there() {
    absent("Toy-v0", "environment").assert_passed();
}
