//! `plugins check`: tries a plugin file, from its bytes to what it exports.

use crate::config::Settings;
use crate::failure::{Exit, Failure, Outcome};
use crate::stage::Stage;
use std::env;
use std::io::Write;
use std::path::Path;
use thorndike_engine::plugin::cache::{self, Cache};
use thorndike_engine::plugin::discover::Candidate;
use thorndike_engine::plugin::file::PluginFile;
use thorndike_engine::plugin::probe::Prober;
use thorndike_engine::plugin::{library, manifest, survey};

/// Tries the file; fails when anything is wrong with it.
pub(super) fn run(file: &Path, settings: &Settings) -> Outcome {
    let stage = Stage::open(1)?;
    let mut out = stage.out()?;
    let failed = |why: String| Failure::failed(format!("{} {why}", file.display()));
    let manifest = manifest::read(file, plugin_api::abi::info::API.0)
        .map_err(|rejection| failed(rejection.to_string()))?;
    let hash = PluginFile::open(file).and_then(|file| file.hash());
    let hash = hash.map_err(|rejection| failed(rejection.to_string()))?;
    let cache = open_cache()?;
    cache.forget(hash);
    let candidate = Candidate { path: file.to_owned(), also: Vec::new(), hash, manifest };
    let descriptor = survey::describe(&candidate, &cache, &Prober::default()).map_err(failed)?;
    let info = library::decode(&descriptor).map_err(failed)?;
    writeln!(
        out,
        "{} {}: {} environments, {} agents",
        info.name,
        info.version,
        info.envs.len(),
        info.agents.len()
    )?;
    let _ = settings;
    Ok(Exit::Success)
}

fn open_cache() -> Result<Cache, Failure> {
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
