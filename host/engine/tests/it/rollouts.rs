//! What reaches an agent: each step once, whole, in its place, and never across the end of an
//! episode.

use std::collections::BTreeMap;

use plugin_api::{TERMINATED, TRUNCATED, needs::Returns};
use thorndike_engine::{event::Event, run::Run};

use crate::toy::{Row, reward, setup, take_rows, tick, value, with_threads};

/// All rows of a run, with `sink` for its own.
fn rows(sink: u64, params: &str, lanes: usize, shard_lanes: usize, ticks: usize) -> Vec<Row> {
    let params = format!("{params} sink={sink}");
    let mut run = Run::new(setup(&params, "", lanes, shard_lanes)).expect("it can be made");
    with_threads(2, || tick(&mut run, ticks));
    take_rows(sink)
}

/// Rows lane by lane, each in the order of its life.
pub(crate) fn by_lane(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut lanes: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
    for row in rows {
        lanes.entry(row.lane).or_default().push(row);
    }
    lanes.into_values().collect()
}

/// Checks that these rows are one lane's life without a gap, and that no row spans two episodes.
#[track_caller]
pub(crate) fn check_life(rows: &[Row]) {
    for row in rows {
        let same = |idx: usize| row.obs[idx] == row.next_obs[idx];
        assert!(same(0) && same(1), "across a seam: {row:?}");
        assert_eq!(row.next_obs[2], row.obs[2] + 1.0, "{row:?}");
        assert_eq!(row.reward, reward(&row.obs, row.action), "{row:?}");
        assert_eq!(row.value, value(&row.obs));
        assert_eq!(row.memory, row.obs[2], "what was remembered begins with the episode: {row:?}");
        assert_eq!(row.obs[2] == 11.0, row.flags & TRUNCATED != 0 && row.next_obs[2] == 12.0);
    }
    for pair in rows.windows(2) {
        let (row, next) = (&pair[0], &pair[1]);
        if row.flags == 0 {
            assert_eq!(next.obs, row.next_obs, "nothing is lost or doubled");
        } else {
            assert_eq!(next.obs, [row.obs[0], row.obs[1] + 1.0, 0.0], "the next episode begins");
        }
    }
}

#[test]
fn no_learner_sees_a_transition_across_a_seam() {
    for (sink, params, lanes, shard_lanes) in [
        (100, "steps=1", 5, 2),
        (101, "steps=4", 6, 6),
        (102, "steps=16 returns=gae", 7, 3),
        (103, "feed=episodes returns=monte-carlo", 5, 2),
    ] {
        let lives = by_lane(rows(sink, params, lanes, shard_lanes, 60));
        assert_eq!(lives.len(), lanes, "{params}");
        let ends = lives.iter().flatten().filter(|row| row.flags != 0).count();
        assert!(ends > 20, "{params}: {ends} ends");
        for life in &lives {
            check_life(life);
        }
    }
}

#[test]
fn episodes_reach_the_agent_whole_and_once() {
    let rows = rows(110, "feed=episodes", 4, 2, 200);
    let mut begun = 0;
    for row in &rows {
        begun = if row.obs[2] == 0.0 { begun + 1 } else { begun };
    }
    let ended = rows.iter().filter(|row| row.flags != 0).count();
    assert_eq!(begun, ended);
    assert!(rows.last().is_some_and(|row| row.flags != 0));
    for pair in rows.windows(2).filter(|pair| pair[0].flags == 0) {
        assert_eq!(pair[1].obs, pair[0].next_obs, "the rows of an episode stay together");
    }
}

#[test]
fn the_next_action_is_the_one_that_is_taken_next() {
    for (sink, steps, lanes, shard_lanes) in [(120, 1, 5, 2), (121, 3, 4, 4), (122, 16, 6, 1)] {
        let params = format!("next_actions=true steps={steps}");
        for life in by_lane(rows(sink, &params, lanes, shard_lanes, 80)) {
            check_life(&life);
            let mut cut_off = 0;
            for pair in life.windows(2) {
                if pair[0].flags == 0 {
                    // This holds across the ends of segments as well.
                    assert_eq!(pair[0].next_action, pair[1].action);
                }
                cut_off += u32::from(pair[0].flags == TRUNCATED);
            }
            assert!(cut_off > 0, "some were cut off");
        }
    }
}

