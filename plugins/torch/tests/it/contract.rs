//! Every agent keeps what an agent promises, and learns the small worlds with known answers.

use learners::{a2c, dqn, ppo, sac, sac_discrete, td3};
use plugin_api::abi::local::local;
use plugin_api::abi::module::{AgentExport, EnvExport, Exports};
use plugin_api::params::{Values, find};
use plugin_api::prelude::*;
use plugin_api::testing::check_agent_of;
use std::marker::PhantomData;
use torch_agents::Torch;

/// A plugin with one agent.
struct One<A>(PhantomData<A>);

impl<A: Agent> Exports for One<A> {
    const CRATE: (&'static str, &'static str) = ("torch", "1.0.0");
    const ENVS: &'static [EnvExport] = &[];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<A>()];
}

#[track_caller]
fn check<A: Agent>(settings: &[(&str, &str)]) {
    let specs = A::Params::specs();
    let value = |(name, text): &(&str, &str)| {
        let spec = find(&specs, name).expect("a known param");
        ((*name).to_owned(), spec.parse(text).expect("a value that fits"))
    };
    let values: Values = settings.iter().map(value).collect();
    let plugin = local::<One<A>>().expect("a plugin");
    check_agent_of(&plugin, A::NAME, &values).assert_passed();
}

#[test]
fn ppo() {
    let slow = [("steps", "32"), ("hidden", "16"), ("epochs", "4"), ("learning_rate", "0.003")];
    check::<ppo::Ppo<Torch>>(&slow);
}

#[test]
fn a2c() {
    let own = [("hidden", "16"), ("learning_rate", "0.01"), ("lambda", "0.9")];
    check::<a2c::A2c<Torch>>(&own);
}

const SMALL: [(&str, &str); 6] = [
    ("hidden", "16"),
    ("batch", "32"),
    ("warmup", "100"),
    ("capacity", "10000"),
    ("every", "4"),
    ("learning_rate", "0.003"),
];

/// Rainbow: every switch at once.
#[test]
fn dqn_with_all_switches() {
    let own = [
        ("target_every", "50"),
        ("distribution", "chances"),
        ("value_low", "-2"),
        ("value_high", "102"),
        ("atoms", "105"),
        ("dueling", "true"),
        ("prioritised", "true"),
        ("noisy", "true"),
    ];
    check::<dqn::Dqn<Torch>>(&[&SMALL[..], &own].concat());
}

#[test]
fn sac() {
    check::<sac::Sac<Torch>>(&[&SMALL[..], &[("target_rate", "0.02")]].concat());
}

#[test]
fn sac_discrete() {
    let own = [("target_rate", "0.02"), ("target_entropy", "0.1")];
    check::<sac_discrete::SacDiscrete<Torch>>(&[&SMALL[..], &own].concat());
}

#[test]
fn td3() {
    check::<td3::Td3<Torch>>(&[&SMALL[..], &[("target_rate", "0.02")]].concat());
}

#[test]
fn ddpg() {
    let own = [("target_rate", "0.02"), ("layer_norm", "true")];
    check::<td3::ddpg::Ddpg<Torch>>(&[&SMALL[..], &own].concat());
}
