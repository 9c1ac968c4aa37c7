//! `cargo lab fetch mujoco`: brings what the plugin mujoco needs into the cache, the library and
//! the models, out of pinned Python packages whose checksums pip compares.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place::Place;
use crate::say;

/// The packages, the checksums of their files, and what of each is kept.
const PACKAGES: [Package; 3] = [
    Package {
        name: "mujoco==3.17.0",
        sha256: "d66928d86a2d1b601bbaa4dc11db50214d17d5301bb8afd84721313b67ff0874",
        kept: &[("mujoco/libmujoco.so.3.17.0", "libmujoco.so.3.17.0")],
    },
    Package {
        name: "gymnasium==1.4.0",
        sha256: "1cb947c59e7c72d8eabb2c2274c00cd20948e69f8452a9ef4092223be24fdf0e",
        kept: &[("gymnasium/envs/mujoco/assets", "models")],
    },
    Package {
        name: "gymnasium-robotics==1.4.2",
        sha256: "a1743530431cb377e6b3b956d284bc96436fc68bac1648ef205054c178e7dc4b",
        // The models name their meshes and textures by the way from where they lie.
        kept: &[
            ("gymnasium_robotics/envs/assets/LICENSE.md", "robotics/LICENSE.md"),
            ("gymnasium_robotics/envs/assets/textures", "robotics/textures"),
            ("gymnasium_robotics/envs/assets/stls/fetch", "robotics/stls/fetch"),
            ("gymnasium_robotics/envs/assets/fetch", "robotics/fetch"),
        ],
    },
];

struct Package {
    name: &'static str,
    sha256: &'static str,
    /// Files and folders of the package, and where they go.
    kept: &'static [(&'static str, &'static str)],
}

/// Fetches what is missing; true, since all else is an error.
pub(crate) fn mujoco() -> Result<bool> {
    let folder = Place::cache("mujoco")?;
    for package in &PACKAGES {
        let is_there = package.kept.iter().all(|(_, becomes)| folder.join(becomes).exists());
        if !is_there {
            fetch(package, &folder)?;
        }
        let says = if is_there { "is there already" } else { "is fetched" };
        say(&format!("{} {says}, in {}", package.name, folder.display()));
    }
    Ok(true)
}

/// Downloads and unpacks a package beside its place, so that a half one is never found there.
fn fetch(package: &Package, folder: &Path) -> Result<()> {
    let work = folder.join("unpacking");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("cannot empty {}", work.display()))?;
    }
    fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let wanted = work.join("packages.txt");
    fs::write(&wanted, format!("{} --hash=sha256:{}\n", package.name, package.sha256))
        .with_context(|| format!("cannot write {}", wanted.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
    pip.args(["--platform", "manylinux_2_28_x86_64", "--python-version", "3.11"]);
    pip.args(["--implementation", "cp", "--abi", "cp311", "--require-hashes", "--requirement"]);
    pip.arg(&wanted).arg("--dest").arg(&work);
    succeeds(pip, &format!("pip could not fetch {}", package.name))?;
    let mut unpack = Command::new("python3");
    unpack.args(["-m", "zipfile", "--extract"]).arg(wheel(&work)?).arg(&work);
    succeeds(unpack, &format!("{} could not be unpacked", package.name))?;
    for (kept, becomes) in package.kept {
        let place = folder.join(becomes);
        if place.exists() {
            continue;
        }
        let parent = place.parent().expect("it lies in the folder");
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        fs::rename(work.join(kept), &place)
            .with_context(|| format!("{} has no {kept}", package.name))?;
    }
    fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

/// The one package file in a folder.
fn wheel(folder: &Path) -> Result<std::path::PathBuf> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    bail!("pip left no package in {}", folder.display())
}

fn succeeds(mut command: Command, says: &str) -> Result<()> {
    let status = command.status().context("cannot start python3, which fetches packages")?;
    ensure!(status.success(), "{says}; is the Python package index reachable?");
    Ok(())
}
