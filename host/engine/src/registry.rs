//! All plugins there are, and what they offer by name.

use crate::plugin::cache::{self, Cache};
use crate::plugin::discover::{Place, Rejected};
use crate::plugin::manifest::Manifest;
use crate::plugin::probe::Prober;
use crate::plugin::survey::{self, Survey};
use crate::plugin::{discover, library};
use plugin_api::abi::handle::PluginHandle;
use plugin_api::abi::info::{API, AgentInfo, EnvInfo, PluginInfo};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

/// A plugin that can be used.
#[derive(Debug)]
pub struct Plugin {
    /// Its file and manifest.
    pub found: survey::Plugin,
    /// What it offers. Of a heavy plugin nobody has chosen yet, names alone.
    pub info: PluginInfo,
    handle: OnceLock<PluginHandle>,
}

/// All plugins there are.
#[derive(Debug)]
pub struct Registry {
    /// Plugins that can be used.
    pub plugins: Vec<Plugin>,
    /// Files that cannot, each with the reason.
    pub rejected: Vec<Rejected>,
    cache: Cache,
    prober: Prober,
}

/// An environment or agent found by name.
#[derive(Debug)]
pub struct Found<'a, Info> {
    /// The plugin that offers it.
    pub plugin: &'a Plugin,
    /// What it says of itself.
    pub info: &'a Info,
}

impl Registry {
    /// Looks for plugins in the folders given and in the usual ones.
    pub fn open(given: &[PathBuf]) -> Result<Self, String> {
        let binary = std::env::current_exe().ok();
        let variable = |name: &str| std::env::var_os(name);
        let places = discover::places(given, binary.as_deref(), variable);
        let root = cache::folder(variable)
            .ok_or("there is no folder for the cache; set THORNDIKE_CACHE to one")?;
        let cache = Cache::open(&root, &cache::host_build())
            .map_err(|error| cache::unusable(&root, &error))?;
        Ok(Self::survey(&places, cache, Prober::default()))
    }

    /// Looks for plugins in these places.
    pub fn survey(places: &[Place], cache: Cache, prober: Prober) -> Self {
        let Survey { plugins, mut rejected } = survey::survey(places, &cache, &prober, API.0);
        let mut usable: Vec<Plugin> = Vec::new();
        for found in plugins {
            let name = &found.candidate.manifest.name;
            if let Some(first) = usable.iter().find(|first| first.info.name == *name) {
                let path = first.found.candidate.path.display();
                let reason = format!("is left out for {path}, another build of {name}");
                rejected.push(Rejected::found(&found.candidate, reason));
                continue;
            }
            match info(&found) {
                Ok(info) => usable.push(Plugin { found, info, handle: OnceLock::new() }),
                Err(reason) => rejected.push(Rejected::found(&found.candidate, reason)),
            }
        }
        Self { plugins: usable, rejected, cache, prober }
    }

