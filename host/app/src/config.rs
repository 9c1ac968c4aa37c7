//! Defaults of the user: the file `thorndike.ron`, and what flags and variables put in their place.

mod reading;

use crate::cli::{Globals, ModeWord};
use crate::failure::Failure;
use plugin_api::simd::Class;
use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};
use thorndike_session::error::shown;
use thorndike_tui::wishes::Wishes;

/// What `thorndike.ron` may say. Folders in it are relative to the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// Where sessions lie.
    pub(crate) sessions: Option<PathBuf>,
    /// Folders in which to look for plugins.
    pub(crate) plugins: Vec<PathBuf>,
    /// Worlds that step side by side.
    pub(crate) lanes: Option<usize>,
    /// Threads that step them.
    pub(crate) threads: Option<usize>,
    /// How acting and learning share the time.
    pub(crate) mode: Option<ModeWord>,
    /// How the screen looks and which keys it has.
    pub(crate) screen: Wishes,
}

const FILE: &str = "thorndike.ron";
const BYTES_MAX: u64 = 1 << 20;

/// Flags, variables and config file, in this order of weight.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Where sessions lie.
    pub(crate) sessions: PathBuf,
    /// Folders in which to look for plugins before the usual ones.
    pub(crate) plugins: Vec<PathBuf>,
    /// Whether to print JSON.
    pub(crate) json: bool,
    /// The rest of the file.
    pub(crate) config: Config,
    /// Where the file lies.
    pub(crate) file: Option<PathBuf>,
    /// Leads to the process at the terminal, where this one is to draw on it.
    pub(crate) front: Option<Arc<UnixStream>>,
}

impl Settings {
    /// Reads what the user has set on this machine.
    pub(crate) fn load(globals: Globals) -> Result<Self, Failure> {
        let (file, config) = find(globals.config.as_deref(), |name| env::var_os(name))?;
        check_class(env::var_os(Class::VARIABLE))?;
        Ok(Self::merge(globals, config, file, |name| env::var_os(name)))
    }

    fn merge(
        globals: Globals,
        mut config: Config,
        file: Option<PathBuf>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let listed = variable("THORNDIKE_PLUGINS").unwrap_or_default();
        let listed = env::split_paths(&listed).filter(|folder| !folder.as_os_str().is_empty());
        let mut plugins = globals.plugins;
        plugins.extend(listed);
        plugins.append(&mut config.plugins);
        let sessions = globals
            .sessions
            .or_else(|| variable("THORNDIKE_SESSIONS").map(PathBuf::from))
            .or_else(|| config.sessions.take())
            .unwrap_or_else(|| "sessions".into());
        Self { sessions, plugins, json: globals.json, config, file, front: None }
    }
}

/// The file that was named, or the first there is among the usual ones.
fn find(
    named: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<(Option<PathBuf>, Config), Failure> {
    if let Some(file) = named {
        return Ok((Some(file.to_owned()), read(file)?));
    }
    let user = crate::folders::config(variable).map(|folder| folder.join(FILE));
    for file in [Some(PathBuf::from(FILE)), user].into_iter().flatten() {
        if file.exists() {
            let config = read(&file)?;
            return Ok((Some(file), config));
        }
    }
    Ok((None, Config::default()))
}

fn read(file: &Path) -> Result<Config, Failure> {
    let cannot = |error: io::Error| {
        Failure::usage(format!("cannot read the config {}: {error}", file.display()))
    };
    let metadata = fs::metadata(file).map_err(cannot)?;
    if !metadata.is_file() || metadata.len() > BYTES_MAX {
        return Err(Failure::usage(format!("the config {} is no small file", file.display())));
    }
    let text = fs::read_to_string(file).map_err(cannot)?;
    let wrong = |what: String| Failure::usage(format!("{}{what}", file.display()));
    let mut config = reading::parse(&text).map_err(wrong)?;
    let here = file.parent().unwrap_or(Path::new(""));
    for folder in config.sessions.iter_mut().chain(&mut config.plugins) {
        *folder = here.join(&*folder);
    }
    Ok(config)
}

/// A class that nobody knows would be passed over in silence by every plugin.
fn check_class(asked: Option<OsString>) -> Result<(), Failure> {
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return Ok(()) };
    if asked.to_str().and_then(Class::named).is_some() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} is `{}`; it may be `scalar`, `avx2` or `avx512`",
        Class::VARIABLE,
        shown(&asked.to_string_lossy())
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_weigh_more_than_variables_and_those_more_than_the_file() {
        let config = || Config {
            sessions: Some("file".into()),
            plugins: vec!["file".into()],
            ..Config::default()
        };
        let variable = |name: &str| match name {
            "THORNDIKE_SESSIONS" => Some("variable".into()),
            "THORNDIKE_PLUGINS" => Some("one::two".into()),
            _ => None,
        };
        let flags = Globals {
            sessions: Some("flag".into()),
            plugins: vec!["flag".into()],
            ..Globals::default()
        };
        let all = Settings::merge(flags, config(), None, variable);
        assert_eq!(all.sessions, Path::new("flag"));
        let expected: [&Path; 4] = ["flag", "one", "two", "file"].map(Path::new);
        assert_eq!(all.plugins, expected);
        let two = Settings::merge(Globals::default(), config(), None, variable);
        assert_eq!(two.sessions, Path::new("variable"));
        let empty = |_: &str| Some(OsString::new());
        assert_eq!(
            Settings::merge(Globals::default(), config(), None, empty).sessions,
            Path::new("file")
        );
        let none = Settings::merge(Globals::default(), Config::default(), None, |_| None);
        assert_eq!((none.sessions.as_path(), none.plugins.len()), (Path::new("sessions"), 0));
    }
}
