//! `--watch`: a run goes on in the new build of a plugin whose file changes under it.

use crate::chosen::{self, Chosen, Source};
use crate::commands::registry;
use crate::config::Settings;
use crate::failure::Failure;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;
use thorndike_engine::escort::Guest;
use thorndike_engine::event::Alert;
use thorndike_engine::keep::convert::to_settings;
use thorndike_engine::run::Run;
use thorndike_session::error::shown;

/// What tells one build of a file from another.
type Stamp = Option<(u64, SystemTime)>;

/// The plugin files of a run.
#[derive(Debug)]
pub(crate) struct Watch {
    agent: Chosen,
    env: Chosen,
    settings: Settings,
    files: Vec<File>,
    /// Hashes of the loaded builds of agent and environment.
    hashes: [String; 2],
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    loaded: Stamp,
    /// How it looked the last time: a file is not read while it is still being written.
    seen: Stamp,
}

impl Watch {
    /// Begins to watch the files of agent and environment.
    pub(crate) fn new(agent: Chosen, env: Chosen, settings: Settings) -> Self {
        let mut paths = vec![agent.file.clone(), env.file.clone()];
        paths.dedup();
        let file = |path: PathBuf| {
            let loaded = stamp(&path);
            File { path, loaded, seen: loaded }
        };
        let hashes = [&agent, &env].map(|chosen| chosen.used.hash.clone());
        let files = paths.into_iter().map(file).collect();
        Self { agent, env, settings, files, hashes }
    }

    /// Whether a file has another build than the loaded one, and has come to rest.
    fn is_changed(&mut self) -> bool {
        let mut changed = false;
        for file in &mut self.files {
            let now = stamp(&file.path);
            let rests = std::mem::replace(&mut file.seen, now) == now;
            if now.is_some() && now != file.loaded && rests {
                file.loaded = now;
                changed = true;
            }
        }
        changed
    }

    /// Loads the plugins anew, with the params they have, and moves the run over. Returns the names
    /// of those that are not as they were; a file that was only written again has no news.
    fn reload(&mut self, run: &mut Run) -> Result<String, Failure> {
        let (agent, env) = (&self.agent, &self.env);
        let registry = registry(&self.settings)?;
        let env_params = to_settings(&env.params);
        let new_env = chosen::env(&registry, &env.full, Source::Session(&env_params))?;
        let params = to_settings(&agent.params);
        let source = Source::Session(&params);
        let (new_agent, _) = chosen::agent(&registry, &agent.full, &new_env, source)?;
        let mut names = Vec::new();
        let pairs = [(agent, &new_agent), (env, &new_env)];
        for ((old, new), hash) in pairs.into_iter().zip(&self.hashes) {
            if new.file != old.file {
                return Err(Failure::failed(format!(
                    "{} cannot be used now; `thorndike plugins list` says why",
                    shown(&old.file.to_string_lossy())
                )));
            }
            if new.used.hash != *hash {
                names.push(old.used.name.clone());
            }
        }
        names.dedup();
        if !names.is_empty() {
            run.reload(new_agent.handle, new_env.handle)?;
            self.hashes = [new_agent.used.hash, new_env.used.hash];
        }
        Ok(names.join(" and "))
    }
}

impl Guest for Watch {
    /// Has the run go on in new builds where there are any, and says how that went.
    fn look(&mut self, run: &mut Run) -> Option<Alert> {
        if !self.is_changed() {
            return None;
        }
        let (topic, message) = match self.reload(run) {
            Ok(names) if names.is_empty() => return None,
            Ok(names) => ("reloaded", format!("goes on in the new build of {names}")),
            Err(failure) => ("reload", format!("goes on in the old build: {}", failure.message)),
        };
        Some(Alert { steps: run.counters().steps, topic: topic.to_owned(), message })
    }
}

fn stamp(path: &PathBuf) -> Stamp {
    let meta = fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}
