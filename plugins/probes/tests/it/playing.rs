//! Lanes of a probe, and the mean return of a policy over many episodes.

use plugin_api::lanes::{LaneRows, Lanes, StepRows};
use plugin_api::params::{Values, find};
use plugin_api::prelude::*;

/// Lanes with room for what they write.
pub(crate) struct Play<B: BatchEnv> {
    pub(crate) lanes: Lanes<B>,
    pub(crate) obs: Vec<B::Obs>,
    pub(crate) masks: Vec<u8>,
    pub(crate) rewards: Vec<f64>,
    pub(crate) flags: Vec<u8>,
    final_obs: Vec<B::Obs>,
    final_masks: Vec<u8>,
}

/// Values of settings as they are written on a command line.
pub(crate) fn values<B: BatchEnv>(settings: &[(&str, &str)]) -> Values {
    let specs = B::Params::specs();
    let value = |&(name, text): &(&str, &str)| {
        let spec = find(&specs, name).expect("a param of this probe");
        (name.to_owned(), spec.parse(text).expect("a value that fits"))
    };
    settings.iter().map(value).collect()
}

impl<B: BatchEnv<Action = i64>> Play<B> {
    pub(crate) fn new(settings: &[(&str, &str)], count: usize) -> Self {
        let lanes = Lanes::<B>::new(&values::<B>(settings), count).expect("settings that fit");
        let obs = vec![B::Obs::default(); count * lanes.obs_width()];
        let masks = vec![0; count * lanes.mask_width()];
        let (rewards, flags) = (vec![0.0; count], vec![0; count]);
        let (final_obs, final_masks) = (obs.clone(), masks.clone());
        Self { lanes, obs, masks, rewards, flags, final_obs, final_masks }
    }

    pub(crate) fn reset(&mut self, lane: usize, seed: Option<u64>) {
        let (width, masks) = (self.lanes.obs_width(), self.lanes.mask_width());
        let obs = &mut self.obs[lane * width..][..width];
        let mask = &mut self.masks[lane * masks..][..masks];
        self.lanes.reset(lane, seed, LaneRows { obs, mask, infos: &mut [] });
    }

    pub(crate) fn step(&mut self, actions: &[i64]) {
        let width = self.lanes.obs_width();
        self.lanes.step(StepRows {
            actions: Rows::new(actions, 1),
            obs: RowsMut::new(&mut self.obs, width),
            final_obs: RowsMut::new(&mut self.final_obs, width),
            rewards: &mut self.rewards,
            flags: &mut self.flags,
            masks: &mut self.masks,
            final_masks: &mut self.final_masks,
            infos: &mut [],
        });
    }
}

/// Mean return of a policy that sees an observation row and how many steps the episode has had.
pub(crate) fn mean_return<E: Env<Action = i64>>(
    settings: &[(&str, &str)],
    episodes: u32,
    mut policy: impl FnMut(&[E::Obs], usize) -> i64,
) -> f64 {
    let mut play = Play::<Each<E>>::new(settings, 1);
    play.reset(0, Some(7));
    let (mut ended, mut step, mut sum) = (0, 0, 0.0);
    while ended < episodes {
        let action = policy(&play.obs, step);
        play.step(&[action]);
        sum += play.rewards[0];
        step += 1;
        if play.flags[0] != 0 {
            (ended, step) = (ended + 1, 0);
        }
    }
    sum / f64::from(episodes)
}
