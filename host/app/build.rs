//! Lists the sources that new plugins need, so that they travel in the binary.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Crates a plugin may depend on; a folder that is not there (yet) is passed over.
const CRATES: [&str; 2] = ["plugin-api", "plugins/kit"];

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where we are"));
    let root = own.ancestors().nth(2).expect("this crate lies two folders below the root");
    let crates: Vec<&str> =
        CRATES.into_iter().filter(|folder| root.join(folder).join("Cargo.toml").exists()).collect();

    let mut files = BTreeSet::new();
    for folder in &crates {
        for part in ["Cargo.toml", "build.rs", "src"] {
            collect(&root.join(folder).join(part), &mut files);
        }
    }
    for path in ["Cargo.toml", "Cargo.lock"].iter().chain(&CRATES) {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }

    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("the root has a manifest");
    let mut code = String::from("&[\n");
    let mut entry = |name: &str, content: String| {
        writeln!(code, "    ({name:?}, {content}),").expect("memory takes everything");
    };
    entry("Cargo.toml", format!("{:?}", with_members(&manifest, &crates)));
    for file in files {
        let name = file.strip_prefix(root).expect("it was found below the root");
        let name = name.to_str().expect("the names of our files are text");
        entry(name, format!("include_str!({:?})", file.to_str().expect("the root is text")));
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to write"));
    fs::write(out.join("sources.rs"), code).expect("cargo's folder is writable");
}

fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) {
    if path.is_file() {
        files.insert(path.to_owned());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).expect("our folders can be read") {
            collect(&entry.expect("our folders can be read").path(), files);
        }
    }
}

/// The manifest of the workspace, for those of its members alone that travel.
fn with_members(manifest: &str, members: &[&str]) -> String {
    let (before, rest) = manifest.split_once("members = [").expect("it lists its members");
    let (_, after) = rest.split_once(']').expect("the list ends");
    format!("{before}members = {members:?}{after}")
}
