//! Asynchronous runs: whatever workers do and however fast, each step counts once, and what the
//! journal says is enough to take every step again.

use crate::rollouts::{by_lane, check_life};
use crate::toy::{Row, setup, take_rows, tick, values};
use std::time::{Duration, Instant};
use thorndike_engine::lanes::Patience;
use thorndike_engine::run::{Mode, Run, Setup};
use thorndike_session::journal::Commit;

const SLOW: &str = "slow_one_in=3 delay_ms=2";

fn crewed(params: &str, world: &str, workers: usize, lag: u64) -> Run {
    let mode = Mode::Async { workers, lag };
    Run::new(Setup { mode, ..setup(params, world, 6, 2) }).expect("it can be made")
}

fn digest(run: &mut Run) -> String {
    run.digest().expect("it can be saved")
}

/// Ticks, and returns what was learned from when.
fn committed(run: &mut Run, times: usize) -> Vec<Commit> {
    run.keep_commits();
    tick(run, times);
    run.take_commits().collect()
}

#[test]
fn workers_without_a_lag_come_to_what_lockstep_comes_to() {
    for params in ["steps=4 returns=gae", "steps=8 next_actions=true", "steps=1"] {
        let mut lockstep = Run::new(setup(params, "", 6, 2)).expect("it can be made");
        tick(&mut lockstep, 30);
        for workers in [1, 2, 4, 6] {
            let mut run = crewed(params, "", workers, 0);
            tick(&mut run, 30);
            assert_eq!(run.counters(), lockstep.counters());
            assert_eq!(digest(&mut run), digest(&mut lockstep), "{params} {workers} workers");
        }
    }
}

/// Rows lane by lane, each in the order of its life: two units of a worker may lie side by side.
pub(crate) fn lives(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut lives = by_lane(rows);
    for life in &mut lives {
        life.sort_by(|a, b| {
            (a.obs[1], a.obs[2]).partial_cmp(&(b.obs[1], b.obs[2])).expect("numbers")
        });
    }
    lives
}

/// Checks that no step is missing or there twice, and that policies are young enough.
#[track_caller]
fn check(rows: Vec<Row>, lag: u64) -> u64 {
    let lags = rows.iter().map(|row| row.update - row.version);
    let most = lags.max().unwrap_or_default();
    assert!(most <= lag, "{most} updates behind");
    let lives = lives(rows);
    assert_eq!(lives.len(), 6);
    for life in &lives {
        check_life(life);
    }
    most
}

#[test]
fn each_step_is_learned_from_once_with_a_policy_that_is_young_enough() {
    for (sink, workers, lag) in [(900, 1, 1), (901, 3, 1), (902, 2, 3), (903, 6, 2), (904, 3, 0)] {
        let mut run = crewed(&format!("steps=4 sink={sink}"), SLOW, workers, lag);
        tick(&mut run, 40);
        let steps = run.counters().steps;
        let rows = take_rows(sink);
        assert_eq!(rows.len() as u64, steps, "{workers} workers");
        let most = check(rows, lag);
        assert!(lag == 0 || most > 0, "nobody waits for the learner");
    }
}

#[test]
fn what_was_learned_from_when_is_enough_to_take_every_step_again() {
    for (workers, lag) in [(1, 1), (3, 1), (2, 4), (6, 2)] {
        let mut run = crewed("steps=4 returns=gae", SLOW, workers, lag);
        let commits = committed(&mut run, 40);
        let expected = digest(&mut run);
        // Another world of the same steps takes another time for them.
        for world in ["", SLOW] {
            let mut again = crewed("steps=4 returns=gae", world, workers, lag);
            again.follow(&commits, false).expect("it fits");
            tick(&mut again, 40);
            assert_eq!(digest(&mut again), expected, "{workers} workers, lag {lag}");
            let over = again.tick(&mut |_| {}).expect_err("there is no more to follow");
            assert!(over.to_string().contains("after update 40"), "{over}");
        }
    }
}

/// Workers stand at steps of their own, and saving must not bring them together.
#[test]
fn snapshots_on_the_way_leave_no_trace() {
    for params in ["steps=4 returns=gae", "steps=4 next_actions=true"] {
        let mut run = crewed(params, SLOW, 3, 2);
        let mut commits = Vec::new();
        let mut kept = Vec::new();
        for _ in 0..8 {
            commits.append(&mut committed(&mut run, 4));
            kept.push((run.snapshot().expect("it can be saved"), digest(&mut run)));
        }
        let mut again = crewed(params, "", 3, 2);
        again.follow(&commits, false).expect("it fits");
        for (_, expected) in &kept {
            tick(&mut again, 4);
            assert_eq!(digest(&mut again), *expected, "{params}");
        }
        for (snapshot, _) in &kept {
            let mut other = crewed(params, "", 3, 2);
            other.restore(snapshot).expect("it fits");
            other.follow(&commits, false).expect("it fits");
            let left = 32 - other.counters().updates as usize;
            tick(&mut other, left);
            assert_eq!(digest(&mut other), kept[7].1, "{params}, {left} updates before the end");
        }
    }
}

