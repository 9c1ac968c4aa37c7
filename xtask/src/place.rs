//! Where things are: the repository, its build products, and the cargo that started us.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::manifest::Manifest;

/// The repository this task works on.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    /// The folder cargo puts release products into.
    pub(crate) release: PathBuf,
    cargo: OsString,
}

impl Place {
    /// Cargo names itself in `CARGO`; the target folder is read from where this program lies, so
    /// that `CARGO_TARGET_DIR` and `build.target-dir` hold without asking cargo again.
    pub(crate) fn find() -> Result<Self> {
        let root = repository();
        let own = env::current_exe().context("cannot tell where this program lies")?;
        let target = own.ancestors().nth(2).context("this program lies in no target folder")?;
        Ok(Self {
            root,
            release: target.join("release"),
            cargo: env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        })
    }

    /// A cargo command in the repository, to which the caller adds arguments.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.root);
        command
    }

    /// A folder outside the tree for what can be fetched or built again.
    pub(crate) fn cache(name: &str) -> Result<PathBuf> {
        let named = |name| env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        let folder = named("THORNDIKE_CACHE")
            .or_else(|| Some(named("XDG_CACHE_HOME")?.join("thorndike")))
            .or_else(|| Some(env::home_dir()?.join(".cache/thorndike")))
            .context("no home folder to cache in; name one in THORNDIKE_CACHE")?
            .join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// The package names of all plugin libraries, in order.
    pub(crate) fn plugins(&self) -> Result<Vec<String>> {
        let plugins = self.manifests()?.into_iter().filter(|manifest| manifest.is_plugin);
        Ok(plugins.map(|manifest| manifest.name).collect())
    }

    /// The package names of the crates below `plugins/` that have this feature, in order.
    pub(crate) fn with_feature(&self, feature: &str) -> Result<Vec<String>> {
        let has = |manifest: &Manifest| manifest.features.iter().any(|name| name == feature);
        let crates = self.manifests()?.into_iter().filter(has);
        Ok(crates.map(|manifest| manifest.name).collect())
    }

    /// What the crates below `plugins/` say of themselves, by name.
    fn manifests(&self) -> Result<Vec<Manifest>> {
        let mut manifests = Vec::new();
        collect_manifests(&self.root.join("plugins"), &mut manifests)?;
        manifests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(manifests)
    }
}

/// The root of the repository this program was built from.
pub(crate) fn repository() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask lies one folder below the root").to_path_buf()
}

/// A folder with a manifest is one crate and is not searched further.
fn collect_manifests(folder: &Path, manifests: &mut Vec<Manifest>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        let file = path.join("Cargo.toml");
        if file.is_file() {
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            manifests.push(Manifest::parse(&text));
        } else if path.is_dir() {
            collect_manifests(&path, manifests)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugins_are_found_by_their_crate_type() {
        let names = Place::find().expect("the place is known").plugins().expect("plugins listed");
        assert!(names.iter().any(|name| name == "toy-text"), "{names:?}");
        assert!(names.iter().all(|name| name != "kit"), "kit is a plain library: {names:?}");
    }

    #[test]
    fn crates_that_can_be_built_with_a_library_are_found_by_their_feature() {
        let names = Place::find().and_then(|place| place.with_feature("libtorch"));
        assert_eq!(names.expect("crates listed"), ["reinforce", "torch"]);
    }
}
