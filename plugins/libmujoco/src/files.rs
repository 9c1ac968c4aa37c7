//! Where the library and the models lie.

use std::env;
use std::path::PathBuf;

use plugin_api::{Error, Result};

use crate::VERSION_NAME;

/// Where models lie: those of Gymnasium, and those of gymnasium-robotics beside their meshes.
const MODELS: [&str; 2] = ["models", "robotics/fetch"];

/// The folder with the library and the models: `mujoco` in the cache of the bench, or the one
/// that `THORNDIKE_MUJOCO` names.
pub fn folder() -> Result<PathBuf> {
    let named = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
    let cache = || {
        named("THORNDIKE_CACHE")
            .or_else(|| Some(named("XDG_CACHE_HOME")?.join("thorndike")))
            .or_else(|| Some(env::home_dir()?.join(".cache/thorndike")))
    };
    named("THORNDIKE_MUJOCO").or_else(|| Some(cache()?.join("mujoco"))).ok_or_else(|| {
        Error::new("there is no home folder to look for MuJoCo in; name one in THORNDIKE_MUJOCO")
    })
}

/// The library.
pub fn library() -> Result<PathBuf> {
    existing(&format!("libmujoco.so.{VERSION_NAME}"))
}

/// A model: a name among those that were fetched, or a path of its own, which has a `/`.
pub fn model(name: &str) -> Result<PathBuf> {
    if name.contains('/') {
        let path = PathBuf::from(name);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::argument(format!("there is no model {name}; check the path in `xml_file`")))
        };
    }
    let [first, second] = MODELS.map(|models| existing(&format!("{models}/{name}")));
    first.or(second)
}

/// A file of the folder; the error says in one line how to get it.
fn existing(name: &str) -> Result<PathBuf> {
    let path = folder()?.join(name);
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::new(format!(
        "MuJoCo {VERSION_NAME} is not here ({} is missing); `cargo lab fetch mujoco` gets it",
        path.display()
    )))
}
