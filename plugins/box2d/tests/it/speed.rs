//! Steps a second of processor time, so that what else the machine does hardly counts.

use std::fmt::Debug;
use std::fs;

use box2d::bipedal_walker::BipedalWalker;
use box2d::fleet::Fleet;
use box2d::lunar_lander::{Discrete, LunarLander};
use plugin_api::lanes::{LaneRows, Lanes, StepRows};
use plugin_api::params::Values;
use plugin_api::prelude::*;
use plugin_api::space::SpaceSampler;

/// Time this thread has spent on a processor, where the kernel tells it.
fn processor_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

fn measure<B: BatchEnv<Obs = f32> + Debug>(lanes: usize, steps: usize) -> Option<f64> {
    let mut worlds = Lanes::<B>::new(&Values::new(), lanes).expect("the defaults fit");
    let (width, action_width) = (worlds.obs_width(), worlds.action_width());
    let mut sampler = SpaceSampler::new(&worlds.task().actions, 0).expect("actions can be drawn");
    let mut actions = vec![B::Action::default(); action_width * lanes];
    let (mut obs, mut final_obs) = (vec![0.0; width * lanes], vec![0.0; width * lanes]);
    for (lane, obs) in obs.chunks_exact_mut(width).enumerate() {
        worlds.reset(lane, Some(lane as u64), LaneRows { obs, mask: &mut [], infos: &mut [] });
    }
    let (mut rewards, mut flags) = (vec![0.0; lanes], vec![0; lanes]);
    let start = processor_seconds()?;
    for _ in 0..steps {
        for action in actions.chunks_exact_mut(action_width) {
            sampler.sample(None, action);
        }
        worlds.step(StepRows {
            actions: Rows::new(&actions, action_width),
            obs: RowsMut::new(&mut obs, width),
            final_obs: RowsMut::new(&mut final_obs, width),
            rewards: &mut rewards,
            flags: &mut flags,
            masks: &mut [],
            final_masks: &mut [],
            infos: &mut [],
        });
    }
    Some((steps * lanes) as f64 / (processor_seconds()? - start))
}

/// The bars leave room for an older processor.
#[test]
#[ignore = "long: figures for the documentation"]
fn steps_a_second() {
    let best = |measure: fn() -> Option<f64>| {
        (0..5).map(|_| measure()).max_by(|a, b| a.partial_cmp(b).expect("numbers")).flatten()
    };
    let Some(lander) = best(|| measure::<Fleet<LunarLander<Discrete>>>(64, 1500)) else {
        return println!("skipped: schedstat is not installed");
    };
    let walker = best(|| measure::<Fleet<BipedalWalker>>(64, 300)).expect("it was there before");
    println!("LunarLander-v3 {lander:.0}, BipedalWalker-v3 {walker:.0} steps a second");
    assert!(lander > 100_000.0 && walker > 15_000.0, "{lander:.0}, {walker:.0}");
}
