//! The root of a plugin: what `plugin!` exports, and how things are made by name.

use super::guard::{guarded, install_hook};
use super::info::{AgentInfo, EnvInfo, PluginInfo, PresetInfo};
use super::types::{
    AgentBox, EnvBox, Failure, HostFnsRef, MakeAgent, MakeEnv, Plugin, PluginRef, PolicyBox,
};
use super::wire::{self, read_params};
use crate::agent::Agent;
use crate::env::{BatchEnv, Each, Env, Variant};
use crate::error::{Error, Result};
use crate::lanes::{Lanes, max_steps_spec};
use crate::params::{Params, Values, find};
use crate::task::Task;
use abi_stable::library::{CheckTypeLayout, LibHeader, RootModuleResult};
use abi_stable::prefix_type::WithMetadata;
use abi_stable::std_types::{RResult, RStr, RVec};
use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::OnceLock;

/// What a plugin crate exports. `plugin!` implements it.
pub trait Exports: 'static {
    /// Name and version of the crate.
    const CRATE: (&'static str, &'static str);
    /// The environments.
    const ENVS: &'static [EnvExport];
    /// The agents.
    const AGENTS: &'static [AgentExport];
}

/// How an environment is made.
#[derive(Clone, Copy, Debug)]
pub struct EnvExport {
    name: &'static str,
    variants: &'static [Variant],
    batch: bool,
    specs: fn(&Values) -> Result<EnvInfo>,
    make: fn(&Values, usize) -> Result<EnvBox>,
    read: fn(&[(&str, &str)]) -> Result<Values>,
}

impl EnvExport {
    /// The entry of an environment of one world.
    pub const fn each<E: Env>() -> Self {
        Self { batch: false, ..Self::batch::<Each<E>>() }
    }

    /// The entry of an environment of many lanes.
    pub const fn batch<B: BatchEnv>() -> Self {
        Self {
            name: B::NAME,
            variants: B::VARIANTS,
            batch: true,
            specs: env_info::<B>,
            make: super::env::make::<B>,
            read: read_texts::<B>,
        }
    }

    /// Params of the variant of this name.
    fn variant(&self, name: &str) -> Option<Result<Values>> {
        if self.name == name {
            return Some(Ok(Values::new()));
        }
        let variant = self.variants.iter().find(|variant| variant.name == name)?;
        Some((self.read)(variant.params))
    }
}

/// How an agent is made.
#[derive(Clone, Copy, Debug)]
pub struct AgentExport {
    name: &'static str,
    info: fn() -> AgentInfo,
    make: fn(&Values, &Task, u64) -> Result<AgentBox>,
    make_policy: fn(&Values, &Task, u64) -> Result<PolicyBox>,
}

impl AgentExport {
    /// An agent's entry.
    pub const fn of<A: Agent>() -> Self {
        Self {
            name: A::NAME,
            info: agent_info::<A>,
            make: super::agent::make::<A>,
            make_policy: super::agent::make_policy::<A>,
        }
    }
}

fn env_info<B: BatchEnv>(values: &Values) -> Result<EnvInfo> {
    let lanes = Lanes::<B>::new(values, 1)?;
    let mut params = B::Params::specs();
    params.push(max_steps_spec(lanes.task()));
    for (name, value) in values {
        let idx = params.iter().position(|spec| spec.name == *name).expect("lanes took it");
        params[idx].default = value.clone();
    }
    Ok(EnvInfo { of: B::NAME.to_owned(), params, ..EnvInfo::default() })
}

fn read_texts<B: BatchEnv>(texts: &[(&str, &str)]) -> Result<Values> {
    let mut specs = B::Params::specs();
    specs.push(max_steps_spec(&Task::default()));
    let parsed =
        texts.iter().map(|&(name, text)| Ok((name.to_owned(), find(&specs, name)?.parse(text)?)));
    parsed.collect()
}

fn agent_info<A: Agent>() -> AgentInfo {
    let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    let presets = A::PRESETS.iter().map(|preset| PresetInfo {
        env: preset.env.to_owned(),
        params: preset.params.iter().map(owned).collect(),
        lanes: preset.lanes,
        steps: preset.steps,
    });
    AgentInfo { name: A::NAME.to_owned(), params: A::Params::specs(), presets: presets.collect() }
}

struct Root<X>(PhantomData<X>);

impl<X: Exports> Root<X> {
    const PLUGIN: &'static WithMetadata<Plugin> = &WithMetadata::new(Plugin {
        describe: describe::<X>,
        connect,
        make_env: make_env::<X>,
        make_agent: make_agent::<X>,
        make_policy: make_policy::<X>,
        extension,
    });
    const ROOT: PluginRef = PluginRef(WithMetadata::static_as_prefix(Self::PLUGIN));
}

/// The root of a crate's exports, as the host gets it.
pub fn root<X: Exports>() -> PluginRef {
    install_hook();
    Root::<X>::ROOT
}

