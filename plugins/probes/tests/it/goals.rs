//! Goals of the bits: rewards asked for afterwards are those that were paid.

use crate::playing::{Play, mean_return};
use plugin_api::env::Steps;
use plugin_api::prelude::*;
use probes::bit_flip::BitFlip;

const BITS: usize = 6;

fn row(play: &Play<Each<BitFlip>>, range: &std::ops::Range<usize>) -> Vec<u8> {
    play.obs[range.clone()].to_vec()
}

#[test]
fn a_reward_asked_for_is_the_one_that_was_paid() {
    let mut play = Play::<Each<BitFlip>>::new(&[("bits", "6")], 1);
    let goal = play.lanes.task().goal.clone().expect("a task with goals");
    let mut rng = Rng::seeded(5);
    let (mut met, mut asked) = (0, 0);
    for seed in 0..300 {
        play.reset(0, Some(seed));
        assert_ne!(row(&play, &goal.achieved), row(&play, &goal.desired));
        let wanted = row(&play, &goal.desired);
        let mut now = row(&play, &goal.achieved);
        loop {
            let action = rng.below(BITS);
            now[action] ^= 1;
            play.step(&[action as i64]);
            let (mut rewards, mut flags) = ([0.0; 2], [0; 2]);
            let achieved = [now.clone(), now.clone()].concat();
            let desired = [wanted.clone(), now.clone()].concat();
            let (achieved, desired) = (Rows::new(&achieved, BITS), Rows::new(&desired, BITS));
            let steps = Steps { rewards: &mut rewards, flags: &mut flags };
            play.lanes.env().goal_steps(achieved, desired, steps).expect("goals");
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            // The second pair is what hindsight asks: what came about was wanted.
            assert_eq!(bits(&rewards), bits(&[play.rewards[0], 0.0]));
            assert_eq!(flags, [play.flags[0] & TERMINATED, TERMINATED]);
            asked += 1;
            met += usize::from(flags[0] == TERMINATED);
            if play.flags[0] != 0 {
                break;
            }
            assert_eq!(row(&play, &goal.achieved), now);
            assert_eq!(row(&play, &goal.desired), wanted);
        }
    }
    assert!(met > 5 && asked > 1000, "{met} goals met in {asked} steps");
}

#[test]
fn flipping_what_differs_reaches_the_promised_optimum() {
    for (bits, tolerance) in [("2", 0.05), ("6", 0.1), ("64", 0.5)] {
        let count: usize = bits.parse().expect("a number");
        let played = mean_return::<BitFlip>(&[("bits", bits)], 3000, |obs, _| {
            let (achieved, rest) = obs.split_at(count);
            (0..count).find(|&bit| achieved[bit] != rest[bit]).expect("a bit differs") as i64
        });
        let lanes = Play::<Each<BitFlip>>::new(&[("bits", bits)], 1).lanes;
        let promised = lanes.task().optimum.expect("a known optimum");
        assert!((played - promised).abs() < tolerance, "{bits} bits: {played}, not {promised}");
    }
}
