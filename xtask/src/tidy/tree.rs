//! The files that the rules look at: what git tracks or would track, read once.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::manifest::Manifest;
use crate::tidy::mask::mask;

/// Programs for comparison with other systems: each a workspace of its own, outside our rules of
/// architecture.
const RIVALS: &str = "xtask/bench/";

/// A file by its path from the root, with `/` between folders.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    /// Empty for files that hold no text.
    pub(super) text: String,
    /// The text of a Rust file without comments and without what stands between quotes.
    pub(super) code: String,
}

impl File {
    /// Whether this is the extension of the file.
    pub(super) fn is_kind(&self, extension: &str) -> bool {
        is_kind(&self.path, extension)
    }

    fn new(path: &str, text: String) -> Self {
        let code = if is_kind(path, "rs") { mask(&text) } else { String::new() };
        Self { path: path.to_string(), text, code }
    }
}

/// All files of the repository.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

impl Tree {
    pub(super) fn load(root: &Path) -> Result<Self> {
        let mut paths = tracked(root).map_or_else(|| walked(root), Ok)?;
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let full = root.join(&path);
            // A file deleted but not yet committed is still listed, and a link has no text.
            if full.symlink_metadata().is_ok_and(|kind| kind.is_file()) {
                let bytes =
                    fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
                files.push(File::new(&path, String::from_utf8(bytes).unwrap_or_default()));
            }
        }
        Ok(Self { files })
    }

    /// A tree made of samples.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| File::new(path, (*text).into())).collect() }
    }

    /// The Rust files that are held to our architecture.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is_kind("rs") && !file.path.starts_with(RIVALS))
    }

    /// The manifests that belong to the workspace, with their folders.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (&File, &str, Manifest)> {
        self.files.iter().filter_map(|file| {
            let folder = file.path.strip_suffix("/Cargo.toml")?;
            let manifest = Manifest::parse(&file.text);
            let own = !manifest.is_workspace && !manifest.name.is_empty();
            own.then_some((file, folder, manifest))
        })
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn is_kind(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// What git would commit, or nothing where git is absent or this is no clone.
fn tracked(root: &Path) -> Option<Vec<String>> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = command.current_dir(root).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> =
        text.split('\0').filter(|path| !path.is_empty()).map(String::from).collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

/// Every file below the root, save build products and what git keeps for itself.
fn walked(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
        {
            let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            if path.is_symlink() || [".git", "target", "__pycache__"].contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Some(path) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                paths.push(path.to_string());
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::repository;

    #[test]
    fn without_git_the_same_sources_are_found() {
        let walked = walked(&repository()).expect("the repository can be listed");
        for path in ["Cargo.toml", ".cargo/config.toml", "xtask/src/tidy/tree.rs"] {
            assert!(walked.iter().any(|found| found == path), "{path}");
        }
        assert!(!walked.iter().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn manifests_of_other_workspaces_are_left_out() {
        let ours = ("host/app/Cargo.toml", "[package]\nname = \"thorndike\"\n");
        let other = ("xtask/bench/x/Cargo.toml", "[workspace]\n[package]\nname = \"x\"\n");
        let tree = Tree::of(&[ours, other]);
        let folders: Vec<&str> = tree.manifests().map(|(_, folder, _)| folder).collect();
        assert_eq!(folders, ["host/app"]);
    }
}
