//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use mujoco::ant::Ant;
use mujoco::half_cheetah::HalfCheetah;
use mujoco::hopper::Hopper;
use mujoco::humanoid::Humanoid;
use mujoco::inverted_double_pendulum::InvertedDoublePendulum;
use mujoco::inverted_pendulum::InvertedPendulum;
use mujoco::pusher::Pusher;
use mujoco::reacher::Reacher;
use mujoco::simulated::{Simulated, World};
use mujoco::standup::HumanoidStandup;
use mujoco::swimmer::Swimmer;
use mujoco::walker2d::Walker2d;
use plugin_api::testing::golden::{self, Reading};

use crate::{is_here, long_ones};

#[test]
fn ant() {
    check::<Ant>(include_str!("../golden/Ant-v5.txt"));
}

#[test]
fn half_cheetah() {
    check::<HalfCheetah>(include_str!("../golden/HalfCheetah-v5.txt"));
}

#[test]
fn hopper() {
    check::<Hopper>(include_str!("../golden/Hopper-v5.txt"));
}

#[test]
fn humanoid() {
    check::<Humanoid>(include_str!("../golden/Humanoid-v5.txt"));
}

#[test]
fn humanoid_standup() {
    check::<HumanoidStandup>(include_str!("../golden/HumanoidStandup-v5.txt"));
}

#[test]
fn inverted_double_pendulum() {
    check::<InvertedDoublePendulum>(include_str!("../golden/InvertedDoublePendulum-v5.txt"));
}

#[test]
fn inverted_pendulum() {
    check::<InvertedPendulum>(include_str!("../golden/InvertedPendulum-v5.txt"));
}

#[test]
fn pusher() {
    check::<Pusher>(include_str!("../golden/Pusher-v5.txt"));
}

#[test]
fn reacher() {
    check::<Reacher>(include_str!("../golden/Reacher-v5.txt"));
}

#[test]
fn swimmer() {
    check::<Swimmer>(include_str!("../golden/Swimmer-v5.txt"));
}

#[test]
fn walker2d() {
    check::<Walker2d>(include_str!("../golden/Walker2d-v5.txt"));
}

/// The files that `generate.py --long` wrote into the folder that `THORNDIKE_LONG_GOLDEN` names.
#[test]
#[ignore = "long: a million steps of each world, where they were generated"]
fn a_million_steps() {
    long_ones(&[
        (Ant::NAME, check::<Ant>),
        (HalfCheetah::NAME, check::<HalfCheetah>),
        (Hopper::NAME, check::<Hopper>),
        (Humanoid::NAME, check::<Humanoid>),
        (HumanoidStandup::NAME, check::<HumanoidStandup>),
        (InvertedDoublePendulum::NAME, check::<InvertedDoublePendulum>),
        (InvertedPendulum::NAME, check::<InvertedPendulum>),
        (Pusher::NAME, check::<Pusher>),
        (Reacher::NAME, check::<Reacher>),
        (Swimmer::NAME, check::<Swimmer>),
        (Walker2d::NAME, check::<Walker2d>),
    ]);
}

/// Repeats a file line by line.
fn check<W: World>(golden: &str) {
    if is_here() {
        let reading = Reading { spelled_steps: 10, is_digested: true, ..Reading::ALL };
        golden::check::<Simulated<W>>(golden, reading);
    }
}
