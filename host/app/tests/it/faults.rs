//! A plugin that does something wrong costs one sentence that says what, in which lane and when;
//! what was learned before is saved.

use crate::desk::{Desk, json};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

/// Trains in the world that misbehaves, and returns what was said: the code and the sentence.
fn train(desk: &Desk, fault: &str, more: &str) -> (i32, String) {
    let words = format!(
        "train random Fault-v0 --env-set fault={fault} --env-set lane=2 --env-set \
         after_steps=205 --lanes 8 --steps 4000 --session {fault} --quiet {more}"
    );
    let ran = desk.run(&words);
    assert!(!ran.err.contains("panicked at"), "{fault}: {}", ran.err);
    (ran.code, ran.err)
}

#[track_caller]
fn check(fault: &str, parts: &[&str]) {
    let desk = Desk::new();
    let (code, said) = train(&desk, fault, "");
    assert_eq!(code, 1, "{said}");
    let missing = parts.iter().find(|part| !said.contains(**part));
    assert!(missing.is_none(), "{fault} lacks {missing:?}: {said}");
    assert!(said.lines().count() <= 3, "{said}");
    let shown = &json(&desk.prints(&format!("sessions show {fault} --json")))[0];
    assert!(shown["steps"].as_u64() >= Some(1536), "what came before is kept: {shown}");
}

#[test]
fn fault_01_panics_are_told_with_their_place() {
    check("panic_step", &["lanes 0 to 7 at their step 205", "panic in step", "fault.rs:"]);
    check("panic_reset", &["at their step 219", "panic in reset", "fault.rs:"]);
    let desk = Desk::new();
    for fault in ["panic_new", "error_new"] {
        let (code, said) = train(&desk, fault, "");
        assert!(code == 1 && said.lines().count() == 1, "{said}");
    }
    check("panic_save", &["at their step 220", "panic in state", "fault.rs:"]);
    let (code, said) = train(&desk, "panic_drop", "");
    assert!(code == 0 && said.contains("panic in drop"), "{code} {said}");
    let words = "env Fault-v0 --env-set fault=panic_render --env-set after_steps=0 --render";
    let ran = desk.run(words);
    assert!(ran.code == 1 && ran.err.contains("panic in render"), "{}", ran.err);
}

#[test]
fn fault_17_wrong_numbers_flags_and_masks_are_told_by_lane_and_step() {
    check("nan_obs", &["lane 2 at its step 205: element 1 of the observation is NaN"]);
    check("nan_reward", &["lane 2 at its step 205: the reward is NaN"]);
    check("wrong_flag", &["lane 2 at its step 205: the flags are 0x40"]);
    check("bad_mask", &["lane 2 at its step 205: the mask forbids every action"]);
}

#[test]
fn fault_04_a_call_that_never_returns_is_told_and_can_be_left() {
    let desk = Desk::new();
    let words =
        "train random Fault-v0 --env-set fault=endless_step --env-set after_steps=5 --quiet";
    let mut run = desk.command(words).stderr(Stdio::piped()).spawn().expect("the program starts");
    let said = BufReader::new(run.stderr.take().expect("it is piped"));
    let mut said = said.lines().map(|line| line.expect("it is text"));
    let note = "note: `probes` has been in `step` for 10 s, at step ";
    assert!(said.any(|line| line.starts_with(note)), "it is told");
    let process = Pid::from_child(&run);
    for _ in 0..2 {
        kill_process(process, Signal::INT).expect("it is stuck");
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let left = "thorndike: ended while plugin `probes` was in `step` at step ";
    assert!(said.any(|line| line.starts_with(left)), "it is told what was not waited for");
    assert_eq!(run.wait().expect("it ends").code(), Some(130));
}

#[test]
fn fault_05_a_plugin_that_ends_the_process_is_told_by_the_next_start() {
    for (fault, code) in [("exit", 1), ("abort", 134)] {
        let desk = Desk::new();
        let words = format!(
            "train random Fault-v0 --env-set fault={fault} --env-set after_steps=5 --steps 4000"
        );
        let output = desk.command(&words).env("THORNDIKE_CACHE", desk.0.join("cache")).output();
        let output = output.expect("the program starts");
        let signal = output.status.signal().map(|signal| 128 + signal);
        assert_eq!(output.status.code().or(signal), Some(code), "{fault}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let named = "plugin `probes` ended the process by ";
        assert!(said.contains(named) && said.contains(" in `step` at step "), "{fault}: {said}");
        let next = "train random Fault-v0 --steps 100 --quiet";
        let next = desk.command(next).env("THORNDIKE_CACHE", desk.0.join("cache")).output();
        let next = next.expect("the program starts");
        let said = String::from_utf8_lossy(&next.stderr).into_owned();
        assert!(next.status.success() && said.contains("the last run was ended by"), "{said}");
        assert!(said.contains("probes"), "{said}");
    }
}
