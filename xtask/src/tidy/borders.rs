//! Rules for who may know whom, read from manifests and, where a manifest is not enough, sources.

use crate::tidy::mask::words;
use crate::tidy::tree::Tree;
use crate::tidy::{Finding, Rule};

/// All rules of this file.
pub(super) const RULES: &[Rule] = &[
    plugins_know_only_the_api,
    the_engine_names_no_plugin,
    sessions_know_neither_engine_nor_plugins,
    only_the_screen_knows_ratatui,
    only_api_and_loader_know_abi_stable,
];

fn plugins_know_only_the_api(tree: &Tree) -> Vec<Finding> {
    dependencies(tree, |folder, name| {
        let host = ["abi_stable", "libloading", "ratatui", "thorndike"].contains(&name)
            || name.starts_with("thorndike-");
        // One library opens a foreign one, for the plugin beside it.
        let opens = folder == "plugins/libmujoco" && name == "libloading";
        (folder.starts_with("plugins/") && host && !opens)
            .then(|| format!("a plugin depends on `{name}`; it may know plugin-api and kit only"))
    })
}

fn the_engine_names_no_plugin(tree: &Tree) -> Vec<Finding> {
    let plugins: Vec<String> = tree
        .manifests()
        .filter(|(_, folder, manifest)| folder.starts_with("plugins/") && manifest.is_plugin)
        .map(|(_, _, manifest)| manifest.name)
        .collect();
    let mut found = dependencies(tree, |folder, name| {
        (folder == "host/engine" && plugins.iter().any(|plugin| plugin == name)).then(|| {
            format!("the engine depends on the plugin `{name}`; it must find it at run time")
        })
    });
    for file in tree.rust().filter(|file| file.path.starts_with("host/engine/src/")) {
        for (index, line) in file.text.lines().enumerate() {
            let named =
                |plugin: &&String| line.contains(&format!("lib{}.so", plugin.replace('-', "_")));
            if let Some(plugin) = plugins.iter().find(named) {
                let says = format!("the engine names the file of the plugin `{plugin}`");
                found.push(Finding { path: file.path.clone(), line: index + 1, says });
            }
        }
    }
    found
}

fn sessions_know_neither_engine_nor_plugins(tree: &Tree) -> Vec<Finding> {
    dependencies(tree, |folder, name| {
        (folder == "host/session" && ["thorndike-engine", "plugin-api"].contains(&name))
            .then(|| format!("sessions depend on `{name}`; to them state is bytes and a schema"))
    })
}

fn only_the_screen_knows_ratatui(tree: &Tree) -> Vec<Finding> {
    dependencies(tree, |folder, name| {
        // Plugins have a rule of their own.
        let outside = folder != "host/tui" && !folder.starts_with("plugins/");
        (outside && name == "ratatui").then(|| "ratatui outside host/tui".to_string())
    })
}

fn only_api_and_loader_know_abi_stable(tree: &Tree) -> Vec<Finding> {
    let mut found = dependencies(tree, |folder, name| {
        let outside =
            !["plugin-api", "host/engine"].contains(&folder) && !folder.starts_with("plugins/");
        (outside && name == "abi_stable")
            .then(|| "abi_stable outside plugin-api and the loader".to_string())
    });
    let inside = ["plugin-api/", "host/engine/src/plugin.rs", "host/engine/src/plugin/"];
    for file in tree.rust().filter(|file| !inside.iter().any(|path| file.path.starts_with(path))) {
        for (line, _) in words(&file.code).filter(|(_, word)| *word == "abi_stable") {
            let says = "abi_stable outside plugin-api and the loader".to_string();
            found.push(Finding { path: file.path.clone(), line, says });
        }
    }
    found
}

/// What the rule says about each dependency of each folder.
fn dependencies(tree: &Tree, says: impl Fn(&str, &str) -> Option<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, folder, manifest) in tree.manifests() {
        for dependency in manifest.dependencies {
            if let Some(says) = says(folder, &dependency.name) {
                found.push(Finding { path: file.path.clone(), line: dependency.line, says });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::{breaks, keeps};

    fn crate_with(dependency: &str) -> String {
        format!("[package]\nname = \"a\"\n[dependencies]\n{dependency}.workspace = true\n")
    }

    #[track_caller]
    fn check(rule: Rule, dependency: &str, inside: &str, outside: &str) {
        let text = crate_with(dependency);
        keeps(rule, &[(&format!("{inside}/Cargo.toml"), &text)]);
        breaks(rule, &[(&format!("{outside}/Cargo.toml"), &text)], 4);
    }

    #[test]
    fn a_plugin_that_knows_the_host_is_found() {
        for name in ["abi_stable", "libloading", "ratatui", "thorndike-engine"] {
            check(plugins_know_only_the_api, name, "host/x", "plugins/bandit");
        }
        keeps(plugins_know_only_the_api, &[("plugins/a/Cargo.toml", &crate_with("plugin-api"))]);
        let opens = crate_with("libloading");
        keeps(plugins_know_only_the_api, &[("plugins/libmujoco/Cargo.toml", &opens)]);
    }

    #[test]
    fn an_engine_that_names_a_plugin_is_found() {
        let plugin = "[package]\nname = \"toy-text\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
        let plugin = ("plugins/toy-text/Cargo.toml", plugin);
        let engine = crate_with("toy-text");
        breaks(the_engine_names_no_plugin, &[plugin, ("host/engine/Cargo.toml", &engine)], 4);
        let source = ("host/engine/src/find.rs", "\nopen(\"libtoy_text.so\");\n");
        breaks(the_engine_names_no_plugin, &[plugin, source], 2);
        keeps(the_engine_names_no_plugin, &[plugin, ("host/engine/tests/it/main.rs", source.1)]);
    }

    #[test]
    fn sessions_that_know_engine_or_plugins_are_found() {
        for name in ["thorndike-engine", "plugin-api"] {
            check(sessions_know_neither_engine_nor_plugins, name, "host/app", "host/session");
        }
    }

    #[test]
    fn ratatui_outside_the_screen_is_found() {
        check(only_the_screen_knows_ratatui, "ratatui", "host/tui", "host/app");
    }

    #[test]
    fn abi_stable_outside_api_and_loader_is_found() {
        let rule = only_api_and_loader_know_abi_stable;
        check(rule, "abi_stable", "plugin-api", "host/app");
        let text = "\nuse abi_stable::StableAbi;\n";
        breaks(rule, &[("host/engine/src/train.rs", text)], 2);
        keeps(rule, &[("host/engine/src/plugin/load.rs", text), ("host/a.rs", "// abi_stable")]);
    }
}
