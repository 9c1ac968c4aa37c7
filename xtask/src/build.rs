//! Builds host and plugins side by side, and hands over to the binary.

use std::ffi::OsString;
use std::io::{IsTerminal, stderr};
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Error, Result};

use crate::place::Place;
use crate::say_error;

/// Builds the binary and all plugin libraries in release; false where the compiler refused.
///
/// One cargo process does it all: every further one would cost each start of the bench its share.
pub(crate) fn release(place: &Place) -> Result<bool> {
    let mut command = place.cargo();
    command.args(["build", "--release", "--package", "thorndike"]);
    for plugin in place.plugins()? {
        command.args(["--package", &plugin]);
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
