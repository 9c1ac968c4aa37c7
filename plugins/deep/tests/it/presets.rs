//! Presets name params that exist, with values that fit.

use crate::contract::values;
use plugin_api::prelude::*;

fn check<A: Agent>() {
    let mut envs: Vec<_> = A::PRESETS.iter().map(|preset| preset.env).collect();
    assert!(!envs.is_empty());
    envs.sort_unstable();
    envs.dedup();
    assert_eq!(envs.len(), A::PRESETS.len(), "{}: one preset for each world", A::NAME);
    for preset in A::PRESETS {
        // Panics where a name or value is wrong.
        values::<A>(preset.params);
        assert!(preset.lanes > 0 && preset.steps >= preset.lanes as u64);
    }
}

#[test]
fn presets_fit_their_params() {
    check::<deep::a2c::A2c>();
    check::<deep::bc::Bc>();
    check::<deep::dqn::Dqn>();
    check::<deep::ppo::Ppo>();
    check::<deep::sac::Sac>();
    check::<deep::sac::tqc::Tqc>();
    check::<deep::sac_discrete::SacDiscrete>();
    check::<deep::td3::Td3>();
    check::<deep::td3::ddpg::Ddpg>();
}