#[test]
fn where_an_episode_is_cut_off_the_next_action_is_that_of_its_own_final_observation() {
    // Without exploring and without learning from rows, the action follows from the step alone.
    let rows = rows(130, "next_actions=true epsilon=0 steps=5", 6, 2, 1);
    let cut_off: Vec<&Row> = rows.iter().filter(|row| row.flags == TRUNCATED).collect();
    assert!(!cut_off.is_empty());
    for row in rows.iter().filter(|row| row.flags & TERMINATED == 0) {
        assert_eq!(row.action, row.obs[2] % 5.0);
        assert_eq!(row.next_action, row.next_obs[2] % 5.0, "{row:?}");
    }
}

/// Returns by their definition, one row at a time.
fn literal(life: &[Row], at: usize, wanted: Returns) -> f64 {
    let next_value =
        |row: &Row| if row.flags & TERMINATED != 0 { 0.0 } else { value(&row.next_obs).into() };
    let row = &life[at];
    let last = row.flags != 0 || at + 1 == life.len();
    match wanted {
        Returns::MonteCarlo { discount } => {
            let rest = if last { 0.0 } else { literal(life, at + 1, wanted) };
            row.reward + discount * rest
        }
        Returns::NStep { discount, steps } => {
            let rest = match (last || steps == 1, steps) {
                (true, _) => next_value(row),
                (false, n) => literal(life, at + 1, Returns::NStep { discount, steps: n - 1 }),
            };
            row.reward + discount * rest
        }
        Returns::Gae { discount, lambda } => {
            let error = row.reward + discount * next_value(row) - f64::from(value(&row.obs));
            let rest = if last {
                0.0
            } else {
                literal(life, at + 1, wanted) - f64::from(value(&life[at + 1].obs))
            };
            f64::from(value(&row.obs)) + error + discount * lambda * rest
        }
    }
}

#[test]
fn returns_are_what_their_definitions_say() {
    let discount = 0.9;
    for (sink, name, wanted) in [
        (140, "n-step", Returns::NStep { discount, steps: 3 }),
        (141, "gae", Returns::Gae { discount, lambda: 0.8 }),
        (142, "monte-carlo", Returns::MonteCarlo { discount }),
    ] {
        let rows = rows(sink, &format!("returns={name} steps=10"), 5, 2, 20);
        let mut parts: BTreeMap<(u64, usize), Vec<Row>> = BTreeMap::new();
        for row in rows {
            parts.entry((row.update, row.lane)).or_default().push(row);
        }
        assert_eq!(parts.len(), 100);
        for part in parts.values() {
            for (at, row) in part.iter().enumerate() {
                let expected = literal(part, at, wanted);
                let error = (f64::from(row.returns) - expected).abs();
                assert!(error < 1e-4 * expected.abs().max(1.0), "{name}: {row:?}, not {expected}");
                let advantage = expected - f64::from(row.value);
                assert!((f64::from(row.advantage) - advantage).abs() < 1e-3, "{name}: {row:?}");
            }
        }
    }
}

#[test]
fn episodes_are_counted_as_a_slow_reference_counts_them() {
    let mut told = Vec::new();
    let mut run = Run::new(setup("steps=7 sink=150", "", 6, 2)).expect("it can be made");
    with_threads(2, || {
        for _ in 0..80 {
            run.tick(&mut |event| {
                if let Event::Episode(episode) = event {
                    told.push(episode);
                }
            })
            .expect("nothing fails");
        }
    });
    let mut expected = Vec::new();
    for (lane, life) in by_lane(take_rows(150)).into_iter().enumerate() {
        let (mut total, mut length) = (0.0, 0);
        for (step, row) in life.iter().enumerate() {
            (total, length) = (total + row.reward, length + 1);
            if row.flags != 0 {
                expected.push((step as u64 + 1, lane, total, length, row.flags));
                (total, length) = (0.0, 0);
            }
        }
    }
    expected.sort_by_key(|episode| (episode.0, episode.1));
    assert_eq!(told.len(), expected.len());
    for (number, (told, expected)) in told.iter().zip(&expected).enumerate() {
        let flags = u8::from(told.terminated) | u8::from(told.truncated) << 1;
        assert_eq!(told.episode, number as u64 + 1);
        assert_eq!(
            (told.steps, told.lane, told.total, told.length, flags),
            (expected.0 * 6, expected.1, expected.2, expected.3, expected.4)
        );
    }
    let totals: Vec<f64> = expected.iter().map(|episode| episode.2).collect();
    let mean = |totals: &[f64]| totals.iter().sum::<f64>() / totals.len() as f64;
    assert_eq!(run.episodes().return_mean(), Some(mean(&totals)));
    assert_eq!(run.episodes().return_latest(), Some(mean(&totals[totals.len() - 100..])));
}
