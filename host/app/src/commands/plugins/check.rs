//! `plugins check`: tries a plugin file, from its bytes to the promises of all it exports.

use super::json_line;
use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{Output, Progress, Style};
use crate::stage::Stage;
use plugin_api::abi::handle::PluginHandle;
use plugin_api::abi::info::API;
use plugin_api::testing::{self, Finding, Findings, Verdict};
use serde::Serialize;
use std::env;
use std::path::Path;
use thorndike_engine::plugin::cache::{self, Cache};
use thorndike_engine::plugin::discover::Candidate;
use thorndike_engine::plugin::file::PluginFile;
use thorndike_engine::plugin::probe::Prober;
use thorndike_engine::plugin::{library, manifest, survey};
use thorndike_session::error::shown;

/// A promise that was tried out, as JSON.
#[derive(Serialize)]
struct Line<'a> {
    subject: &'a str,
    check: &'a str,
    verdict: &'static str,
    says: &'a str,
}

/// Tries the file; fails when anything is wrong with it.
pub(super) fn run(file: &Path, settings: &Settings) -> Outcome {
    let mut stage = Stage::open(1)?;
    let style = if settings.json { Style::Json } else { Style::Plain };
    let mut output = Output::new(stage.out()?, style, Progress::default());
    let plugin = load(file)?;
    let info = plugin.info();
    let (envs, agents) = (info.envs.len(), info.agents.len());
    output.text(&format!(
        "{} {}: {envs} environments, {agents} agents; layout and first steps are sound",
        shown(&info.name),
        shown(&info.version)
    ))?;
    let findings = testing::check_plugin(&plugin);
    stage.relay(&mut output)?;
    for finding in &findings.list {
        if settings.json {
            json_line(output.out(), &line(finding))?;
        } else {
            output.text(&shown(&finding.to_string()))?;
        }
    }
    output.text(&sum(&findings))?;
    Ok(if findings.passed() { Exit::Success } else { Exit::Failed })
}

/// What the promises of a file come to, a line each, for a screen.
pub(super) fn lines(file: &Path) -> Vec<String> {
    let plugin = match load(file) {
        Ok(plugin) => plugin,
        Err(failure) => return vec![failure.message],
    };
    let findings = testing::check_plugin(&plugin);
    let mut lines: Vec<String> =
        findings.list.iter().map(|finding| shown(&finding.to_string())).collect();
    lines.push(sum(&findings));
    lines
}

/// Opens the file as every plugin is opened: its bytes are judged, then a child tries it, then a
/// private copy is loaded.
fn load(file: &Path) -> Result<PluginHandle, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::failed(format!("{} {why}", shown(&file.to_string_lossy())))
    };
    let manifest = manifest::read(file, API.0).map_err(|why| wrong(&why))?;
    let hash = PluginFile::open(file).and_then(|file| file.hash()).map_err(|why| wrong(&why))?;
    let cache = cache()?;
    // What was held against this content before is tried once more.
    cache.forget(hash);
    let candidate = Candidate { path: file.to_owned(), also: Vec::new(), hash, manifest };
    survey::describe(&candidate, &cache, &Prober::default()).map_err(|why| wrong(&why))?;
    let copy = cache.private_copy(hash, file).map_err(|why| wrong(&why))?;
    // Without a note on disk the next start would only not know what happened.
    let _pedal = cache.press(hash, "checking it");
    library::open(&copy).map_err(|why| wrong(&why))
}

fn cache() -> Result<Cache, Failure> {
    let folder = cache::folder(|name| env::var_os(name)).ok_or_else(|| {
        Failure::failed("there is no folder for the cache; set THORNDIKE_CACHE to one")
    })?;
    Cache::open(&folder, &cache::host_build()).map_err(|error| {
        Failure::failed(format!(
            "the cache folder {} cannot be used: {error}; set THORNDIKE_CACHE to another",
            folder.display()
        ))
    })
}

fn line(finding: &Finding) -> Line<'_> {
    let verdict = match finding.verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Skipped => "skipped",
    };
    Line { subject: &finding.subject, check: finding.check, verdict, says: &finding.says }
}

fn sum(findings: &Findings) -> String {
    let count = |verdict| findings.list.iter().filter(|f| f.verdict == verdict).count();
    format!(
        "{} passed, {} failed, {} skipped",
        count(Verdict::Passed),
        count(Verdict::Failed),
        count(Verdict::Skipped)
    )
}
