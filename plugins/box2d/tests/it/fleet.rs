//! Worlds that are solved side by side do as each alone.

use std::fmt::Debug;

use box2d::bipedal_walker::{BipedalWalker, BipedalWalkerParams};
use box2d::fleet::{Fleet, Member};
use box2d::lunar_lander::{Continuous, Discrete, LunarLander, LunarLanderParams};
use plugin_api::Element;
use plugin_api::prelude::*;
use plugin_api::testing;

/// Not a multiple of any width.
const LANES: usize = 37;

/// Plays many lanes for some steps, with worlds of their own beside them. `act` draws each number
/// of an action, given the lane and the step.
fn check<M: Member<Obs = f32> + Debug>(
    params: &M::Params,
    steps: usize,
    act: impl Fn(&mut Rng, usize, usize) -> f64,
) {
    let mut fleet = Fleet::<M>::new(params, LANES).expect("the params fit");
    let mut alone = vec![M::new(params).expect("the params fit"); LANES];
    let task = fleet.task();
    let (width, seen) = (task.actions.width(), task.observations.width());
    let seeded = || (0..LANES as u64).map(Rng::seeded).collect::<Vec<_>>();
    let (mut rngs, mut own_rngs, mut action_rng) = (seeded(), seeded(), Rng::seeded(5));
    let (mut obs, mut own_obs) = (vec![0.0; seen * LANES], vec![0.0; seen * LANES]);
    for lane in 0..LANES {
        let row = seen * lane..seen * (lane + 1);
        fleet.reset(lane, &mut rngs[lane], &mut obs[row.clone()]);
        alone[lane].reset(&mut own_rngs[lane], &mut own_obs[row]);
    }
    let (mut rewards, mut flags) = ([0.0; LANES], [0; LANES]);
    for step in 0..steps {
        let mut draw = |at| M::Action::from_f64(act(&mut action_rng, at / width, step));
        let actions: Vec<_> = (0..width * LANES).map(&mut draw).collect();
        flags.fill(0);
        let steps = Steps { rewards: &mut rewards, flags: &mut flags };
        fleet.step(Rows::new(&actions, width), &mut rngs, RowsMut::new(&mut obs, seen), steps);
        for lane in 0..LANES {
            let row = seen * lane..seen * (lane + 1);
            let action = &actions[width * lane..width * (lane + 1)];
            let expected = alone[lane].step(action, &mut own_rngs[lane], &mut own_obs[row.clone()]);
            let place = format!("{} lane {lane} step {step}", M::NAME);
            assert_eq!(rewards[lane].to_bits(), expected.reward.to_bits(), "{place}");
            assert_eq!(flags[lane], expected.flags(), "{place}");
            let bits = |obs: &[f32]| obs.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&obs[row.clone()]), bits(&own_obs[row.clone()]), "{place}");
            if flags[lane] != 0 {
                fleet.reset(lane, &mut rngs[lane], &mut obs[row.clone()]);
                alone[lane].reset(&mut own_rngs[lane], &mut own_obs[row]);
            }
        }
    }
}

#[test]
fn a_fleet_flies_as_each_lander_alone() {
    let params = LunarLanderParams::default();
    check::<LunarLander<Discrete>>(&params, 600, |rng, _, _| rng.integers(0, 4) as f64);
    // Mostly up, so that some fly for long.
    let up = |rng: &mut Rng, _, _| [2.0, 2.0, 1.0, 3.0, 0.0][rng.below(5)];
    check::<LunarLander<Discrete>>(&params, 600, up);
    let params = LunarLanderParams { enable_wind: true, gravity: -4.0, ..params };
    check::<LunarLander<Continuous>>(&params, 400, |rng, _, _| rng.uniform(-1.2, 1.2));
}

#[test]
fn a_fleet_walks_as_each_walker_alone() {
    // Some stand still and rest, some waver, and some kick about.
    let act = |rng: &mut Rng, lane: usize, step: usize| match lane % 4 {
        0 => 0.0,
        1 => rng.uniform(-0.2, 0.2),
        2 => (step as f64 / 10.0).sin(),
        _ => rng.uniform(-1.2, 1.2),
    };
    let params = BipedalWalkerParams::default();
    check::<BipedalWalker>(&params, 400, act);
    check::<BipedalWalker>(&BipedalWalkerParams { hardcore: true, ..params.clone() }, 300, act);
    check::<BipedalWalker>(&BipedalWalkerParams { world: "reuse".to_owned(), ..params }, 300, act);
}

#[test]
fn fleets_keep_their_promises() {
    testing::check_batch_env::<Fleet<LunarLander<Discrete>>>().assert_passed();
    testing::check_batch_env::<Fleet<LunarLander<Continuous>>>().assert_passed();
    testing::check_batch_env::<Fleet<BipedalWalker>>().assert_passed();
}
