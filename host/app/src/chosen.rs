//! From names and settings on a command line to loaded plugins and complete params.

use crate::cli::Assignment;
use crate::failure::{Exit, Failure};
use plugin_api::abi::handle::PluginHandle;
use plugin_api::abi::info::PresetInfo;
use plugin_api::params::{ParamSpec, Values};
use std::path::PathBuf;
use thorndike_engine::keep::convert::from_setting;
use thorndike_engine::registry::{Plugin, Registry, closest};
use thorndike_session::{PluginUsed, Settings};

/// An environment or agent that was chosen, with all of its params.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) handle: PluginHandle,
    /// Its name in its plugin.
    pub(crate) name: String,
    /// `plugin:name`.
    pub(crate) full: String,
    pub(crate) params: Values,
    pub(crate) used: PluginUsed,
    /// The plugin's file.
    pub(crate) file: PathBuf,
}

/// What sets params: the command line, or a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Words(&'a [Assignment]),
    Session(&'a Settings),
}

/// The environment of this name.
pub(crate) fn env(registry: &Registry, name: &str, set: Source<'_>) -> Result<Chosen, Failure> {
    let found = registry.env(name).map_err(Failure::usage)?;
    let mut chosen = load(registry, found.plugin, &found.info.name)?;
    let info = chosen.handle.info().envs.iter().find(|env| env.name == chosen.name);
    let info = info.ok_or_else(|| changed(&chosen))?;
    chosen.params = params(&chosen.name, &info.params, &[], set)?;
    Ok(chosen)
}

/// The agent of this name, with the preset for the environment where it has one.
pub(crate) fn agent(
    registry: &Registry,
    name: &str,
    env: &Chosen,
    set: Source<'_>,
) -> Result<(Chosen, Option<PresetInfo>), Failure> {
    let found = registry.agent(name).map_err(Failure::usage)?;
    let mut chosen = load(registry, found.plugin, &found.info.name)?;
    let info = chosen.handle.info().agents.iter().find(|agent| agent.name == chosen.name);
    let info = info.ok_or_else(|| changed(&chosen))?.clone();
    let preset = info.presets.into_iter().find(|preset| preset.env == env.name);
    let preset_params = preset.as_ref().map_or(&[][..], |preset| &preset.params);
    chosen.params = params(&chosen.name, &info.params, preset_params, set)?;
    Ok((chosen, preset))
}

impl Chosen {
    /// The same agent with params that a session has kept, and with others changed.
    pub(crate) fn agent_with(&self, kept: &Settings, set: &[Assignment]) -> Result<Self, Failure> {
        let info = self.handle.info().agents.iter().find(|agent| agent.name == self.name);
        let specs = &info.ok_or_else(|| changed(self))?.params;
        let mut params = params(&self.name, specs, &[], Source::Session(kept))?;
        for Assignment { key, value } in set {
            params.insert(key.clone(), find(&self.name, specs, key)?.parse(value)?);
        }
        Ok(Self { params, ..self.clone() })
    }
}

fn load(registry: &Registry, plugin: &Plugin, name: &str) -> Result<Chosen, Failure> {
    let handle = registry.load(plugin).map_err(Failure::failed)?;
    let used = PluginUsed {
        name: plugin.info.name.clone(),
        version: plugin.info.version.clone(),
        hash: plugin.found.candidate.hash.to_hex().to_string(),
    };
    let (name, full) = (name.to_owned(), format!("{}:{name}", used.name));
    let file = plugin.found.candidate.path.clone();
    Ok(Chosen { handle, name, full, params: Values::new(), used, file })
}

fn changed(chosen: &Chosen) -> Failure {
    let Chosen { name, used, .. } = chosen;
    Failure::failed(format!("plugin {} promised `{name}` but does not offer it", used.name))
}

