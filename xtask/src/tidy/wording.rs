//! Rules for every text in the repository: it speaks of the product, not of where or how it was
//! made.
//!
//! The banned words are put together from halves, so that this file does not break its own rules.

use crate::tidy::tree::Tree;
use crate::tidy::{Finding, Rule};

/// All rules of this file.
pub(super) const RULES: &[Rule] =
    &[no_paths_of_one_machine, no_registry_hosts, no_words_about_the_making];

/// Folders at the root of a file system that exist on one machine only.
const MACHINE_FOLDERS: [&str; 4] = ["work", "root", "home", "Users"];

/// Where packages come from is a setting of the machine, so scripts name packages only.
const REGISTRY_HOSTS: [&str; 6] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("download.py", "torch.org"),
    concat!("index", "-url"),
];

/// In small letters.
const MAKING: [&str; 15] = [
    concat!("tick", "et"),
    concat!("this is", "sue"),
    concat!("the is", "sue "),
    concat!("the is", "sue's"),
    concat!("is", "sue #"),
    concat!("the br", "ief"),
    concat!("cla", "ude"),
    concat!("chat", "gpt"),
    concat!("sub", "agent"),
    concat!("language ", "model"),
    concat!("work", "place"),
    concat!("found", "ers"),
    concat!("design ", "§"),
    concat!("design", ".md"),
    concat!("shared/", "reference"),
];

fn no_paths_of_one_machine(tree: &Tree) -> Vec<Finding> {
    lines(tree, |line| {
        let folder = MACHINE_FOLDERS.iter().find(|folder| names_folder(line, folder))?;
        Some(format!("a path below `{folder}` exists on one machine only"))
    })
}

/// Whether the line holds `/folder/` as the start of a path.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(&format!("/{folder}")).any(|(index, found)| {
        let before = line[..index].chars().next_back();
        let after = line[index + found.len()..].chars().next();
        let goes_on = |c: char| c.is_alphanumeric() || "._-~/*<>}".contains(c);
        let ends = |c: char| !(c.is_alphanumeric() || "._-".contains(c));
        before.is_none_or(|c| !goes_on(c)) && after.is_none_or(ends)
    })
}

fn no_registry_hosts(tree: &Tree) -> Vec<Finding> {
    lines(tree, |line| {
        let host = REGISTRY_HOSTS.iter().find(|host| line.contains(**host))?;
        Some(format!("`{host}` is a setting of the machine; name the package only"))
    })
}

fn no_words_about_the_making(tree: &Tree) -> Vec<Finding> {
    lines(tree, |line| {
        let line = line.to_lowercase();
        let word = MAKING.iter().find(|word| line.contains(**word))?;
        Some(format!("`{}` speaks of how this was made; say what is true of it", word.trim()))
    })
}

fn lines(tree: &Tree, says: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(says) = says(line) {
                found.push(Finding { path: file.path.clone(), line: index + 1, says });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::{breaks, keeps};

    #[test]
    fn a_path_of_one_machine_is_found() {
        for folder in MACHINE_FOLDERS {
            let line = format!("\ncd \"/{folder}/me\"\n");
            breaks(no_paths_of_one_machine, &[("a.sh", &line)], 2);
            breaks(no_paths_of_one_machine, &[("a.sh", &format!("/{folder}"))], 1);
            let inner = format!("docs/{folder}/a https://a.b/{folder}/ /{folder}shop $X/{folder}");
            keeps(no_paths_of_one_machine, &[("a.md", &inner)]);
        }
    }

    #[test]
    fn a_registry_host_is_found() {
        for host in REGISTRY_HOSTS {
            breaks(no_registry_hosts, &[("a.py", &format!("\n\n{host}\n"))], 3);
        }
        keeps(no_registry_hosts, &[("a.sh", "pip install gymnasium\n")]);
    }

    #[test]
    fn a_word_about_the_making_is_found() {
        for word in MAKING {
            breaks(no_words_about_the_making, &[("a.md", &word.to_uppercase())], 1);
        }
        keeps(no_words_about_the_making, &[("a.md", "issues a command to the agent\n")]);
    }
}
