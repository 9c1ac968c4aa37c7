//! Rules for Markdown files: one title each, links that lead somewhere, a map that is complete.

use std::path::{Component, Path, PathBuf};

use crate::tidy::tree::{File, Tree};
use crate::tidy::{Finding, Rule};

/// All rules of this file.
pub(super) const RULES: &[Rule] =
    &[documents_have_one_title, links_lead_somewhere, the_map_names_every_crate];

const MAP: &str = "docs/ARCHITECTURE.md";

fn documents_have_one_title(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in documents(tree) {
        let titles: Vec<usize> =
            prose(file).filter(|(_, line)| line.starts_with("# ")).map(|(line, _)| line).collect();
        if titles.len() != 1 {
            let line = titles.get(1).copied().unwrap_or(0);
            let says = format!("{} lines `# Title`, each document has exactly one", titles.len());
            found.push(Finding { path: file.path.clone(), line, says });
        }
    }
    found
}

fn links_lead_somewhere(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in documents(tree) {
        for (line, text) in prose(file) {
            for link in links(text).filter(|link| !leads(tree, file, link)) {
                let says = format!("the link `{link}` leads nowhere");
                found.push(Finding { path: file.path.clone(), line, says });
            }
        }
    }
    found
}

fn the_map_names_every_crate(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.file(MAP) else { return Vec::new() };
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let names: Vec<&str> = map.text.split(|c| !part(c)).collect();
    let missing = tree.manifests().filter(|(_, _, manifest)| !names.contains(&&*manifest.name));
    let says = |name: &str| format!("the crate `{name}` is not on the map");
    missing
        .map(|(_, _, manifest)| Finding { path: MAP.into(), line: 0, says: says(&manifest.name) })
        .collect()
}

fn documents(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| file.is_kind("md"))
}

/// The lines outside fenced blocks, counted from 1.
fn prose(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    let numbered = file.text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(move |(_, line)| {
        let mark = line.trim_start().starts_with("```");
        fenced ^= mark;
        !fenced && !mark
    })
}

/// The targets of inline links, images and reference definitions in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let defined = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    inline.chain(defined.map(|(_, target)| target.trim()))
}

/// Whether the link goes outside the repository, or to a file or folder in it.
fn leads(tree: &Tree, file: &File, link: &str) -> bool {
    let path = link.split('#').next().unwrap_or("");
    if path.is_empty() || link.contains("://") || link.starts_with("mailto:") {
        return true;
    }
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let Some(target) = plain(&folder.join(path)) else { return false };
    tree.files.iter().any(|file| Path::new(&file.path).starts_with(&target))
}

/// The path without `.` and `..`; nothing where it leaves the repository.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::CurDir => {}
            Component::ParentDir if plain.pop() => {}
            _ => return None,
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::{breaks, keeps};

    #[test]
    fn a_document_without_its_one_title_is_found() {
        breaks(documents_have_one_title, &[("a.md", "## Part\n")], 0);
        breaks(documents_have_one_title, &[("a.md", "# One\n\n# Two\n")], 3);
        keeps(documents_have_one_title, &[("a.md", "# One\n```sh\n# A comment\n```\n## Part\n")]);
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let rule = links_lead_somewhere;
        breaks(rule, &[("docs/a.md", "\n[b](b.md)\n")], 2);
        breaks(rule, &[("docs/a.md", "![b](../../b.svg)\n")], 1);
        breaks(rule, &[("docs/a.md", "[b]: b.md\n")], 1);
        let links = "[b](b.md#part) [top](../README.md \"Read\") [self](#part) [out](https://a.b) \
            [folder](../plugins/)\n";
        let files = [("docs/b.md", ""), ("README.md", ""), ("plugins/a/x.rs", "")];
        keeps(rule, &[&files[..], &[("docs/a.md", links)]].concat());
    }

    #[test]
    fn a_crate_that_is_not_on_the_map_is_found() {
        let manifest = ("host/engine/Cargo.toml", "[package]\nname = \"thorndike-engine\"\n");
        breaks(the_map_names_every_crate, &[manifest, (MAP, "`thorndike-engine-x`")], 0);
        keeps(the_map_names_every_crate, &[manifest, (MAP, "the crate `thorndike-engine`:")]);
    }
}
