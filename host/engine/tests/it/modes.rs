//! Modes: acting and learning side by side come to the same on every number of threads, and go on
//! exactly from every snapshot.

use crate::crews::lives;
use crate::rollouts::{by_lane, check_life};
use crate::toy::{setup, take_rows, tick, with_threads};
use thorndike_engine::lanes::Patience;
use thorndike_engine::run::{Mode, Run, Setup};

const FEEDS: [&str; 4] = [
    "steps=4 returns=gae",
    "steps=16 next_actions=true",
    "feed=episodes returns=monte-carlo",
    "feed=replay",
];

fn pipelined(params: &str, shard_lanes: usize) -> Run {
    let setup = setup(params, "", 6, shard_lanes);
    Run::new(Setup { mode: Mode::Pipelined, ..setup }).expect("it can be made")
}

fn digest(run: &mut Run) -> String {
    run.digest().expect("it can be saved")
}

#[test]
fn a_pipelined_run_does_not_depend_on_threads_or_shards() {
    for params in FEEDS {
        let came_to = |threads: usize, shard_lanes: usize| {
            with_threads(threads, || {
                let mut run = pipelined(params, shard_lanes);
                tick(&mut run, 40);
                assert!(run.counters().updates > 20, "{params}: {:?}", run.counters());
                digest(&mut run)
            })
        };
        let expected = came_to(1, 6);
        for (threads, shard_lanes) in [(2, 6), (2, 1), (8, 2), (1, 4)] {
            assert_eq!(came_to(threads, shard_lanes), expected, "{params} {threads} {shard_lanes}");
        }
    }
}

#[test]
fn a_pipelined_run_goes_on_exactly_from_every_snapshot() {
    for params in FEEDS {
        let mut whole = pipelined(params, 2);
        for ticks in 0..12 {
            let snapshot = whole.snapshot().expect("it can be saved");
            tick(&mut whole, 1);
            let mut other = pipelined(params, 3);
            tick(&mut other, 5);
            other.restore(&snapshot).expect("it fits");
            tick(&mut other, 1);
            assert_eq!(digest(&mut other), digest(&mut whole), "{params} after {ticks} rounds");
        }
    }
}

#[test]
fn a_pipelined_run_learns_from_every_step_once_and_one_update_late() {
    let mut run = pipelined("steps=4 sink=800", 2);
    tick(&mut run, 50);
    let rows = take_rows(800);
    assert_eq!(rows.len() as u64 + 4 * 6, run.counters().steps, "the latest segment waits");
    for row in &rows {
        assert_eq!(row.version, row.update.saturating_sub(1), "{row:?}");
    }
    let lives = by_lane(rows);
    assert_eq!(lives.len(), 6);
    for life in &lives {
        check_life(life);
    }
}

#[test]
fn the_mode_changes_on_the_way_and_nothing_is_lost() {
    let mut run = Run::new(setup("steps=4 sink=801", "", 6, 2)).expect("it can be made");
    let (crew, lockstep) = (Mode::Async { workers: 3, lag: 2 }, Mode::Lockstep);
    for mode in [Mode::Pipelined, lockstep, crew, Mode::Pipelined, crew, lockstep] {
        tick(&mut run, 5);
        run.change_mode(mode).expect("all that was collected is learned from");
    }
    let rows = take_rows(801);
    assert_eq!(rows.len() as u64, run.counters().steps);
    for life in &lives(rows) {
        check_life(life);
    }
}

#[test]
fn a_pipelined_run_waits_for_nobody_in_particular() {
    let setup = setup("", "", 6, 2);
    let patience = Some(Patience { min_lanes: 1, time_out: 0.1 });
    let refused = Run::new(Setup { mode: Mode::Pipelined, patience, ..setup });
    let says = refused.expect_err("it cannot be repeated").to_string();
    assert!(says.contains("leave the time-out out"), "{says}");
}
