//! Sets up the rivals once, in the cache: Python packages in an environment of their own, and the
//! crate `operant` in a target folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Rival;
use crate::place::Place;
use crate::say_error;

/// Python packages in an environment of their own, in the cache.
pub(super) struct Venv {
    pub(super) name: &'static str,
    /// With the versions that the figures are told for.
    pub(super) packages: &'static [&'static str],
}

const WORLDS: Venv = Venv {
    name: "rivals/venv",
    packages: &["gymnasium==1.4.0", "envpool==1.2.5", "mujoco==3.17.0", "imageio", "packaging"],
};

/// Where the rivals lie.
#[derive(Debug)]
pub(super) struct Setting {
    cache: PathBuf,
    scripts: PathBuf,
}

impl Setting {
    /// A rival that cannot be set up here is told, and is missing from the table.
    pub(super) fn prepare(place: &Place) -> Result<Self> {
        let cache = Place::cache("rivals")?;
        let scripts = place.root.join("xtask/bench");
        let setting = Self { cache, scripts };
        python(&WORLDS)?;

        let mut build = place.cargo();
        build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]);
        build.arg(setting.scripts.join("operant/Cargo.toml"));
        build.env("CARGO_TARGET_DIR", setting.cache.join("operant"));
        succeeds(build, "operant");
        Ok(setting)
    }

    /// The program of a rival, to which the world and the seconds are added.
    pub(super) fn command(&self, rival: Rival) -> Command {
        match rival {
            Rival::Operant => Command::new(self.cache.join("operant/release/operant-rival")),
            Rival::Script(name) => {
                let mut command = Command::new(self.cache.join("venv/bin/python"));
                command.arg("-W").arg("ignore").arg(self.scripts.join(name));
                // The scripts share a module, and no cached form of it shall lie in the tree.
                command.env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
        }
    }

    /// An empty folder for the sessions of a run that nobody keeps.
    pub(super) fn scratch(&self) -> Result<PathBuf> {
        let folder = self.cache.join("sessions");
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot empty {}", folder.display()))?;
        }
        Ok(folder)
    }
}

/// The folder of an environment, which is made where it is not there. A stamp tells which packages
/// are in it, so that a second call asks nobody.
pub(super) fn python(venv: &Venv) -> Result<PathBuf> {
    let folder = Place::cache(venv.name)?;
    let (stamp, packages) = (folder.join("packages"), venv.packages.join("\n"));
    if fs::read_to_string(&stamp).is_ok_and(|known| known == packages) {
        return Ok(folder);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv"]).arg(&folder);
    if succeeds(make, "Python") && install(&folder, venv.packages) {
        fs::write(&stamp, packages).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(folder)
}

/// Each package on its own, so that one that fails does not take the others along.
fn install(folder: &Path, packages: &[&str]) -> bool {
    let put = |package: &&str| {
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", package]);
        succeeds(pip, package)
    };
    packages.iter().map(put).fold(true, |all, good| all & good)
}

/// Runs a step of the set-up and tells where it fails.
fn succeeds(mut command: Command, name: &str) -> bool {
    let succeeded = command.status().is_ok_and(|status| status.success());
    if !succeeded {
        say_error(&format!("skipped: {name} cannot be set up here"));
    }
    succeeded
}
