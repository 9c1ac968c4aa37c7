//! Each fault does what its name says, where it was told to, and nothing before.

use crate::playing::{Play, values};
use plugin_api::lanes::Lanes;
use plugin_api::prelude::*;
use probes::fault::Fault;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};

const LANES: usize = 3;

fn with(fault: &str) -> Play<Fault> {
    let mut play = Play::<Fault>::new(&[("fault", fault), ("lane", "1")], LANES);
    (0..LANES).for_each(|lane| play.reset(lane, Some(lane as u64)));
    play
}

/// Five good steps, and the one in which the fault of lane 1 shows.
fn after_the_fault(fault: &str) -> Play<Fault> {
    let (mut faulty, mut sound) = (with(fault), with("none"));
    for _ in 0..5 {
        faulty.step(&[0; LANES]);
        sound.step(&[0; LANES]);
        assert_eq!(faulty.obs, sound.obs, "{fault}: nothing is wrong yet");
        assert_eq!((&faulty.rewards, &faulty.flags), (&sound.rewards, &sound.flags));
    }
    faulty.step(&[0; LANES]);
    sound.step(&[0; LANES]);
    for lane in [0, 2] {
        assert_eq!(faulty.obs[2 * lane..][..2], sound.obs[2 * lane..][..2], "{fault}: lane {lane}");
        assert_eq!(faulty.flags[lane], 0);
    }
    faulty
}

#[test]
fn a_world_without_a_fault_passes_its_own_checks() {
    let mut play = with("none");
    for step in 1..=60 {
        play.step(&[1; LANES]);
        let row = play.obs.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        for row in row.chunks_exact(2) {
            play.lanes.task().observations.check(row).expect("within its space");
        }
        assert!(play.rewards.iter().all(|reward| (0.0..=1.0).contains(reward)));
        assert_eq!(play.flags, [if step % 20 == 0 { TRUNCATED } else { 0 }; LANES]);
    }
}

#[test]
fn wrong_numbers_come_from_the_lane_that_was_named() {
    assert!(after_the_fault("nan_obs").obs[3].is_nan());
    assert!(after_the_fault("obs_out_of_range").obs[3] > 1.0);
    assert!(after_the_fault("nan_reward").rewards[1].is_nan());
    assert!(after_the_fault("reward_out_of_range").rewards[1] > 1.0);
    assert_ne!(after_the_fault("bad_mask").masks, [1; 2 * LANES]);
}

#[test]
fn an_illegal_flag_reaches_the_bench() {
    let play = after_the_fault("wrong_flag");
    assert_eq!(play.flags[1] & !(TERMINATED | TRUNCATED), 0x40);
}

#[test]
fn an_unseeded_world_never_repeats_itself() {
    let (first, second) = (after_the_fault("unseeded"), after_the_fault("unseeded"));
    assert_ne!(first.obs, second.obs);
}

#[test]
fn a_forgetful_world_does_not_go_on_where_it_was() {
    let mut play = after_the_fault("forgetful");
    let state = play.lanes.save(1).expect("a state");
    let mut copy = with("forgetful");
    copy.lanes.load(1, state).expect("the state fits");
    play.step(&[0; LANES]);
    copy.step(&[0; LANES]);
    assert_ne!(play.obs[2..4], copy.obs[2..4]);
}

#[test]
fn panics_come_from_where_they_were_asked_for() {
    let panics = |call: &mut dyn FnMut()| {
        let caught = catch_unwind(AssertUnwindSafe(call)).expect_err("a panic");
        (*caught.downcast::<&str>().expect("a message")).to_owned()
    };
    let new = &mut || drop(Lanes::<Fault>::new(&values::<Fault>(&[("fault", "panic_new")]), 1));
    assert_eq!(panics(new), "panic in new, as asked for");
    let mut play = with("panic_step");
    (0..5).for_each(|_| play.step(&[0; LANES]));
    assert_eq!(panics(&mut || play.step(&[0; LANES])), "panic in step, as asked for");
    let mut play = after_the_fault("panic_save");
    play.lanes.save(0).expect("the fault lies in lane 1");
    assert_eq!(panics(&mut || drop(play.lanes.save(1))), "panic in state, as asked for");
    let play = after_the_fault("panic_render");
    assert_eq!(panics(&mut || drop(play.lanes.render(1))), "panic in render, as asked for");
    let mut play = Some(with("panic_drop"));
    assert_eq!(panics(&mut || drop(play.take())), "panic in drop, as asked for");
    let mut play = after_the_fault("panic_reset");
    assert_eq!(panics(&mut || play.reset(1, None)), "panic in reset, as asked for");
}

#[test]
fn a_world_may_refuse_to_be_made() {
    let error = Lanes::<Fault>::new(&values::<Fault>(&[("fault", "error_new")]), 1);
    assert!(error.expect_err("refused").message.contains("refuses to be made"));
}

#[test]
fn an_unknown_fault_is_answered_with_the_known_ones() {
    let specs = <Fault as BatchEnv>::Params::specs();
    let error = specs[0].parse("panic_somewhere").expect_err("no such fault");
    assert!(error.message.contains("panic_step"), "{error}");
}

/// Names the fault of a child process.
const CHILD: &str = "PROBES_TEST_FAULT";
const SIGABRT: i32 = 6;

/// A process that runs this test again, with a fault.
fn child(fault: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a test has a file"));
    let test = "faults::what_ruins_a_process_does_so_in_a_child";
    command.args(["--exact", test, "--nocapture"]).env(CHILD, fault);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn what_ruins_a_process_does_so_in_a_child() {
    if let Ok(fault) = std::env::var(CHILD) {
        let mut play = with(&fault);
        (0..6).for_each(|_| play.step(&[0; LANES]));
        return;
    }
    let output = |fault| child(fault).output().expect("a child");
    assert_eq!(output("exit").status.code(), Some(3));
    for fault in ["abort", "stack_overflow", "huge_allocation"] {
        assert_eq!(output(fault).status.signal(), Some(SIGABRT), "{fault}");
    }
    for (fault, part) in [("print", "a plugin printed this"), ("escape_codes", "\x1b[?1049l")] {
        let output = output(fault);
        assert!(output.status.success(), "{fault}");
        for stream in [output.stdout, output.stderr] {
            assert!(String::from_utf8_lossy(&stream).contains(part), "{fault}");
        }
    }
    let mut endless = child("endless_step").spawn().expect("a child");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(endless.try_wait().expect("a child can be asked").is_none(), "it has not ended");
    endless.kill().expect("a child can be ended");
    endless.wait().expect("an ended child can be waited for");
}
