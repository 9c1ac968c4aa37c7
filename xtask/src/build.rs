//! Builds host and plugins side by side, and hands over to the binary.

use std::ffi::OsString;
use std::io::{IsTerminal, stderr};
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Error, Result};

use crate::fetch::Libtorch;
use crate::place::Place;
use crate::say_error;

/// Whether to build with libtorch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Torch {
    /// With the one there is, or one that is fetched.
    Wanted,
    /// With the one for a graphics card.
    Cuda,
    /// Without, from now on.
    LeftOut,
}

/// Fetches libtorch if it is wanted and not there. Without it all the rest is built all the same.
pub(crate) fn provide(place: &Place, torch: Torch) -> Result<()> {
    if torch == Torch::LeftOut {
        return Libtorch::want(place, false);
    }
    Libtorch::want(place, true)?;
    if torch == Torch::Wanted && Libtorch::found(place)?.is_some() {
        return Ok(());
    }
    if let Err(error) = Libtorch::fetch(torch == Torch::Cuda) {
        say_error(&format!(
            "building without libtorch, which cannot be fetched: {error:#}; `cargo lab fetch \
             torch` tries again"
        ));
    }
    Ok(())
}

/// Builds the binary and all plugin libraries in release; false where the compiler refused.
///
/// One cargo process does it all: every further one would cost each start of the bench its share.
pub(crate) fn release(place: &Place) -> Result<bool> {
    let mut command = place.cargo();
    command.args(["build", "--release", "--package", "thorndike"]);
    for plugin in place.plugins()? {
        command.args(["--package", &plugin]);
    }
    if let Some(libtorch) = Libtorch::found(place)? {
        libtorch.apply(place, &mut command)?;
    }
    if !stderr().is_terminal() {
        command.arg("--quiet");
        if !place.release.join("thorndike").exists() {
            say_error("building host and plugins; the first time takes a few minutes");
        }
    }
    let status = command.status().context("cannot start cargo")?;
    Ok(status.success())
}

/// Replaces this process by the binary, so that signals and exit code are its own. Returns only
/// when that fails.
pub(crate) fn become_binary(place: &Place, words: &[OsString]) -> Error {
    let binary = place.release.join("thorndike");
    let error = Command::new(&binary).args(words).exec();
    Error::new(error).context(format!("cannot start {}", binary.display()))
}
