//! What every environment promises, and what is said when something is not there.

use std::path::Path;
use std::sync::Arc;

use libmujoco::{Model, Numbers, Simulation};
use mujoco::ant::Ant;
use mujoco::fetch::Fetch;
use mujoco::fetch::errands::{PickAndPlace, Push, Reach, Slide};
use mujoco::half_cheetah::HalfCheetah;
use mujoco::hopper::{Hopper, HopperParams};
use mujoco::humanoid::Humanoid;
use mujoco::inverted_double_pendulum::InvertedDoublePendulum;
use mujoco::inverted_pendulum::InvertedPendulum;
use mujoco::pusher::Pusher;
use mujoco::reacher::Reacher;
use mujoco::simulated::Simulated;
use mujoco::standup::HumanoidStandup;
use mujoco::swimmer::Swimmer;
use mujoco::walker2d::Walker2d;
use plugin_api::params::Value;
use plugin_api::prelude::*;
use plugin_api::testing;

use crate::is_here;

#[test]
fn the_worlds_keep_their_promises() {
    if is_here() {
        testing::check_env::<Simulated<HalfCheetah>>().assert_passed();
        testing::check_env::<Simulated<Hopper>>().assert_passed();
        testing::check_env::<Simulated<InvertedDoublePendulum>>().assert_passed();
        testing::check_env::<Simulated<InvertedPendulum>>().assert_passed();
        testing::check_env::<Simulated<Reacher>>().assert_passed();
        testing::check_env::<Simulated<Swimmer>>().assert_passed();
        testing::check_env::<Simulated<Walker2d>>().assert_passed();
    }
}

#[test]
fn the_fetch_worlds_keep_their_promises() {
    if is_here() {
        testing::check_env::<Fetch<Reach>>().assert_passed();
        testing::check_env::<Fetch<PickAndPlace>>().assert_passed();
    }
}

#[test]
#[ignore = "long: the largest models"]
fn the_large_worlds_keep_their_promises() {
    if is_here() {
        testing::check_env::<Simulated<Ant>>().assert_passed();
        testing::check_env::<Simulated<Humanoid>>().assert_passed();
        testing::check_env::<Simulated<HumanoidStandup>>().assert_passed();
        testing::check_env::<Simulated<Pusher>>().assert_passed();
        testing::check_env::<Fetch<Push>>().assert_passed();
        testing::check_env::<Fetch<Slide>>().assert_passed();
    }
}

#[test]
fn a_model_that_is_none_is_refused() {
    if !is_here() {
        return;
    }
    let refuse = |name: &str, says: &str| {
        let error = Model::load(name).expect_err("it is no model").to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains('\n'), "{error}");
    };
    refuse("no_such_model.xml", "cargo lab fetch mujoco");
    refuse("./no_such_model.xml", "check the path in `xml_file`");
    refuse(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "is no model");
}

/// By itself the library writes a file of its own into the folder where the program was started.
#[test]
fn what_the_library_complains_about_leaves_no_file() {
    if !is_here() {
        return;
    }
    let model = Model::load("half_cheetah.xml").expect("the model is here");
    let mut now = Simulation::new(Arc::new(model));
    now.get_mut(Numbers::Qvel).fill(1e30);
    now.step();
    let calm = now.get(Numbers::Qvel).iter().all(|speed| speed.abs() < 1e3);
    assert!(calm, "the library begins anew where numbers explode");
    assert!(!Path::new("MUJOCO_LOG.TXT").exists());
}

#[test]
fn params_that_fit_nothing_are_refused() {
    if !is_here() {
        return;
    }
    let mut params = <Simulated<Ant> as Env>::Params::default();
    params.set("main_body", &Value::Int(77)).expect("an allowed value");
    let error = Simulated::<Ant>::new(&params).expect_err("no such body").to_string();
    assert!(error.contains("bodies 0 to 13"), "{error}");
    let params = HopperParams { healthy_z_range: vec![2.0, 1.0], ..HopperParams::default() };
    let error = Simulated::<Hopper>::new(&params).expect_err("no range").to_string();
    assert!(error.contains("the lower one first"), "{error}");
}
