//! Transition tables equal to Gymnasium's to the last bit, and the exact optima that follow.

use crate::world::{Lane, Visitor, visit};
use plugin_api::BatchEnv;
use plugin_api::model::Model;
use plugin_api::params::Values;

const GOLDEN: &str = include_str!("../golden/models.txt");

struct Modelled;

impl Visitor for Modelled {
    type Output = (Option<Model>, u32);

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) -> Self::Output {
        let lane = Lane::<B>::new(values);
        (lane.lanes.env().model(), lane.lanes.task().max_steps)
    }
}

#[test]
fn tables_and_optima_are_gymnasiums() {
    let (mut name, mut settings, mut digests, mut optima) = ("", "", 0, 0);
    for line in GOLDEN.lines() {
        let (word, rest) = line.split_once(' ').expect("a word and its text");
        if word == "case" {
            (name, settings) = rest.split_once(' ').unwrap_or((rest, ""));
            continue;
        }
        // A fickle passenger is not in Gymnasium's table either; the table of the others is meant.
        let plain = settings.split(' ').filter(|pair| !pair.starts_with("fickle"));
        let (model, max_steps) = visit(name, &plain.collect::<Vec<_>>().join(" "), Modelled);
        if word == "digest" {
            assert_eq!(digest(&model.expect("a tabular world")), rest, "{name} {settings}");
            digests += 1;
            continue;
        }
        let expected: f64 =
            rest.split_once(' ').expect("horizon and value").1.parse().expect("a number");
        let optimum = match (&model, name) {
            (Some(model), _) => model.optimum(max_steps),
            (None, _) => toy_text::blackjack_odds::optimum(
                settings.contains("natural=true"),
                !settings.contains("sab=false"),
            ),
        };
        assert!(
            (optimum - expected).abs() < 1e-9,
            "{name} {settings}: {optimum} is not {expected}"
        );
        optima += 1;
    }
    assert_eq!((digests, optima), (17, 20));
}

#[test]
fn optima_are_the_published_ones() {
    let published = [
        ("FrozenLake-v1", "", 0.744_190, 5e-7),
        ("FrozenLake8x8-v1", "", 0.913_220, 5e-7),
        ("FrozenLake-v1", "is_slippery=false", 1.0, 1e-12),
        ("CliffWalking-v1", "", -13.0, 1e-12),
        ("CliffWalkingSlippery-v1", "", -64.71, 5e-3),
        ("Taxi-v4", "", 7.930, 1e-9),
        ("Taxi-v4", "action_mask=true", 7.930, 1e-9),
        // Eighteen steps from corner to corner, the last of them worth 10.
        ("GridWorld-v0", "", 10.0 - 17.0 * 0.5, 1e-12),
        ("GridWorld-v1", "", 10.0 - 17.0 * 0.5, 1e-12),
    ];
    for (name, settings, value, tolerance) in published {
        let (model, max_steps) = visit(name, settings, Modelled);
        let optimum = model.expect("a tabular world").optimum(max_steps);
        assert!(
            (optimum - value).abs() <= tolerance,
            "{name} {settings}: {optimum} is not {value}"
        );
    }
}

#[test]
fn a_fickle_passenger_has_no_table() {
    assert!(visit("Taxi-v4", "fickle_passenger=true", Modelled).0.is_none());
}

#[test]
fn the_goal_can_be_reached_from_every_free_tile_of_the_grids() {
    for name in ["GridWorld-v2", "GridWorld-v3"] {
        let model = visit(name, "", Modelled).0.expect("a tabular world");
        for start in (0..model.states).filter(|&state| model.start[state] > 0.0) {
            let mut alone = model.clone();
            alone.start = vec![0.0; model.states];
            alone.start[start] = 1.0;
            assert!(alone.optimum(100) > 0.0, "{name} from {start}");
        }
    }
}

fn digest(model: &Model) -> String {
    let mut value = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            value = (value ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for state in 0..model.states {
        add(&model.start[state].to_le_bytes());
        for outcome in (0..model.actions).flat_map(|action| model.outcomes(state, action)) {
            add(&outcome.chance.to_le_bytes());
            add(&(outcome.next as i64).to_le_bytes());
            add(&outcome.reward.to_le_bytes());
            add(&[outcome.terminated.into()]);
        }
    }
    format!("{value:016x}")
}
