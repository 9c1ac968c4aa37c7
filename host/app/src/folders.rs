//! Where this program keeps things for its user, by the rules of the XDG base folders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folder of this program's config.
pub(crate) fn config(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    user(variable, "XDG_CONFIG_HOME", ".config")
}

/// The folder of this program's data.
pub(crate) fn data(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    user(variable, "XDG_DATA_HOME", ".local/share")
}

/// Whether a file can be made there.
pub(crate) fn writable(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let file = folder.join(format!(".thorndike-{}", std::process::id()));
    fs::write(&file, "")?;
    fs::remove_file(file)
}

fn user(
    variable: impl Fn(&str) -> Option<OsString>,
    base: &str,
    below_home: &str,
) -> Option<PathBuf> {
    // A base folder that is not absolute must be ignored, say the rules.
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute(base).or_else(|| Some(absolute("HOME")?.join(below_home)))?;
    Some(base.join("thorndike"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_follow_the_variables() {
        let home = |name: &str| (name == "HOME").then(|| "/my".into());
        assert_eq!(data(home).as_deref(), Some(Path::new("/my/.local/share/thorndike")));
        assert_eq!(config(home).as_deref(), Some(Path::new("/my/.config/thorndike")));
        let set = |name: &str| (name == "XDG_DATA_HOME").then(|| "/data".into());
        assert_eq!(data(set).as_deref(), Some(Path::new("/data/thorndike")));
        let relative = |_: &str| Some("here".into());
        assert_eq!(data(relative), None);
    }
}
