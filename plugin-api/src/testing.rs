//! Whether an environment or an agent keeps its contract: what is promised in its methods' docs is
//! tried out, from the host's side of the border.
//!
//! ```
//! # use plugin_api::prelude::*;
//! # #[derive(Clone)]
//! # struct Coin;
//! # impl Env for Coin {
//! #     const NAME: &'static str = "coin";
//! #     type Params = ();
//! #     type Obs = i64;
//! #     type Action = i64;
//! #     fn new((): &()) -> Result<Self> { Ok(Self) }
//! #     fn task(&self) -> Task {
//! #         Task::new(Space::discrete(1), Space::discrete(2), 0).rewards(0.0, 1.0)
//! #     }
//! #     fn reset(&mut self, _rng: &mut Rng, obs: &mut [i64]) { obs[0] = 0; }
//! #     fn step(&mut self, action: &[i64], rng: &mut Rng, _obs: &mut [i64]) -> Step {
//! #         Step::terminate(if rng.below(2) as i64 == action[0] { 1.0 } else { 0.0 })
//! #     }
//! #     fn state(&mut self, _archive: &mut Archive) {}
//! # }
//! plugin_api::testing::check_env::<Coin>().assert_passed();
//! ```

mod acting;
mod agent;
mod env;
mod fence;
pub mod golden;
pub mod heap;
mod lesson;
mod params;
mod probes;
mod trainer;
mod world;

#[cfg(test)]
mod tests;

use crate::abi::handle::PluginHandle;
use crate::abi::local::local;
use crate::abi::module::{AgentExport, EnvExport, Exports};
use crate::agent::Agent;
use crate::env::{BatchEnv, Env};
use crate::error::Error;
use crate::params::Values;
use std::fmt;
use std::marker::PhantomData;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The promise is kept.
    Passed,
    /// It is broken.
    Failed,
    /// It does not apply.
    Skipped,
}

/// One promise that was tried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The environment or agent.
    pub subject: String,
    /// The promise, in a word or two.
    pub check: &'static str,
    /// How it came out.
    pub verdict: Verdict,
    /// What was seen, with lane, step and values where it is broken.
    pub says: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Passed => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "skipped",
        };
        write!(f, "{verdict:7} {}: {}: {}", self.subject, self.check, self.says)
    }
}

/// All promises that were tried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// In the order they were tried.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Those that are broken.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter().filter(|finding| finding.verdict == Verdict::Failed)
    }

    /// Whether none is broken.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// For tests.
    ///
    /// # Panics
    /// When a promise is broken; the message lists each of them.
    #[track_caller]
    pub fn assert_passed(&self) {
        let failed: Vec<String> = self.failed().map(ToString::to_string).collect();
        assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

/// Checks an environment of one world, and each of its variants.
pub fn check_env<E: Env>() -> Findings {
    check_exports::<One<E>>()
}

/// Checks an environment of many lanes, and each of its variants.
pub fn check_batch_env<B: BatchEnv>() -> Findings {
    check_exports::<OneBatch<B>>()
}

/// Checks an agent; it is also made to learn a few small worlds with known answers.
pub fn check_agent<A: Agent>() -> Findings {
    check_exports::<OneAgent<A>>()
}

/// Checks everything that a plugin offers.
pub fn check_plugin(plugin: &PluginHandle) -> Findings {
    let info = plugin.info();
    let mut findings = Findings::default();
    for env in &info.envs {
        findings.list.extend(check_env_of(plugin, &env.name, &Values::new()).list);
    }
    for agent in &info.agents {
        findings.list.extend(check_agent_of(plugin, &agent.name, &Values::new()).list);
    }
    findings
}

/// Checks an environment of a plugin with these params.
pub fn check_env_of(plugin: &PluginHandle, name: &str, params: &Values) -> Findings {
    match plugin.info().envs.iter().find(|env| env.name == name) {
        Some(info) => env::Subject::new(plugin, info, params).check(),
        None => absent(name, "environment"),
    }
}

/// Checks an agent of a plugin with these params.
pub fn check_agent_of(plugin: &PluginHandle, name: &str, params: &Values) -> Findings {
    match plugin.info().agents.iter().find(|agent| agent.name == name) {
        Some(info) => agent::Subject::new(plugin, info, params).check(),
        None => absent(name, "agent"),
    }
}

fn absent(name: &str, what: &str) -> Findings {
    one(name, "offered", Err(Stop::failed(format!("the plugin has no {what} of this name"))))
}

fn one(subject: &str, check: &'static str, result: Result<String, Stop>) -> Findings {
    Findings { list: vec![finding(subject, check, result)] }
}

fn finding(subject: &str, check: &'static str, result: Result<String, Stop>) -> Finding {
    let (verdict, says) = match result {
        Ok(says) => (Verdict::Passed, says),
        Err(Stop { verdict, says }) => (verdict, says),
    };
    Finding { subject: subject.to_owned(), check, verdict, says }
}

/// Why a check came to an end without passing.
#[derive(Clone, Debug)]
struct Stop {
    verdict: Verdict,
    says: String,
}

impl Stop {
    fn failed(says: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, says: says.into() }
    }

    fn skipped(says: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, says: says.into() }
    }

    /// The same with what was being done in front.
    fn while_(mut self, doing: impl fmt::Display) -> Self {
        self.says = format!("{doing}: {}", self.says);
        self
    }
}

/// A call that fails where it must not.
impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::failed(error.to_string())
    }
}

/// Stops unless something holds.
macro_rules! ensure {
    ($holds:expr, $($says:tt)+) => {
        let holds: bool = $holds;
        if !holds {
            return Err($crate::testing::Stop::failed(format!($($says)+)));
        }
    };
}
use ensure;

fn check_exports<X: Exports>() -> Findings {
    match local::<X>() {
        Ok(plugin) => check_plugin(&plugin),
        Err(error) => one(X::CRATE.0, "described", Err(error.into())),
    }
}

const NO_CRATE: (&str, &str) = ("this program", "0.0.0");

struct One<E>(PhantomData<E>);

impl<E: Env> Exports for One<E> {
    const CRATE: (&'static str, &'static str) = NO_CRATE;
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<E>()];
    const AGENTS: &'static [AgentExport] = &[];
}

struct OneBatch<B>(PhantomData<B>);

impl<B: BatchEnv> Exports for OneBatch<B> {
    const CRATE: (&'static str, &'static str) = NO_CRATE;
    const ENVS: &'static [EnvExport] = &[EnvExport::batch::<B>()];
    const AGENTS: &'static [AgentExport] = &[];
}

struct OneAgent<A>(PhantomData<A>);

impl<A: Agent> Exports for OneAgent<A> {
    const CRATE: (&'static str, &'static str) = NO_CRATE;
    const ENVS: &'static [EnvExport] = &[];
    const AGENTS: &'static [AgentExport] = &[AgentExport::of::<A>()];
}
