//! What a plugin file says about itself, read without executing any of it.
//!
//! The manifest is RON text in an ELF section of its own, so a file can be judged before it is
//! opened as a library: opening a damaged one would kill the process.

use std::{io, path::Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    elf::{self, Source},
    file::{FILE_BYTES_MAX, PluginFile},
    text,
};

/// The ELF section that holds the manifest.
pub const SECTION: &str = ".thorndike.manifest";

/// The longest manifest that is read.
pub const MANIFEST_BYTES_MAX: u64 = 4096;

/// The plain facts of a plugin file. Fields that this build does not know are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Major and minor version of the plugin API it was built with.
    pub api: (u16, u16),
    /// Name of its crate.
    pub name: String,
    /// Version of its crate.
    pub version: String,
    /// Panic strategy it was built with, `unwind` or `abort`.
    pub panic: String,
    /// Target triple it was built for.
    pub target: String,
    /// The compiler that built it.
    pub rustc: String,
    /// Libraries it needs that are too heavy to load on a mere look, such as `libtorch 2.13`.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Ids of the environments it exports.
    #[serde(default)]
    pub envs: Vec<String>,
    /// Names of the agents it exports.
    #[serde(default)]
    pub agents: Vec<String>,
}

/// Why a file is not loaded, as one line that can stand behind the file's name.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// The path leads to something that is not a plain file.
    #[error("is {0}, not a file")]
    NotAFile(&'static str),
    /// The file is far larger than any plugin.
    #[error("has {} MB, and a plugin has at most {} MB", .bytes >> 20, FILE_BYTES_MAX >> 20)]
    TooLarge {
        /// Length of the file.
        bytes: u64,
    },
    /// The file is no ELF file at all.
    #[error("is not a shared library")]
    NotElf,
    /// The library is for a 32-bit process.
    #[error("is a 32-bit library, and this bench loads 64-bit ones; rebuild it for this machine")]
    WrongClass,
    /// The library is for another kind of processor.
    #[error(
        "is built for {found}, and this machine is {}; rebuild it here",
        std::env::consts::ARCH
    )]
    WrongMachine {
        /// The processor it is built for.
        found: String,
    },
    /// An ELF file, but an executable or an object file.
    #[error("is an ELF file but no shared library")]
    NotShared,
    /// A sound shared library without a manifest.
    #[error("is a shared library but no plugin (it has no section `{SECTION}`)")]
    NotAPlugin,
    /// A file that breaks off or contradicts itself.
    #[error("is damaged: {0}; rebuild it")]
    Damaged(String),
    /// The plugin is built for another generation of the plugin API.
    #[error(
        "is built for plugin API {}.{}, and this bench takes {host}.x; \
         rebuild it with plugin-api {host}",
        .found.0, .found.1
    )]
    ApiMajor {
        /// Version the plugin was built with.
        found: (u16, u16),
        /// Major version of this host.
        host: u16,
    },
    /// A panic inside the plugin would end the bench.
    #[error("is built with panic = \"abort\"; rebuild it with panic = \"unwind\"")]
    PanicAbort,
    /// The file was written to while it was being read.
    #[error("changed while it was being read; look again when it is built")]
    Changed,
}

impl From<io::Error> for Rejection {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(match error.kind() {
            io::ErrorKind::NotFound => "no such file".into(),
            io::ErrorKind::PermissionDenied => "permission denied".into(),
            _ => text::one_line(error.to_string().as_bytes(), 120),
        })
    }
}

/// Reads the manifest of the plugin file at `path`, for a host of this API major version.
pub fn read(path: &Path, api_major: u16) -> Result<Manifest, Rejection> {
    of_source(&PluginFile::open(path)?, api_major)
}

/// Reads the manifest of a plugin file whose bytes are in memory.
pub fn parse(bytes: &[u8], api_major: u16) -> Result<Manifest, Rejection> {
    of_source(bytes, api_major)
}

pub(super) fn of_source(
    source: &(impl Source + ?Sized),
    api_major: u16,
) -> Result<Manifest, Rejection> {
    let section = elf::section(source, SECTION, MANIFEST_BYTES_MAX)?;
    let end = section.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let text = std::str::from_utf8(&section[..end])
        .map_err(|_| Rejection::Damaged("its manifest is not text".into()))?;
    // The version is read on its own first: a manifest of another major version may well have
    // other fields, and the version is what the user must hear about then.
    let Version { api } = from_ron(text)?;
    if api.0 != api_major {
        return Err(Rejection::ApiMajor { found: api, host: api_major });
    }
    let manifest: Manifest = from_ron(text)?;
    if manifest.panic != "unwind" {
        return Err(Rejection::PanicAbort);
    }
    if manifest.texts().any(|text| text.is_empty() || text.chars().any(char::is_control)) {
        return Err(Rejection::Damaged("its manifest holds empty or unprintable names".into()));
    }
    Ok(manifest)
}

impl Manifest {
    /// Whether opening it loads a library so heavy that it is only opened once it is chosen.
    pub fn is_heavy(&self) -> bool {
        !self.needs.is_empty()
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        let facts = [&self.name, &self.version, &self.target, &self.rustc];
        facts.into_iter().chain(&self.needs).chain(&self.envs).chain(&self.agents)
    }
}

#[derive(Deserialize)]
struct Version {
    api: (u16, u16),
}

fn from_ron<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Rejection> {
    ron::from_str(text).map_err(|error| {
        let error = text::one_line(error.to_string().as_bytes(), 120);
        Rejection::Damaged(format!("its manifest cannot be read ({error})"))
    })
}
