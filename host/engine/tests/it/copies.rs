//! Copies of an agent: each lives through its own lanes, alone or beside others, and the run goes
//! on exactly from every snapshot.

use crate::toy::{setup, take_rows, tick, with_threads};
use std::collections::BTreeSet;
use thorndike_engine::event::Event;
use thorndike_engine::lanes::Patience;
use thorndike_engine::run::{Goal, Mode, Moments, Run, Setup};

const FEEDS: [&str; 4] =
    ["steps=4 returns=gae", "steps=16", "feed=episodes returns=monte-carlo", "feed=replay"];

fn made(params: &str, copies: usize, shard_lanes: usize) -> Run {
    let mode = Mode::Copies { copies, round: 40, moments: Moments::Keep };
    Run::new(Setup { mode, ..setup(params, "", 3, shard_lanes) }).expect("it can be made")
}

fn digest(run: &mut Run) -> String {
    run.digest().expect("it can be saved")
}

#[test]
fn what_copies_come_to_does_not_depend_on_threads_or_shards() {
    for params in FEEDS {
        let came_to = |threads: usize, shard_lanes: usize| {
            with_threads(threads, || {
                let mut run = made(params, 4, shard_lanes);
                tick(&mut run, 40);
                assert!(run.counters().updates > 20, "{params}: {:?}", run.counters());
                digest(&mut run)
            })
        };
        let expected = came_to(1, 3);
        for (threads, shard_lanes) in [(2, 3), (2, 1), (8, 2)] {
            assert_eq!(came_to(threads, shard_lanes), expected, "{params} {threads} {shard_lanes}");
        }
    }
}

#[test]
fn copies_go_on_exactly_from_every_snapshot() {
    for params in FEEDS {
        let mut whole = made(params, 3, 2);
        for ticks in 0..12 {
            let snapshot = whole.snapshot().expect("it can be saved");
            assert_eq!(snapshot.digest(), digest(&mut whole), "{params} after {ticks} rounds");
            tick(&mut whole, 1);
            let mut other = made(params, 3, 1);
            tick(&mut other, 5);
            other.restore(&snapshot).expect("it fits");
            tick(&mut other, 1);
            assert_eq!(digest(&mut other), digest(&mut whole), "{params} after {ticks} rounds");
        }
    }
}

#[test]
fn a_single_copy_is_a_run_in_lockstep() {
    for params in FEEDS {
        let mut alone = Run::new(setup(params, "", 3, 2)).expect("it can be made");
        let mut copy = made(params, 1, 2);
        tick(&mut alone, 30);
        tick(&mut copy, 30);
        assert_eq!(digest(&mut copy), digest(&mut alone), "{params}");
    }
}

#[test]
fn every_copy_learns_from_all_its_own_steps_and_no_two_begin_alike() {
    let mut run = made("steps=4 sink=820", 3, 2);
    let mut episodes = Vec::new();
    for _ in 0..30 {
        run.tick(&mut |event| {
            if let Event::Episode(episode) = event {
                episodes.push(episode);
            }
        })
        .expect("nothing fails");
    }
    let rows = take_rows(820);
    assert_eq!(rows.len() as u64, run.counters().steps);
    assert_eq!(run.counters().steps, 30 * 4 * 3 * 3);
    // Worlds are stamped, so that the lanes of all copies can be told apart.
    let mut stamps: Vec<_> = rows.iter().map(|row| row.obs[0].to_bits()).collect();
    stamps.sort_unstable();
    stamps.dedup();
    let mut alone = made("steps=4 sink=821", 1, 2);
    tick(&mut alone, 30);
    let of_one: BTreeSet<_> = take_rows(821).iter().map(|row| row.obs[0].to_bits()).collect();
    assert!(stamps.len() > 2 * of_one.len(), "{} and {}", stamps.len(), of_one.len());
    // Numbers go on over all copies, and lanes follow one another.
    assert!(episodes.iter().enumerate().all(|(idx, one)| one.episode == idx as u64 + 1));
    assert_eq!(episodes.iter().map(|one| one.lane).collect::<BTreeSet<_>>(), (0..9).collect());
    assert_eq!(run.episodes().count, episodes.len() as u64);
}

#[test]
fn the_goal_is_that_of_all_copies_together() {
    let goal = Goal { steps: Some(360), ..Goal::default() };
    let mut run = made("steps=4", 3, 2);
    run.set_goal(goal);
    while run.over().is_none() {
        tick(&mut run, 1);
    }
    assert_eq!(run.counters().steps, 360);
}

#[test]
fn what_does_not_go_with_copies_is_said() {
    let refused = |mode: Mode, patience: Option<Patience>| {
        let made = Run::new(Setup { mode, patience, ..setup("", "", 3, 2) });
        made.expect_err("it does not go together").to_string()
    };
    let mode = |copies, round| Mode::Copies { copies, round, moments: Moments::Keep };
    assert!(refused(mode(0, 1), None).contains("1 copy or more"));
    assert!(refused(mode(2, 0), None).contains("1 step or more"));
    let patience = Some(Patience { min_lanes: 1, time_out: 0.1 });
    assert!(refused(mode(2, 9), patience).contains("leave the time-out"));
    let error = made("", 2, 2).change_mode(Mode::Lockstep).expect_err("they stay two");
    assert!(error.message.contains("begin a new run"), "{error}");
    let one = made("", 1, 2).snapshot().expect("it can be saved");
    let error = made("", 2, 2).restore(&one).expect_err("one is missing");
    assert!(error.message.contains("1 copies of the agent, this run has 2"), "{error}");
}