/// What the exported symbol holds.
pub const fn header<X: Exports>() -> LibHeader {
    // SAFETY: the constructor returns a `PluginRef`, the type the header is made for.
    unsafe { LibHeader::from_constructor::<PluginRef>(construct::<X>, CheckTypeLayout::Yes) }
}

extern "C" fn construct<X: Exports>() -> RootModuleResult {
    abi_stable::library::__call_root_module_loader(root::<X>)
}

static HOST: OnceLock<HostFnsRef> = OnceLock::new();

extern "C" fn connect(host: HostFnsRef) {
    // A second host in one process would be told the same; the first one stays.
    let _ = HOST.set(host);
}

/// Writes a line to the host's log: 1 error, 2 warning, 3 info, 4 debug.
pub fn log(level: u32, line: &str) {
    if let Some(host) = HOST.get() {
        (host.log())(level, RStr::from(line));
    }
}

/// Whether the host wants the current call to come to an end; long calls ask now and then.
pub fn cancelled() -> bool {
    HOST.get().is_some_and(|host| (host.cancelled())() != 0)
}

extern "C" fn describe<X: Exports>() -> RVec<u8> {
    wire::description(guarded(|| info(X::CRATE, X::ENVS, X::AGENTS)))
}

fn info(
    (name, version): (&str, &str),
    envs: &[EnvExport],
    agents: &[AgentExport],
) -> Result<PluginInfo> {
    let mut env_infos = Vec::new();
    for export in envs {
        let names = export.variants.iter().map(|variant| variant.name);
        for name in std::iter::once(export.name).chain(names) {
            let values = export.variant(name).expect("the name is its own")?;
            let info = (export.specs)(&values)?;
            env_infos.push(EnvInfo { name: name.to_owned(), batch: export.batch, ..info });
        }
    }
    let agents: Vec<_> = agents.iter().map(|export| (export.info)()).collect();
    named_once("environments", env_infos.iter().map(|env| &env.name))?;
    named_once("agents", agents.iter().map(|agent| &agent.name))?;
    let (name, version) = (name.to_owned(), version.to_owned());
    Ok(PluginInfo { name, version, envs: env_infos, agents })
}

/// Of two things of one name, the second could never be had.
fn named_once<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::new(format!("it has two {what} `{name}`")));
        }
    }
    Ok(())
}

/// Reads what [`Plugin::describe`] wrote.
pub fn read_description(bytes: &[u8]) -> Result<PluginInfo> {
    wire::read_description(bytes)
}

extern "C" fn make_env<X: Exports>(make: &MakeEnv<'_>) -> RResult<EnvBox, Failure> {
    answer(|| {
        let name = make.name.as_str();
        let found = X::ENVS.iter().find_map(|export| Some((export, export.variant(name)?)));
        let (export, values) = found.ok_or_else(|| unknown("environment", name))?;
        let mut values = values?;
        values.extend(read_params(make.params.as_slice())?);
        (export.make)(&values, make.lanes as usize)
    })
}

extern "C" fn make_agent<X: Exports>(make: &MakeAgent<'_>) -> RResult<AgentBox, Failure> {
    answer(|| {
        let (export, task) = agent(X::AGENTS, make)?;
        (export.make)(&read_params(make.params.as_slice())?, &task, make.seed)
    })
}

extern "C" fn make_policy<X: Exports>(make: &MakeAgent<'_>) -> RResult<PolicyBox, Failure> {
    answer(|| {
        let (export, task) = agent(X::AGENTS, make)?;
        (export.make_policy)(&read_params(make.params.as_slice())?, &task, make.seed)
    })
}

fn agent(
    agents: &'static [AgentExport],
    make: &MakeAgent<'_>,
) -> Result<(&'static AgentExport, Task)> {
    let name = make.name.as_str();
    let export = agents.iter().find(|export| export.name == name);
    let task = wire::read_task(make.task.as_slice())?;
    Ok((export.ok_or_else(|| unknown("agent", name))?, task))
}

fn unknown(what: &str, name: &str) -> Error {
    Error::argument(format!("this plugin has no {what} `{name}`"))
}

fn answer<T>(make: impl FnOnce() -> Result<T>) -> RResult<T, Failure> {
    guarded(make).map_err(Failure::from).into()
}

/// Scenes may be told that they are for a film: a [`Film`].
pub(super) const FILM: &str = "thorndike.film/1";

/// Says with 1 that scenes are drawn for a film from now on, with 0 that they are not.
pub(super) type Film = extern "C" fn(u8);

extern "C" fn film(is_film: u8) {
    crate::scene::for_film(is_film != 0);
}

/// Abilities beyond the tables.
extern "C" fn extension(id: RStr<'_>) -> *const std::ffi::c_void {
    match id.as_str() {
        FILM => film as Film as *const std::ffi::c_void,
        _ => std::ptr::null(),
    }
}
