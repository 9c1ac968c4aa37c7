//! Lists the plugin files in the places where plugins live. Reads them, executes nothing.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use blake3::Hash;

use super::{
    cache::Cache,
    file::PluginFile,
    manifest::{self, Manifest, Rejection},
    text,
};

/// A folder in which plugin files are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
    /// Whether the user named it: then it is worth a line if it does not exist.
    pub named: bool,
}

/// A file that says of itself that it is a plugin for this host.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where it was found first.
    pub path: PathBuf,
    /// Other places with the same content.
    pub also: Vec<PathBuf>,
    /// Hash of its content.
    pub hash: Hash,
    /// What it says about itself.
    pub manifest: Manifest,
}

/// A file that is not loaded. Shows as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub path: PathBuf,
    /// Why, to be read after the name of the file.
    pub reason: String,
    /// Environments and agents that it would offer, as far as it says.
    pub offers: Vec<String>,
    /// Whether it is a folder that was named to look in.
    pub is_folder: bool,
}

impl Rejected {
    pub(super) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        let (path, reason) = (path.to_owned(), reason.to_string());
        Self { path, reason, offers: Vec::new(), is_folder: false }
    }

    /// A file that had got as far as this.
    pub(crate) fn found(candidate: &Candidate, reason: impl fmt::Display) -> Self {
        let Manifest { envs, agents, .. } = &candidate.manifest;
        let offers = envs.iter().chain(agents).cloned().collect();
        Self { offers, ..Self::new(&candidate.path, reason) }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = text::one_line(self.path.as_os_str().as_encoded_bytes(), 200);
        write!(f, "{path} {}", self.reason)
    }
}

/// Where plugins are looked for: the folders given on the command line, those in
/// `THORNDIKE_PLUGINS`, the folder of the binary and `plugins` in it, the user's data folder.
pub fn places(
    given: &[PathBuf],
    binary: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Vec<Place> {
    let listed = variable("THORNDIKE_PLUGINS").unwrap_or_default();
    let listed = std::env::split_paths(&listed).filter(|folder| !folder.as_os_str().is_empty());
    let named = given.iter().cloned().chain(listed);
    let mut places: Vec<Place> = Vec::new();
    let beside = binary.and_then(Path::parent).map(Path::to_owned);
    let installed = beside.as_ref().map(|folder| folder.join("plugins"));
    let data = super::cache::user_folder(&variable, "XDG_DATA_HOME", ".local/share")
        .map(|folder| folder.join("plugins"));
    let known = [beside, installed, data].into_iter().flatten();
    let named = named.map(|folder| Place { folder, named: true });
    for place in named.chain(known.map(|folder| Place { folder, named: false })) {
        if places.iter().all(|known| known.folder != place.folder) {
            places.push(place);
        }
    }
    places
}

/// What was found in all places.
#[derive(Debug, Default)]
pub struct Discovery {
    /// One for each different content, by place and then by name.
    pub candidates: Vec<Candidate>,
    /// Each file that ends in `.so` and is no plugin for this host, in the same order.
    pub rejected: Vec<Rejected>,
}

/// Reads the manifest of each file that ends in `.so` in these places.
pub fn discover(places: &[Place], cache: &Cache, api_major: u16) -> Discovery {
    let mut found = Discovery::default();
    let mut by_hash: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    let mut index = cache.index();
    for place in places {
        let files = match files_in(&place.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !place.named => continue,
            Err(error) => {
                let folder = Rejected::new(&place.folder, Rejection::from(error));
                found.rejected.push(Rejected { is_folder: place.named, ..folder });
                continue;
            }
        };
        for path in files {
            let read = PluginFile::open(&path).and_then(|file| {
                let manifest = manifest::of_source(&file, api_major)?;
                Ok((manifest, index.hash(&file)?))
            });
            match read {
                Err(rejection) => found.rejected.push(Rejected::new(&path, rejection)),
                Ok((manifest, hash)) => match by_hash.entry(*hash.as_bytes()) {
                    Entry::Occupied(first) => found.candidates[*first.get()].also.push(path),
                    Entry::Vacant(entry) => {
                        entry.insert(found.candidates.len());
                        found.candidates.push(Candidate { path, also: vec![], hash, manifest });
                    }
                },
            }
        }
    }
    index.save();
    found
}

/// The files of a folder that end in `.so`, by name.
fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name.as_encoded_bytes().ends_with(b".so") {
            files.push(folder.join(name));
        }
    }
    files.sort();
    Ok(files)
}
