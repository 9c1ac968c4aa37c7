//! Reads the few facts of a `Cargo.toml` that tasks need, line by line; no full TOML reader.

/// What a manifest says about its crate.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    /// Empty where the manifest holds no package.
    pub(crate) name: String,
    /// A dynamic library: the mark of a plugin among the crates below `plugins/`.
    pub(crate) is_plugin: bool,
    /// The root of a workspace, be it of this one crate.
    pub(crate) is_workspace: bool,
    pub(crate) dependencies: Vec<Dependency>,
    /// Names of the features it declares.
    pub(crate) features: Vec<String>,
}

/// A crate that a manifest names in any of its dependency tables.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

impl Manifest {
    pub(crate) fn parse(text: &str) -> Self {
        let mut manifest = Self::default();
        let mut table = String::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if let Some(header) = line.strip_prefix('[') {
                table = header.split(']').next().unwrap_or("").to_string();
                manifest.is_workspace |= table == "workspace";
                if let Some((head, name)) = table.rsplit_once('.')
                    && is_dependency_table(head)
                {
                    manifest.depends(name, index);
                }
            } else if let Some((key, value)) = line.split_once('=') {
                manifest.entry(&table, key.trim(), value.trim(), index);
            }
        }
        manifest
    }

    fn entry(&mut self, table: &str, key: &str, value: &str, index: usize) {
        match (table, key) {
            ("package", "name") => self.name = unquoted(value).to_string(),
            ("lib", "crate-type") => self.is_plugin = value.contains("\"cdylib\""),
            ("features", _) => self.features.push(unquoted(key).to_string()),
            _ if is_dependency_table(table) => {
                self.depends(key.split('.').next().unwrap_or(key), index);
                if let Some((_, renamed)) = value.split_once("package = ") {
                    self.depends(unquoted(renamed), index);
                }
            }
            _ => {}
        }
    }

    fn depends(&mut self, name: &str, index: usize) {
        let name = unquoted(name).to_string();
        self.dependencies.push(Dependency { name, line: index + 1 });
    }
}

/// `[workspace.dependencies]` only offers versions, so it is not one.
fn is_dependency_table(table: &str) -> bool {
    table != "workspace.dependencies"
        && ["dependencies", "dev-dependencies", "build-dependencies"]
            .iter()
            .any(|name| table == *name || table.ends_with(&format!(".{name}")))
}

/// The text between the first two quotes, or all of it where there are none.
fn unquoted(text: &str) -> &str {
    text.split('"').nth(1).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_kind_and_every_form_of_dependency_are_read() {
        let text = "[package]\nname = \"bandit\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n\
            [dependencies]\nplugin-api.workspace = true\nother = { package = \"real\" }\n\
            [dev-dependencies.rayon]\nversion = \"1\"\n[target.'cfg(unix)'.dependencies]\n\
            libc = \"0\"\n[features]\nlibtorch = [\"dep:tch\"]\n";
        let manifest = Manifest::parse(text);
        assert_eq!(manifest.name, "bandit");
        assert!(manifest.is_plugin && !manifest.is_workspace);
        let names: Vec<_> = manifest.dependencies.iter().map(|d| d.name.as_str()).collect();
        assert_eq!(names, ["plugin-api", "other", "real", "rayon", "libc"]);
        assert_eq!(manifest.dependencies[0].line, 6);
        assert_eq!(manifest.features, ["libtorch"]);
    }

    #[test]
    fn versions_offered_to_the_workspace_are_no_dependencies() {
        let manifest = Manifest::parse("[workspace]\n[workspace.dependencies]\nlibc = \"0\"\n");
        assert!(manifest.is_workspace);
        assert_eq!(manifest.dependencies, []);
    }
}
