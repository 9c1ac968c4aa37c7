//! `cargo lab fetch`: brings what some plugins need into the cache, out of pinned Python packages
//! whose checksums pip compares.

mod libtorch;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::place::Place;
use crate::say;

pub(crate) use libtorch::Libtorch;

/// Packages are built for many versions of the C library; each of these is older than any system
/// the bench runs on.
const PLATFORMS: [&str; 8] = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux2010_x86_64",
    "manylinux1_x86_64",
];

/// Writes the files whose names begin in one of these ways. Only the standard library is used.
const UNPACK: &str = "\
import sys, tarfile, zipfile
file, to, *kept = sys.argv[1:]
is_wheel = file.endswith('.whl')
package = zipfile.ZipFile(file) if is_wheel else tarfile.open(file)
names = package.namelist() if is_wheel else package.getnames()
for name in names:
    if name.startswith(tuple(kept)):
        package.extract(name, to)
";

/// A package of the Python index.
struct Package {
    name: &'static str,
    sha256: &'static str,
}

/// In which form a package is fetched.
#[derive(Clone, Copy)]
enum Form {
    /// Built, for one platform and version of Python.
    Wheel,
    Sources,
}

/// What the MuJoCo worlds need: of each package the files and folders that are kept, and where they
/// go.
const MUJOCO: [(Package, &[(&str, &str)]); 3] = [
    (
        Package {
            name: "mujoco==3.17.0",
            sha256: "d66928d86a2d1b601bbaa4dc11db50214d17d5301bb8afd84721313b67ff0874",
        },
        &[("mujoco/libmujoco.so.3.17.0", "libmujoco.so.3.17.0")],
    ),
    (
        Package {
            name: "gymnasium==1.4.0",
            sha256: "1cb947c59e7c72d8eabb2c2274c00cd20948e69f8452a9ef4092223be24fdf0e",
        },
        &[("gymnasium/envs/mujoco/assets", "models")],
    ),
    (
        Package {
            name: "gymnasium-robotics==1.4.2",
            sha256: "a1743530431cb377e6b3b956d284bc96436fc68bac1648ef205054c178e7dc4b",
        },
        // The models name their meshes and textures by the way from where they lie.
        &[
            ("gymnasium_robotics/envs/assets/LICENSE.md", "robotics/LICENSE.md"),
            ("gymnasium_robotics/envs/assets/textures", "robotics/textures"),
            ("gymnasium_robotics/envs/assets/stls/fetch", "robotics/stls/fetch"),
            ("gymnasium_robotics/envs/assets/fetch", "robotics/fetch"),
        ],
    ),
];

/// The sources of the engine that the Box2D worlds are compared with in a test.
const BOX2D: (Package, &[(&str, &str)]) = (
    Package {
        name: "Box2D==2.3.2",
        sha256: "d1557dffdf9c1d6c796ec5df53e3d93227bb026c14b8411d22c295edaa2fb225",
    },
    &[("Box2D-2.3.2/Box2D", "Box2D")],
);

/// Fetches what the MuJoCo worlds need and is missing; true, since all else is an error.
pub(crate) fn mujoco() -> Result<bool> {
    fetch(&Place::cache("mujoco")?, &MUJOCO, Form::Wheel)
}

/// Fetches the C++ of Box2D; true, since all else is an error.
pub(crate) fn box2d() -> Result<bool> {
    fetch(&Place::cache("box2d")?, &[BOX2D], Form::Sources)
}

fn fetch(folder: &Path, packages: &[(Package, &[(&str, &str)])], form: Form) -> Result<bool> {
    for (package, kept) in packages {
        let is_there = kept.iter().all(|(_, becomes)| folder.join(becomes).exists());
        if !is_there {
            let work = empty(folder.join("unpacking"))?;
            let beginnings: Vec<&str> = kept.iter().map(|(kept, _)| *kept).collect();
            unpack(&download(package, form, &work)?, &work, &beginnings)?;
            for (kept, becomes) in *kept {
                keep(package, &work.join(kept), &folder.join(becomes))?;
            }
            remove(&work)?;
        }
        let says = if is_there { "is there already" } else { "is fetched" };
        say(&format!("{} {says}, in {}", package.name, folder.display()));
    }
    Ok(true)
}

/// Moves what was unpacked to its place, unless something is there.
fn keep(package: &Package, from: &Path, place: &Path) -> Result<()> {
    if place.exists() {
        return Ok(());
    }
    let parent = place.parent().expect("it lies in the folder");
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    fs::rename(from, place).with_context(|| format!("{} has no {}", package.name, from.display()))
}

/// A folder to work in, beside where things go, so that a half one is never found there.
fn empty(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        remove(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn remove(folder: &Path) -> Result<()> {
    fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// Downloads a package into a folder of its own there; returns its file.
fn download(package: &Package, form: Form, work: &Path) -> Result<PathBuf> {
    let folder = empty(work.join(package.name))?;
    let wanted = folder.join("packages.txt");
    fs::write(&wanted, format!("{} --hash=sha256:{}\n", package.name, package.sha256))
        .with_context(|| format!("cannot write {}", wanted.display()))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--disable-pip-version-check", "--retries", "1", "--timeout", "20"]);
    pip.args(["download", "--quiet", "--no-deps"]);
    match form {
        Form::Wheel => {
            pip.args(["--only-binary", ":all:"]);
            pip.args(PLATFORMS.iter().flat_map(|platform| ["--platform", platform]));
            pip.args(["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]);
            pip.args(["--abi", "none"]);
        }
        Form::Sources => _ = pip.args(["--no-binary", ":all:"]),
    }
    pip.args(["--require-hashes", "--requirement"]).arg(&wanted).arg("--dest").arg(&folder);
    succeeds(pip, &format!("pip could not fetch {}", package.name))?;
    let entries =
        fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if [Some(OsStr::new("whl")), Some(OsStr::new("gz"))].contains(&path.extension()) {
            return Ok(path);
        }
    }
    bail!("pip left no package in {}", folder.display())
}

/// Unpacks the files of a package whose names begin in one of these ways.
fn unpack(package: &Path, to: &Path, beginnings: &[&str]) -> Result<()> {
    let mut python = Command::new("python3");
    python.args(["-c", UNPACK]).arg(package).arg(to).args(beginnings);
    succeeds(python, &format!("{} could not be unpacked", package.display()))
}

fn succeeds(mut command: Command, says: &str) -> Result<()> {
    let status = command.status().context("cannot start python3, which fetches packages")?;
    ensure!(status.success(), "{says}; is the Python package index reachable?");
    Ok(())
}
