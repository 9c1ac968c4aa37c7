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
