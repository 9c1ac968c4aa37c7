//! `doctor`: what was found on this machine, what is missing, and what to do about it.

use super::json_line;
use super::registry;
use crate::config::Settings;
use crate::failure::{Exit, Outcome};
use crate::folders::writable;
use crate::table;
use crate::terminal;
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::{env, fs, thread};
use thorndike_engine::plugin::{cache, discover};
use thorndike_session::error::shown;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    about: &'static str,
    good: bool,
    says: String,
}

/// Programs that some commands use where they are there, and what for.
const TOOLS: [(&str, &str); 5] = [
    ("cargo", "builds plugins"),
    ("python3", "compares environments with Gymnasium (`bench parity`)"),
    ("valgrind", "counts instructions for the regression gate"),
    ("ffmpeg", "writes films"),
    ("man", "shows the manual page"),
];

/// Prints what was found; fails when something is missing that no run can do without.
pub(super) fn run(settings: &Settings, out: &mut impl Write) -> Outcome {
    let mut findings = vec![version(), processor(), threads(), screen()];
    findings.extend([config(settings), sessions(settings), cache_folder()]);
    findings.extend(plugins(settings));
    let is_good = findings.iter().all(|finding| finding.good);
    findings.extend(TOOLS.iter().map(|(name, what)| tool(name, what)));
    if settings.json {
        for finding in &findings {
            json_line(out, finding)?;
        }
    } else {
        let mark = |good| if good { "ok" } else { "--" }.to_owned();
        let row = |f: &Finding| vec![mark(f.good), f.about.to_owned(), f.says.clone()];
        for line in table::lines(&findings.iter().map(row).collect::<Vec<_>>()) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(if is_good { Exit::Success } else { Exit::Failed })
}

fn good(about: &'static str, says: impl Into<String>) -> Finding {
    Finding { about, good: true, says: says.into() }
}

fn bad(about: &'static str, says: impl Into<String>) -> Finding {
    Finding { about, good: false, says: says.into() }
}

fn version() -> Finding {
    let api = plugin_api::abi::info::API;
    good("version", format!("{}, plugin API {}.{}", env!("CARGO_PKG_VERSION"), api.0, api.1))
}

fn processor() -> Finding {
    let features = features();
    let says = match features.as_slice() {
        [] => "no SIMD extension that the kernels know: worlds step one lane at a time".to_owned(),
        features => features.join(", "),
    };
    good("processor", format!("{}: {says}", env::consts::ARCH))
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let known = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512dq", is_x86_feature_detected!("avx512dq")),
    ];
    known.into_iter().filter(|known| known.1).map(|known| known.0).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    Vec::new()
}

fn threads() -> Finding {
    match thread::available_parallelism() {
        Ok(count) => good("threads", count.to_string()),
        Err(error) => good("threads", format!("1, for their number cannot be told: {error}")),
    }
}

fn screen() -> Finding {
    if !io::stdout().is_terminal() {
        return good("terminal", "standard output is none: runs print one line per report");
    }
    let (columns, rows) = terminal::size(io::stdout());
    let name = env::var("TERM").unwrap_or_else(|_| "without a name".to_owned());
    let colors = if terminal::has_colors() { "24-bit colors" } else { "no 24-bit colors" };
    let letters = if terminal::is_utf8() { "UTF-8" } else { "no UTF-8, so pictures look odd" };
    good("terminal", format!("{}, {columns}x{rows}, {colors}, {letters}", shown(&name)))
}

fn config(settings: &Settings) -> Finding {
    match &settings.file {
        Some(file) => good("config", place(file)),
        None => good("config", "no thorndike.ron, neither here nor in the user's config folder"),
    }
}

fn sessions(settings: &Settings) -> Finding {
    let folder = &settings.sessions;
    // The folder comes into being with the first session, so the one above counts until then.
    let existing = folder.ancestors().find(|folder| folder.exists());
    match writable(existing.unwrap_or(Path::new("."))) {
        Ok(()) => good("sessions", place(folder)),
        Err(error) => bad(
            "sessions",
            format!("{} cannot be written: {error}; name another with --sessions", place(folder)),
        ),
    }
}

fn cache_folder() -> Finding {
    let Some(folder) = cache::folder(|name| env::var_os(name)) else {
        return bad("cache", "there is no folder for it; set THORNDIKE_CACHE to one");
    };
    match fs::create_dir_all(&folder).and_then(|()| writable(&folder)) {
        Ok(()) => good("cache", place(&folder)),
        Err(error) => bad(
            "cache",
            format!(
                "{} cannot be written: {error}; set THORNDIKE_CACHE to another",
                place(&folder)
            ),
        ),
    }
}

fn plugins(settings: &Settings) -> Vec<Finding> {
    let binary = env::current_exe().ok();
    let variable = |name: &str| env::var_os(name);
    let places = discover::places(&settings.plugins, binary.as_deref(), variable);
    let registry = match registry(settings) {
        Ok(registry) => registry,
        Err(failure) => return vec![bad("plugins", failure.message)],
    };
    let mut findings = Vec::new();
    for folder in places.into_iter().map(|place| place.folder) {
        let below = |path: &PathBuf| path.parent() == Some(folder.as_path());
        let files = registry.plugins.iter().map(|plugin| &plugin.found.candidate);
        let count = files.filter(|file| below(&file.path) || file.also.iter().any(below)).count();
        let left_out = registry.rejected.iter().filter(|rejected| below(&rejected.path)).count();
        let says = match (folder.exists(), left_out) {
            (false, _) => "not there".to_owned(),
            (true, 0) => count.to_string(),
            (true, _) => {
                format!("{count}, and {left_out} left out; `thorndike plugins list` says why")
            }
        };
        findings.push(good("plugins", format!("{}: {says}", place(&folder))));
    }
    if registry.plugins.is_empty() {
        findings.push(bad("plugins", "none; `cargo lab build` in the repository builds ours"));
    }
    findings
}

fn tool(name: &'static str, what: &str) -> Finding {
    let paths = env::var_os("PATH").unwrap_or_default();
    match env::split_paths(&paths).map(|folder| folder.join(name)).find(|file| file.is_file()) {
        Some(file) => good(name, place(&file)),
        None => bad(name, format!("not found; it {what}, and nothing else needs it")),
    }
}

fn place(path: &Path) -> String {
    shown(&path.to_string_lossy())
}
