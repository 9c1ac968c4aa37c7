//! A saved world goes on exactly, from any moment, in another instance; damaged states are refused.

use std::time::Instant;

use box2d::bipedal_walker::BipedalWalker;
use box2d::car_racing::{CarRacing, Keys, Pedals};
use box2d::lunar_lander::{Continuous, Discrete, LunarLander};
use plugin_api::lanes::{LaneRows, Lanes, StepRows, max_steps_spec};
use plugin_api::params::Values;
use plugin_api::prelude::*;
use plugin_api::space::SpaceSampler;
use plugin_api::{State, testing};

/// A lane with random actions.
struct Lane<E: Env<Obs = f32>> {
    lanes: Lanes<Each<E>>,
    actions: SpaceSampler,
}

/// Bits of an observation and a reward, and the flags.
type Seen = (Vec<u32>, u64, u8);

impl<E: Env<Obs = f32>> Lane<E> {
    fn new(values: &Values) -> Self {
        let mut lanes = Lanes::<Each<E>>::new(values, 1).expect("the params fit");
        let mut obs = vec![0.0; lanes.obs_width()];
        lanes.reset(0, Some(1), LaneRows { obs: &mut obs, mask: &mut [], infos: &mut [] });
        let actions = SpaceSampler::new(&lanes.task().actions, 7).expect("actions can be drawn");
        Self { lanes, actions }
    }

    fn draw(&mut self) -> Vec<E::Action> {
        let mut action = vec![E::Action::default(); self.lanes.action_width()];
        self.actions.sample(None, &mut action);
        action
    }

    fn step(&mut self, action: &[E::Action]) -> Seen {
        let width = self.lanes.obs_width();
        let (mut obs, mut final_obs) = (vec![0.0; width], vec![0.0; width]);
        let (mut reward, mut flags) = ([0.0], [0]);
        self.lanes.step(StepRows {
            actions: Rows::new(action, action.len()),
            obs: RowsMut::new(&mut obs, width),
            final_obs: RowsMut::new(&mut final_obs, width),
            rewards: &mut reward,
            flags: &mut flags,
            masks: &mut [],
            final_masks: &mut [],
            infos: &mut [],
        });
        let bits = obs.iter().chain(&final_obs).map(|number| number.to_bits()).collect();
        (bits, reward[0].to_bits(), flags[0])
    }
}

/// Saves at every step, goes on for a while from there in a lane of its own, and compares.
#[track_caller]
fn check<E: Env<Obs = f32>>(settings: &[(&str, &str)], steps: usize) {
    let mut specs = E::Params::specs();
    specs.push(max_steps_spec(&Task::default()));
    let value = |(name, text): &(&str, &str)| {
        let spec = plugin_api::params::find(&specs, name).expect("a param");
        ((*name).to_owned(), spec.parse(text).expect("a value"))
    };
    let values: Values = settings.iter().map(value).collect();
    let mut lane = Lane::<E>::new(&values);
    let mut ahead = Lane::<E>::new(&values);
    for step in 0..steps {
        if step % 3 == 0 {
            ahead = Lane::new(&values);
            ahead.lanes.load(0, lane.lanes.save(0).expect("a state")).expect("the state fits");
        }
        let action = lane.draw();
        assert_eq!(ahead.step(&action), lane.step(&action), "{} step {step}", E::NAME);
        assert_eq!(ahead.lanes.save(0), lane.lanes.save(0), "{} step {step}", E::NAME);
        assert_eq!(ahead.lanes.render(0), lane.lanes.render(0));
    }
}

#[test]
fn a_lander_goes_on_exactly() {
    check::<LunarLander<Discrete>>(&[], 1500);
    check::<LunarLander<Continuous>>(&[("enable_wind", "true")], 500);
}

#[test]
fn a_walker_goes_on_exactly() {
    check::<BipedalWalker>(&[], 300);
    check::<BipedalWalker>(&[("hardcore", "true"), ("max_steps", "40")], 300);
    check::<BipedalWalker>(&[("world", "reuse"), ("max_steps", "50")], 300);
}

#[test]
fn the_worlds_keep_their_promises() {
    testing::check_env::<LunarLander<Discrete>>().assert_passed();
    testing::check_env::<LunarLander<Continuous>>().assert_passed();
    testing::check_env::<BipedalWalker>().assert_passed();
    testing::check_env::<CarRacing<Pedals>>().assert_passed();
    testing::check_env::<CarRacing<Keys>>().assert_passed();
}

#[test]
fn a_damaged_state_is_refused() {
    let mut lane = Lane::<LunarLander<Discrete>>::new(&Values::new());
    for _ in 0..90 {
        lane.step(&[0]);
    }
    let state = lane.lanes.save(0).expect("a state");
    let refuse = |name: &str, damage: fn(&mut Vec<u8>), says: &str| {
        let mut damaged: State = state.clone();
        let entry = damaged.entries.iter_mut().find(|entry| entry.name.ends_with(name));
        let entry = entry.expect("a tensor of this name");
        damage(&mut entry.bytes);
        if entry.shape.len() == 1 {
            entry.shape[0] = (entry.bytes.len() / entry.kind.size()) as u64;
        }
        let mut other = Lane::<LunarLander<Discrete>>::new(&Values::new());
        let error = other.lanes.load(0, damaged).expect_err("it is damaged").to_string();
        assert!(error.contains(says), "{error}");
    };
    refuse("tree_links", |bytes| bytes.truncate(8), "tree of boxes is damaged");
    refuse("tree_links", |bytes| bytes[0] = 0x70, "tree of boxes is damaged");
    refuse("contact_marks", |bytes| bytes.extend([0; 28]), "contacts do not fit");
    refuse("limits", |bytes| bytes[0] = 9, "limit 9");
}

/// The bar is ten microseconds in a release build; a debug build gets more. What else the machine
/// does makes single rounds longer, so the best of many counts.
#[test]
#[expect(clippy::disallowed_methods, reason = "the test is about time")]
fn saving_and_restoring_takes_microseconds() {
    const ROUNDS: u32 = 100;
    let mut lane = Lane::<LunarLander<Discrete>>::new(&Values::new());
    for _ in 0..40 {
        lane.step(&[2]);
    }
    let mut round = || {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            let state = lane.lanes.save(0).expect("a state");
            lane.lanes.load(0, state).expect("the state fits");
        }
        start.elapsed() / ROUNDS
    };
    let best = (0..20).map(|_| round()).min().expect("twenty rounds");
    println!("save and restore: {best:?}");
    let bar = if cfg!(debug_assertions) { 200 } else { 10 };
    assert!(best.as_micros() < bar, "{best:?}");
}
