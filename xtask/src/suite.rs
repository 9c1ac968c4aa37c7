//! `cargo lab test`: formatting, clippy, the build of host and plugins, then every test.
//!
//! The last line is the sum of what cargo's own test runner reported. A check before the tests
//! that fails adds one failure, so that the line never looks better than the exit code.

use std::io::{BufRead, BufReader, pipe};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::fetch::Libtorch;
use crate::place::Place;
use crate::say;
use crate::totals::{Reader, Totals};

/// The variable by which tests learn that they may take long.
const LONG: &str = "THORNDIKE_LONG";

/// Settings of the person at the keyboard, which no test may depend on.
const PERSONAL: [&str; 2] = ["THORNDIKE_PLUGINS", "THORNDIKE_SESSIONS"];

/// Runs everything and says what failed. The everyday size checks the development build, with
/// its assertions; the long one checks the optimised build that people run.
pub(crate) fn run(place: &Place, long: bool) -> Result<bool> {
    let profile: &[&str] = if long { &["--release"] } else { &[] };
    let mut totals = Totals::default();
    let libtorch = Libtorch::found(place)?;
    // A command on the whole workspace, with libtorch where it is there.
    let cargo = |word: &str| -> Result<Command> {
        let mut command = place.cargo();
        command.args([word, "--workspace"]);
        if let Some(libtorch) = &libtorch {
            libtorch.apply(place, &mut command)?;
        }
        Ok(command)
    };

    let mut format = place.cargo();
    format.args(["fmt", "--all", "--check"]);
    optional(place, &mut totals, "fmt", format)?;
    let mut lints = cargo("clippy")?;
    lints.args(["--quiet", "--all-targets", "--", "-D", "warnings"]);
    optional(place, &mut totals, "clippy", lints)?;
    let mut policy = place.cargo();
    policy.args(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]);
    optional(place, &mut totals, "deny", policy)?;

    say("checking: build of host and plugins");
    let mut build = cargo("build")?;
    build.arg("--quiet").args(profile);
    if build.status().context("cannot start cargo")?.success() {
        say("checking: tests");
        tests(cargo("test")?, &mut totals, profile, long)?;
        if long {
            sanitized(place, &mut totals)?;
        }
    } else {
        totals.failed += 1;
    }
    say(&totals.to_string());
    Ok(totals.failed == 0)
}

/// Runs a cargo subcommand that a machine may lack; its absence is said, not punished.
fn optional(place: &Place, totals: &mut Totals, name: &str, mut command: Command) -> Result<()> {
    let mut probe = place.cargo();
    probe.args([name, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().context("cannot start cargo")?.success() {
        say(&format!("skipped: cargo-{name} is not installed"));
        return Ok(());
    }
    say(&format!("checking: {name}"));
    let status = command.status().context("cannot start cargo")?;
    totals.failed += usize::from(!status.success());
    Ok(())
}

/// Runs the crates that hold unsafe code under the address sanitizer, where this Rust brings it
/// along. What panicked is leaked on purpose, so that leaks are not looked for.
fn sanitized(place: &Place, totals: &mut Totals) -> Result<()> {
    let print = |what: &[&str]| -> Result<String> {
        let output = Command::new("rustc").args(what).output().context("cannot start rustc")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let about = print(&["-vV"])?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let library = Path::new(&print(&["--print", "sysroot"])?)
        .join(format!("lib/rustlib/{host}/lib/librustc-stable_rt.asan.a"));
    if !library.exists() {
        say("skipped: this Rust brings no address sanitizer");
        return Ok(());
    }
    say("checking: the unsafe parts under the address sanitizer");
    let mut command = place.cargo();
    command.arg("test").env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    command.env("ASAN_OPTIONS", "detect_leaks=0");
    let parts = ["--package", "plugin-api", "--package", "thorndike-engine", "--lib"];
    let place = ["--target", host, "--target-dir", "target/sanitized"];
    tests(command, totals, &[&parts[..], &place].concat(), false)
}

fn tests(mut command: Command, totals: &mut Totals, what: &[&str], long: bool) -> Result<()> {
    command.arg("--no-fail-fast").args(what);
    command.args(["--", "--show-output"]).env_remove(LONG);
    for name in PERSONAL {
        command.env_remove(name);
    }
    if long {
        command.arg("--include-ignored").env(LONG, "1");
    }
    let (ran, succeeded) = read(command)?;
    totals.passed += ran.passed;
    totals.failed += ran.failed;
    totals.skipped += ran.skipped;
    if !succeeded && ran.failed == 0 {
        say("cargo test failed although no test did");
        totals.failed += 1;
    }
    Ok(())
}

/// Runs the tests, passing on the output of programs that failed as soon as each has ended.
fn read(mut command: Command) -> Result<(Totals, bool)> {
    let (output, input) = pipe().context("cannot make a pipe")?;
    command.stdin(Stdio::null());
    command.stdout(input.try_clone().context("cannot share a pipe")?).stderr(input);
    let mut child = command.spawn().context("cannot start cargo")?;
    // The command holds the writing ends; the reading below ends only when they are closed.
    drop(command);

    let mut reader = Reader::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("cannot read what cargo prints")?;
        let line = String::from_utf8_lossy(&line);
        if line.contains(" has been running for over ") {
            say(&line);
        }
        if let Some(failure) = reader.line(&line) {
            say(&failure);
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    let (totals, notes, failure) = reader.end();
    for line in notes.iter().chain(&failure) {
        say(line);
    }
    Ok((totals, status.success()))
}
