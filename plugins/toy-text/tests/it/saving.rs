//! A saved lane goes on exactly, and a lane of another world is refused.

use crate::world::{Lane, Visitor, visit};
use plugin_api::BatchEnv;
use plugin_api::params::Values;

const WORLDS: [(&str, &str); 8] = [
    ("FrozenLake-v1", ""),
    ("CliffWalkingSlippery-v1", ""),
    ("Taxi-v4", "action_mask=true"),
    ("Taxi-v4", "is_rainy=true fickle_passenger=true fickle_probability=1.0"),
    ("Blackjack-v1", ""),
    ("Blackjack-v1", "sab=false natural=true"),
    ("GridWorld-v0", ""),
    ("GridWorld-v3", ""),
];

struct SaveAndGoOn;

impl Visitor for SaveAndGoOn {
    type Output = ();

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) {
        let mut lane = Lane::<B>::new(values);
        let actions = lane.lanes.task().actions.choices().expect("one choice");
        lane.reset(Some(3));
        for step in 0..300 {
            let state = lane.lanes.save(0).expect("a state");
            let mut copy = Lane::<B>::new(values);
            copy.lanes.load(0, state.clone()).expect("the state fits");
            assert_eq!(copy.lanes.save(0).expect("a state"), state);
            for ahead in 0..4 {
                // The mask and the chance of the copy come with its first step.
                let action = (step * 7 + ahead * 3) % actions;
                let expected = lane.step(action);
                assert_eq!(copy.step(action), expected, "{} step {step}", B::NAME);
            }
            assert_eq!(copy.lanes.render(0), lane.lanes.render(0));
        }
    }
}

#[test]
fn a_saved_lane_goes_on_exactly() {
    for (name, settings) in WORLDS {
        visit(name, settings, SaveAndGoOn);
    }
}

struct Give;

impl Visitor for Give {
    type Output = plugin_api::State;

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) -> plugin_api::State {
        let mut lane = Lane::<B>::new(values);
        lane.reset(Some(1));
        (0..40).for_each(|_| drop(lane.step(1)));
        lane.lanes.save(0).expect("a state")
    }
}

struct Refuse(plugin_api::State, &'static str);

impl Visitor for Refuse {
    type Output = ();

    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) {
        let error = Lane::<B>::new(values).lanes.load(0, self.0).expect_err("it does not fit");
        assert!(error.message.contains(self.1), "{error}");
    }
}

#[test]
fn a_lane_of_another_map_is_refused() {
    let large = visit("FrozenLake8x8-v1", "is_slippery=false", Give);
    visit("FrozenLake-v1", "", Refuse(large, "the saved lane is of another map"));
    let mut cards = visit("Blackjack-v1", "", Give);
    let hand = cards.entries.iter_mut().find(|entry| entry.name == "env/player/cards");
    hand.expect("the cards are saved").bytes[0] = 200;
    visit("Blackjack-v1", "", Refuse(cards, "holds cards there are none of"));
}
