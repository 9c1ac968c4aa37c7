//! This repository, seen from a folder within it, and its list of members.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of this repository, if the folder lies in it.
pub(super) fn root(here: &Path) -> Option<PathBuf> {
    let is_root = |folder: &&Path| {
        let ours = ["plugin-api/Cargo.toml", "host/app/Cargo.toml", "plugins"];
        let manifest = fs::read_to_string(folder.join("Cargo.toml"));
        ours.iter().all(|path| folder.join(path).exists())
            && manifest.is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    };
    here.ancestors().find(is_root).map(Path::to_owned)
}

/// The manifest with one more member, in the order of the alphabet; nothing when there is no list
/// of one member a line.
pub(super) fn with_member(manifest: &str, member: &str) -> Option<String> {
    let entry = format!("    \"{member}\",");
    let mut lines: Vec<&str> = manifest.lines().collect();
    let start = lines.iter().position(|line| line.trim() == "members = [")? + 1;
    let end = start + lines[start..].iter().position(|line| line.trim() == "]")?;
    let list = &lines[start..end];
    if list.iter().any(|line| line.trim() == entry.trim()) {
        return Some(manifest.to_owned());
    }
    let place = list.iter().position(|line| line.trim() > entry.trim()).unwrap_or(list.len());
    lines.insert(start + place, &entry);
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stay_in_order() {
        let manifest =
            "[workspace]\nmembers = [\n    \"host/app\",\n    \"plugins/b\",\n]\n\n[x]\n";
        let with = |member: &str| with_member(manifest, member).expect("there is a list");
        let before = "    \"plugins/a\",\n    \"plugins/b\",\n]";
        assert_eq!(with("plugins/a"), manifest.replace("    \"plugins/b\",\n]", before));
        assert!(with("plugins/c").contains("\"plugins/b\",\n    \"plugins/c\",\n]"));
        assert_eq!(with("plugins/b"), manifest);
        assert_eq!(with_member("[workspace]\nmembers = [\"a\"]\n", "b"), None);
    }

    #[test]
    fn this_repository_is_found_from_within() {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(root(&own.join("src")).as_deref(), own.ancestors().nth(2));
        assert_eq!(root(Path::new("/")), None);
    }
}
