//! `plugins`: what there is, whether a file is sound, and new ones.

mod check;

use super::json_line;
use crate::cli::{New, Plugins};
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::scaffold::{self, Kind};
use crate::stage::Stage;
use crate::table;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;
use thorndike_engine::registry::{Plugin, Registry};
use thorndike_session::error::shown;

/// Does what was asked.
pub(super) fn run(command: Plugins, settings: &Settings) -> Outcome {
    let out = || io::stdout().lock();
    match command {
        Plugins::List => list(settings, &mut out()),
        Plugins::Check { file } => check::run(&file, settings),
        Plugins::New(New::Agent { name }) => new(Kind::Agent, &name, settings, &mut out()),
        Plugins::New(New::Env { name }) => new(Kind::Env, &name, settings, &mut out()),
    }
}

/// All plugins there are.
pub(crate) fn registry(settings: &Settings) -> Result<Registry, Failure> {
    Registry::open(&settings.plugins).map_err(Failure::failed)
}

/// The same, with a word about folders that were named and cannot be read.
pub(crate) fn told_registry(stage: &mut Stage, settings: &Settings) -> Result<Registry, Failure> {
    let registry = registry(settings)?;
    for folder in registry.unread_folders() {
        stage.say(&format!("note: the plugin folder {folder}"));
    }
    Ok(registry)
}

/// What a check of a plugin file finds, a line each.
pub(super) fn check_lines(file: &Path) -> Vec<String> {
    check::lines(file)
}

/// A line of `plugins list --json`.
#[derive(Serialize)]
struct Line<'a> {
    plugin: &'a str,
    version: &'a str,
    path: String,
    hash: String,
    envs: Vec<&'a str>,
    agents: Vec<&'a str>,
    needs: &'a [String],
}

/// A line about a file that is left out.
#[derive(Serialize)]
struct LeftOut<'a> {
    path: String,
    error: &'a str,
}

fn list(settings: &Settings, out: &mut impl Write) -> Outcome {
    let registry = registry(settings)?;
    if settings.json {
        for plugin in &registry.plugins {
            json_line(out, &line(plugin))?;
        }
        for rejected in &registry.rejected {
            let path = rejected.path.display().to_string();
            json_line(out, &LeftOut { path, error: &rejected.reason })?;
        }
        return Ok(Exit::Success);
    }
    let mut rows = Vec::new();
    for plugin in &registry.plugins {
        let line = line(plugin);
        rows.push(vec![format!("{} {}", line.plugin, line.version), shown(&line.path)]);
        let needs: Vec<&str> = line.needs.iter().map(String::as_str).collect();
        let offers = [("envs", &line.envs), ("agents", &line.agents), ("needs", &needs)];
        for (what, names) in offers.into_iter().filter(|(_, names)| !names.is_empty()) {
            rows.push(vec![format!("  {what}"), names.join(", ")]);
        }
    }
    for line in table::lines(&rows) {
        writeln!(out, "{line}")?;
    }
    for rejected in &registry.rejected {
        writeln!(out, "left out: {rejected}")?;
    }
    if registry.plugins.is_empty() {
        writeln!(out, "no plugins; `thorndike doctor` says where they are looked for")?;
    }
    Ok(Exit::Success)
}

fn line(plugin: &Plugin) -> Line<'_> {
    let (info, candidate) = (&plugin.info, &plugin.found.candidate);
    Line {
        plugin: &info.name,
        version: &info.version,
        path: candidate.path.display().to_string(),
        hash: candidate.hash.to_hex().to_string(),
        envs: info.envs.iter().map(|env| env.name.as_str()).collect(),
        agents: info.agents.iter().map(|agent| agent.name.as_str()).collect(),
        needs: &candidate.manifest.needs,
    }
}

/// What was written, as JSON.
#[derive(Serialize)]
struct Created<'a> {
    name: &'a str,
    path: String,
    next: Vec<&'a str>,
}

fn new(kind: Kind, name: &str, settings: &Settings, out: &mut impl Write) -> Outcome {
    let here = std::env::current_dir()
        .map_err(|error| Failure::failed(format!("cannot tell the current folder: {error}")))?;
    let written = scaffold::write(kind, name, &here)?;
    if settings.json {
        let path = written.folder.strip_prefix(&here).unwrap_or(&written.folder);
        let path = path.display().to_string();
        let next = written.next.iter().map(|(command, _)| command.as_str()).collect();
        json_line(out, &Created { name, path, next })?;
        return Ok(Exit::Success);
    }
    for line in written.lines(&here) {
        writeln!(out, "{line}")?;
    }
    Ok(Exit::Success)
}
