//! The sources a plugin is compiled against, which travel in this binary until a registry has them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Path and text of every file, from the root of a small workspace.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The versions of everything this program was built with.
pub(super) const LOCK: &str = include_str!("../../../../Cargo.lock");

/// Puts the sources below the user's data folder, unless they are there, and says where.
///
/// Each state of the sources has a folder of its own, so that crates made by an older build of this
/// program keep what they were made for.
pub(super) fn unpack(data: &Path) -> io::Result<PathBuf> {
    let folder = data.join("sources").join(hash());
    for (name, text) in FILES {
        let path = folder.join(name);
        // A file that was cut off by a crash is written again.
        if fs::read(&path).is_ok_and(|found| found == text.as_bytes()) {
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        fs::write(&path, text)?;
    }
    Ok(folder)
}

fn hash() -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, text) in FILES {
        for part in [name, text] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_workspace_is_complete() {
        let text = |name: &str| FILES.iter().find(|file| file.0 == name).map(|file| file.1);
        let root = text("Cargo.toml").expect("the workspace has a manifest");
        assert!(root.contains("members = [\"plugin-api\""), "{root}");
        assert!(!root.contains("\"host/app\","), "{root}");
        for name in ["plugin-api/Cargo.toml", "plugin-api/build.rs", "plugin-api/src/lib.rs"] {
            assert!(text(name).is_some(), "{name}");
        }
        assert!(FILES.iter().all(|file| !file.0.starts_with("plugin-api/tests/")));
    }
}
