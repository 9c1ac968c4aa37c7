//! Writes the crate of a new plugin: inside this repository, or anywhere else.

mod name;
mod sources;
mod workspace;

use crate::failure::Failure;
use crate::table;
use std::io;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the new plugin exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Agent,
    Env,
}

/// A crate that was just written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) folder: PathBuf,
    /// The commands with which to go on, each with what it does.
    pub(crate) next: Vec<(String, &'static str)>,
}

const ENV: &str = include_str!("../templates/env.rs");
const AGENT: &str = include_str!("../templates/agent.rs");
const INSIDE: &str = include_str!("../templates/inside.toml");
const OUTSIDE: &str = include_str!("../templates/outside.toml");

impl Written {
    /// What was written and how to go on, a line each, seen from this folder.
    pub(crate) fn lines(&self, here: &Path) -> Vec<String> {
        let path = self.folder.strip_prefix(here).unwrap_or(&self.folder).display();
        let rows: Vec<_> = self
            .next
            .iter()
            .map(|(command, what)| vec![format!("  {command}"), format!("# {what}")])
            .collect();
        let mut lines = vec![format!("wrote {path}/Cargo.toml and {path}/src/lib.rs; go on with")];
        lines.extend(table::lines(&rows));
        lines
    }
}

/// Writes the crate, seen from this folder.
pub(crate) fn write(kind: Kind, name: &str, here: &Path) -> Result<Written, Failure> {
    name::check(name).map_err(Failure::usage)?;
    match workspace::root(here) {
        Some(root) => write_inside(kind, name, &root, here),
        None => write_outside(kind, name, here),
    }
}

fn write_inside(kind: Kind, name: &str, root: &Path, here: &Path) -> Result<Written, Failure> {
    let member = format!("plugins/{name}");
    let folder = root.join(&member);
    let file = root.join("Cargo.toml");
    let manifest = fs::read_to_string(&file).map_err(cannot("read", &file))?;
    let manifest = workspace::with_member(&manifest, &member).ok_or_else(|| {
        Failure::failed(format!("{} lists its members in an unusual way", file.display()))
    })?;
    vacant(&folder)?;
    create(&folder, kind, name, &filled(INSIDE, name))?;
    fs::write(&file, manifest).map_err(cannot("write", &file))?;
    let up = here.strip_prefix(root).map_or(0, |below| below.components().count());
    let mut next = Vec::new();
    if up > 0 {
        next.push((
            format!("cd {}", vec![".."; up].join("/")),
            "goes to the top of the repository",
        ));
    }
    next.push((format!("cargo build --release -p {name}"), "builds it"));
    let library = format!("target/release/{}", name::file(name));
    next.push((format!("thorndike plugins check {library}"), "tries it"));
    next.push((train(kind, name, ""), "uses it"));
    Ok(Written { folder, next })
}

fn write_outside(kind: Kind, name: &str, here: &Path) -> Result<Written, Failure> {
    let folder = here.join(name);
    vacant(&folder)?;
    let data = crate::folders::data(|variable| env::var_os(variable));
    let data = data.ok_or_else(|| {
        Failure::failed("there is no folder for the sources of plugin-api; set XDG_DATA_HOME")
    })?;
    let sources = sources::unpack(&data).map_err(cannot("write", &data))?;
    let path = sources.to_str().filter(|path| !path.contains(['"', '\\', '\n']));
    let path = path.ok_or_else(|| {
        Failure::failed(format!(
            "{} cannot stand in a Cargo.toml; set XDG_DATA_HOME to a folder with a plain name",
            data.display()
        ))
    })?;
    let manifest = filled(OUTSIDE, name).replace("template-sources", path);
    create(&folder, kind, name, &manifest)?;
    // With the versions this program was built with, cargo need not ask the registry.
    let lock = folder.join("Cargo.lock");
    fs::write(&lock, sources::LOCK).map_err(cannot("write", &lock))?;
    let ignored = folder.join(".gitignore");
    fs::write(&ignored, "/target\n").map_err(cannot("write", &ignored))?;
    let mut next = vec![(format!("cd {name}"), "goes there")];
    next.push(("cargo build --release".to_owned(), "builds it"));
    let library = format!("target/release/{}", name::file(name));
    next.push((format!("thorndike plugins check {library}"), "tries it"));
    next.push((train(kind, name, " --plugins target/release"), "uses it"));
    Ok(Written { folder, next })
}

/// The command that trains the new agent in a known world, or a known agent in the new world.
fn train(kind: Kind, name: &str, flags: &str) -> String {
    match kind {
        Kind::Agent => format!("thorndike{flags} train {name} FrozenLake-v1 --steps 200_000"),
        Kind::Env => format!("thorndike{flags} train q-learning {name} --steps 200_000"),
    }
}

/// Whether a folder can be made there.
fn vacant(folder: &Path) -> Result<(), Failure> {
    match folder.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(Failure::usage(format!(
            "{} is there already; choose another name or remove it",
            folder.display()
        ))),
    }
}

/// Writes manifest and source into a new folder.
fn create(folder: &Path, kind: Kind, name: &str, manifest: &str) -> Result<(), Failure> {
    let source = match kind {
        Kind::Agent => AGENT,
        Kind::Env => ENV,
    };
    let files = [("Cargo.toml", manifest.to_owned()), ("src/lib.rs", filled(source, name))];
    fs::create_dir_all(folder.join("src")).map_err(cannot("create", folder))?;
    for (file, text) in files {
        let file = folder.join(file);
        fs::write(&file, text).map_err(cannot("write", &file))?;
    }
    Ok(())
}

fn filled(template: &str, name: &str) -> String {
    template.replace("template-name", name).replace("template_library", &name::library(name))
}

fn cannot(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |error| Failure::failed(format!("cannot {doing} {}: {error}", path.display()))
}
