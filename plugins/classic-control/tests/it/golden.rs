//! Every world against what Gymnasium did: `tests/golden/generate.py` wrote it down.

use classic_control::acrobot::Acrobot;
use classic_control::cart_pole::CartPole;
use classic_control::mountain_car::MountainCar;
use classic_control::mountain_car_continuous::MountainCarContinuous;
use classic_control::pendulum::Pendulum;
use classic_control::single::Single;
use plugin_api::prelude::*;
use plugin_api::testing::golden::{self, Pilot, Reading};

#[test]
fn cart_pole() {
    check::<Single<CartPole, 4, 4>>(include_str!("../golden/CartPole-v1.txt"), &[2, 3]);
}

#[test]
fn mountain_car() {
    check::<Single<MountainCar, 2, 2>>(include_str!("../golden/MountainCar-v0.txt"), &[1]);
}

#[test]
fn mountain_car_continuous() {
    let golden = include_str!("../golden/MountainCarContinuous-v0.txt");
    check::<Single<MountainCarContinuous, 3, 2>>(golden, &[1]);
}

#[test]
fn acrobot() {
    check::<Single<Acrobot, 4, 6>>(include_str!("../golden/Acrobot-v1.txt"), &[5]);
}

#[test]
fn pendulum() {
    check::<Single<Pendulum, 4, 3>>(include_str!("../golden/Pendulum-v1.txt"), &[2]);
}

/// Repeats a file line by line; `steering` names what is added up to steer.
#[track_caller]
fn check<E: Env<Obs = f32>>(golden: &str, steering: &[usize]) {
    let pilot: Pilot<'_, f32> = &|obs, _, actions| {
        let up = steering.iter().map(|place| obs[*place]).sum::<f32>() > 0.0;
        let [least, most] = match actions {
            Space::Discrete { n, .. } => [0.0, *n as f64 - 1.0],
            Space::Box { low, high, .. } => [low.at(0), high.at(0)],
            other => panic!("no world here has actions of {other}"),
        };
        vec![if up { most } else { least }]
    };
    golden::check::<E>(golden, Reading { pilot, ..Reading::ALL });
}
