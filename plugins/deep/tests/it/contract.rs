//! Every agent keeps what an agent promises, and learns the small worlds with known answers.

use plugin_api::abi::local::local;
use plugin_api::abi::module::{AgentExport, EnvExport, Exports};
use plugin_api::params::{Values, find};
use plugin_api::prelude::*;
use plugin_api::testing::check_agent_of;
use std::marker::PhantomData;

/// A plugin with one agent.
struct One<A>(PhantomData<A>);

impl<A: Agent> Exports for One<A> {
    const CRATE: (&'static str, &'static str) = ("deep", "1.0.0");
    const ENVS: &'static [EnvExport] = &[];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<A>()];
}

/// Params of an agent that differ from the defaults.
pub(crate) fn values<A: Agent>(settings: &[(&str, &str)]) -> Values {
    let specs = A::Params::specs();
    let value = |(name, text): &(&str, &str)| {
        let spec = find(&specs, name).expect("a known param");
        ((*name).to_owned(), spec.parse(text).expect("a value that fits"))
    };
    settings.iter().map(value).collect()
}

#[track_caller]
fn check<A: Agent>(settings: &[(&str, &str)]) {
    let plugin = local::<One<A>>().expect("a plugin");
    check_agent_of(&plugin, A::NAME, &values::<A>(settings)).assert_passed();
}

#[test]
fn ppo() {
    check::<deep::ppo::Ppo>(&[
        ("steps", "32"),
        ("hidden", "16"),
        ("epochs", "4"),
        ("learning_rate", "0.003"),
    ]);
}

#[test]
fn ppo_with_one_net_for_both() {
    check::<deep::ppo::Ppo>(&[
        ("steps", "32"),
        ("hidden", "16"),
        ("shared", "true"),
        ("epochs", "4"),
        ("learning_rate", "0.003"),
    ]);
}

#[test]
fn ppo_with_a_core() {
    for core in ["gru", "lstm"] {
        check::<deep::ppo::Ppo>(&[
            ("steps", "32"),
            ("hidden", "16"),
            ("core", core),
            ("core_size", "16"),
            ("sequence", "16"),
            ("epochs", "4"),
            ("learning_rate", "0.003"),
        ]);
    }
}

#[test]
fn a2c() {
    check::<deep::a2c::A2c>(&[("hidden", "16"), ("learning_rate", "0.01"), ("lambda", "0.9")]);
}

const SMALL: [(&str, &str); 5] =
    [("hidden", "16"), ("batch", "32"), ("warmup", "100"), ("capacity", "10000"), ("every", "4")];

#[test]
fn dqn() {
    let own = [("learning_rate", "0.003"), ("exploration_steps", "2000"), ("target_every", "50")];
    let base = [&SMALL[..], &own].concat();
    check::<deep::dqn::Dqn>(&base);
    let all = [("dueling", "true"), ("prioritised", "true"), ("n_step", "3")];
    check::<deep::dqn::Dqn>(&[&base[..], &all].concat());
    let noise = [("param_noise", "true"), ("layer_norm", "true"), ("exploration_end", "0.3")];
    check::<deep::dqn::Dqn>(&[&base[..], &noise].concat());
}

/// Rainbow: every switch at once.
#[test]
fn dqn_with_chances() {
    check::<deep::dqn::Dqn>(&[
        ("hidden", "16"),
        ("batch", "32"),
        ("warmup", "100"),
        ("capacity", "10000"),
        ("every", "4"),
        ("learning_rate", "0.003"),
        ("target_every", "50"),
        ("distribution", "chances"),
        ("value_low", "-2"),
        ("value_high", "102"),
        ("atoms", "105"),
        ("dueling", "true"),
        ("prioritised", "true"),
        ("noisy", "true"),
    ]);
}

#[test]
fn dqn_with_quantiles() {
    let own = [
        ("learning_rate", "0.003"),
        ("exploration_steps", "2000"),
        ("target_every", "50"),
        ("distribution", "quantiles"),
        ("atoms", "10"),
    ];
    check::<deep::dqn::Dqn>(&[&SMALL[..], &own].concat());
}

#[test]
fn sac() {
    let own = [("learning_rate", "0.003"), ("target_rate", "0.02")];
    check::<deep::sac::Sac>(&[&SMALL[..], &own].concat());
}

#[test]
fn sac_discrete() {
    let own = [("learning_rate", "0.003"), ("target_rate", "0.02"), ("target_entropy", "0.1")];
    check::<deep::sac_discrete::SacDiscrete>(&[&SMALL[..], &own].concat());
}

#[test]
fn noise_that_stays() {
    let sde = [("sde", "true"), ("sde_every", "4")];
    let ppo = [("steps", "32"), ("hidden", "16"), ("epochs", "4"), ("learning_rate", "0.003")];
    check::<deep::ppo::Ppo>(&[&ppo[..], &sde].concat());
    let a2c = [("hidden", "16"), ("learning_rate", "0.01"), ("lambda", "0.9")];
    check::<deep::a2c::A2c>(&[&a2c[..], &sde].concat());
    let soft = [("learning_rate", "0.003"), ("target_rate", "0.02"), ("sde_log_std", "-1.0")];
    check::<deep::sac::Sac>(&[&SMALL[..], &soft, &sde].concat());
    let own = [("learning_rate", "0.003"), ("target_rate", "0.02"), ("param_noise", "0.2")];
    check::<deep::td3::Td3>(&[&SMALL[..], &own].concat());
    check::<deep::td3::ddpg::Ddpg>(&[&SMALL[..], &own, &[("layer_norm", "true")]].concat());
}

#[test]
fn tqc() {
    let own =
        [("learning_rate", "0.003"), ("target_rate", "0.02"), ("quantiles", "5"), ("drop", "0")];
    check::<deep::sac::tqc::Tqc>(&[&SMALL[..], &own].concat());
}

#[test]
fn td3() {
    let own = [("learning_rate", "0.003"), ("target_rate", "0.02")];
    check::<deep::td3::Td3>(&[&SMALL[..], &own].concat());
}

#[test]
fn ddpg() {
    let own = [("learning_rate", "0.003"), ("target_rate", "0.02"), ("layer_norm", "true")];
    check::<deep::td3::ddpg::Ddpg>(&[&SMALL[..], &own].concat());
}

#[test]
fn bc() {
    check::<deep::bc::Bc>(&[("hidden", "16"), ("batch", "32"), ("every", "4"), ("updates", "1")]);
}

#[test]
fn async_ppo() {
    check::<deep::async_ppo::AsyncPpo>(&[
        ("steps", "32"),
        ("hidden", "16"),
        ("epochs", "4"),
        ("learning_rate", "0.003"),
    ]);
}

#[test]
fn impala() {
    check::<deep::impala::Impala>(&[
        ("hidden", "16"),
        ("learning_rate", "0.01"),
        ("steps", "5"),
        ("lambda", "0.9"),
    ]);
}
