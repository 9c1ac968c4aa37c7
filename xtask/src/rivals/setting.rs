//! Sets up the rivals once, in the cache: Python packages in an environment of their own, and the
//! crate `operant` in a target folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Rival;
use crate::place::Place;
use crate::say_error;

/// The packages and the versions that the figures are told for.
const PACKAGES: [&str; 2] = ["gymnasium==1.4.0", "envpool==1.2.5"];

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
        setting.python()?;

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

    /// A stamp tells which packages are there, so that a second call asks nobody.
    fn python(&self) -> Result<()> {
        let folder = self.cache.join("venv");
        let stamp = folder.join("packages");
        if fs::read_to_string(&stamp).is_ok_and(|packages| packages == PACKAGES.join("\n")) {
            return Ok(());
        }
        let mut make = Command::new("python3");
        make.args(["-m", "venv"]).arg(&folder);
        let installed = succeeds(make, "Python") && install(&folder);
        if installed {
            fs::write(&stamp, PACKAGES.join("\n"))
                .with_context(|| format!("cannot write {}", stamp.display()))?;
        }
        Ok(())
    }
}

/// Each package on its own, so that one that fails does not take the others along.
fn install(folder: &Path) -> bool {
    let good = PACKAGES.map(|package| {
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", package]);
        succeeds(pip, package)
    });
    good.iter().all(|good| *good)
}

/// Runs a step of the set-up and tells where it fails.
fn succeeds(mut command: Command, name: &str) -> bool {
    let succeeded = command.status().is_ok_and(|status| status.success());
    if !succeeded {
        say_error(&format!("skipped: {name} cannot be set up here"));
    }
    succeeded
}
