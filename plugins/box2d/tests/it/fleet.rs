//! Landers that are solved side by side fly as each alone.

use box2d::lunar_lander::{Command, Continuous, Discrete, Fleet, LunarLander, LunarLanderParams};
use plugin_api::Element;
use plugin_api::prelude::*;
use plugin_api::testing;

/// Not a multiple of any width.
const LANES: usize = 37;

/// Plays many lanes for some steps, with landers of their own beside them.
fn check<C: Command>(params: &LunarLanderParams, steps: usize, act: impl Fn(&mut Rng) -> f64) {
    let width = Fleet::<C>::new(params, 1).expect("the params fit").task().actions.width();
    let mut fleet = Fleet::<C>::new(params, LANES).expect("the params fit");
    let mut alone = vec![LunarLander::<C>::new(params).expect("the params fit"); LANES];
    let seeded = || (0..LANES as u64).map(Rng::seeded).collect::<Vec<_>>();
    let (mut rngs, mut own_rngs, mut action_rng) = (seeded(), seeded(), Rng::seeded(5));
    let (mut obs, mut own_obs) = (vec![0.0; 8 * LANES], vec![0.0; 8 * LANES]);
    for lane in 0..LANES {
        let row = 8 * lane..8 * lane + 8;
        fleet.reset(lane, &mut rngs[lane], &mut obs[row.clone()]);
        alone[lane].reset(&mut own_rngs[lane], &mut own_obs[row]);
    }
    let (mut rewards, mut flags) = ([0.0; LANES], [0; LANES]);
    for step in 0..steps {
        let draw = |_| C::Action::from_f64(act(&mut action_rng));
        let actions: Vec<_> = (0..width * LANES).map(draw).collect();
        flags.fill(0);
        let steps = Steps { rewards: &mut rewards, flags: &mut flags };
        fleet.step(Rows::new(&actions, width), &mut rngs, RowsMut::new(&mut obs, 8), steps);
        for lane in 0..LANES {
            let row = 8 * lane..8 * lane + 8;
            let action = &actions[width * lane..width * (lane + 1)];
            let expected = alone[lane].step(action, &mut own_rngs[lane], &mut own_obs[row.clone()]);
            let place = format!("{} lane {lane} step {step}", C::NAME);
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
    check::<Discrete>(&params, 600, |rng| rng.integers(0, 4) as f64);
    // Mostly up, so that some fly for long.
    check::<Discrete>(&params, 600, |rng| [2.0, 2.0, 1.0, 3.0, 0.0][rng.below(5)]);
    let params = LunarLanderParams { enable_wind: true, gravity: -4.0, ..params };
    check::<Continuous>(&params, 400, |rng| rng.uniform(-1.2, 1.2));
}

#[test]
fn fleets_keep_their_promises() {
    testing::check_batch_env::<Fleet<Discrete>>().assert_passed();
    testing::check_batch_env::<Fleet<Continuous>>().assert_passed();
}
