//! One lane of a world by name, its settings as written on a command line.

use plugin_api::lanes::{LaneRows, Lanes, StepRows};
use plugin_api::params::{Value, Values, find};
use plugin_api::prelude::*;
use toy_text::{
    blackjack::Blackjack, cliff_walking::CliffWalking, frozen_lake::FrozenLake,
    grid_world::GridWorld, taxi::Taxi,
};

/// What a reset or a step brought to a lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) obs: Vec<i64>,
    pub(crate) reward: f64,
    pub(crate) terminated: bool,
    pub(crate) truncated: bool,
    pub(crate) prob: f64,
    pub(crate) mask: Vec<u8>,
}

/// Something that needs a world of a type known only by its name.
pub(crate) trait Visitor {
    type Output;
    fn visit<B: BatchEnv<Obs = i64, Action = i64>>(self, values: &Values) -> Self::Output;
}

/// Shows the visitor the world of this name, with `key=value` settings separated by blanks.
pub(crate) fn visit<V: Visitor>(name: &str, settings: &str, visitor: V) -> V::Output {
    fn has<B: BatchEnv>(name: &str) -> bool {
        B::NAME == name || B::VARIANTS.iter().any(|variant| variant.name == name)
    }
    if has::<FrozenLake>(name) {
        visitor.visit::<FrozenLake>(&values::<FrozenLake>(name, settings))
    } else if has::<CliffWalking>(name) {
        visitor.visit::<CliffWalking>(&values::<CliffWalking>(name, settings))
    } else if has::<Taxi>(name) {
        visitor.visit::<Taxi>(&values::<Taxi>(name, settings))
    } else if has::<GridWorld>(name) {
        visitor.visit::<GridWorld>(&values::<GridWorld>(name, settings))
    } else {
        assert_eq!(name, Each::<Blackjack>::NAME, "a world of this plugin");
        visitor.visit::<Each<Blackjack>>(&values::<Each<Blackjack>>(name, settings))
    }
}

fn values<B: BatchEnv>(name: &str, settings: &str) -> Values {
    let variant = B::VARIANTS.iter().find(|variant| variant.name == name);
    let preset = variant.map_or(&[][..], |variant| variant.params).iter().copied();
    let written = settings.split_whitespace().map(|pair| pair.split_once('=').expect("key=value"));
    let specs = B::Params::specs();
    let value = |(key, text): (&str, &str)| {
        let value = match key {
            "max_steps" => Value::Int(text.parse().expect("a number")),
            _ => find(&specs, key).and_then(|spec| spec.parse(text)).expect("a setting that fits"),
        };
        (key.to_owned(), value)
    };
    preset.chain(written).map(value).collect()
}

/// One lane, with room for what it writes.
pub(crate) struct Lane<B: BatchEnv> {
    pub(crate) lanes: Lanes<B>,
    /// What the last reset or step wrote; the first row of the next episode after an end.
    pub(crate) seen: Seen,
    final_obs: Vec<i64>,
    final_mask: Vec<u8>,
}

impl<B: BatchEnv<Obs = i64, Action = i64>> Lane<B> {
    pub(crate) fn new(values: &Values) -> Self {
        let lanes = Lanes::new(values, 1).expect("settings that fit");
        let (obs, mask) = (vec![0; lanes.obs_width()], vec![0; lanes.mask_width()]);
        let seen = Seen { obs: obs.clone(), mask: mask.clone(), prob: 1.0, ..Seen::default() };
        Self { lanes, seen, final_obs: obs, final_mask: mask }
    }

    pub(crate) fn reset(&mut self, seed: Option<u64>) -> &Seen {
        let Seen { obs, mask, prob, .. } = &mut self.seen;
        let infos = &mut [0.0][..self.lanes.info_width()];
        self.lanes.reset(0, seed, LaneRows { obs, mask, infos });
        *prob = infos.first().copied().unwrap_or(1.0);
        (self.seen.reward, self.seen.terminated, self.seen.truncated) = (0.0, false, false);
        &self.seen
    }

    /// What the step brought; at an end the lane has already begun its next episode.
    pub(crate) fn step(&mut self, action: usize) -> Seen {
        let Seen { obs, mask, .. } = &mut self.seen;
        let (mut rewards, mut flags, width) = ([0.0], [0], obs.len());
        let infos = &mut [0.0][..self.lanes.info_width()];
        let ended = self.lanes.step(StepRows {
            actions: Rows::new(&[action as i64], 1),
            obs: RowsMut::new(obs, width),
            final_obs: RowsMut::new(&mut self.final_obs, width),
            rewards: &mut rewards,
            flags: &mut flags,
            masks: mask,
            final_masks: &mut self.final_mask,
            infos,
        });
        let happened = Seen {
            obs: if ended == 1 { &self.final_obs } else { &self.seen.obs }.clone(),
            reward: rewards[0],
            terminated: flags[0] & TERMINATED != 0,
            truncated: flags[0] & TRUNCATED != 0,
            prob: infos.first().copied().unwrap_or(1.0),
            mask: if ended == 1 { &self.final_mask } else { &self.seen.mask }.clone(),
        };
        if ended == 1 {
            self.lanes.look(0, &mut [], infos);
        }
        self.seen.prob = infos.first().copied().unwrap_or(1.0);
        happened
    }
}