/// All params of something: defaults, over them those of a preset, over both what was set.
fn params(
    of: &str,
    specs: &[ParamSpec],
    preset: &[(String, String)],
    set: Source<'_>,
) -> Result<Values, Failure> {
    let mut values: Values =
        specs.iter().map(|spec| (spec.name.clone(), spec.default.clone())).collect();
    for (key, text) in preset {
        let spec = find(of, specs, key).map_err(in_preset)?;
        let value = spec.parse(text).map_err(|error| in_preset(error.into()))?;
        values.insert(key.clone(), value);
    }
    match set {
        Source::Words(words) => {
            for Assignment { key, value } in words {
                let value = find(of, specs, key)?.parse(value)?;
                values.insert(key.clone(), value);
            }
        }
        Source::Session(settings) => {
            for (key, setting) in settings {
                let value = find(of, specs, key)?.check(&from_setting(setting))?;
                values.insert(key.clone(), value);
            }
        }
    }
    Ok(values)
}

/// A preset that does not fit is a mistake of the plugin, not of whoever uses it.
fn in_preset(failure: Failure) -> Failure {
    Failure { exit: Exit::Failed, message: format!("its preset is wrong: {}", failure.message) }
}

fn find<'a>(of: &str, specs: &'a [ParamSpec], key: &str) -> Result<&'a ParamSpec, Failure> {
    specs.iter().find(|spec| spec.name == key).ok_or_else(|| {
        let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
        let meant = closest(key, &names).map(|close| format!("; did you mean `{close}`?"));
        let meant = meant.unwrap_or_default();
        Failure::usage(match names.as_slice() {
            [] => format!("`{of}` has no params, so none is called `{key}`"),
            names => format!("`{of}` has no param `{key}`, it has {}{meant}", names.join(", ")),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_api::Params;
    use plugin_api::params::Value;
    use thorndike_engine::keep::convert::to_settings;

    plugin_api::params! {
        struct Sample {
            /// One.
            step_size: f64 = 0.5 in 0.0..=1.0,
            /// Two.
            map: String = "small" of ["small", "large"],
            /// Three.
            hidden: Vec<usize> = [64, 64],
        }
    }

    fn words(words: &[&str]) -> Vec<Assignment> {
        words.iter().map(|word| word.parse().expect("a key and a value")).collect()
    }

    #[test]
    fn words_weigh_more_than_presets_and_those_more_than_defaults() {
        let preset = [("step_size", "0.1"), ("map", "large")];
        let preset = preset.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let set = words(&["map=small", "hidden=8"]);
        let values = params("x", &Sample::specs(), &preset, Source::Words(&set)).expect("all fit");
        let expected = [
            ("hidden", Value::List(vec![Value::Int(8)])),
            ("map", Value::Text("small".into())),
            ("step_size", Value::Float(0.1)),
        ];
        assert_eq!(values, expected.map(|(key, value)| (key.to_owned(), value)).into());
        let kept = to_settings(&values);
        let again = params("x", &Sample::specs(), &[], Source::Session(&kept)).expect("all fit");
        assert_eq!(again, values);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |word: &str, expected: &str| {
            let set = words(&[word]);
            let failure = params("x", &Sample::specs(), &[], Source::Words(&set));
            let failure = failure.expect_err("it does not fit");
            assert_eq!((failure.exit, failure.message.as_str()), (Exit::Usage, expected));
        };
        wrong(
            "stepsize=1",
            "`x` has no param `stepsize`, it has step_size, map, hidden; \
             did you mean `step_size`?",
        );
        wrong("step_size=2", "`step_size` lies in 0 to 1, not at 2");
        wrong("step_size=a", "`step_size` takes a number, not `a`");
        wrong("map=huge", "`map` is one of small, large, not `huge`");
        let set = words(&["a=1"]);
        let failure = params("x", &[], &[], Source::Words(&set)).expect_err("there is none");
        assert_eq!(failure.message, "`x` has no params, so none is called `a`");
    }
}
