//! Slow lanes: with patience a round goes on without them, and what they bring counts once.

use crate::toy::{Row, setup, take_rows};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use thorndike_engine::event::Event;
use thorndike_engine::lanes::Patience;
use thorndike_engine::run::{Run, Setup};

/// A run of eight lanes in which one in four takes its time for every step.
fn slow(sink: u64, feed: &str, min_lanes: usize) -> Run {
    let patience = Patience { min_lanes, time_out: 0.005 };
    let params = format!("{feed} sink={sink}");
    let setup =
        Setup { patience: Some(patience), ..setup(&params, "slow_one_in=4 delay_ms=60", 8, 1) };
    Run::new(setup).expect("it can be made")
}

/// Ticks, and returns the alerts.
fn tick(run: &mut Run, times: usize) -> Vec<String> {
    let mut alerts = Vec::new();
    for _ in 0..times {
        let mut keep = |event| {
            if let Event::Alert(alert) = event {
                alerts.push(alert.message);
            }
        };
        run.tick(&mut keep).expect("nothing fails");
    }
    alerts
}

/// Checks that no step of a lane is missing or there twice.
#[track_caller]
fn check_whole(rows: &[Row]) -> BTreeMap<usize, usize> {
    let mut lanes: BTreeMap<usize, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        lanes.entry(row.lane).or_default().push(row);
    }
    for rows in lanes.values() {
        for pair in rows.windows(2) {
            let (row, next) = (pair[0], pair[1]);
            let follows = if row.flags == 0 {
                next.obs == row.next_obs
            } else {
                next.obs == [row.obs[0], row.obs[1] + 1.0, 0.0]
            };
            assert!(follows, "{row:?} is followed by {next:?}");
        }
    }
    lanes.into_iter().map(|(lane, rows)| (lane, rows.len())).collect()
}

#[test]
fn a_round_goes_on_without_slow_lanes_and_counts_them_when_they_are_back() {
    for (sink, feed) in [(700, "steps=2"), (701, "feed=episodes"), (702, "feed=nothing")] {
        let mut run = slow(sink, feed, 4);
        let watch = Instant::now();
        let alerts = tick(&mut run, 60);
        // Waiting for all would take 60 rounds of at least 60 ms.
        assert!(watch.elapsed() < Duration::from_secs(2), "{feed}: {:?}", watch.elapsed());
        assert_eq!(alerts.len(), 1, "it is said once: {alerts:?}");
        assert!(alerts[0].contains("lanes were late"), "{alerts:?}");
        run.snapshot().expect("it waits for all");
        if feed == "steps=2" {
            let rows = take_rows(sink);
            assert_eq!(rows.len() as u64, run.counters().steps, "each step is learned from once");
            let lanes = check_whole(&rows);
            assert_eq!(lanes.len(), 8, "{lanes:?}");
            let (most, least) = (lanes.values().max(), lanes.values().min());
            assert!(most > least, "slow lanes bring less: {lanes:?}");
        }
    }
}

#[test]
fn a_minimum_of_all_lanes_waits_for_all() {
    let mut run = slow(703, "steps=1", 8);
    assert!(tick(&mut run, 3).is_empty());
    let lanes = check_whole(&take_rows(703));
    assert!(lanes.len() == 8 && lanes.values().all(|&steps| steps == 3), "{lanes:?}");
}

#[test]
fn a_run_goes_on_from_a_snapshot_that_was_taken_while_lanes_were_late() {
    let mut run = slow(704, "steps=2", 2);
    tick(&mut run, 10);
    let snapshot = run.snapshot().expect("it waits for all");
    let steps = run.counters().steps;
    let mut other = slow(705, "steps=2", 2);
    tick(&mut other, 3);
    take_rows(705);
    other.restore(&snapshot).expect("it fits");
    assert_eq!(other.counters().steps, steps);
    tick(&mut other, 10);
    other.snapshot().expect("it waits for all");
    check_whole(&take_rows(705));
}