#[test]
fn a_run_that_was_killed_goes_on_as_its_journal_says_and_then_by_itself() {
    let mut whole = crewed("steps=4 returns=gae", SLOW, 3, 2);
    tick(&mut whole, 12);
    let snapshot = whole.snapshot().expect("it can be saved");
    whole.keep_commits();
    tick(&mut whole, 4);
    whole.edit(&values("epsilon=0.1")).expect("it is live");
    tick(&mut whole, 9);
    let commits: Vec<Commit> = whole.take_commits().collect();
    let expected = digest(&mut whole);
    let mut other = crewed("steps=4 returns=gae", "", 3, 2);
    tick(&mut other, 3);
    other.restore(&snapshot).expect("it fits");
    other.keep_commits();
    other.follow(&commits, true).expect("it fits");
    tick(&mut other, 4);
    other.edit(&values("epsilon=0.1")).expect("it is live");
    tick(&mut other, 9);
    assert_eq!(digest(&mut other), expected);
    assert_eq!(other.take_commits().count(), 0, "what stands in the journal is not told again");
    tick(&mut other, 5);
    assert_eq!(other.take_commits().count(), 5);
}

#[test]
fn a_journal_of_another_run_is_refused() {
    // Slow worlds leave each worker the time to begin.
    let mut run = crewed("steps=4", SLOW, 3, 1);
    let commits = committed(&mut run, 40);
    let refused = crewed("steps=4", SLOW, 2, 1).follow(&commits, false);
    assert!(refused.is_err_and(|error| error.to_string().contains("a worker 2")));
    let mut wrong = commits.clone();
    wrong[4].update += 1;
    let mut again = crewed("steps=4", SLOW, 3, 1);
    again.follow(&wrong, false).expect("workers and policies fit");
    tick(&mut again, 4);
    let refused = again.tick(&mut |_| {}).expect_err("another update comes");
    assert!(refused.to_string().contains("the journal has 5"), "{refused}");
}

#[test]
fn late_units_are_used_next_time_and_never_twice() {
    let patience = Some(Patience { min_lanes: 2, time_out: 0.01 });
    let mode = Mode::Async { workers: 6, lag: 1 };
    let params = "steps=2 returns=gae sink=905";
    let setup = Setup { mode, patience, ..setup(params, "slow_one_in=4 delay_ms=60", 8, 1) };
    let mut run = Run::new(setup.clone()).expect("it can be made");
    let watch = Instant::now();
    let commits = committed(&mut run, 60);
    assert!(watch.elapsed() < Duration::from_secs(3), "it waits for nobody: {:?}", watch.elapsed());
    let rows = take_rows(905);
    assert_eq!(rows.len() as u64, run.counters().steps);
    let lives = lives(rows);
    assert!(lives.iter().any(|life| life.len() < 40), "some are slow");
    for life in &lives {
        check_life(life);
    }
    let expected = digest(&mut run);
    let params = values("steps=2 returns=gae");
    let mut again = Run::new(Setup { params, ..setup }).expect("it can be made");
    again.follow(&commits, false).expect("it fits");
    tick(&mut again, 60);
    assert_eq!(digest(&mut again), expected, "even lateness can be repeated");
}

#[test]
fn a_crew_comes_home_for_whoever_looks_and_goes_out_again() {
    let mut run = crewed("steps=4 sink=906", "", 3, 1);
    for _ in 0..10 {
        tick(&mut run, 2);
        run.snapshot().expect("it can be saved");
        run.edit(&values("bias=0.5")).expect("it is live");
        let mut lanes = [thorndike_engine::run::LaneNow::default(); 6];
        tick(&mut run, 1);
        run.lanes_now(&mut lanes);
        assert!(lanes.iter().all(|lane| !lane.failed));
    }
    run.change_mode(Mode::Lockstep).expect("all units are learned from");
    tick(&mut run, 3);
    let rows = take_rows(906);
    assert_eq!(rows.len() as u64, run.counters().steps);
    for life in &lives(rows) {
        check_life(life);
    }
}

#[test]
fn what_workers_cannot_bring_is_refused() {
    let made = |params: &str, lag: u64, workers: usize| {
        let mode = Mode::Async { workers, lag };
        Run::new(Setup { mode, ..setup(params, "", 6, 2) }).map(drop)
    };
    for feed in ["replay", "episodes", "nothing"] {
        let refused = made(&format!("feed={feed}"), 1, 2).expect_err("it brings rollouts");
        assert!(refused.to_string().contains("lockstep or pipelined"), "{refused}");
    }
    assert!(made("", 65, 1).is_err_and(|error| error.to_string().contains("at most 64")));
    assert!(made("", 0, 0).is_err());
}