    /// The environment of this name: `CartPole-v1`, or `plugin:CartPole-v1`.
    pub fn env(&self, name: &str) -> Result<Found<'_, EnvInfo>, String> {
        self.find("environment", name, |info| &info.envs, |env| &env.name)
    }

    /// The agent of this name: `ppo`, or `plugin:ppo`.
    pub fn agent(&self, name: &str) -> Result<Found<'_, AgentInfo>, String> {
        self.find("agent", name, |info| &info.agents, |agent| &agent.name)
    }

    /// The plugin's code, opened when it is first asked for.
    pub fn load(&self, plugin: &Plugin) -> Result<PluginHandle, String> {
        if let Some(handle) = plugin.handle.get() {
            return Ok(handle.clone());
        }
        let candidate = &plugin.found.candidate;
        let name = candidate.path.display();
        survey::describe(candidate, &self.cache, &self.prober)
            .map_err(|reason| format!("{name} {reason}"))?;
        let copy = self.cache.private_copy(candidate.hash, &candidate.path);
        let copy = copy.map_err(|reason| format!("{name} {reason}"))?;
        // Without a note on disk the next start would only not know what happened.
        let _pedal = self.cache.press(candidate.hash, "loading it");
        let handle = library::open(&copy).map_err(|reason| format!("{name} {reason}"))?;
        Ok(plugin.handle.get_or_init(|| handle).clone())
    }

    fn find<'a, Info>(
        &'a self,
        what: &str,
        wanted: &str,
        list: fn(&PluginInfo) -> &Vec<Info>,
        name: fn(&Info) -> &String,
    ) -> Result<Found<'a, Info>, String> {
        let (from, bare) = match wanted.split_once(':') {
            Some((plugin, bare)) => (Some(plugin), bare),
            None => (None, wanted),
        };
        let all = self
            .plugins
            .iter()
            .flat_map(|plugin| list(&plugin.info).iter().map(move |info| Found { plugin, info }));
        let fitting: Vec<_> = all
            .clone()
            .filter(|found| from.is_none_or(|from| same_plugin(from, &found.plugin.info.name)))
            .filter(|found| name(found.info) == bare)
            .collect();
        // Of several, the one that is there without a heavy library is meant by the bare name.
        let light =
            || fitting.iter().filter(|found| !found.plugin.found.candidate.manifest.is_heavy());
        match &fitting[..] {
            [found] => Ok(Found { plugin: found.plugin, info: found.info }),
            [_, _, ..] if light().count() == 1 => {
                let found = light().next().expect("there is one");
                Ok(Found { plugin: found.plugin, info: found.info })
            }
            [] => {
                let names = || all.clone().map(|found| name(found.info).as_str());
                let here = all.clone().filter(|found| name(found.info) == bare);
                let offered: Vec<_> = here.map(|found| found.plugin.info.name.as_str()).collect();
                let says = match from {
                    Some(from) if !offered.is_empty() => self.elsewhere(from, bare, &offered),
                    _ => return Err(self.unknown(what, wanted, names())),
                };
                Err(format!("there is no {what} `{wanted}`: {says}{}", self.unread()))
            }
            _ => {
                let names =
                    fitting.iter().map(|found| format!("{}:{bare}", found.plugin.info.name));
                let names: Vec<_> = names.collect();
                Err(format!(
                    "{what} `{wanted}` is offered more than once; say {}",
                    names.join(" or ")
                ))
            }
        }
    }

    fn unknown<'a>(
        &self,
        what: &str,
        wanted: &str,
        names: impl Iterator<Item = &'a str>,
    ) -> String {
        let mut names: Vec<&str> = names.collect();
        if names.is_empty() {
            return format!(
                "there is no {what} `{wanted}`: no plugin offers any; \
                 `thorndike plugins list` says where they are looked for{}{}",
                if self.rejected.is_empty() { "" } else { " and why some files are left out" },
                self.unread()
            );
        }
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let bare = wanted.rsplit(':').next().unwrap_or(wanted);
        let left_out = |rejected: &&Rejected| rejected.offers.iter().any(|name| name == bare);
        if let Some(rejected) = self.rejected.iter().find(left_out) {
            return format!("the {what} `{wanted}` cannot be had: {rejected}");
        }
        let unread = self.unread();
        match closest(bare, &names) {
            Some(close) => {
                format!("there is no {what} `{wanted}`; did you mean `{close}`?{unread}")
            }
            None => {
                format!("there is no {what} `{wanted}`; there are {}{unread}", names.join(", "))
            }
        }
    }

    /// Why a plugin does not offer what these others do.
    fn elsewhere(&self, from: &str, bare: &str, offered: &[&str]) -> String {
        let names: Vec<&str> = self.plugins.iter().map(|plugin| &*plugin.info.name).collect();
        let why = match closest(from, &names) {
            _ if from.is_empty() => "no plugin is named before the colon".to_owned(),
            _ if names.iter().any(|name| same_plugin(from, name)) => {
                format!("plugin `{from}` does not offer it")
            }
            Some(close) => format!("no plugin is called `{from}`; did you mean `{close}`?"),
            None => format!("no plugin is called `{from}`"),
        };
        let full: Vec<String> = offered.iter().map(|plugin| format!("{plugin}:{bare}")).collect();
        format!("{why}; there is {}", full.join(" and "))
    }

    /// Folders that were named to look for plugins in and cannot be read, each with the reason.
    pub fn unread_folders(&self) -> impl Iterator<Item = &Rejected> {
        self.rejected.iter().filter(|rejected| rejected.is_folder)
    }

    /// The same as the end of a sentence.
    fn unread(&self) -> String {
        let ends = self.unread_folders().map(|folder| format!("; the plugin folder {folder}"));
        ends.collect::<Vec<_>>().concat()
    }
}

/// Whether a plugin answers to a name: `toy-text` and `toy_text` are the same.
fn same_plugin(wanted: &str, name: &str) -> bool {
    wanted.replace('_', "-") == name.replace('_', "-")
}

/// The name that was probably meant.
pub fn closest<'a>(wanted: &str, names: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let score = |name: &str| {
        let name = name.to_lowercase();
        let begins = name.starts_with(&wanted) && !wanted.is_empty();
        if begins { 0.95 } else { strsim::jaro_winkler(&wanted, &name) }
    };
    // Of names that fit alike, the shortest: `FrozenLake` is rather FrozenLake-v1 than its large
    // form.
    let scored = names.iter().map(|&name| (score(name), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.len().cmp(&a.1.len())));
    best.filter(|(score, _)| *score > 0.8).map(|(_, name)| name)
}

/// What a plugin offers, as the probe found it, or as its manifest says while it has not been
/// opened.
fn info(found: &survey::Plugin) -> Result<PluginInfo, String> {
    let manifest = &found.candidate.manifest;
    match &found.descriptor {
        Some(bytes) => {
            let info = library::decode(bytes)?;
            if !is_same(manifest, &info) {
                return Err("offers something else than its manifest says: build it anew".into());
            }
            Ok(info)
        }
        None => Ok(PluginInfo {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            envs: manifest.envs.iter().map(|name| named_env(name)).collect(),
            agents: manifest.agents.iter().map(|name| named_agent(name)).collect(),
        }),
    }
}

/// Whether a plugin is what its manifest says, which was read before anything else.
fn is_same(manifest: &Manifest, info: &PluginInfo) -> bool {
    let offers_env = |name: &String| info.envs.iter().any(|env| env.name == *name);
    let offers_agent = |name: &String| info.agents.iter().any(|agent| agent.name == *name);
    (&manifest.name, &manifest.version) == (&info.name, &info.version)
        && manifest.envs.iter().all(offers_env)
        && manifest.agents.iter().all(offers_agent)
}

fn named_env(name: &str) -> EnvInfo {
    EnvInfo { name: name.to_owned(), of: name.to_owned(), ..EnvInfo::default() }
}

fn named_agent(name: &str) -> AgentInfo {
    AgentInfo { name: name.to_owned(), ..AgentInfo::default() }
}
