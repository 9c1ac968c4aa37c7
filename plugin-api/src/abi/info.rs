//! What a plugin says of itself: the manifest read before it is opened, and its full description
//! after.

use crate::params::ParamSpec;
use serde::{Deserialize, Serialize};

/// Everything a plugin offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginInfo {
    /// The crate's name.
    pub name: String,
    /// The crate's version.
    pub version: String,
    /// Its environments, variants included.
    pub envs: Vec<EnvInfo>,
    /// Its agents.
    pub agents: Vec<AgentInfo>,
}

/// An environment a plugin offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvInfo {
    /// Its name.
    pub name: String,
    /// The environment this one is a variant of; its own name when it is none.
    pub of: String,
    /// Its params, with the defaults of this variant.
    pub params: Vec<ParamSpec>,
    /// Whether it steps several lanes at once by itself.
    pub batch: bool,
}

/// An agent a plugin offers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentInfo {
    /// Its name.
    pub name: String,
    /// Its params.
    pub params: Vec<ParamSpec>,
    /// Settings known to work well.
    pub presets: Vec<PresetInfo>,
}

/// Settings known to work well for one environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PresetInfo {
    /// The environment.
    pub env: String,
    /// Params that differ from the defaults, as written on a command line.
    pub params: Vec<(String, String)>,
    /// Lanes.
    pub lanes: usize,
    /// Environment steps.
    pub steps: u64,
}

/// Bytes of the manifest section; unused bytes are 0.
pub const MANIFEST_SIZE: usize = 4096;
/// Version of the interface: a plugin of another first number is refused.
pub const API: (u16, u16) = (1, 0);

/// Writes a manifest at compile time.
#[derive(Clone, Copy, Debug)]
pub struct ManifestWriter {
    text: [u8; MANIFEST_SIZE],
    len: usize,
}

impl ManifestWriter {
    /// A manifest that names the crate and how it was compiled.
    pub const fn new(name: &str, version: &str) -> Self {
        let writer = Self { text: [0; MANIFEST_SIZE], len: 0 }
            .text("(api:(1,0),name:\"")
            .text(name)
            .text("\",version:\"")
            .text(version)
            .text("\",panic:\"")
            .text(if cfg!(panic = "unwind") { "unwind" } else { "abort" })
            .text("\",target:\"")
            .text(std::env::consts::ARCH)
            .text("-")
            .text(std::env::consts::OS)
            .text("\",rustc:\"");
        writer.text(env!("THORNDIKE_RUSTC")).text("\",")
    }

    /// Begins a list of names.
    #[must_use]
    pub const fn list(self, key: &str) -> Self {
        self.text(key).text(":[")
    }

    /// Adds a name to the list.
    #[must_use]
    pub const fn item(self, name: &str) -> Self {
        let bytes = name.as_bytes();
        let mut idx = 0;
        while idx < bytes.len() {
            let byte = bytes[idx];
            assert!(
                byte >= b' ' && byte != b'"' && byte != b'\\',
                "a name holds no such character"
            );
            idx += 1;
        }
        self.text("\"").text(name).text("\",")
    }

    /// Adds the names of variants to the list.
    #[must_use]
    pub const fn variants(mut self, variants: &[crate::Variant]) -> Self {
        let mut idx = 0;
        while idx < variants.len() {
            self = self.item(variants[idx].name);
            idx += 1;
        }
        self
    }

    /// Ends the list.
    #[must_use]
    pub const fn end_list(self) -> Self {
        self.text("],")
    }

    /// The bytes of the section.
    pub const fn finish(self) -> [u8; MANIFEST_SIZE] {
        self.text(")").text
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        assert!(self.len + bytes.len() <= MANIFEST_SIZE, "the manifest holds 4096 bytes");
        let mut idx = 0;
        while idx < bytes.len() {
            self.text[self.len] = bytes[idx];
            self.len += 1;
            idx += 1;
        }
        self
    }
}
